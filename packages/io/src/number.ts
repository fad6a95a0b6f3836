export type ParsedNumber =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'missing' | 'not-finite' | 'overflow' | 'decimal-comma' | 'text' }

/** Written so that no text makes it backtrack: digits are matched in one place only. */
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const decimalComma = /^[+-]?\d+,\d+(?:[eE][+-]?\d+)?$/
const notFinite = /^[+-]?(?:nan|inf|infinity)$/i

/** How spreadsheets, R, pandas, Weka and SQL write "no value". */
const missing = new Set(['', 'na', 'n/a', '#n/a', '<na>', 'null', 'none', 'nil', '?', '-', '--', '.', 'missing'])

/** Reads a decimal number and nothing else: no hexadecimal, no trailing units, no infinities. */
export function parseNumber(cell: string): ParsedNumber {
  const text = cell.trim()
  if (decimal.test(text)) {
    const value = Number(text)
    return Number.isFinite(value) ? { kind: 'number', value } : { kind: 'overflow' }
  }
  if (missing.has(text.toLowerCase())) return { kind: 'missing' }
  if (notFinite.test(text)) return { kind: 'not-finite' }
  return { kind: decimalComma.test(text) ? 'decimal-comma' : 'text' }
}
