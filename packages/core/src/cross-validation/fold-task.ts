import { betaMax } from '../beta-max.ts'
import type { Certificate } from '../certificate.ts'
import { InvalidProblemError } from '../errors.ts'
import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import { lossFrom } from '../loss/named.ts'
import { type Metric, outcomesOf, scoreOf } from '../metrics.ts'
import { type Network, predict } from '../network.ts'
import { createPacer } from '../pacer.ts'
import { type Path, path, type PathProgress } from '../path.ts'
import { applyPreprocessing, fitPreprocessing, type Preprocessing, type PreprocessingKind } from '../preprocessing.ts'
import {
  applyEncoding,
  type Encoding,
  fitEncoding,
  type MissingPolicy,
  pickRawRows,
  type RawTable,
} from '../preprocessing/encoding.ts'
import { createProblem, type Problem, withOnes } from '../problem.ts'
import { classWeights } from '../targets.ts'
import type { Status } from '../train.ts'

/** What is cross-validated. A plain value: it can be sent to a thread. */
export interface CvData {
  readonly table: RawTable
  /** n × c, as the loss wants them: `encodeClasses` makes them of classes. */
  readonly Y: Matrix
  /** Position of each row's class, for classification; null for regression. */
  readonly labels: readonly number[] | null
  /** How often each row counts in training; all once when absent. Scores count every row once. */
  readonly weights?: Float64Array | undefined
}

/** How each fold is fitted. A plain value as well. */
export interface CvSettings {
  /** β as shares of βmax of the rows trained on, descending: β grows with the number of rows, its share does not. */
  readonly ratios: readonly number[]
  readonly metrics: readonly Metric[]
  readonly missing: MissingPolicy
  readonly preprocess: PreprocessingKind
  /** Share of the variance that whitening keeps. */
  readonly explainedVariance?: number | undefined
  readonly bias: boolean
  /** Its name, as `lossFrom` reads it. */
  readonly loss: string
  /** A weight per class, or `balanced`, which is about the classes of the rows trained on. */
  readonly classWeight?: 'balanced' | readonly number[] | undefined
  /** Parts of the network outside the weight decay. */
  readonly outputBias: boolean
  readonly skip: boolean
  readonly tolerance: number
  /** Seconds for one fit. */
  readonly pointTimeLimitSeconds: number
  readonly maxIterations: number
  readonly seed: number
}

export interface FoldTask {
  readonly repeat: number
  readonly fold: number
  readonly train: readonly number[]
  readonly test: readonly number[]
}

type Scores = Partial<Record<Metric, number>>

/** One fit of one fold: what is proven about it on its training rows, and its scores; nothing is proven about those. */
export interface FoldPoint
  extends Pick<Certificate, 'objective' | 'lowerBound' | 'relativeGap' | 'scope' | 'boundFrom'> {
  readonly ratio: number
  readonly beta: number
  readonly status: Status
  readonly neurons: number
  readonly seconds: number
  readonly train: Scores
  readonly test: Scores
}

export interface FoldResult {
  readonly repeat: number
  readonly fold: number
  readonly betaMax: number
  readonly rank: number
  readonly points: readonly FoldPoint[]
}

export interface FoldOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: PathProgress) => void) | undefined
}

/** Everything that is learnt from the rows trained on, and from no other row. */
export interface TrainingRows {
  readonly encoding: Encoding
  readonly preprocessing: Preprocessing
  /** At β = 1. */
  readonly problem: Problem
}

type ProblemSettings = Pick<
  CvSettings,
  'missing' | 'preprocess' | 'explainedVariance' | 'bias' | 'loss' | 'classWeight' | 'outputBias' | 'skip'
>

/**
 * Encodes, scales, weights and states the problem of these rows. No other row of the data is looked at.
 *
 * @throws InvalidProblemError for rows or settings of which there is no problem, such as class weights without classes.
 */
export function trainingRows(data: CvData, rows: readonly number[], settings: ProblemSettings): TrainingRows {
  const { table, Y } = data
  const { missing, preprocess, explainedVariance, bias, loss, classWeight, outputBias, skip } = settings
  const picked = pickRawRows(table, rows)
  const encoding = fitEncoding(picked, missing)
  const features = applyEncoding(encoding, picked)
  const preprocessing = fitPreprocessing(preprocess, features, { explainedVariance })
  const X = applyPreprocessing(preprocessing, features)
  const weights = rowWeights(data, rows, classWeight)
  const spec = { X, Y: pickRows(Y, rows), beta: 1, bias, loss: lossFrom(loss), outputBias, skip }
  return { encoding, preprocessing, problem: createProblem(weights ? { ...spec, weights } : spec) }
}

