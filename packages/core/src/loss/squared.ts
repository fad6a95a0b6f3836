import { type Matrix, subtract } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { compensatedDot, compensatedSum } from '../linalg/sum.ts'
import type { Loss } from '../loss.ts'
import type { Kernel } from './kernel.ts'
import { separable } from './separable.ts'

const kernel: Kernel = {
  name: 'squared',
  formula: '½ Σ (f − y)²',
  kinked: false,
  smoothness: () => 1,
  value: (f, y) => (f - y) ** 2 / 2,
  valueError: (f, y) => 2 * Number.EPSILON * (f - y) ** 2,
  slope: (f, y) => f - y,
  curvature: () => 1,
  lower: () => Number.NEGATIVE_INFINITY,
  upper: () => Number.POSITIVE_INFINITY,
  dual: (z, y) => z * y - (z * z) / 2,
  dualError: (z, y) => 2 * Number.EPSILON * (Math.abs(z * y) + z * z) + 4 * Number.MIN_VALUE,
  rejects: () => undefined,
}

const entrywise = separable(kernel)

/** ½‖F − Y‖²_F, summed over samples and outputs, never averaged. */
export const squaredLoss: Loss = {
  ...entrywise,
  formula: '½‖F − Y‖²',
  value(F, Y) {
    const { data } = subtract(F, Y)
    return compensatedDot(data, data) / 2
  },
  dual: (F, Y) => subtract(Y, F),
  bestScale: (Z, Y, limit) => clampedScale(compensatedDot(Z.data, Y.data) / compensatedDot(Z.data, Z.data), limit),
  /** τ⟨Z, Y⟩ − ½τ²‖Z‖². */
  dualValue(Z, Y, tau, radius) {
    if (radius) return entrywise.dualValue(Z, Y, tau, radius)
    const alignment = compensatedDot(Z.data, Y.data)
    const square = compensatedDot(Z.data, Z.data)
    const linear = tau * alignment
    const quadratic = (tau * (tau * square)) / 2
    const rounding =
      Math.abs(tau) * dotError(Z, Y, alignment) +
      (tau * (tau * dotError(Z, Z, square))) / 2 +
      2 * Number.EPSILON * (Math.abs(linear) + quadratic) +
      8 * (1 + Math.abs(tau)) * Number.MIN_VALUE // products above that underflow
    return linear - quadratic - rounding * (1 + 16 * Number.EPSILON)
  },
  weighted: weightedSquares,
}

function weightedSquares(weights: Float64Array): Loss {
  return {
    ...separable(kernel, weights),
    bestScale(Z, Y, limit) {
      const squares = Z.data.map((z, k) => (z * z) / weights[Math.floor(k / Z.cols)])
      return clampedScale(compensatedDot(Z.data, Y.data) / compensatedSum(squares), limit)
    },
    weighted: (next) => weightedSquares(next.map((w, i) => w * weights[i])),
  }
}

/** Of either sign, since ℓ* is finite everywhere. */
function clampedScale(unclamped: number, limit: number): number {
  if (!(limit >= 0)) return 0
  const tau = Math.min(Math.max(unclamped, -limit), limit)
  return Number.isFinite(tau) ? tau : 0 // Z = 0, or so close to it that ‖Z‖² underflows
}

/** `compensatedDot` adds products of numbers beyond this without compensation, and the bound below does not hold. */
const compensated = 2 ** 500

/**
 * Bounds the error of a compensated dot product: ε|result| + (Nε)²‖A‖‖B‖, and 5N² times the smallest number for
 * underflow (Ogita, Rump, Oishi, "Accurate sum and dot product", 2005, proposition 5.5 and its remark; Cauchy–Schwarz
 * for |A|ᵀ|B|). The factor 2 covers the rounding of the norms.
 */
function dotError(A: Matrix, B: Matrix, result: number): number {
  const count = A.data.length
  const [sizeA, sizeB] = [norm2(A.data), norm2(B.data)]
  if (!(sizeA < compensated && sizeB < compensated)) return Number.POSITIVE_INFINITY
  const second = (count * Number.EPSILON) ** 2
  return Number.EPSILON * Math.abs(result) + 2 * second * sizeA * sizeB + 5 * count * count * Number.MIN_VALUE
}
