import { betaMax } from '../beta-max.ts'
import type { Certificate } from '../certificate.ts'
import { InvalidProblemError } from '../errors.ts'
import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import type { Loss } from '../loss.ts'
import { type Metric, scoreOf } from '../metrics.ts'
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
import type { Status } from '../train.ts'

/** What is cross-validated. A plain value: it can be sent to a thread. */
export interface CvData {
  readonly table: RawTable
  /** n × c, as the network is trained on them. */
  readonly Y: Matrix
  /** Position of each row's class, for classification; null for regression. */
  readonly labels: readonly number[] | null
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
  readonly loss?: Loss | undefined
  /** Rows that sum to 1 from outputs, for losses whose outputs mean probabilities; log-loss needs it. */
  readonly probabilities?: ((F: Matrix) => Matrix) | undefined
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

/** Encodes, scales and states the problem of these rows. No other row of the data is looked at. */
export function trainingRows(
  { table, Y }: CvData,
  rows: readonly number[],
  {
    missing,
    preprocess,
    explainedVariance,
    bias,
  }: Pick<CvSettings, 'missing' | 'preprocess' | 'explainedVariance' | 'bias'>,
  loss?: Loss,
): TrainingRows {
  const picked = pickRawRows(table, rows)
  const encoding = fitEncoding(picked, missing)
  const features = applyEncoding(encoding, picked)
  const preprocessing = fitPreprocessing(preprocess, features, { explainedVariance })
  const X = applyPreprocessing(preprocessing, features)
  const spec = { X, Y: pickRows(Y, rows), beta: 1, bias }
  return { encoding, preprocessing, problem: createProblem(loss ? { ...spec, loss } : spec) }
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
  { loss, probabilities, signal, onProgress }: FoldOptions = {},
): Promise<FoldResult | null> {
  const trained = trainingRows(data, task.train, settings, loss)
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
    const outcomes = { F, Y: side.Y, labels: side.labels, probabilities: probabilities?.(F) }
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
    `crossValidate: βmax must be positive to make β of ratios, got 0 in fold ${fold} of repeat ${repeat}: its features or targets are all 0`,
  )
}
