import { defaultBackend, strictBackend } from '../linalg/backend/registry.ts'
import { type Matrix, matrix, scaled, subtract, transpose } from '../linalg/matrix.ts'
import { eigenvalueUpper, frobeniusUpper } from '../linalg/norms.ts'
import { powerOfTwoNear } from '../linalg/scale.ts'
import { compensatedDot } from '../linalg/sum.ts'
import { inverseFrom } from '../linalg/triangular.ts'
import { squaredLoss } from '../loss/squared.ts'

/**
 * A bound on max{‖Zᵀw‖ : w ≥ 0, ‖w‖ ≤ 1}, from any N (negative entries count as 0), rounding included; NaN gives Infinity.
 *
 * wᵀZZᵀw ≤ wᵀ(ZZᵀ + N)w ≤ λmax(ZZᵀ + N) where w and N are nonnegative.
 */
export function nonnegativePolarUpper(Z: Matrix, N: Matrix): number {
  const n = Z.rows
  const unit = powerOfTwoNear(Z.data) // squares neither overflow nor vanish
  if (unit === 0) return 0
  const U = scaled(Z, 1 / unit)
  const G = strictBackend().gram(transpose(U))
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const both = (N.data[i * n + j] + N.data[j * n + i]) / 2 / unit / unit // the same in both places
      if (both > 0) G.data[i * n + j] += both
    }
  }
  // Entries of ZZᵀ are sums of c products; each sum with N is rounded once more.
  const rounding = ((Z.cols + 4) * frobeniusUpper(U) ** 2 + frobeniusUpper(G)) * Number.EPSILON
  const bound = Math.sqrt(eigenvalueUpper(G) + rounding) * (1 + 8 * Number.EPSILON) * unit + Number.MIN_VALUE
  return bound >= 0 ? bound : Number.POSITIVE_INFINITY
}

/** A feasible point of (20) and what it costs. */
export interface FeasibleValue {
  /** Positive semidefinite and no entry negative, as exact floats. */
  readonly S: Matrix
  /** (I + 2S)⁻¹Y. */
  readonly Z: Matrix
  /** ½ tr(Yᵀ(I + 2S)⁻¹Y) + β² tr S, rounded up; NaN gives Infinity. */
  readonly value: number
}

/**
 * Makes a symmetric S without negative entries positive semidefinite, and evaluates (20) there.
 *
 * −λmin(S), proven, is added to the diagonal, which no entry minds. For any C
 *
 *     ½ tr(Yᵀ(I + 2S)⁻¹Y) ≤ ½‖Y − 2SC‖² + tr(CᵀSC),   with equality at C = (I + 2S)⁻¹Y,
 *
 * so that the rounding of the inverse costs nothing but tightness.
 */
export function feasibleValue(Y: Matrix, beta: number, given: Matrix): FeasibleValue {
  const S = semidefinite(given)
  const n = S.rows
  const Z = shrunk(S, 2, Y)
  const F = strictBackend().gemm(S, Z)
  for (let k = 0; k < F.data.length; k++) F.data[k] *= 2
  const rest = subtract(Y, F)
  const trace = S.data.reduce((total, value, k) => (k % (n + 1) === 0 ? total + value : total), 0)
  const [sizeS, sizeZ, sizeF, sizeRest] = [S, Z, F, rest].map(frobeniusUpper)
  // Entries of F are sums of n products.
  const drift = 2 * (n + 2) * Number.EPSILON * sizeS * sizeZ
  const fit = compensatedDot(rest.data, rest.data) / 2 + compensatedDot(Z.data, F.data) / 2
  const error = drift * (sizeRest + sizeZ + drift) + 8 * Number.EPSILON * (sizeRest ** 2 + sizeZ * sizeF)
  const cost = trace > 0 ? beta * (beta * trace) + Number.MIN_VALUE : 0 // β² may over- or underflow
  const value = (fit + cost) * (1 + (n + 16) * Number.EPSILON) + error
  return { S, Z, value: value >= 0 ? value : Number.POSITIVE_INFINITY }
}

/** The relative gap that S and N leave; about it is all that is said, where Y is rounded. */
export function estimatedGap(Y: Matrix, beta: number, { S, N }: { readonly S: Matrix; readonly N: Matrix }): number {
  const { Z, value } = feasibleValue(Y, beta, S)
  const scale = squaredLoss.bestScale(Z, Y, beta / nonnegativePolarUpper(Z, N))
  return relativeGapOf(value, squaredLoss.dualValue(Z, Y, scale))
}

/** (value − lowerBound)/value, 0 where rounding has let them meet; NaN is no proof, hence Infinity. */
export function relativeGapOf(value: number, lowerBound: number): number {
  if (value <= lowerBound) return 0
  const gap = (value - lowerBound) / value
  return gap >= 0 ? gap : Number.POSITIVE_INFINITY
}

/** (I + factor · S)⁻¹Y for a positive semidefinite S, in floats; NaN where it cannot be factored. */
export function shrunk(S: Matrix, factor: number, Y: Matrix): Matrix {
  const n = S.rows
  const backend = defaultBackend()
  const shifted = matrix(
    n,
    n,
    S.data.map((value, k) => factor * value + (k % (n + 1) === 0 ? 1 : 0)),
  )
  const L = backend.cholesky(shifted)
  if (!L) return matrix(n, Y.cols, new Float64Array(n * Y.cols).fill(Number.NaN))
  return backend.gemm(inverseFrom(L), Y)
}

/** S + δI with δ ≥ −λmin(S), and so much more that rounding the diagonal does not matter. */
function semidefinite(S: Matrix): Matrix {
  const n = S.rows
  const out = matrix(n, n)
  let largest = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const both = (S.data[i * n + j] + S.data[j * n + i]) / 2
      out.data[i * n + j] = both < 0 ? 0 : both // NaN stays
      if (i === j) largest = Math.max(largest, both)
    }
  }
  const negative = out.data.map((value) => -value)
  const shift = eigenvalueUpper(matrix(n, n, negative))
  const rounded = (shift + 2 * Number.EPSILON * largest) * (1 + 4 * Number.EPSILON)
  if (rounded > 0) for (let i = 0; i < n; i++) out.data[i * (n + 1)] += rounded
  return out
}
