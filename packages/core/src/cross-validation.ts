import type { Fold } from './cross-validation/folds.ts'
import {
  type CvData,
  type CvSettings,
  type FoldOptions,
  type FoldPoint,
  type FoldResult,
  type FoldTask,
  runFold,
} from './cross-validation/fold-task.ts'
import { InvalidProblemError } from './errors.ts'
import { isGain, type Metric, metricsFor } from './metrics.ts'
import { gridOfRatios, type PathProgress } from './path.ts'
import { refuseMissing } from './preprocessing/encoding.ts'

/** How the share of βmax is chosen: the best mean, or the largest β within one standard error of it. */
export type CvRule = 'best' | 'one-se'

export interface CvOptions extends Partial<CvSettings>, Pick<FoldOptions, 'signal'> {
  readonly folds: readonly Fold[]
  /** What decides; the first of the metrics when absent. */
  readonly metric?: Metric
  readonly rule?: CvRule
  /** Folds at work at a time; more than one pays only where `run` brings threads. */
  readonly concurrency?: number
  /** Results of an earlier run: their folds are not run again. */
  readonly finished?: readonly FoldResult[]
  /** Runs one fold; on this thread when absent. Null when it was interrupted. */
  readonly run?: (data: CvData, task: FoldTask, settings: CvSettings) => Promise<FoldResult | null>
  readonly onFold?: ((result: FoldResult) => void | Promise<void>) | undefined
  readonly onProgress?: ((task: FoldTask, progress: PathProgress) => void) | undefined
}

/** Scores at one share of βmax over all folds. */
export interface CvRow {
  readonly ratio: number
  readonly scores: Partial<Record<Metric, CvScore>>
  readonly neurons: number
  /** Fits certified to the tolerance, over all networks, and the largest gap among all; null where one has none. */
  readonly certified: number
  readonly largestGap: number | null
  readonly fits: number
}

export interface CvScore {
  /** Over the folds where the metric is defined; NaN where it is in none. */
  readonly train: number
  readonly test: number
  /** Standard error of `test`. */
  readonly error: number
}

export interface CvResult {
  readonly rows: readonly CvRow[]
  readonly metric: Metric
  readonly rule: CvRule
  /** Positions in `rows`. */
  readonly best: number
  readonly oneSe: number
  readonly chosen: number
  readonly folds: readonly FoldResult[]
  /** False when it was interrupted: the figures are then over the folds that were finished. */
  readonly complete: boolean
}

const defaults = {
  missing: refuseMissing,
  preprocess: 'standardize',
  bias: true,
  loss: 'squared',
  outputBias: false,
  skip: false,
  tolerance: 1e-4,
  pointTimeLimitSeconds: 10,
  maxIterations: 1000,
  seed: 0,
} as const

/** Every setting, with defaults where none is given: 20 shares of βmax from 1 to 1e-4, the squared loss, accuracy or rmse. */
export function cvSettings(data: CvData, options: Partial<CvSettings>): CvSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const all = { ...defaults, ratios: gridOfRatios(20, 1e-4), ...(given as Partial<CvSettings>) } as CvSettings
  const { ratios, missing, preprocess, bias, loss, outputBias, skip, tolerance } = all
  const { explainedVariance, classWeight, pointTimeLimitSeconds, maxIterations, seed } = all
  return {
    missing,
    preprocess,
    ...(explainedVariance && { explainedVariance }),
    bias,
    loss,
    ...(classWeight && { classWeight }),
    outputBias,
    skip,
    tolerance,
    pointTimeLimitSeconds,
    maxIterations,
    seed,
    ratios,
    metrics: options.metrics ?? metricsFor(loss, data.labels),
  }
}

/**
 * Chooses β by the rows that are left out: every fold is encoded, scaled and solved along the shares of βmax on its training
 * rows alone, and scored on its test rows.
 *
 * Scores are estimates, with a standard error; what a certificate proves concerns the training objective of each fit and is
 * reported beside them. The standard error is the standard deviation over all folds divided by √(folds of one repeat):
 * repeats share rows, so that they steady the mean but are no further evidence. With rule `one-se` the largest β within one
 * standard error of the best is chosen (Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees", 1984,
 * section 3.4.3).
 *
 * @throws InvalidProblemError for data that cannot be fitted in some fold, and for an interruption before any fold was done.
 */
export async function crossValidate(data: CvData, options: CvOptions): Promise<CvResult> {
  const { folds, signal, finished = [], onFold, concurrency = 1, rule = 'one-se' } = options
  const settings = cvSettings(data, options)
  const metric = options.metric ?? settings.metrics[0]
  validate(data, folds, settings, metric)
  const run = options.run ?? here(options)
  const done = new Map(finished.map((result) => [keyOf(result), result]))
  const open = folds.filter((fold) => !done.has(keyOf(fold)))
  let next = 0
  const work = async (): Promise<void> => {
    for (let k = next++; k < open.length && !signal?.aborted; k = next++) {
      const result = await run(data, open[k], settings)
      if (result === null) return
      done.set(keyOf(result), result)
      await onFold?.(result)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(concurrency, open.length)) }, work))
  const results = folds.map((fold) => done.get(keyOf(fold))).filter((result) => result !== undefined)
  if (results.length === 0) throw new InvalidProblemError('crossValidate: interrupted before a fold was done')
  return summary(results, settings, { metric, rule, complete: results.length === folds.length })
}

