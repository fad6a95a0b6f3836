import { proveBound } from '../bound.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { defaultBackend } from '../linalg/backend/registry.ts'
import { type Matrix, multiplyTransposedVector } from '../linalg/matrix.ts'
import { frobeniusUpper, norm2, spectralUpper } from '../linalg/norms.ts'
import { nearlyOrthonormalSize, rowDefect } from '../linalg/whiteness.ts'
import type { Candidate, PricingOracle } from '../oracle.ts'
import type { Problem } from '../problem.ts'
import { polarValue } from './evaluate.ts'

/** Data further from XXᵀ = I (Frobenius) than this are not what the closed form is for: the bound would hold, but not be tight. */
export const whiteEnough = 1e-6

/**
 * Pricing by a formula for whitened rows, XXᵀ = I, whatever the rank: Xu then runs through the whole unit ball of Rⁿ, so
 *
 *     ω(Z) = max { ‖Zᵀa‖ : a ≥ 0, ‖a‖ ≤ 1 } ≤ ‖Z‖₂,  and  ω(z) = max(‖z₊‖, ‖z₋‖) for one output.
 *
 * Both hold for any X with a factor ‖X‖₂, which is where the floats' distance from XXᵀ = I goes.
 *
 * @throws UnsupportedProblemError when ‖XXᵀ − I‖_F exceeds 10⁻⁶.
 */
export function whitenedOracle(problem: Problem): PricingOracle {
  const { Xr } = problem.reduction
  const defect = rowDefectOf(Xr)
  if (!(defect <= whiteEnough)) {
    throw new UnsupportedProblemError(
      `whitenedOracle: needs whitened rows, XXᵀ = I within ${whiteEnough}, got ‖XXᵀ − I‖ = ${defect.toPrecision(3)}; ` +
        'whiten data with fewer rows than columns, without removing column means',
    )
  }
  const size = nearlyOrthonormalSize(defect)
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

/** The defect costs a product of X with itself: once for each matrix. */
const defects = new WeakMap<Matrix, number>()

function rowDefectOf(X: Matrix): number {
  const known = defects.get(X)
  if (known !== undefined) return known
  const defect = X.rows > X.cols ? Number.POSITIVE_INFINITY : rowDefect(X)
  defects.set(X, defect)
  return defect
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
