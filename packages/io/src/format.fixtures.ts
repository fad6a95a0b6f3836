import type { Column, Table } from './table.ts'

/** A table of named columns for tests. */
export function tableOf(columns: Readonly<Record<string, Column>>): Table {
  const cells = Object.values(columns)
  return {
    file: undefined,
    names: Object.keys(columns),
    named: true,
    columns: cells,
    rows: cells[0].length,
    lines: null,
    headerLooksLikeData: false,
  }
}

/** Numbers that are easily spoilt on the way. */
export const oddNumbers: Float64Array = Float64Array.of(0.1, -0, 5e-324, 1.7976931348623157e308, 2 ** 53, -1 / 3)

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
