import { proveBound } from '../bound.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { type Matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Candidate, PricingOracle } from '../oracle.ts'
import type { Problem } from '../problem.ts'
import { type CirclePoint, sweepCircle } from './circle.ts'
import { polarValue } from './evaluate.ts'

/**
 * Exact pricing for data of rank at most 2: one sweep over the circle of directions, O(n log n + n c).
 *
 * Returns every local maximum: those inside a cell, where ‖Zᵀ(Xu)₊‖ is a smooth cosine, and the kinks on hyperplanes.
 *
 * @throws UnsupportedProblemError when the data have rank above 2.
 */
export function planarOracle(problem: Problem): PricingOracle {
  const { Xr, rank } = problem.reduction
  if (rank > 2) throw new UnsupportedProblemError(`planarOracle: data must have rank at most 2, got rank ${rank}`)
  const a = Float64Array.from({ length: Xr.rows }, (_, i) => (rank > 0 ? Xr.data[i * rank] : 0))
  const b = Float64Array.from({ length: Xr.rows }, (_, i) => (rank > 1 ? Xr.data[i * rank + 1] : 0))
  return {
    name: 'planar-sweep',
    family: 'sweep',
    async price(dual, { maxCandidates = Number.POSITIVE_INFINITY } = {}) {
      const { maxima, supremum } = sweepCircle(a, b, dual)
      const candidates = maxima
        .map((maximum) => candidate(Xr, dual, maximum))
        .sort((one, other) => other.value - one.value)
        .slice(0, maxCandidates)
      const bound = supremum * (1 + 8 * (dual.cols + 4) * Number.EPSILON) + roundingAllowance(Xr, dual)
      return { candidates, bound: proveBound(problem, dual, bound, 'sweep') }
    },
  }
}

function candidate(Xr: Matrix, dual: Matrix, { cosine, sine }: CirclePoint): Candidate {
  const weights = Xr.cols === 1 ? Float64Array.of(cosine < 0 ? -1 : 1) : Float64Array.of(cosine, sine)
  return { weights, value: polarValue(Xr, dual, weights) }
}

/**
 * What the sweep can be wrong by. At any direction its pattern differs from the true one only in samples whose
 * hyperplane is within the tolerance of the angles, |x_iᵀu| ≤ 2·10⁻¹⁴ ‖x_i‖; and its running sums have seen at most
 * 4n additions of terms no larger than ‖z_i‖‖x_i‖, each partial sum below their total.
 */
function roundingAllowance(Xr: Matrix, dual: Matrix): number {
  let total = 0
  for (let i = 0; i < Xr.rows; i++) total += norm2(row(Xr, i)) * norm2(row(dual, i))
  return (4 * Xr.rows * Number.EPSILON + 2e-14) * total * (1 + 1e-10)
}
