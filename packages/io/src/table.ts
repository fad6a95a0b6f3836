import { DataError, type DataErrorPlace, listed, quoted } from './errors.ts'
import { nearest } from './nearest.ts'
import { parseNumber } from './number.ts'

/** Row-major numbers; the same shape as the `Matrix` of @relucent/core. */
export interface Numbers {
  readonly rows: number
  readonly cols: number
  readonly data: Float64Array
}

/** Numbers stored as numbers: all cells of a column that holds nothing else. */
export type NumberColumn = Float64Array | Uint8Array

/** Cells as the file has them, or as numbers where the file stores numbers or every cell is one. */
export type Column = readonly string[] | NumberColumn

/** What every format is read into: named columns of equal length, and where each row stood in its file. */
export interface Table {
  readonly file: string | undefined
  readonly names: readonly string[]
  /** The names are from the file, not made up by counting. */
  readonly named: boolean
  readonly columns: readonly Column[]
  readonly rows: number
  /** Line of the file on which each row starts, from 1; null where rows have no lines and are counted themselves. */
  readonly lines: ArrayLike<number> | null
  /** The header row consists of numbers only: probably there is none. */
  readonly headerLooksLikeData: boolean
}

export function isNumberColumn(column: Column): column is NumberColumn {
  return !Array.isArray(column)
}

/** The shortest text that reads back as the same number, the sign of zero included. */
export function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** A cell as text, whatever its column holds. */
export function cellText(column: Column, row: number): string {
  return isNumberColumn(column) ? numberText(column[row]) : column[row]
}

/** What a message calls a row: its line in the file, or its number from 1. */
export function rowNumber({ lines }: Table, row: number): number {
  return lines === null ? row + 1 : lines[row]
}

/** Position of a column given by name or, where no column has that name, by its number from 1. */
export function columnIndex(table: Table, selector: string): number {
  const wanted = selector.trim()
  const byName = table.names.indexOf(wanted)
  if (byName >= 0) return byName
  const byNumber = /^\d+$/.test(wanted) ? Number(wanted) : Number.NaN
  if (byNumber >= 1 && byNumber <= table.names.length) return byNumber - 1
  throw new DataError('unknown-column', 'there is no such column', {
    file: table.file,
    column: wanted,
    hint: unknownColumnHint(table, wanted),
  })
}

function unknownColumnHint(table: Table, wanted: string): string {
  const close = nearest(wanted, table.names)
  const guess = close === undefined ? '' : `did you mean ${quoted(close)}? `
  const header = table.headerLooksLikeData ? '; if the first row is data, use --no-header' : ''
  return `${guess}the columns are ${listed(table.names)}${header}`
}

/** The chosen columns as numbers. The first cell that is not a finite number throws, with its row and column. */
export function numericColumns(table: Table, indices: readonly number[]): Numbers {
  const cols = indices.length
  const data = new Float64Array(table.rows * cols)
  for (let first = 0; first < table.rows; first += rowsAtOnce) {
    const end = Math.min(first + rowsAtOnce, table.rows)
    for (let k = 0; k < cols; k++) {
      const cells = table.columns[indices[k]]
      for (let i = first; i < end; i++) data[i * cols + k] = numberOrNaN(cells, i)
    }
    for (let at = first * cols; at < end * cols; at++) {
      if (!Number.isFinite(data[at])) throw notANumber(table, Math.floor(at / cols), indices[at % cols])
    }
  }
  return { rows: table.rows, cols, data }
}

/** One column as numbers, null where a cell means a missing value; the first cell that is neither throws, with its row. */
export function numericCells(table: Table, column: number): (number | null)[] {
  const cells = table.columns[column]
  return Array.from({ length: table.rows }, (_, row) => {
    if (isMissing(cells, row)) return null
    const value = numberOrNaN(cells, row)
    if (Number.isFinite(value)) return value
    throw notANumber(table, row, column)
  })
}

/** One column as text, null where a cell means a missing value. */
export function textCells(table: Table, column: number): (string | null)[] {
  const cells = table.columns[column]
  return Array.from({ length: table.rows }, (_, row) => (isMissing(cells, row) ? null : cellText(cells, row).trim()))
}

