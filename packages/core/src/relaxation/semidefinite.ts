import { proveBound, type ProvenBound } from '../bound.ts'
import { certify } from '../certificate.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { type Matrix, matrix, scaled } from '../linalg/matrix.ts'
import { spectralUpper } from '../linalg/norms.ts'
import { powerOfTwoNear } from '../linalg/scale.ts'
import { zeroNetwork } from '../network.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import type { ConicIterate, ConicOptions, ConicProgram, DoublyNonnegativeSolver } from '../relaxation.ts'
import { activePairs } from './active-pairs.ts'
import type { ConvexityCut } from './convexity-cuts.ts'
import { cutRounds, extended, freshCuts, stagnant } from './cut-choice.ts'
import { entrywiseSplitting } from './entrywise-splitting.ts'
import { requirePlainProblem } from './plain-problem.ts'
import { semidefinitePolarUpper } from './semidefinite-bound.ts'
import { semidefiniteProgram } from './semidefinite-program.ts'

export interface SemidefiniteOptions {
  readonly solver?: DoublyNonnegativeSolver
  /** The method is done when the estimate is above the proven value by at most this share. */
  readonly tolerance?: number
  /** 2n + r + c and the number of cuts, the order of the largest matrix; more throws UnsupportedProblemError. */
  readonly maxOrder?: number
  /**
   * `conic`: products with convexity cuts are nonnegative as well (`semidefiniteProgram`). Much tighter, and slower: once the program
   * without them is solved roughly, it is solved again with them.
   */
  readonly inequalities?: 'none' | 'conic'
  /** Cuts at most; by default (0) twice as many as there are samples, or what `maxOrder` leaves room for. */
  readonly maxCuts?: number
  readonly pacer?: Pacer
}

export interface SemidefiniteValue {
  /** Proven: no network, of whatever width, has an objective below this. */
  readonly lowerBound: number
  /** About the optimum of the relaxation: the larger of what both iterates attain, in floats. Never a bound. */
  readonly estimate: number
  /** Z, with the bound on its polar that the multipliers prove. */
  readonly dual: Matrix
  readonly bound: ProvenBound
  /**
   * Θ over (γ, u, v), of order n + r + c with u in reduced coordinates, as the method has it, in floats: feasible only as nearly as
   * the method has come, null where it has none. What networks are rounded from; never a bound. Of `semidefiniteValue` the last
   * one there was.
   */
  readonly primal: Matrix | null
}

/**
 * The doubly nonnegative (SDP) relaxation of the completely positive program of Prakhya, Birdal and Yurtsever ("Convex
 * formulations for training two-layer ReLU neural networks", ICLR 2025), as a proven lower bound on all networks; the
 * program is that of `semidefiniteProgram`. No activation pattern enters, so its size is n + r + c whatever their number,
 * and the value bounds every network; it is lower than (19) as a rule.
 *
 * Whatever the conic method returns is only Z, μ and N to the bound: ω(Z) is bounded by an eigenvalue (see
 * `semidefinitePolarUpper`), and Z is scaled into the feasible set of the dual (11) of Sahiner et al. (ICLR 2021).
 *
 * @throws UnsupportedProblemError for a loss that is not squared, an architecture that is not dense, sample weights, an
 *   unpenalised part, and sizes beyond `maxOrder`.
 */
export async function semidefiniteValue(
  problem: Problem,
  options: SemidefiniteOptions = {},
): Promise<SemidefiniteValue> {
  let best: SemidefiniteValue | undefined
  let primal: Matrix | null = null
  for await (const next of semidefiniteValues(problem, options)) {
    primal = next.primal ?? primal
    if (!best || next.lowerBound > best.lowerBound) best = next
  }
  return { ...(best ?? valueOf(problem, null)), primal }
}

/** The same, one value after the other as the method goes on, the first before anything is solved; not monotone. */
export async function* semidefiniteValues(
  problem: Problem,
  options: SemidefiniteOptions = {},
): AsyncGenerator<SemidefiniteValue> {
  const maxCuts = requireSemidefinite(problem, options)
  // Beyond the plane cuts come in rounds, and each is worth more when it starts where the last one ended.
  const usual = maxCuts > 0 && problem.reduction.rank > 2 ? entrywiseSplitting : activePairs
  const { solver = usual, tolerance = 1e-4, pacer = createPacer() } = options
  yield valueOf(problem, null)
  const scaling = scalingOf(problem)
  if (!scaling) return
  let rounds = maxCuts > 0 ? cutRounds(scaling.X) : 0
  let cuts: readonly ConvexityCut[] = []
  let last: { iterate: ConicIterate; program: ConicProgram } | null = null
  for (let round = 0; round <= rounds && !pacer.expired(); round++) {
    const fresh = round === 0 ? [] : await freshCuts(scaling.X, last?.iterate, maxCuts - cuts.length, pacer)
    if (round > 0 && fresh.length === 0) rounds = round
    cuts = [...cuts, ...fresh]
    const goal = round < rounds ? Math.max(tolerance, rough) : tolerance
    const program = semidefiniteProgram(scaling, 1, cuts)
    const from: ConicOptions = last ? { near: extended(last.iterate, last.program, program) } : {}
    const bounds: number[] = []
    for await (const iterate of solver.iterates(program, { tolerance: goal * finer, pacer, ...from })) {
      const value = valueOf(problem, { iterate, scaling, cuts })
      yield value
      last = { iterate, program }
      bounds.push(value.lowerBound)
      if (value.estimate - value.lowerBound <= goal * Math.abs(value.lowerBound)) break
      if (round < rounds && stagnant(bounds)) break
    }
  }
}

