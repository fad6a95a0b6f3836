import { columnGenerationAt, optimality, type ZeroPoint, zeroPoint } from './beta-max/zero-point.ts'
import { feasibleDual, remainderOf } from './dual.ts'
import { type Matrix, matrix } from './linalg/matrix.ts'
import { frobeniusUpper } from './linalg/norms.ts'
import { exactOracle } from './oracle/exact.ts'
import { multistartOracle } from './oracle/multistart.ts'
import { createPacer, type Pacer } from './pacer.ts'
import type { Problem } from './problem.ts'

export interface BetaMaxOptions {
  /** Stops early; the answer is then still valid, only wider. */
  readonly pacer?: Pacer
  /** Relative distance between value and bound at which to stop. */
  readonly tolerance?: number
}

export interface BetaMax {
  readonly value: number
  readonly bound: number
}

/** Nodes of the search: a count, not a time, so that a ratio of βmax means the same β on every machine. */
const maxNodes = 2000

const randomStarts = 6

/** Solves that narrow a bracket down, where one pricing does not do; a count as well. */
const maxSolves = 16

/** No network is looked for at a share of the bound below this. */
const smallest = 1e-9

/** The first step down from the bound, squared again and again until a network is found. */
const firstStep = 0.9

/** A bracket of several solves is not narrowed further than this: its use is the scale of β. */
const coarsest = 1e-2

/**
 * The smallest β whose optimum is the zero network, which is what an unpenalised part can do alone: βmax = min ω(Z) over
 * the dual optima Z of that, a single −∇ℓ(0) where ℓ is smooth and nothing is unpenalised, for the squared loss Y.
 *
 * `value` is attained by some network, so every β below it has a better one than zero; at β ≥ `bound` the zero network is
 * proven optimal. With an unpenalised part, optimal is meant up to 1e-9 where the loss has kinks, relative to the loss, or
 * where that part leaves next to nothing of the loss of predicting 0: βmax is then 0. The β of the problem is not used.
 */
export async function betaMax(
  problem: Problem,
  { pacer = createPacer(), tolerance = 1e-3 }: BetaMaxOptions = {},
): Promise<BetaMax> {
  const zero = await zeroPoint(problem, pacer)
  if (zero.nothingLeft) return { value: 0, bound: 0 }
  const first = await priceAt(problem, zero.dual, zero.distance, tolerance, pacer)
  if (zero.single || !(first.bound > 0)) return first
  return narrowed(problem, zero, first.bound, Math.max(tolerance, coarsest), pacer)
}

/** The polar at a Z that is within `distance` of the one dual optimum. */
async function priceAt(
  problem: Problem,
  dual: Matrix,
  distance: number,
  tolerance: number,
  pacer: Pacer,
): Promise<BetaMax> {
  const heuristic = await multistartOracle(problem, { starts: randomStarts }).price(dual, { pacer })
  const starts = heuristic.candidates.slice(0, 8).map(({ weights }) => weights)
  const exact = await exactOracle(problem).price(dual, { pacer, relativeTolerance: tolerance, starts, maxNodes })
  const value = Math.max(heuristic.candidates[0]?.value ?? 0, exact.candidates[0]?.value ?? 0)
  const off = distance === 0 ? 0 : distance * frobeniusUpper(problem.X)
  return { value: Math.max(0, value - off), bound: exact.bound.value + off }
}

/**
 * Where the dual optima are many: solves at β within the bracket. A network N there shows that β < βmax for all β below
 * (p₀ − ℓ(N))/cost(N), p₀ a lower bound on the loss without neurons; a dual optimum found there has a polar of its own.
 */
async function narrowed(
  problem: Problem,
  zero: ZeroPoint,
  bound: number,
  tolerance: number,
  pacer: Pacer,
): Promise<BetaMax> {
  let [low, high, step] = [0, bound, firstStep]
  for (let solve = 0; solve < maxSolves && !(high <= low * (1 + tolerance)) && !pacer.expired(); solve++) {
    const beta = low > 0 ? Math.sqrt(low * high) : high * step
    if (!(beta > smallest * bound)) break
    const { slope, dual } = await columnGenerationAt(problem, beta, zero, pacer)
    low = Math.max(low, slope)
    if (slope >= beta) continue
    step *= step
    const optimum = nearestOptimum(problem, zero, dual)
    if (optimum) high = Math.min(high, (await priceAt(problem, optimum, 0, tolerance / 4, pacer)).bound)
  }
  return { value: low, bound: high }
}

/** Z made one of the dual optima without neurons; undefined where that is not close by. */
function nearestOptimum(problem: Problem, { point, lowerBound }: ZeroPoint, Z: Matrix): Matrix | undefined {
  const { loss, Y, free } = problem
  if (free === null) {
    const { low, high } = loss.dualRange!(point, Y)
    const clipped = Z.data.map((entry, k) => Math.min(Math.max(entry, low.data[k]), high.data[k]))
    return matrix(Z.rows, Z.cols, clipped)
  }
  const feasible = feasibleDual(problem, Z)
  const value = loss.dualValue(feasible, Y, 1, remainderOf(problem, feasible).radius)
  return value >= lowerBound * (1 - optimality) ? feasible : undefined
}
