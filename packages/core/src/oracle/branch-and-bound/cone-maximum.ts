import { eigh } from '../../linalg/eigh.ts'
import { matrix } from '../../linalg/matrix.ts'
import { frobeniusUpper } from '../../linalg/norms.ts'

/** Up to this rank all 2^r − 1 faces of a cone are worth looking at. */
export const coneMaximumRankLimit = 8

export interface ConeMaximum {
  /** max ‖Au‖₂ over the unit vectors u of cone(w_1 … w_r), rounded up. */
  readonly bound: number
  /** A unit vector of the cone that attains it up to rounding. */
  readonly weights: Float64Array
}

/**
 * Cone-constrained principal component, exactly: max ‖Au‖₂ over unit u in cone(w_1 … w_r), for A c × r, w_k unit rows.
 *
 * A maximiser in the relative interior of a face is a leading singular vector of A on the span of that face. Where
 * the one computed lies outside the face, some maximiser lies on the face's boundary (walk the great circle from an
 * interior maximiser to it: the value never falls below the smaller end), so only then are the sub-faces needed.
 * A face whose generators are dependent up to ε is covered by its sub-faces (Carathéodory) up to a move of ε; after at most
 * r − 1 of them the vector is longer than one by as much again. 4r ε is paid for.
 * Asteris, Papailiopoulos, Dimakis, "Nonnegative sparse PCA with provable guarantees" (ICML 2014), for one cone.
 *
 * @param floor nothing below this needs to be resolved: faces that cannot exceed it are skipped.
 */
export function coneMaximum(A: Float64Array, W: Float64Array, r: number, floor: number): ConeMaximum {
  const c = A.length / r
  const open = new Uint8Array(1 << r)
  open[open.length - 1] = 1
  let bound = floor
  let moved = 0
  let weights: Float64Array = W.slice(0, r)
  // Children of a face have a smaller mask, so one descending pass visits every needed face once.
  for (let mask = open.length - 1; mask > 0; mask--) {
    if (!open[mask]) continue
    const face = leadingOnFace(A, W, r, c, mask)
    if (!(face.bound > bound)) continue
    if (face.inside && !(face.flatness <= flat)) {
      bound = face.bound
      weights = face.weights
      continue
    }
    if (face.flatness <= flat) moved = Math.max(moved, face.flatness)
    for (let k = 0; k < r; k++) if (mask & (1 << k)) open[mask & ~(1 << k)] = 1
  }
  return { bound: moved > 0 ? bound + 4 * r * moved * frobeniusUpper(matrix(c, r, A)) : bound, weights }
}

/** Generators closer than this to the span of the others make a face that cannot be told from its sub-faces. */
const flat = 1e-9

interface Leading {
  readonly bound: number
  readonly weights: Float64Array
  /** The leading vector or its negative lies in the face, or too close to its boundary to tell. */
  readonly inside: boolean
  /** The least distance of a generator from the span of those before it. */
  readonly flatness: number
}

function leadingOnFace(A: Float64Array, W: Float64Array, r: number, c: number, mask: number): Leading {
  const members: number[] = []
  for (let k = 0; k < r; k++) if (mask & (1 << k)) members.push(k)
  const m = members.length
  const { Q, R } = orthonormal(W, r, members)
  const AQ = new Float64Array(c * m)
  for (let p = 0; p < c; p++) {
    for (let j = 0; j < m; j++) {
      let total = 0
      for (let q = 0; q < r; q++) total += A[p * r + q] * Q[j * r + q]
      AQ[p * m + j] = total
    }
  }
  const gram = matrix(m, m)
  let trace = 0
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      let total = 0
      for (let p = 0; p < c; p++) total += AQ[p * m + i] * AQ[p * m + j]
      gram.data[i * m + j] = total
      if (i === j) trace += total
    }
  }
  const { values, vectors } = eigh(gram)
  const theta = Float64Array.from({ length: m }, (_, j) => vectors.data[j * m + m - 1])
  const error = 32 * (m + c + r) * Number.EPSILON * trace
  const size = Math.sqrt(Math.max(0, values[m - 1]) + error) * (1 + 4 * Number.EPSILON)
  const bound = size >= 0 ? size : Number.POSITIVE_INFINITY
  const weights = new Float64Array(r)
  for (let j = 0; j < m; j++) for (let q = 0; q < r; q++) weights[q] += theta[j] * Q[j * r + q]
  const sign = coordinateSign(R, theta, m)
  if (sign < 0) for (let q = 0; q < r; q++) weights[q] = -weights[q]
  let flatness = 1
  for (let k = 0; k < m; k++) flatness = Math.min(flatness, R[k * m + k])
  return { bound, weights, inside: sign !== 0 || m === 1, flatness }
}

/** Gram–Schmidt, twice: rows of Q are orthonormal, w_members[k] = Σ_{j ≤ k} R_jk q_j. */
function orthonormal(W: Float64Array, r: number, members: readonly number[]): { Q: Float64Array; R: Float64Array } {
  const m = members.length
  const Q = new Float64Array(m * r)
  const R = new Float64Array(m * m)
  for (let k = 0; k < m; k++) {
    const q = Q.subarray(k * r, (k + 1) * r)
    q.set(W.subarray(members[k] * r, (members[k] + 1) * r))
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < k; j++) {
        let along = 0
        for (let s = 0; s < r; s++) along += q[s] * Q[j * r + s]
        for (let s = 0; s < r; s++) q[s] -= along * Q[j * r + s]
        R[j * m + k] += along
      }
    }
    let square = 0
    for (let s = 0; s < r; s++) square += q[s] * q[s]
    const size = Math.sqrt(square)
    R[k * m + k] = size
    if (size > 0) for (let s = 0; s < r; s++) q[s] /= size
  }
  return { Q, R }
}

/**
 * +1 when θ's coordinates on the generators are all nonnegative, −1 when all nonpositive, within the error of solving
 * R λ = θ; 0 when θ is clearly outside both. A singular R cannot tell, so it counts as inside.
 */
function coordinateSign(R: Float64Array, theta: Float64Array, m: number): number {
  const lambda = new Float64Array(m)
  const reach = new Float64Array(m) // row sums of |R⁻¹|, by back substitution with absolute values
  for (let i = m - 1; i >= 0; i--) {
    let rest = theta[i]
    let size = 1
    for (let j = i + 1; j < m; j++) {
      rest -= R[i * m + j] * lambda[j]
      size += Math.abs(R[i * m + j]) * reach[j]
    }
    lambda[i] = rest / R[i * m + i]
    reach[i] = size / R[i * m + i]
  }
  let [positive, negative] = [true, true]
  for (let k = 0; k < m; k++) {
    const tolerance = 64 * m * Number.EPSILON * reach[k]
    if (lambda[k] < -tolerance) positive = false
    if (lambda[k] > tolerance) negative = false
  }
  return positive ? 1 : negative ? -1 : 0
}