/** The weight of each of these rows times that of its class; undefined where all count once. */
function rowWeights(
  { Y, labels, weights }: CvData,
  rows: readonly number[],
  classWeight: CvSettings['classWeight'],
): Float64Array | undefined {
  const own = weights && Float64Array.from(rows, (i) => weights[i])
  if (classWeight === undefined) return own
  if (!labels) {
    throw new InvalidProblemError('crossValidate: classWeight is for classes, got numbers to predict: leave it out')
  }
  const positions = rows.map((i) => labels[i])
  const classes = Array.from({ length: Math.max(2, Y.cols) }, (_, k) => k)
  if (classWeight !== 'balanced' && classWeight.length !== classes.length) {
    throw new InvalidProblemError(
      `crossValidate: classWeight must be balanced or ${classes.length} numbers, one per class, got ${classWeight.length}`,
    )
  }
  const choice = classWeight === 'balanced' ? classWeight : new Map(classWeight.entries())
  const perClass = classWeights(choice, classes, positions)
  return Float64Array.from(positions, (k, j) => perClass[k] * (own?.[j] ?? 1))
}

/** Other rows as the network of these training rows takes them. */
export function inputsOf({ encoding, preprocessing, problem }: TrainingRows, table: RawTable): Matrix {
  const X = applyPreprocessing(preprocessing, applyEncoding(encoding, table))
  return problem.bias ? withOnes(X) : X
}

/** A path over the ratios on the training rows of one fold, each of its networks scored on the rows left out. */
export async function runFold(
  data: CvData,
  task: FoldTask,
  settings: CvSettings,
  { signal, onProgress }: FoldOptions = {},
): Promise<FoldResult | null> {
  const trained = trainingRows(data, task.train, settings)
  const { problem } = trained
  const known = await betaMax(problem, { pacer: createPacer(signal ? { signal } : {}) })
  const { value } = known
  if (signal?.aborted) return null
  if (!(value > 0)) throw noScale(task)
  const { tolerance, pointTimeLimitSeconds, maxIterations, seed } = settings
  const betas = settings.ratios.map((ratio) => ratio * value)
  const limits = { tolerance, pointTimeLimitSeconds, maxIterations, seed }
  const solved = await path(problem, { ...limits, betas, betaMax: known, signal, onProgress })
  if (solved.ended === 'interrupted' || signal?.aborted) return null
  const sides = { train: sideOf(data, task.train, trained), test: sideOf(data, task.test, trained) }
  const scored = (network: Network, side: Side): Scores => {
    const F = predict(network, side.X, problem.architecture)
    const outcomes = outcomesOf(settings.loss, F, side)
    return Object.fromEntries(settings.metrics.map((metric) => [metric, scoreOf(metric, outcomes)]))
  }
  return {
    repeat: task.repeat,
    fold: task.fold,
    betaMax: value,
    rank: problem.reduction.rank,
    points: solved.points.map((point, k) => ({
      ...figures(point),
      ratio: settings.ratios[k],
      train: scored(point.network, sides.train),
      test: scored(point.network, sides.test),
    })),
  }
}

function figures({ certificate, beta, status, network, elapsedSeconds }: Path['points'][number]) {
  const { objective, lowerBound, relativeGap, scope, boundFrom } = certificate
  const proof = { objective, lowerBound, relativeGap, scope, boundFrom }
  return { ...proof, beta, status, neurons: network.neurons.length, seconds: elapsedSeconds }
}

interface Side {
  readonly X: Matrix
  readonly Y: Matrix
  readonly labels: readonly number[] | null
}

function sideOf({ table, Y, labels }: CvData, rows: readonly number[], trained: TrainingRows): Side {
  return {
    X: inputsOf(trained, pickRawRows(table, rows)),
    Y: pickRows(Y, rows),
    labels: labels && rows.map((i) => labels[i]),
  }
}

export function pickRows(a: Matrix, rows: readonly number[]): Matrix {
  const out = matrix(rows.length, a.cols)
  rows.forEach((i, k) => out.data.set(row(a, i), k * a.cols))
  return out
}

function noScale({ repeat, fold }: FoldTask): InvalidProblemError {
  return new InvalidProblemError(
    `crossValidate: βmax must be positive to make β of ratios, got 0 in fold ${fold} of repeat ${repeat}: its features or targets are all 0, or what is outside the weight decay fits them alone`,
  )
}
