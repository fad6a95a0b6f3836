import { matrix } from './linalg/matrix.ts'
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

/** Nodes of the search: a count, not a time, so that a ratio of βmax means the same β on every machine. */
const maxNodes = 2000

const randomStarts = 6

/**
 * The smallest β whose optimum is the zero network: βmax = ω(−∇ℓ(0)), for the squared loss ω(Y).
 *
 * `value` is attained by some neuron, so every β below it has a better network than zero; at β ≥ `bound` the zero
 * network is proven optimal. The β of the problem is not used.
 */
export async function betaMax(
  problem: Problem,
  { pacer = createPacer(), tolerance = 1e-3 }: BetaMaxOptions = {},
): Promise<{ value: number; bound: number }> {
  const dual = problem.loss.dual(matrix(problem.Y.rows, problem.Y.cols), problem.Y)
  const heuristic = await multistartOracle(problem, { starts: randomStarts }).price(dual, { pacer })
  const starts = heuristic.candidates.slice(0, 8).map(({ weights }) => weights)
  const exact = await exactOracle(problem).price(dual, { pacer, relativeTolerance: tolerance, starts, maxNodes })
  const value = Math.max(heuristic.candidates[0]?.value ?? 0, exact.candidates[0]?.value ?? 0)
  return { value, bound: exact.bound.value }
}