/** The first cell without a value, as an error; undefined where there is none. */
export function missingCell(table: Table, column: number): DataError | undefined {
  const cells = table.columns[column]
  for (let row = 0; row < table.rows; row++) if (isMissing(cells, row)) return notANumber(table, row, column)
  return undefined
}

/** Where numbers are stored as numbers, only NaN can say that there is none. */
function isMissing(cells: Column, row: number): boolean {
  return isNumberColumn(cells) ? Number.isNaN(cells[row]) : parseNumber(cells[row]).kind === 'missing'
}

/** Columns are read and rows are written: in blocks, so that what is written stays in the processor's cache. */
const rowsAtOnce = 64

function numberOrNaN(cells: Column, row: number): number {
  if (isNumberColumn(cells)) return cells[row]
  const parsed = parseNumber(cells[row])
  return parsed.kind === 'number' ? parsed.value : Number.NaN
}

export function cellPlace(table: Table, row: number, column: number): DataErrorPlace {
  return { file: table.file, row: rowNumber(table, row), column: table.names[column] }
}

function notANumber(table: Table, row: number, column: number): DataError {
  const cell = cellText(table.columns[column], row)
  const place = cellPlace(table, row, column)
  const { kind } = parseNumber(cell)
  const found = quoted(cell.trim())
  const expected = 'expected a number'
  switch (kind) {
    case 'missing': {
      const what = cell.trim() === '' ? 'the cell is empty' : `found ${found}, which means a missing value`
      const hint = 'fill the value in, remove the row, leave the column out with --exclude, or use --missing'
      return new DataError('missing-value', `${expected}, ${what}`, { ...place, hint })
    }
    case 'not-finite':
      return new DataError('not-finite', `expected a finite number, found ${found}`, {
        ...place,
        hint: 'replace the value or remove the row',
      })
    case 'overflow':
      return new DataError('not-finite', `expected a finite number, ${found} is too large for one`, {
        ...place,
        hint: 'rescale the column',
      })
    case 'decimal-comma':
      return new DataError('not-a-number', `${expected}, found ${found}`, { ...place, hint: 'write a decimal point' })
    case 'number':
    case 'text': {
      const hint = 'correct the cell, or leave the column out with --exclude'
      return new DataError('not-a-number', `${expected}, found ${found}`, { ...place, hint })
    }
  }
}

/** What a column holds, as far as a target is concerned. */
export interface ColumnKind {
  readonly kind: 'numeric' | 'text' | 'mixed' | 'empty'
  /** First row (from 0) with a number, and with text; -1 where there is none. */
  readonly firstNumber: number
  readonly firstText: number
}

export function columnKind(table: Table, column: number): ColumnKind {
  const cells = table.columns[column]
  if (isNumberColumn(cells)) return { kind: 'numeric', firstNumber: 0, firstText: -1 }
  const kinds = cells.map((cell) => parseNumber(cell).kind)
  const firstNumber = kinds.findIndex((kind) => kind === 'number' || kind === 'not-finite' || kind === 'overflow')
  const firstText = kinds.findIndex((kind) => kind === 'text' || kind === 'decimal-comma')
  if (firstNumber >= 0) return { kind: firstText >= 0 ? 'mixed' : 'numeric', firstNumber, firstText }
  return { kind: firstText >= 0 ? 'text' : 'empty', firstNumber, firstText }
}

/** A target column holding numbers in some rows and text in others: nearly always a typing error, so never guessed at. */
export function mixedTarget(table: Table, column: number, { firstNumber, firstText }: ColumnKind): DataError {
  const cells = table.columns[column]
  const place = cellPlace(table, Math.max(firstNumber, firstText), column)
  const what =
    `expected numbers only or text only, found the number ${cellText(cells, firstNumber).trim()} in row ` +
    `${rowNumber(table, firstNumber)} and the text ${quoted(cellText(cells, firstText).trim())} in row ${rowNumber(table, firstText)}`
  const hint = 'correct the odd cell; if these are class labels, use --task classification'
  return new DataError('mixed-target', what, { ...place, hint })
}
