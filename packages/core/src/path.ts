import { betaMax as betaMaxOf } from './beta-max.ts'
import { InvalidProblemError } from './errors.ts'
import { matrix } from './linalg/matrix.ts'
import { norm2 } from './linalg/norms.ts'
import { type Network, predict } from './network.ts'
import { createPacer, type Pacer } from './pacer.ts'
import { trackedNeurons } from './path/tracks.ts'
import { type Problem, withBeta } from './problem.ts'
import { type Progress, train, type TrainOptions, type TrainResult } from './train.ts'

/** Why a path ended; `complete` when every β of the grid was solved. */
export type PathEnd = 'complete' | 'neuron-limit' | 'explained' | 'time-limit' | 'interrupted' | 'numerical-error'

export interface PathProgress extends Progress {
  /** Number of the β at work, from 0, and how many there are. */
  readonly point: number
  readonly points: number
  readonly beta: number
}

export interface PathOptions extends Omit<TrainOptions, 'init' | 'onProgress' | 'timeLimitSeconds'> {
  /** Values of β, descending; a geometric grid from βmax when absent. */
  readonly betas?: readonly number[] | undefined
  /** Where it is known already. */
  readonly betaMax?: Path['betaMax'] | undefined
  /** Size of the grid, and its last β as a share of βmax. */
  readonly points?: number
  readonly smallestRatio?: number
  /** Seconds for the whole path, and for one β. */
  readonly timeLimitSeconds?: number
  readonly pointTimeLimitSeconds?: number
  /** The path ends after the first network with more neurons than this. */
  readonly maxNeurons?: number
  /** The path ends once this share of the loss of the zero network is explained, 1 − ℓ(F)/ℓ(0). */
  readonly explainedShare?: number
  readonly onProgress?: ((progress: PathProgress) => void) | undefined
  readonly onPoint?: ((point: PathPoint) => void) | undefined
}

/** The optimum at one β, as far as it was found and proven. */
export interface PathPoint
  extends Pick<TrainResult, 'status' | 'network' | 'dual' | 'certificate' | 'iterations' | 'solver' | 'oracle'> {
  readonly beta: number
  /** β/βmax; null where βmax is 0. */
  readonly ratio: number | null
  /** ℓ(F), without the weight decay. */
  readonly loss: number
  /** Σ_j ‖u_j‖‖v_j‖: the objective is ℓ + β · cost. */
  readonly cost: number
  /** For each neuron, a number it shares with its like at the neighbouring β. */
  readonly tracks: readonly number[]
  readonly elapsedSeconds: number
}

export interface Path {
  /** Descending in β. */
  readonly points: readonly PathPoint[]
  readonly betaMax: { readonly value: number; readonly bound: number }
  /** ℓ(0): what the zero network costs at every β. */
  readonly zeroLoss: number
  readonly ended: PathEnd
  readonly elapsedSeconds: number
}

/**
 * The optimum as a function of β: a geometric grid from βmax down, each β started from the network of the last, each
 * with a certificate of its own. `boundsAt` says what is proven between its points.
 *
 * Where a point is not solved to the tolerance within its share of time the path goes on, and the point's status and gap
 * say so.
 *
 * @throws InvalidProblemError for β that are not positive and descending, or where there is no βmax to start from.
 * @throws RangeError for options out of range.
 */
export async function path(problem: Problem, options: PathOptions = {}): Promise<Path> {
  const { timeLimitSeconds = Number.POSITIVE_INFINITY, signal, onPoint } = options
  validate(options)
  const pacer = createPacer(signal ? { signal, timeLimitSeconds } : { timeLimitSeconds })
  const betaMax = options.betaMax ?? (await betaMaxOf(problem, { pacer }))
  const zeroLoss = problem.loss.value(matrix(problem.Y.rows, problem.Y.cols), problem.Y)
  const betas = options.betas ?? grid(betaMax.value, options)
  const points: PathPoint[] = []
  let next = 0
  let ended: PathEnd | undefined
  for (const beta of betas) {
    ended = pacer.aborted() ? 'interrupted' : pacer.expired() ? 'time-limit' : undefined
    if (ended) break
    const last = points.at(-1)
    const solved = await solveAt(withBeta(problem, beta), last?.network, pacer, { ...options, betas })
    const tracks = trackedNeurons(solved.result.network, last, () => next++)
    const point: PathPoint = { ...pointOf(problem, solved, beta, betaMax.value), tracks }
    points.push(point)
    onPoint?.(point)
    ended = reasonToEnd(point, zeroLoss, options)
    if (ended) break
  }
  return { points, betaMax, zeroLoss, ended: ended ?? 'complete', elapsedSeconds: pacer.elapsedSeconds() }
}

