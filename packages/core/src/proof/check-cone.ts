import { eigh } from '../linalg/eigh.ts'
import { dot, type Matrix, matrix, multiplyTransposed, multiplyVector } from '../linalg/matrix.ts'
import { frobeniusUpper, norm2, spectralUpper } from '../linalg/norms.ts'

/** Unit generators of one cone. Their inner products are at least −10⁻⁹, so unit vectors have Σ λ_k ≤ 1.01 √r. */
export type Generators = readonly Float64Array[]

/** Bounds max Σ λ_k B_k over unit vectors u = Σ λ_k w_k, since Σ λ_k B_k = u₀ᵀu + Σ λ_k (B_k − w_kᵀu₀) for any u₀. */
export function highest(W: Generators, heights: Float64Array, peak: Float64Array): number {
  const size = norm2(peak)
  const missing = W.reduce((most, w, k) => Math.max(most, heights[k] - dot(w, peak)), 0)
  const rounding = 4 * (W.length + 2) * Number.EPSILON * size
  return (size + 1.01 * Math.sqrt(W.length) * (missing + rounding)) * (1 + 8 * Number.EPSILON)
}

/**
 * Bounds max ‖Au‖₂ over the unit vectors of a cone, A c × r. Where the leading direction of A on the span of a face and its
 * opposite lie outside the face, the maximum is on the boundary, for the value only falls along the great circle from the
 * nearer of them to a maximiser; so the sub-faces are next.
 *
 * With Q an orthonormal basis, a face is a cone with generators R_k, w_k = Q R_k up to rounding, and ‖AQ‖₂ is a bound for
 * it. Where the direction v that was found attains only ρ < ‖AQ‖₂², squares may dip by the difference on the way.
 *
 * @param enough faces at or below this are not passed on.
 */
export function largest(A: Matrix, W: Generators, enough: number): number {
  const r = W.length
  const open = new Set([2 ** r - 1])
  let [square, dip] = [0, 0]
  // Sub-faces are added behind: a set is walked in the order of insertion, each member once.
  for (const face of open) {
    const { Q, R } = orthonormal(W.filter((_, k) => face & (1 << k)))
    const image = matrix(A.rows, Q.length)
    Q.forEach((q, j) => multiplyVector(A, q).forEach((value, p) => (image.data[p * Q.length + j] = value)))
    const top = spectralUpper(image)
    const { vectors } = eigh(multiplyTransposed(image, image))
    const v = Float64Array.from(Q, (_, j) => vectors.data[(j + 1) * Q.length - 1])
    const opposite = v.map((value) => -value)
    if (!(top > enough) || !isOutside(R, v) || !isOutside(R, opposite)) square = Math.max(square, top * top)
    else {
      const attained = norm2(multiplyVector(image, v)) / norm2(v)
      dip = Math.max(dip, 2 * (top - attained) * (top + attained))
      for (let k = 0; k < r; k++) if (face & (1 << k)) open.add(face & ~(1 << k))
    }
  }
  const rounding = (32 * r * r + 8 * A.rows) * Number.EPSILON * frobeniusUpper(A)
  return Math.sqrt(square + r * dip) * (1 + 8 * Number.EPSILON) + rounding
}

/** Gram–Schmidt, twice: w_k = Σ_{j ≤ k} R_k[j] q_j. */
function orthonormal(W: Generators): { Q: Float64Array[]; R: Float64Array[] } {
  const Q: Float64Array[] = []
  const R = W.map((w, k) => {
    const rest = w.slice()
    const along = new Float64Array(W.length)
    for (const _ of ['once', 'again']) {
      Q.forEach((q, j) => {
        const part = dot(q, rest)
        along[j] += part
        for (let s = 0; s < rest.length; s++) rest[s] -= part * q[s]
      })
    }
    along[k] = norm2(rest)
    Q.push(along[k] > 0 ? rest.map((value) => value / along[k]) : rest)
    return along
  })
  return { Q, R }
}

/** Whether some y, with R_kᵀy > 0 for all k and vᵀy < 0, shows v to be outside the cone of the R_k, rounding included. */
function isOutside(R: Generators, v: Float64Array): boolean {
  const m = R.length
  const lambda = v.slice() // v = Σ λ_k R_k
  for (let k = m - 1; k >= 0; k--) {
    lambda[k] /= R[k][k]
    for (let j = 0; j < k; j++) lambda[j] -= lambda[k] * R[k][j]
  }
  const least = lambda.indexOf(Math.min(...lambda))
  const share = -lambda[least] / (2 * lambda.reduce((total, value) => total + Math.abs(value), 0))
  const y = new Float64Array(m)
  for (let k = 0; k < m; k++) y[k] = ((k === least ? 1 : share) - dot(R[k].subarray(0, k), y)) / R[k][k]
  const rounding = 8 * (m + 2) * Number.EPSILON * norm2(y)
  return dot(v, y) < -rounding && R.every((generator) => dot(generator, y) > rounding)
}
