import { InvalidProblemError } from '../errors.ts'
import { type Matrix, matrix } from '../linalg/matrix.ts'
import { compensatedSum } from '../linalg/sum.ts'

/** Cells of one column: numbers, or text for categories; null where there is none. */
export type RawColumn = readonly (number | string | null)[]

/** Features as they are in a file. A plain value: it can be sent to a thread. */
export interface RawTable {
  readonly rows: number
  readonly names: readonly string[]
  readonly columns: readonly RawColumn[]
}

/** What is done about cells without a value. */
export interface MissingPolicy {
  /** `error` refuses them; the others put the mean or the median of the column's training rows there. */
  readonly fill: 'error' | 'mean' | 'median'
  /** A further 0/1 column beside each that had missing cells in the training rows. */
  readonly indicator: boolean
}

/** How one column becomes numbers. */
export type ColumnEncoding =
  | {
      readonly kind: 'number'
      /** In place of a missing cell; null refuses one. */
      readonly fill: number | null
      readonly indicator: boolean
    }
  | {
      readonly kind: 'category'
      /** One 0/1 column each, in this order. A cell that is none of them is 0 in all. */
      readonly categories: readonly string[]
      /** Whether a missing cell is 0 in all, too, or refused. */
      readonly allowsMissing: boolean
      readonly indicator: boolean
    }

/** Learnt on the training rows, stored with the model, applied to any rows before scaling. */
export interface Encoding {
  readonly columns: readonly ColumnEncoding[]
}

export const refuseMissing: MissingPolicy = { fill: 'error', indicator: false }

/**
 * Learns how columns become numbers from the training rows alone: one-hot for columns with text, the mean or median for
 * missing numbers.
 *
 * One-hot columns are not reduced by a reference category: weight decay makes the redundant column harmless, and no
 * category is treated unlike the others. Categories are in the order of their code units.
 *
 * @throws InvalidProblemError for a missing cell under the policy `error`, for a column that mixes numbers and text, and for
 *   one without any value; each names the column.
 */
export function fitEncoding(table: RawTable, policy: MissingPolicy = refuseMissing): Encoding {
  return { columns: table.columns.map((column, k) => fitColumn(column, table.names[k], policy)) }
}

/** That of so many columns of numbers without missing cells. */
export function plainEncoding(columns: number): Encoding {
  return { columns: Array.from({ length: columns }, () => ({ kind: 'number', fill: null, indicator: false })) }
}

/** True where applying it copies the numbers: no categories, and no missing cells provided for. */
export function isPlain({ columns }: Encoding): boolean {
  return columns.every((column) => column.kind === 'number' && column.fill === null && !column.indicator)
}

/** The number of columns that come out. */
export function encodedWidth({ columns }: Encoding): number {
  return columns.reduce((total, column) => total + widthOf(column), 0)
}

/** Names of the columns that come out: `age`, `age missing`, `color=red`. */
export function encodedNames({ columns }: Encoding, names: readonly string[]): string[] {
  return columns.flatMap((column, k) => [
    ...(column.kind === 'number' ? [names[k]] : column.categories.map((category) => `${names[k]}=${category}`)),
    ...(column.indicator ? [`${names[k]} missing`] : []),
  ])
}

/**
 * The columns as numbers, n × `encodedWidth`.
 *
 * @throws InvalidProblemError for other columns than it was learnt on, and for a missing cell it does not provide for.
 */
export function applyEncoding(encoding: Encoding, { rows, names, columns }: RawTable): Matrix {
  if (columns.length !== encoding.columns.length) {
    throw new InvalidProblemError(
      `applyEncoding: there must be ${encoding.columns.length} columns, got ${columns.length}`,
    )
  }
  const out = matrix(rows, encodedWidth(encoding))
  let at = 0
  encoding.columns.forEach((column, k) => {
    for (let i = 0; i < rows; i++)
      writeCell(column, columns[k][i], out.data.subarray(i * out.cols + at), { i, name: names[k] })
    at += widthOf(column)
  })
  return out
}

/** The same columns with only these rows, in this order. */
export function pickRawRows({ names, columns }: RawTable, rows: readonly number[]): RawTable {
  return { rows: rows.length, names, columns: columns.map((column) => rows.map((i) => column[i])) }
}

interface Place {
  readonly i: number
  readonly name: string
}

function widthOf(column: ColumnEncoding): number {
  return (column.kind === 'number' ? 1 : column.categories.length) + (column.indicator ? 1 : 0)
}

function fitColumn(column: RawColumn, name: string, { fill, indicator }: MissingPolicy): ColumnEncoding {
  const present = column.filter((cell) => cell !== null)
  const missing = present.length < column.length
  if (present.length === 0) throw new InvalidProblemError(`fitEncoding: the column ${name} must have a value, got none`)
  if (missing && fill === 'error') throw missingCell('fitEncoding', { i: column.indexOf(null), name })
  const marks = indicator && missing
  const texts = present.filter((cell) => typeof cell === 'string')
  if (texts.length === present.length) {
    const categories = [...new Set(texts)].toSorted((a, b) => (a < b ? -1 : 1))
    return { kind: 'category', categories, allowsMissing: fill !== 'error', indicator: marks }
  }
  const numbers = present.filter((cell) => typeof cell === 'number' && Number.isFinite(cell))
  if (numbers.length < present.length) {
    const odd = present.find((cell) => !numbers.includes(cell))
    throw new InvalidProblemError(
      `fitEncoding: the column ${name} must be all finite numbers or all text, got ${JSON.stringify(odd)} among numbers`,
    )
  }
  return { kind: 'number', fill: fillOf(fill, Float64Array.from(numbers as number[])), indicator: marks }
}

function fillOf(fill: MissingPolicy['fill'], values: Float64Array): number | null {
  switch (fill) {
    case 'error':
      return null
    case 'mean':
      return compensatedSum(values) / values.length
    case 'median': {
      const sorted = values.toSorted()
      const middle = (sorted.length - 1) / 2
      return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2
    }
  }
}

/** Writes to the start of `out`, which is all zeros. */
function writeCell(column: ColumnEncoding, cell: number | string | null, out: Float64Array, place: Place): void {
  if (cell === null) {
    const refused = column.kind === 'number' ? column.fill === null : !column.allowsMissing
    if (refused) throw missingCell('applyEncoding', place)
    if (column.kind === 'number') out[0] = column.fill ?? Number.NaN
    if (column.indicator) out[widthOf(column) - 1] = 1
    return
  }
  if (column.kind === 'category') {
    const position = column.categories.indexOf(String(cell))
    if (position >= 0) out[position] = 1
    return
  }
  if (typeof cell !== 'number' || !Number.isFinite(cell)) {
    throw new InvalidProblemError(
      `applyEncoding: the column ${place.name} must hold finite numbers, got ${JSON.stringify(cell)} in row ${place.i}`,
    )
  }
  out[0] = cell
}

function missingCell(caller: string, { i, name }: Place): InvalidProblemError {
  return new InvalidProblemError(
    `${caller}: the column ${name} must have a value in every row, got none in row ${i}: choose to fill it with the mean or median`,
  )
}
