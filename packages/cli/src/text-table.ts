/** Cells in columns as wide as they need; the first row is a heading. Numbers are easier to compare when they end together. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, k) => Math.max(...rows.map((row) => [...row[k]].length)))
  return rows
    .map((row) => `  ${row.map((cell, k) => ' '.repeat(widths[k] - [...cell].length) + cell).join('  ')}`)
    .join('\n')
}
