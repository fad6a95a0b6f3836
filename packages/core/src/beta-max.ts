import { exactOracle } from './oracle/exact.ts'
import { multistartOracle } from './oracle/multistart.ts'
import { createPacer, type Pacer } from './pacer.ts'
import type { Problem } from './problem.ts'

export interface BetaMaxOptions {
  readonly pacer?: Pacer
  readonly signal?: AbortSignal
  /** Relative distance between value and bound at which to stop. */
  readonly tolerance?: number
  readonly timeLimitSeconds?: number
}

/**
 * The smallest β whose optimum is the zero network: βmax = ω(−∇ℓ(0)), for the squared loss ω(Y).
 *
 * `value` is attained by some neuron, so every β below it has a better network than zero; at β ≥ `bound` the zero
 * network is proven optimal. The β of the problem is not used.
 */
export async function betaMax(
  problem: Problem,
  { pacer, signal, tolerance = 1e-3, timeLimitSeconds = 10 }: BetaMaxOptions = {},
): Promise<{ value: number; bound: number }> {
  const dual = problem.Y
  const clock = pacer ? pacer.within(timeLimitSeconds) : createPacer(signal ? { signal, timeLimitSeconds } : { timeLimitSeconds })
  const heuristic = await multistartOracle(problem).price(dual, { pacer: clock })
  const starts = heuristic.candidates.slice(0, 8).map(({ weights }) => weights)
  const exact = await exactOracle(problem).price(dual, { pacer: clock, relativeTolerance: tolerance, starts })
  const value = Math.max(heuristic.candidates[0]?.value ?? 0, exact.candidates[0]?.value ?? 0)
  return { value, bound: exact.bound.value }
}
