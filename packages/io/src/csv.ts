import Papa from 'papaparse'
import { DataError, type DataErrorPlace, quoted } from './errors.ts'
import { parseNumber } from './number.ts'
import type { Table } from './table.ts'
import { decodeText } from './text.ts'

export interface CsvOptions {
  /** Whether the first row names the columns; without it they are called c1, c2, … */
  readonly header?: boolean
  /** One character; guessed among comma, semicolon, tab and bar when absent. */
  readonly delimiter?: string
  /** Name used in error messages. */
  readonly file?: string
}

/** A table whose cells are as the file has them. */
export interface TextTable extends Table {
  readonly columns: readonly (readonly string[])[]
  readonly lines: readonly number[]
  readonly delimiter: string
}

interface Row {
  readonly cells: readonly string[]
  readonly line: number
}

/**
 * Reads delimited text (RFC 4180, with or without a byte order mark, any line ending) into a rectangular table.
 *
 * Nothing is repaired silently: ragged rows, unnamed or repeated columns, stray quotes and text that is not UTF-8
 * each throw a `DataError` that says where. Blank lines are skipped, except in the middle of a one-column table,
 * where dropping one would shift every row below it.
 */
export function parseCsv(source: Uint8Array | string, options: CsvOptions = {}): TextTable {
  const { header = true, file } = options
  const text = decodeText(source, { file }).replace(/\r\n?/g, '\n')
  if (text.trim() === '') throw emptyFile(file)
  const delimiter = checkedDelimiter(options.delimiter, file) ?? guessDelimiter(text)
  const rows = splitRows(text, delimiter, file)
  if (rows.length === 0) throw new DataError('empty-file', 'the file has no cells', { file })
  const width = rows[0].cells.length
  checkWidths(rows, width, file)
  const names = header
    ? columnNames(rows[0].cells, { file, row: rows[0].line })
    : rows[0].cells.map((_, k) => `c${k + 1}`)
  const body = header ? rows.slice(1) : rows
  if (body.length === 0) throw headerOnly(file)
  return {
    file,
    names,
    columns: names.map((_, k) => body.map((row) => row.cells[k])),
    rows: body.length,
    lines: body.map((row) => row.line),
    delimiter,
    named: header,
    headerLooksLikeData: header && looksLikeData(names),
  }
}

/** Names that are all numbers: probably the first row is data. */
export function looksLikeData(names: readonly string[]): boolean {
  return names.every((name) => parseNumber(name).kind === 'number')
}

export function checkedDelimiter(delimiter: string | undefined, file: string | undefined): string | undefined {
  if (delimiter === undefined) return undefined
  if (delimiter.length === 1 && !'"\r\n\ufeff'.includes(delimiter)) return delimiter
  throw new DataError('bad-delimiter', `the delimiter must be one character, got ${quoted(delimiter)}`, { file })
}

/**
 * The delimiter that splits the first row and leaves the most of the following rows equally wide; comma when none does.
 *
 * Judging by the first row keeps decimal commas and commas in text from outvoting a semicolon.
 */
export function guessDelimiter(text: string): string {
  let best = { delimiter: ',', agreeing: 0, width: 0 }
  for (const delimiter of [',', ';', '\t', '|']) {
    const { data } = Papa.parse<string[]>(text, { newline: '\n', delimiter, preview: 50 })
    const rows = data.filter((cells) => cells.length > 1 || cells[0].trim() !== '')
    const width = rows[0]?.length ?? 0
    if (width < 2) continue
    const agreeing = rows.filter((cells) => cells.length === width).length / rows.length
    if (agreeing > best.agreeing || (agreeing === best.agreeing && width > best.width)) {
      best = { delimiter, agreeing, width }
    }
  }
  return best.delimiter
}

function splitRows(text: string, delimiter: string, file: string | undefined): Row[] {
  const parsed = Papa.parse<string[]>(text, { newline: '\n', delimiter })
  const rows = numberLines(parsed.data)
  const broken = parsed.errors.find((error) => error.type === 'Quotes')
  if (broken) throw badQuotes({ file, row: rows[broken.row ?? 0]?.line })
  return withoutBlankLines(rows)
}

/** A quoted cell may span lines, so the n-th row need not stand on line n. */
function numberLines(data: readonly (readonly string[])[]): Row[] {
  let line = 1
  return data.map((cells) => {
    const row = { cells, line }
    line++
    for (const cell of cells) for (let k = cell.indexOf('\n'); k >= 0; k = cell.indexOf('\n', k + 1)) line++
    return row
  })
}

function withoutBlankLines(rows: readonly Row[]): Row[] {
  const isBlank = ({ cells }: Row): boolean => cells.length === 1 && cells[0].trim() === ''
  const first = rows.findIndex((row) => !isBlank(row))
  const last = rows.findLastIndex((row) => !isBlank(row))
  const inner = rows.slice(first, last + 1)
  return inner[0]?.cells.length === 1 ? inner : inner.filter((row) => !isBlank(row))
}

function checkWidths(rows: readonly Row[], width: number, file: string | undefined): void {
  const ragged = rows.find((row) => row.cells.length !== width)
  if (ragged) throw raggedRow(ragged.cells.length, { width, first: rows[0].line }, { file, row: ragged.line })
}

export function emptyFile(file: string | undefined): DataError {
  return new DataError('empty-file', 'the file is empty', { file })
}

export function headerOnly(file: string | undefined): DataError {
  const hint = 'add data rows, or use --no-header if the only row is data'
  return new DataError('header-only', 'the file has a header and no data rows', { file, hint })
}

export function badQuotes(place: DataErrorPlace): DataError {
  const hint = 'write a quote inside a quoted cell as two quotes, and close every quote'
  return new DataError('bad-quotes', 'a quoted cell is not closed properly', { ...place, hint })
}

export function raggedRow(
  found: number,
  { width, first }: { readonly width: number; readonly first: number },
  place: DataErrorPlace,
): DataError {
  const hint =
    found > width
      ? 'quote cells that contain the delimiter, or name the right one with --delimiter'
      : 'add the missing cells'
  const what = `expected ${cellCount(width)} as in row ${first}, found ${found}`
  return new DataError('ragged-row', what, { ...place, hint })
}

function cellCount(count: number): string {
  return count === 1 ? '1 cell' : `${count} cells`
}

/** The cells of a header row as names: each present, none twice. */
export function columnNames(cells: readonly string[], place: DataErrorPlace): string[] {
  const names = cells.map((cell) => cell.trim())
  const seen = new Map<string, number>()
  names.forEach((name, k) => {
    if (name === '') {
      const hint = 'name every column, or use --no-header if the first row is data'
      throw new DataError('empty-column-name', `column ${k + 1} has no name`, { ...place, hint })
    }
    const before = seen.get(name)
    if (before !== undefined) {
      const hint = 'rename one of them, or use --no-header if the first row is data'
      const what = `columns ${before} and ${k + 1} have the same name`
      throw new DataError('duplicate-column', what, { ...place, column: name, hint })
    }
    seen.set(name, k + 1)
  })
  return names
}
