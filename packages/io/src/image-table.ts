import type { Column, Table } from './table.ts'

/** Pixels p0, p1, … as columns, then the columns that go with them. */
export function imageTable(
  file: string | undefined,
  pixels: readonly Column[],
  others: readonly { readonly name: string; readonly column: Column }[],
): Table {
  const columns = [...pixels, ...others.map(({ column }) => column)]
  return {
    file,
    names: [...pixels.map((_, k) => `p${k}`), ...others.map(({ name }) => name)],
    named: true,
    columns,
    rows: columns[0].length,
    lines: null,
    headerLooksLikeData: false,
  }
}

/** Bytes `offset + row · stride + k`, for each k a column: an eighth of what float64 would take. */
export function byteColumns(
  bytes: Uint8Array,
  { rows, cols, stride, offset }: { rows: number; cols: number; stride: number; offset: number },
): Uint8Array[] {
  const out = Array.from({ length: cols }, () => new Uint8Array(rows))
  for (let i = 0; i < rows; i++) {
    const start = offset + i * stride
    for (let k = 0; k < cols; k++) out[k][i] = bytes[start + k]
  }
  return out
}
