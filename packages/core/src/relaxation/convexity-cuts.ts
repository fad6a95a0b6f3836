import { dot, type Matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { powerOfTwoNear } from '../linalg/scale.ts'
import type { SignedTerm } from './conical-representation.ts'

/**
 * A linear functional w of λ = (γ, u), γ = (−Xu)₊, that is nonnegative for every u but for rounding:
 * w(u) ≥ −slack ‖u‖, and |w(u)| ≤ size ‖u‖.
 */
export interface ConvexityCut {
  /** Of γ, then of u. */
  readonly coefficients: Float64Array
  readonly slack: number
  readonly size: number
}

/** A cut whose values all stay below this share of what they are made of is rounding. */
const flat = 1e-6

/**
 * The cut of −x_k = Σ a_i σ_i x_i with a ≥ 0 and σ = ±1, from the convexity of p_z(u) = (zᵀu)₊, up to a power of two:
 *
 *     w(u) = Σ a_i p_{σ_i x_i}(u) − p_{−x_k}(u),   p_{x_i} = α_i = γ_i + x_iᵀu,   p_{−x_i} = γ_i.
 *
 * The floats are w = Σ a_iγ_i + hᵀu − γ_k with h = Σ_{σ_i=1} a_i x_i + ρ and −x_k = Σ a_iσ_i x_i − ρ′. Where γ_k = 0, what is
 * left is Σ a_i p_{σ_i x_i} + ρᵀu ≥ −‖ρ‖‖u‖; where γ_k = −x_kᵀu, it is at least (Σ a_iσ_i x_i + x_k + ρ)ᵀu ≥ −(‖ρ‖ + ‖ρ′‖)‖u‖. So
 * weights that are off, even badly, make a cut with a larger slack, never a false one.
 *
 * @returns null for weights that are not nonnegative numbers, a sample that occurs twice, and a cut that is nothing but rounding.
 */
export function convexityCut(X: Matrix, k: number, terms: readonly SignedTerm[]): ConvexityCut | null {
  const [n, r] = [X.rows, X.cols]
  const coefficients = new Float64Array(n + r)
  const rest = row(X, k).slice()
  let mass = norm2(rest)
  for (const { sample, side, weight } of terms) {
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY) || sample === k || coefficients[sample] !== 0) return null
    coefficients[sample] = weight
    mass += weight * norm2(row(X, sample))
    for (let q = 0; q < r; q++) {
      const value = weight * X.data[sample * r + q]
      if (side > 0) coefficients[n + q] += value
      rest[q] += side * value
    }
  }
  coefficients[k] = -1
  // ‖ρ‖ and the rounding of ‖ρ′‖ are sums of as many products as there are terms.
  const rounding = 2 * (terms.length + 4) * (Number.EPSILON * mass + r * Number.MIN_VALUE)
  const slack = (norm2(rest) + rounding) * (1 + 8 * Number.EPSILON)
  const size = (mass + slack) * (1 + 8 * Number.EPSILON)
  const share = unitOf(X, k, terms, coefficients)
  if (!(share > 0 && size < Number.POSITIVE_INFINITY)) return null
  // A coefficient may underflow when it is scaled.
  const lost = (n + r) * (1 + mass) * Number.MIN_VALUE
  return {
    coefficients: coefficients.map((value) => value * share),
    slack: slack * share + lost,
    size: size * share + lost,
  }
}

/**
 * Between coefficients of order one and values of order one, which is what conic methods do best with: w is a narrow tent when the rows
 * are close to x_k. Zero where it vanishes.
 */
function unitOf(X: Matrix, k: number, terms: readonly SignedTerm[], coefficients: Float64Array): number {
  const axis = row(X, k)
  const square = dot(axis, axis)
  let peak = 0
  for (const { sample } of terms) {
    const x = row(X, sample)
    const along = dot(axis, x) / square
    const u = x.map((value, q) => value - along * axis[q])
    const length = norm2(u)
    if (!(length > 0)) continue
    const opposite = u.map((value) => -value)
    peak = Math.max(peak, valueAt(X, coefficients, u) / length, valueAt(X, coefficients, opposite) / length)
  }
  const most = norm2(coefficients)
  const unit = powerOfTwoNear(Float64Array.of(Math.sqrt(peak * most)))
  return peak > flat * most * Math.sqrt(square) ? 1 / unit : 0
}

/** w(u), in floats. */
export function valueAt(X: Matrix, coefficients: Float64Array, u: Float64Array): number {
  let total = dot(coefficients.subarray(X.rows), u)
  for (let i = 0; i < X.rows; i++) {
    if (coefficients[i] !== 0) total += coefficients[i] * Math.max(0, -dot(row(X, i), u))
  }
  return total
}
