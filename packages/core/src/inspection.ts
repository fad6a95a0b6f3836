import { crossValidate, type CvOptions, cvSettings } from './cross-validation.ts'
import { type CvData, pickRows } from './cross-validation/fold-task.ts'
import { shuffled } from './cross-validation/folds.ts'
import { InvalidProblemError } from './errors.ts'
import type { Matrix } from './linalg/matrix.ts'
import { isGain, type Metric, outcomesOf, scoreOf } from './metrics.ts'
import { pickRawRows, type RawTable } from './preprocessing/encoding.ts'
import { seededRandom } from './random.ts'
import { responses } from './targets.ts'

export interface LearningCurvePoint {
  /** Share of each fold's training rows that was trained on, and how many rows that were in the largest fold. */
  readonly share: number
  readonly rows: number
  readonly train: number
  readonly test: number
  /** Standard error of `test`. */
  readonly error: number
  /** Of the fits behind it: one that time cut short says little about the number of rows. Null where one has none. */
  readonly largestGap: number | null
}

/**
 * Scores against the number of rows trained on, at one share of βmax: whether more data would help, or another model.
 *
 * The rows of a smaller share are among those of a larger one; test rows are the same throughout.
 *
 * @throws InvalidProblemError for shares outside (0, 1], and for what `crossValidate` refuses.
 */
export async function learningCurve(
  data: CvData,
  ratio: number,
  options: Omit<CvOptions, 'ratios' | 'finished'> & { readonly shares?: readonly number[] },
): Promise<LearningCurvePoint[]> {
  const { shares = [0.1, 0.2, 0.4, 0.6, 0.8, 1], folds, ...others } = options
  const wrong = shares.find((share) => !(share > 0 && share <= 1))
  if (wrong !== undefined) {
    throw new InvalidProblemError(`learningCurve: shares must be above 0 and at most 1, got ${wrong}`)
  }
  const { seed } = cvSettings(data, options)
  const orders = folds.map(({ train }) => shuffled(train, seededRandom(seed)))
  const points: LearningCurvePoint[] = []
  for (const share of shares) {
    const smaller = folds.map((fold, k) => {
      const rows = Math.max(1, Math.round(share * fold.train.length))
      return { ...fold, train: orders[k].slice(0, rows).toSorted((a, b) => a - b) }
    })
    const { rows, metric } = await crossValidate(data, { ...others, folds: smaller, ratios: [ratio] })
    const { train, test, error } = rows[0].scores[metric] ?? { train: Number.NaN, test: Number.NaN, error: Number.NaN }
    const { largestGap } = rows[0]
    points.push({ share, rows: Math.max(...smaller.map((fold) => fold.train.length)), train, test, error, largestGap })
  }
  return points
}

/** Network outputs for rows of a table, with what a metric compares them to. */
export interface Inspected {
  readonly data: CvData
  readonly outputs: (table: RawTable) => Matrix
  /** The name of the loss it was trained by: what outputs mean. Squared when absent. */
  readonly loss?: string | undefined
}

export interface Importance {
  readonly name: string
  /** How much worse the score is on average when the column is shuffled; about 0 for a column that is not used. */
  readonly mean: number
  /** Standard deviation over the repeats. */
  readonly deviation: number
}

/**
 * How much a score depends on each column: its loss when the column is shuffled (Breiman, "Random forests", 2001).
 *
 * On rows the network was not trained on it speaks about generalisation. A column that others can stand in for looks
 * unimportant.
 */
export function permutationImportance(
  { data, outputs, loss = 'squared' }: Inspected,
  metric: Metric,
  { repeats = 10, seed = 0 }: { readonly repeats?: number; readonly seed?: number } = {},
): Importance[] {
  const { table } = data
  const random = seededRandom(seed)
  const score = (given: RawTable): number => {
    return (isGain(metric) ? 1 : -1) * scoreOf(metric, outcomesOf(loss, outputs(given), data))
  }
  const whole = score(table)
  return table.names.map((name, k) => {
    const drops = Array.from({ length: repeats }, () => {
      const columns = table.columns.map((column, j) => (j === k ? shuffled(column, random) : column))
      return whole - score({ ...table, columns })
    })
    const mean = drops.reduce((total, drop) => total + drop, 0) / repeats
    const squares = drops.reduce((total, drop) => total + (drop - mean) ** 2, 0)
    return { name, mean, deviation: Math.sqrt(squares / Math.max(1, repeats - 1)) }
  })
}

export interface PartialDependence {
  readonly name: string
  /** What the column was set to: numbers, or categories. */
  readonly at: readonly (number | string)[]
  /** The mean output over all rows, one list per output. */
  readonly outputs: readonly (readonly number[])[]
}

/**
 * The mean output (for `poisson` the mean response) when one column is set to a value in all rows, as a function of that value (Friedman, "Greedy function
 * approximation", 2001). Numbers are taken at evenly spaced quantiles of the column, so that every value stands for equally
 * many rows.
 *
 * @throws InvalidProblemError for a column the table does not have.
 */
export function partialDependence(
  { data, outputs, loss = 'squared' }: Inspected,
  name: string,
  { points = 20 }: { readonly points?: number } = {},
): PartialDependence {
  const { table } = data
  const k = table.names.indexOf(name)
  if (k < 0) {
    throw new InvalidProblemError(`partialDependence: the column must be one of ${table.names.join(', ')}, got ${name}`)
  }
  const at = gridOf(
    table.columns[k].filter((cell) => cell !== null),
    points,
  )
  const means = at.map((value) => {
    const columns = table.columns.map((column, j) => (j === k ? column.map(() => value) : column))
    return meansOf(responses(loss, outputs({ ...table, columns })))
  })
  return { name, at, outputs: means[0]?.map((_, c) => means.map((mean) => mean[c])) ?? [] }
}

/** These rows of the data, for an inspection on rows that were left out. */
export function pickData({ table, Y, labels, weights }: CvData, rows: readonly number[]): CvData {
  return {
    table: pickRawRows(table, rows),
    Y: pickRows(Y, rows),
    labels: labels && rows.map((i) => labels[i]),
    ...(weights && { weights: Float64Array.from(rows, (i) => weights[i]) }),
  }
}

function gridOf(cells: readonly (number | string)[], points: number): (number | string)[] {
  const numbers = cells.filter((cell) => typeof cell === 'number').toSorted((a, b) => a - b)
  if (numbers.length < cells.length) return [...new Set(cells.map(String))].toSorted((a, b) => (a < b ? -1 : 1))
  const last = Math.max(1, points - 1)
  const quantiles = Array.from({ length: points }, (_, q) => numbers[Math.round((q / last) * (numbers.length - 1))])
  return [...new Set(quantiles)]
}

function meansOf(F: Matrix): number[] {
  return Array.from({ length: F.cols }, (_, c) => {
    let total = 0
    for (let i = 0; i < F.rows; i++) total += F.data[i * F.cols + c]
    return total / F.rows
  })
}