/** Gap at which the program without cuts gives way to the one with them. */
const rough = 1e-2

/** Tolerance of the conic method to that of the gap: the bound is what counts, and it lags behind. */
const finer = 0.01

/** The problem in numbers of order one: X/x, Y/y and β/(xy) for powers of two, objective/y². */
interface Scaling {
  readonly X: Matrix
  readonly Y: Matrix
  readonly beta: number
  readonly x: number
  readonly y: number
}

/**
 * Null where there is nothing to solve: no data, no targets, a β above ‖X‖‖Y‖ < 4xy, for which the bound of the data alone
 * says all, or one so small that floats do not reach it.
 */
function scalingOf({ reduction, Y, beta }: Problem): Scaling | null {
  const { Xr } = reduction
  const [x, y] = [Xr, Y].map((a) => powerOfTwoNear(Float64Array.of(spectralUpper(a))))
  const share = beta / x / y
  if (!(x > 0 && y > 0 && share > 0 && share < 4)) return null
  return { X: scaled(Xr, 1 / x), Y: scaled(Y, 1 / y), beta: share, x, y }
}

interface Solved {
  readonly iterate: ConicIterate
  readonly scaling: Scaling
  readonly cuts: readonly ConvexityCut[]
}

function valueOf(problem: Problem, from: Solved | null): SemidefiniteValue {
  const { X, Y, reduction } = problem
  const given = from
    ? scaled(matrix(Y.rows, Y.cols, from.iterate.y.slice(0, Y.data.length)), from.scaling.y)
    : scaled(Y, 1)
  const polar = from ? polarUpper(given, from) : spectralUpper(reduction.Xr) * spectralUpper(given)
  const bound = proveBound(problem, given, polar * (1 + 4 * Number.EPSILON), 'relaxation', 'all-networks')
  const { lowerBound } = certify(problem, { network: zeroNetwork(X.cols, Y.cols), dual: given, bound })
  const estimate = from
    ? Math.max(from.iterate.primalValue, from.iterate.dualValue) * from.scaling.y ** 2
    : Number.POSITIVE_INFINITY
  return { lowerBound, estimate, dual: given, bound, primal: from ? primalOf(problem, from) : null }
}

/** With X in units of x and Y in units of y, u and v are in units of √(y/x), and γ in units of √(xy). */
function primalOf(
  { Y, reduction }: Problem,
  { iterate, scaling: { x, y } }: { iterate: ConicIterate; scaling: Scaling },
): Matrix | null {
  if (!iterate.primal) return null
  const [theta] = iterate.primal
  const [n, order] = [Y.rows, Y.rows + reduction.rank + Y.cols]
  const out = matrix(order, order)
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) {
      const unit = i < n === j < n ? (i < n ? x * y : y / x) : y
      out.data[i * order + j] = theta.data[i * theta.cols + j] * unit
    }
  }
  return out
}

/**
 * Powers of two are exact but where they underflow: that loses a denormal number an entry, of X and of Z. A unit xy that
 * floats do not reach proves nothing.
 */
function polarUpper(dual: Matrix, { iterate, scaling, cuts }: Solved): number {
  const { X, beta, x, y } = scaling
  const unit = x * y
  if (!(unit > 0 && unit < Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY
  const Z = scaled(dual, 1 / y)
  const lost = (X.data.length + Z.data.length) * Number.MIN_VALUE * (1 + spectralUpper(X) + spectralUpper(Z))
  return (semidefinitePolarUpper(X, Z, beta, iterate, cuts) + lost) * unit
}

/**
 * How many cuts there may be.
 *
 * @throws UnsupportedProblemError as `semidefiniteValue`, before anything is allocated.
 */
export function requireSemidefinite(
  problem: Problem,
  { maxOrder = 1200, inequalities = 'none', maxCuts = 0 }: SemidefiniteOptions = {},
): number {
  requirePlainProblem('semidefiniteValue', problem)
  const { reduction, Y } = problem
  const cuts = inequalities === 'conic' ? maxCuts : 0
  const order = 2 * Y.rows + reduction.rank + Y.cols + cuts
  if (!(order <= maxOrder)) {
    const megabytes = Math.ceil((matrices * 8 * order ** 2) / 2 ** 20)
    throw new UnsupportedProblemError(
      `semidefiniteValue: at most 2n + r + c${cuts > 0 ? ' + maxCuts' : ''} = ${maxOrder} (maxOrder), got ${order}, which takes about ${megabytes} MiB; use fewer samples or column generation, or raise maxOrder, an option of the library`,
    )
  }
  return inequalities === 'conic' && maxCuts === 0 ? Math.min(2 * Y.rows, maxOrder - order) : cuts
}

/** Dense matrices of the full order at once, the list of pairs included. */
const matrices = 16
