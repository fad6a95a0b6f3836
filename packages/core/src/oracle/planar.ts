import { proveBound } from '../bound.ts'
import { UnsupportedProblemError } from '../errors.ts'
import type { Matrix } from '../linalg/matrix.ts'
import type { Candidate, PricingOracle } from '../oracle.ts'
import type { Problem } from '../problem.ts'
import { type CircleMaximum, sweepCircle } from './circle.ts'
import { polarValue } from './evaluate.ts'
import { standardForm } from './standard-form.ts'

/**
 * Exact pricing for data of rank at most 2: one sweep over the circle of directions, O(n log n + n c).
 *
 * Returns every local maximum: the peaks inside cells, where ‖Zᵀ(Xu)₊‖ is smooth, and the kinks on hyperplanes. The bound
 * is their largest value plus an allowance for rounding of about 10⁻¹⁴ Σ_i ‖z_i‖‖x_i‖.
 *
 * @throws UnsupportedProblemError when the data have a rank above 2.
 */
export function planarOracle(problem: Problem): PricingOracle {
  const { Xr, rank } = problem.reduction
  if (rank > 2) throw new UnsupportedProblemError(`planarOracle: the data must have rank 2 at most, got rank ${rank}`)
  return {
    name: 'planar-sweep',
    family: 'sweep',
    async price(dual, { maxCandidates = Number.POSITIVE_INFINITY } = {}) {
      const { X, Z, unit } = standardForm(Xr, dual)
      const { maxima, supremum, rounding } = sweepCircle(column(X, 0), column(X, 1), Z)
      const candidates = maxima
        .toSorted((one, other) => other.value - one.value)
        .slice(0, maxCandidates)
        .map((maximum) => candidate(Xr, dual, maximum))
        .filter(({ value }) => value > 0)
        .sort((one, other) => other.value - one.value)
      return { candidates, bound: proveBound(problem, dual, (supremum + rounding) * unit, 'sweep') }
    },
  }
}

/** Zeros where there is no such column: the circle is then one of directions that differ in nothing that matters. */
function column(X: Matrix, k: number): Float64Array {
  return Float64Array.from({ length: X.rows }, (_, i) => (k < X.cols ? X.data[i * X.cols + k] : 0))
}

function candidate(Xr: Matrix, dual: Matrix, { cosine, sine }: CircleMaximum): Candidate {
  const weights = Xr.cols === 1 ? Float64Array.of(cosine < 0 ? -1 : 1) : Float64Array.of(cosine, sine)
  return { weights, value: polarValue(Xr, dual, weights) }
}
