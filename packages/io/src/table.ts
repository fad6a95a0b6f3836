import type { Table } from './csv.ts'
import { DataError, type DataErrorPlace, listed, quoted } from './errors.ts'
import { nearest } from './nearest.ts'
import { type ParsedNumber, parseNumber } from './number.ts'

/** Row-major numbers; the same shape as the `Matrix` of @relucent/core. */
export interface Numbers {
  readonly rows: number
  readonly cols: number
  readonly data: Float64Array
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
  for (let i = 0; i < table.rows; i++) {
    for (let k = 0; k < cols; k++) data[i * cols + k] = numberAt(table, i, indices[k])
  }
  return { rows: table.rows, cols, data }
}

/** One column as numbers, null where a cell is empty or means a missing value; anything else throws as above. */
export function numericCells(table: Table, column: number): (number | null)[] {
  return table.columns[column].map((cell, row) =>
    parseNumber(cell).kind === 'missing' ? null : numberAt(table, row, column),
  )
}

/** One column as text, null where a cell is empty or means a missing value. */
export function textCells(table: Table, column: number): (string | null)[] {
  return table.columns[column].map((cell) => (parseNumber(cell).kind === 'missing' ? null : cell.trim()))
}

/** The first cell without a value, as an error; undefined where there is none. */
export function missingCell(table: Table, column: number): DataError | undefined {
  const row = table.columns[column].findIndex((cell) => parseNumber(cell).kind === 'missing')
  return row < 0 ? undefined : notANumber('missing', table.columns[column][row], cellPlace(table, row, column))
}

function numberAt(table: Table, row: number, column: number): number {
  const cell = table.columns[column][row]
  const parsed = parseNumber(cell)
  if (parsed.kind === 'number') return parsed.value
  throw notANumber(parsed.kind, cell, cellPlace(table, row, column))
}

function cellPlace(table: Table, row: number, column: number): DataErrorPlace {
  return { file: table.file, row: table.lines[row], column: table.names[column] }
}

function notANumber(kind: Exclude<ParsedNumber['kind'], 'number'>, cell: string, place: DataErrorPlace): DataError {
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
  const kinds = table.columns[column].map((cell) => parseNumber(cell).kind)
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
    `expected numbers only or text only, found the number ${cells[firstNumber].trim()} in row ` +
    `${table.lines[firstNumber]} and the text ${quoted(cells[firstText].trim())} in row ${table.lines[firstText]}`
  const hint = 'correct the odd cell; if these are class labels, use --task classification'
  return new DataError('mixed-target', what, { ...place, hint })
}
