import { proveBound } from '../bound.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { defaultBackend } from '../linalg/backend/registry.ts'
import { type Matrix, multiplyTransposedVector } from '../linalg/matrix.ts'
import { frobeniusUpper, norm2, spectralUpper } from '../linalg/norms.ts'
import { isometrySize } from '../linalg/whiteness.ts'
import type { Candidate, PricingOracle } from '../oracle.ts'
import type { Problem } from '../problem.ts'
import { polarValue } from './evaluate.ts'

/**
 * Pricing by a formula for whitened data, whatever the rank. Where all singular values of X are one or zero, ‖Xu‖ ≤ ‖u‖, so
 *
 *     ω(Z) ≤ max { ‖Zᵀa‖ : a ≥ 0, ‖a‖ ≤ 1 } ≤ ‖Z‖₂,  and  ω(z) ≤ max(‖z₊‖, ‖z₋‖) for one output,
 *
 * the first and the last with equality for orthonormal rows, XXᵀ = I. What the floats are away from that is a factor ‖X‖₂.
 *
 * @throws UnsupportedProblemError when a singular value is neither one nor zero.
 */
export function whitenedOracle(problem: Problem): PricingOracle {
  const { Xr } = problem.reduction
  const size = sizeOf(Xr)
  if (!(size < Number.POSITIVE_INFINITY)) {
    throw new UnsupportedProblemError(
      'whitenedOracle: needs whitened data, all singular values one or zero, got others; preprocess with whiten, ' +
        'whiten-rows or whiten-columns, without a bias, or use the oracle for the rank',
    )
  }
  return {
    name: 'whitened',
    family: 'closed-form',
    async price(dual, { maxCandidates = 64 } = {}) {
      const bound = (dual.cols === 1 ? signedUpper(dual) : spectralUpper(dual)) * size
      const candidates = dual.data.every(Number.isFinite) ? peaks(Xr, dual).slice(0, maxCandidates) : []
      return { candidates, bound: proveBound(problem, dual, bound, 'closed-form') }
    },
  }
}

/** It costs a product of X with itself: once for each matrix. */
const sizes = new WeakMap<Matrix, number>()

function sizeOf(X: Matrix): number {
  const size = sizes.get(X) ?? isometrySize(X)
  sizes.set(X, size)
  return size
}

/** max(‖z₊‖, ‖z₋‖), rounded up. */
function signedUpper({ rows, cols, data }: Matrix): number {
  const sides = [1, -1].map((side) => {
    const part = data.map((value) => (side * value < 0 ? 0 : value)) // NaN stays
    return frobeniusUpper({ rows, cols, data: part })
  })
  return Math.max(...sides)
}

/** Where the leading left singular vectors, and the parts of either sign, point. */
function peaks(X: Matrix, dual: Matrix): Candidate[] {
  const { U } = defaultBackend().svd(dual)
  const out: Candidate[] = []
  for (let k = 0; k < Math.min(U.cols, 8); k++) {
    for (const side of [1, -1]) {
      const part = Float64Array.from({ length: dual.rows }, (_, i) => Math.max(0, side * U.data[i * U.cols + k]))
      const u = multiplyTransposedVector(X, part)
      const size = norm2(u)
      if (!(size > 0)) continue
      const weights = u.map((value) => value / size)
      out.push({ weights, value: polarValue(X, dual, weights) })
    }
  }
  return out.filter(({ value }) => value > 0).sort((a, b) => b.value - a.value)
}
