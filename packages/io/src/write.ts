import { numberText } from './table.ts'

/** A cell to write. Numbers are written so that reading them back gives the same number. */
export type Cell = string | number

/** RFC 4180 text with a header row; quotes only where they are needed. */
export function writeCsv(names: readonly string[], rows: Iterable<readonly Cell[]>, delimiter = ','): string {
  const lines = [csvLine(names, delimiter)]
  for (const row of rows) lines.push(csvLine(row, delimiter))
  return `${lines.join('\n')}\n`
}

/** One row, without its line break. */
export function csvLine(cells: readonly Cell[], delimiter: string): string {
  return cells.map((cell) => csvCell(cell, delimiter)).join(delimiter) || '""' // a blank line would be no row at all
}

function csvCell(cell: Cell, delimiter: string): string {
  const text = typeof cell === 'number' ? numberText(cell) : cell
  const needsQuotes = text.includes(delimiter) || /["\r\n]/.test(text) || text.trim() !== text
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text
}

/** A JSON array with one object per row, one row per line. What JSON cannot write (infinities, NaN) becomes null. */
export function writeJsonRows(names: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines: string[] = []
  for (const row of rows) lines.push(JSON.stringify(Object.fromEntries(names.map((name, k) => [name, row[k]]))))
  return lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`
}