/** What is proven about the optimal value p*(β) at one β. */
export interface PathBounds {
  /** Attained by one of the networks of the path, or by the zero network. */
  readonly objective: number
  /** No network of any width has an objective below this. */
  readonly lowerBound: number
}

/**
 * What the certificates of a path prove about p*(β) at any β > 0, also between its points.
 *
 * Each network is one at every β: p*(β) ≤ ℓ + β Σ_j ‖u_j‖‖v_j‖, and p*(β) ≤ ℓ(0). As an infimum of such lines p* is
 * concave and does not decrease, and it is at least 0, as every loss is: nothing else about the loss is used. An unpenalised
 * part belongs to ℓ and changes none of it. So any chord of two lower bounds is a lower bound between them (the
 * dual value at the convex combination of their dual points is at least that); towards 0 the chord ends at (0, 0), the dual
 * point scaled by β/β_1; and a bound at a smaller β is one at every larger β. The best of all these, rounded down. Points
 * whose certificate speaks about given patterns only, or contradicts itself, do not count.
 *
 * @throws RangeError for β that is not positive and finite, and for a path without points.
 */
export function boundsAt({ points, zeroLoss }: Pick<Path, 'points' | 'zeroLoss'>, beta: number): PathBounds {
  if (!(beta > 0 && beta < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`boundsAt: beta must be a positive finite number, got ${beta}`)
  }
  if (points.length === 0) throw new RangeError('boundsAt: the path must have a point, got none')
  const attained = points.map(({ beta: at, loss, cost, certificate }) =>
    at === beta ? certificate.objective : loss + beta * cost,
  )
  const proven = points
    .filter(({ certificate }) => certificate.scope === 'all-networks' && !certificate.crossed)
    .map(({ beta: at, certificate }) => ({ beta: at, value: atLeastZero(certificate.lowerBound) }))
  const below = [{ beta: 0, value: 0 }, ...proven.filter((point) => point.beta <= beta)]
  const above = proven.filter((point) => point.beta > beta)
  const chords = below.flatMap((low) => above.map((high) => chord(low, high, beta)))
  return {
    objective: attained.reduce((least, value) => (value < least ? value : least), zeroLoss),
    lowerBound: Math.max(...below.map(({ value }) => value), ...chords),
  }
}

/** A bound that is below 0, or none, proves what is known anyway. */
function atLeastZero(bound: number): number {
  return bound > 0 ? bound : 0
}

interface Height {
  readonly beta: number
  readonly value: number
}

/** Pays for the rounding of a handful of sums and products of numbers that are not negative. */
const downward = 1 - 16 * Number.EPSILON

/** Written as a sum of products of numbers ≥ 0, so that rounding stays relative. */
function chord(low: Height, high: Height, beta: number): number {
  const width = high.beta - low.beta
  const value = ((high.beta - beta) / width) * low.value + ((beta - low.beta) / width) * high.value
  return value * downward
}

/** Of the time that is left, a point may take this many times its even share: what easy ones leave over, hard ones need. */
const generosity = 2

interface Solved {
  readonly result: TrainResult
  readonly seconds: number
}

