import { unproven } from '../bound.ts'
import { eigh } from '../linalg/eigh.ts'
import { multiplyTransposed, row } from '../linalg/matrix.ts'
import type { PricingOracle } from '../oracle.ts'
import { createPacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { gaussian, seededRandom } from '../random.ts'
import { CandidatePool } from './candidate-pool.ts'
import { climbAll } from './parallel/climbs.ts'
import type { Threads } from './parallel/threads.ts'

export interface MultistartOptions {
  readonly seed?: number
  /** Random directions per call, each tried with its opposite, besides those given. */
  readonly starts?: number
  /** Climb on these as well. The answer is the same. */
  readonly threads?: Threads | undefined
}

/**
 * Heuristic pricing: climbs to local maxima from the directions given and from random ones, drawn in whitened
 * coordinates so that correlated features do not hide directions, and from samples. Proves nothing.
 */
export function multistartOracle(
  problem: Problem,
  { seed = 0, starts = 24, threads }: MultistartOptions = {},
): PricingOracle {
  const { Xr } = problem.reduction
  const random = seededRandom(seed)
  const whitening = whiteningOf(problem)
  const randomDirection = (): Float64Array => {
    if (Xr.rows > 0 && random() < 0.3) return row(Xr, Math.floor(random() * Xr.rows)).slice()
    const out = new Float64Array(Xr.cols)
    for (const axis of whitening) {
      const weight = gaussian(random)
      for (let q = 0; q < out.length; q++) out[q] += weight * axis[q]
    }
    return out
  }
  return {
    name: 'multistart',
    family: 'heuristic',
    async price(dual, { starts: given = [], pacer = createPacer(), maxNodes = starts, maxCandidates = 64 } = {}) {
      const pool = new CandidatePool(Xr, dual)
      const finite = dual.data.every(Number.isFinite) && Xr.cols > 0
      const drawn = Array.from({ length: finite ? maxNodes : 0 }, randomDirection)
      const opposite = drawn.map((direction) => direction.map((x) => -x))
      const directions = [...(finite ? given : []), ...drawn, ...opposite]
      await climbAll(pool, Xr, dual, directions, pacer, threads)
      const candidates = pool.evaluated(Xr, dual).slice(0, maxCandidates)
      return { candidates, bound: unproven(problem, dual) }
    },
  }
}

/** Axes q_k/√λ_k of the second moment of the data: random combinations of them look alike to every feature. */
function whiteningOf({ reduction: { Xr } }: Problem): Float64Array[] {
  if (Xr.cols === 0) return []
  const { values, vectors } = eigh(multiplyTransposed(Xr, Xr))
  const largest = values[values.length - 1]
  return Array.from(values, (value, k) => {
    const size = Math.sqrt(Math.max(value, largest * Number.EPSILON))
    return Float64Array.from({ length: Xr.cols }, (_, q) => vectors.data[q * Xr.cols + k] / size)
  })
}
