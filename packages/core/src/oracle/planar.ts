import { proveBound } from '../bound.ts'
import { UnsupportedProblemError } from '../errors.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { powerOfTwoNear } from '../linalg/scale.ts'
import type { Candidate, PricingOracle } from '../oracle.ts'
import type { Problem } from '../problem.ts'
import { type CircleMaximum, sweepCircle } from './circle.ts'
import { polarValue } from './evaluate.ts'

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
  // A power of two: exact, and it keeps squares from over- and underflowing.
  const scaleX = powerOfTwoNear(Xr.data)
  const coordinate = (k: number): Float64Array =>
    Float64Array.from({ length: Xr.rows }, (_, i) => (k < rank ? Xr.data[i * rank + k] / scaleX : 0))
  const [a, b] = [coordinate(0), coordinate(1)]
  return {
    name: 'planar-sweep',
    family: 'sweep',
    async price(dual, { maxCandidates = Number.POSITIVE_INFINITY } = {}) {
      const scaleZ = powerOfTwoNear(dual.data)
      const Z = { ...dual, data: dual.data.map((value) => value / (scaleZ || 1)) }
      const { maxima, supremum, rounding } = sweepCircle(a, b, Z)
      const candidates = maxima
        .toSorted((one, other) => other.value - one.value)
        .slice(0, maxCandidates)
        .map((maximum) => candidate(Xr, dual, maximum))
        .filter(({ value }) => value > 0)
        .sort((one, other) => other.value - one.value)
      const bound = (supremum + rounding) * scaleX * scaleZ
      return { candidates, bound: proveBound(problem, dual, bound, 'sweep') }
    },
  }
}

function candidate(Xr: Matrix, dual: Matrix, { cosine, sine }: CircleMaximum): Candidate {
  const weights = Xr.cols === 1 ? Float64Array.of(cosine < 0 ? -1 : 1) : Float64Array.of(cosine, sine)
  return { weights, value: polarValue(Xr, dual, weights) }
}
