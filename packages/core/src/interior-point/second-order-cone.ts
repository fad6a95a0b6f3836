import { dot } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'

/**
 * Nesterov–Todd scaling of a pair (s, z) inside the second-order cone {(τ, w) : ‖w‖ ≤ τ}: the symmetric W with
 * W z = W⁻¹ s = λ (Vandenberghe, "The CVXOPT linear and quadratic cone program solvers", 2010, section 4.2).
 */
export interface ConeScaling {
  /** The size of W: its determinant is η to the power of its order. */
  readonly eta: number
  /** w̄ with w̄ᵀJw̄ = 1. */
  readonly axis: Float64Array
  readonly lambda: Float64Array
}

export function coneScaling(s: Float64Array, z: Float64Array): ConeScaling {
  const [sizeS, sizeZ] = [Math.sqrt(hyperbolic(s)), Math.sqrt(hyperbolic(z))]
  const half = Math.sqrt((1 + dot(s, z) / (sizeS * sizeZ)) / 2)
  const axis = s.map((value, k) => (value / sizeS + ((k === 0 ? 1 : -1) * z[k]) / sizeZ) / (2 * half))
  // Rounding near the boundary must not take w̄ off the hyperboloid w̄ᵀJw̄ = 1.
  axis[0] = Math.hypot(1, norm2(axis.subarray(1)))
  const scaling = { eta: Math.sqrt(sizeS / sizeZ), axis }
  return { ...scaling, lambda: scale(scaling, z) }
}

/** W v. */
export function scale({ eta, axis }: Pick<ConeScaling, 'eta' | 'axis'>, v: Float64Array): Float64Array {
  const along = tailDot(axis, v)
  const factor = v[0] + along / (1 + axis[0])
  return v.map((value, k) => eta * (k === 0 ? axis[0] * value + along : value + factor * axis[k]))
}

/** W⁻¹ v. */
export function unscale({ eta, axis }: Pick<ConeScaling, 'eta' | 'axis'>, v: Float64Array): Float64Array {
  const along = tailDot(axis, v)
  const factor = -v[0] + along / (1 + axis[0])
  return v.map((value, k) => (k === 0 ? axis[0] * value - along : value + factor * axis[k]) / eta)
}

/** u ∘ v = (uᵀv, u₀v₁ + v₀u₁). */
export function jordanProduct(u: Float64Array, v: Float64Array): Float64Array {
  return u.map((value, k) => (k === 0 ? dot(u, v) : u[0] * v[k] + v[0] * value))
}

/** The c with λ ∘ c = d. */
export function jordanQuotient(lambda: Float64Array, d: Float64Array): Float64Array {
  const first = (lambda[0] * d[0] - tailDot(lambda, d)) / hyperbolic(lambda)
  return d.map((value, k) => (k === 0 ? first : (value - first * lambda[k]) / lambda[0]))
}

/** The largest α with λ + α d in the cone; Infinity when every α will do. */
export function longestStep(lambda: Float64Array, d: Float64Array): number {
  const size = Math.sqrt(hyperbolic(lambda))
  const first = (lambda[0] * d[0] - tailDot(lambda, d)) / size
  const factor = (first + d[0]) / (lambda[0] / size + 1)
  const rest = Float64Array.from({ length: d.length - 1 }, (_, k) => d[k + 1] - (factor * lambda[k + 1]) / size)
  const inward = (norm2(rest) - first) / size
  return inward > 0 ? 1 / inward : Number.POSITIVE_INFINITY
}

/** vᵀJv = v₀² − ‖v₁‖², as a product so that points near the boundary keep their digits. */
export function hyperbolic(v: Float64Array): number {
  const tail = norm2(v.subarray(1))
  return (v[0] - tail) * (v[0] + tail)
}

/** u₁ᵀv₁. */
function tailDot(u: Float64Array, v: Float64Array): number {
  let total = 0
  for (let k = 1; k < u.length; k++) total += u[k] * v[k]
  return total
}
