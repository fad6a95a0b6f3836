/** What went wrong, for programs; people read the message. */
export type DataErrorCode =
  | 'empty-file'
  | 'header-only'
  | 'not-text'
  | 'bad-delimiter'
  | 'bad-quotes'
  | 'ragged-row'
  | 'empty-column-name'
  | 'duplicate-column'
  | 'unknown-column'
  | 'missing-value'
  | 'not-a-number'
  | 'not-finite'
  | 'mixed-target'
  | 'not-a-class'
  | 'unknown-class'
  | 'one-class'
  | 'truncated'
  | 'damaged'
  | 'unsupported'
  | 'unknown-format'
  | 'no-such-format'
  | 'too-large'
  | 'not-exact'
  | 'not-writable'
  | 'not-onnx'
  | 'damaged-onnx'
  | 'unsupported-network'
  | 'not-two-layer'
  | 'not-representable'

export interface DataErrorPlace {
  readonly file?: string
  /** Line of the file as an editor numbers it, from 1, the header included. */
  readonly row?: number
  /** Column name. */
  readonly column?: string
  /** Position in a file that is not text, from 0. */
  readonly byte?: number
  /** What the reader can do about it. */
  readonly hint?: string
}

/**
 * Data that cannot be used as they are: where (file, row, column), what was expected and found, and what to do.
 *
 * `message` reads on its own: `ages.csv, row 7, column "age": expected a number, found "n/a"`.
 */
export class DataError extends Error {
  override readonly name = 'DataError'
  readonly code: DataErrorCode
  readonly file: string | undefined
  readonly row: number | undefined
  readonly column: string | undefined
  readonly byte: number | undefined
  readonly hint: string | undefined

  constructor(code: DataErrorCode, what: string, place: DataErrorPlace = {}) {
    const where = describePlace(place)
    super(where ? `${where}: ${what}` : what)
    this.code = code
    this.file = place.file
    this.row = place.row
    this.column = place.column
    this.byte = place.byte
    this.hint = place.hint
  }
}

/** `ages.csv, row 7, column "age"`; empty when nothing is known. */
export function describePlace({ file, row, column, byte }: DataErrorPlace): string {
  const parts: string[] = []
  if (file !== undefined) parts.push(file)
  if (row !== undefined) parts.push(`row ${row}`)
  if (column !== undefined) parts.push(`column ${quoted(column)}`)
  if (byte !== undefined) parts.push(`byte ${byte}`)
  return parts.join(', ')
}

const longestQuote = 40

/** Text from a file, quoted for a message: control characters escaped, long text cut. */
export function quoted(text: string): string {
  const cut = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text
  return JSON.stringify(cut)
}

/** `"a", "b", "c" and 12 more`: names for a message, never a whole wide table of them. */
export function listed(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).map(quoted).join(', ')
  return names.length > most ? `${shown} and ${names.length - most} more` : shown
}