/** Means over folds, and the choice they lead to. */
export function summary(
  folds: readonly FoldResult[],
  settings: CvSettings,
  { metric, rule, complete }: Pick<CvResult, 'metric' | 'rule' | 'complete'>,
): CvResult {
  const perRepeat = Math.max(...folds.map(({ fold }) => fold)) + 1
  const rows = settings.ratios.map((ratio, k) =>
    rowOf(
      ratio,
      folds.flatMap(({ points }) => points[k] ?? []),
      settings,
      perRepeat,
    ),
  )
  const gain = isGain(metric) ? 1 : -1
  const value = (k: number): number => gain * (rows[k].scores[metric]?.test ?? Number.NaN)
  let best = 0
  for (let k = 1; k < rows.length; k++) if (value(k) > value(best) || Number.isNaN(value(best))) best = k
  const floor = value(best) - (rows[best].scores[metric]?.error ?? 0)
  const within = rows.findIndex((_, k) => k === best || value(k) >= floor)
  return { rows, metric, rule, best, oneSe: within, chosen: rule === 'best' ? best : within, folds, complete }
}

function rowOf(
  ratio: number,
  points: readonly FoldPoint[],
  { metrics, tolerance }: CvSettings,
  perRepeat: number,
): CvRow {
  const scoreIn = (metric: Metric): CvScore => {
    const test = points.map((point) => point.test[metric]).filter(isFigure)
    const train = points.map((point) => point.train[metric]).filter(isFigure)
    return { train: mean(train), test: mean(test), error: deviation(test) / Math.sqrt(perRepeat) }
  }
  const gaps = points.map(({ relativeGap }) => relativeGap)
  const proven = points.filter(
    ({ relativeGap, scope }) => scope === 'all-networks' && relativeGap !== null && relativeGap <= tolerance,
  )
  return {
    ratio,
    scores: Object.fromEntries(metrics.map((metric) => [metric, scoreIn(metric)])),
    neurons: mean(points.map(({ neurons }) => neurons)),
    certified: proven.length,
    largestGap: gaps.reduce(
      (most: number | null, gap) => (most === null || gap === null ? null : Math.max(most, gap)),
      0,
    ),
    fits: points.length,
  }
}

/** In a file of finished folds, a score that is not defined is null. */
function isFigure(value: number | null | undefined): value is number {
  return typeof value === 'number' && !Number.isNaN(value)
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length
}

/** Of a sample: divided by one less than its size; 0 for a single value. */
function deviation(values: readonly number[]): number {
  const centre = mean(values)
  const squares = values.reduce((total, value) => total + (value - centre) ** 2, 0)
  return Math.sqrt(squares / Math.max(1, values.length - 1))
}

function here({ signal, onProgress }: CvOptions): NonNullable<CvOptions['run']> {
  return (data, task, settings) =>
    runFold(data, task, settings, {
      signal,
      onProgress: onProgress && ((progress) => onProgress(task, progress)),
    })
}

function keyOf({ repeat, fold }: { repeat: number; fold: number }): string {
  return `${repeat}:${fold}`
}

function validate(
  { table, Y, labels, weights }: CvData,
  folds: readonly Fold[],
  settings: CvSettings,
  metric: Metric,
): void {
  const { rows } = table
  if (Y.rows !== rows || (labels !== null && labels.length !== rows)) {
    const got = labels === null ? `${Y.rows}` : `${Y.rows} and ${labels.length}`
    throw new InvalidProblemError(`crossValidate: targets and labels must have ${rows} rows, as the table, got ${got}`)
  }
  if (weights && weights.length !== rows) {
    throw new InvalidProblemError(
      `crossValidate: weights must be ${rows} numbers, one per row of the table, got ${weights.length}`,
    )
  }
  if (folds.length === 0) throw new InvalidProblemError('crossValidate: there must be folds, got none')
  const outside = folds.find(({ train, test }) => [...train, ...test].some((i) => !(i >= 0 && i < rows)))
  if (outside) {
    throw new InvalidProblemError(`crossValidate: fold ${outside.fold} must have rows below ${rows}, got others`)
  }
  const leak = folds.find(({ train, test }) => test.some((i) => new Set(train).has(i)))
  if (leak) {
    throw new InvalidProblemError(
      `crossValidate: fold ${leak.fold} must test on rows it is not trained on, got some of both`,
    )
  }
  if (!settings.metrics.includes(metric)) {
    throw new InvalidProblemError(
      `crossValidate: the metric must be one of ${settings.metrics.join(', ')}, got ${metric}`,
    )
  }
}