async function solveAt(
  problem: Problem,
  init: Network | undefined,
  pacer: Pacer,
  {
    betas,
    onProgress,
    pointTimeLimitSeconds = Number.POSITIVE_INFINITY,
    ...options
  }: PathOptions & { betas: readonly number[] },
): Promise<Solved> {
  const { beta } = problem
  const start = pacer.elapsedSeconds()
  const point = betas.indexOf(beta)
  const share = (generosity * pacer.remainingSeconds()) / (betas.length - point)
  const { tolerance, absoluteTolerance, maxIterations, seed, signal, solver, threads } = options
  const given = { tolerance, absoluteTolerance, maxIterations, seed, solver }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const result = await train(problem, {
    ...set,
    signal,
    threads,
    init: init && init.neurons.length > 0 ? init : undefined,
    timeLimitSeconds: Math.min(pointTimeLimitSeconds, pacer.remainingSeconds(), share),
    onProgress: onProgress && ((progress) => onProgress({ ...progress, point, points: betas.length, beta })),
  })
  return { result, seconds: pacer.elapsedSeconds() - start }
}

function pointOf(problem: Problem, { result, seconds }: Solved, beta: number, max: number): Omit<PathPoint, 'tracks'> {
  const { status, network, dual, certificate, iterations, solver, oracle } = result
  return {
    status,
    network,
    dual,
    certificate,
    iterations,
    solver,
    oracle,
    beta,
    ratio: max > 0 ? beta / max : null,
    loss: problem.loss.value(predict(network, problem.X, problem.architecture), problem.Y),
    cost: network.neurons.reduce((total, { u, v }) => total + norm2(u) * norm2(v), 0),
    elapsedSeconds: seconds,
  }
}

function reasonToEnd(point: PathPoint, zeroLoss: number, options: PathOptions): PathEnd | undefined {
  const { maxNeurons = Number.POSITIVE_INFINITY, explainedShare = Number.POSITIVE_INFINITY } = options
  if (point.status === 'numerical-error') return 'numerical-error'
  if (point.status === 'interrupted') return 'interrupted'
  if (point.network.neurons.length > maxNeurons) return 'neuron-limit'
  return 1 - point.loss / zeroLoss >= explainedShare ? 'explained' : undefined
}

/** βmax · smallestRatio^(k/(points − 1)), k = 0 … points − 1. */
function grid(top: number, { points = 100, smallestRatio = 1e-4 }: PathOptions): number[] {
  if (!(top > 0 && top < Number.POSITIVE_INFINITY)) {
    throw new InvalidProblemError(
      `path: βmax must be positive and finite to make a grid of β from, got ${top}: give betas, or leave out an output bias or skip connection that fits the data alone`,
    )
  }
  return gridOfRatios(points, smallestRatio).map((ratio) => top * ratio)
}

/** A geometric grid from 1 down to `smallest`; a single point is `smallest` itself. */
export function gridOfRatios(points: number, smallest: number): number[] {
  if (!(Number.isSafeInteger(points) && points >= 1)) {
    throw new RangeError(`path: points must be a whole number of at least 1, got ${points}`)
  }
  if (!(smallest > 0 && smallest < 1))
    throw new RangeError(`path: smallestRatio must be between 0 and 1, got ${smallest}`)
  if (points === 1) return [smallest]
  return Array.from({ length: points }, (_, k) => smallest ** (k / (points - 1)))
}

function validate({
  betas,
  maxNeurons = 0,
  explainedShare = 0,
  pointTimeLimitSeconds = 0,
  timeLimitSeconds = 0,
}: PathOptions): void {
  for (const [name, value] of Object.entries({ maxNeurons, explainedShare, pointTimeLimitSeconds, timeLimitSeconds })) {
    if (!(value >= 0)) throw new RangeError(`path: ${name} must be at least 0, got ${value}`)
  }
  if (betas === undefined) return
  const wrong = betas.findIndex((beta, k) => !(beta > 0 && beta < (betas[k - 1] ?? Number.POSITIVE_INFINITY)))
  if (betas.length > 0 && wrong < 0) return
  const got = betas.length === 0 ? 'none' : `${betas[wrong]} in place ${wrong}`
  throw new InvalidProblemError(`path: betas must be positive and descending, got ${got}`)
}
