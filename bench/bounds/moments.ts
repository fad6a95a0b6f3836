import type { Cone, Cut } from './bound.ts'

/** E λλᵀ (r × r) of a distribution over a cone, of the points Σ λ_k w_k. */
export type Moments = Float64Array

/** The points of a cone with h(u) = 1, h along the sum of the generators: the corners are w_k/η_k. */
export interface Slice {
  readonly eta: Float64Array
  /** h‖u‖ ≥ Σ λ_jλ_k G_jk for u = Σ λ_k w_k/η_k. */
  readonly G: Float64Array
  /** max 1/η_k: the length of the longest corner. */
  readonly steepest: number
}

/** With x = ‖u‖/h in [1, m], x ≥ 1 + (x² − 1)/(1 + m): a quadratic form below h‖u‖, rounding taken off. */
export function sliceOf(W: Float64Array, r: number): Slice {
  const sum = new Float64Array(r)
  for (let k = 0; k < r; k++) for (let q = 0; q < r; q++) sum[q] += W[k * r + q]
  const size = Math.hypot(...sum)
  const eta = new Float64Array(r)
  let steepest = 1
  for (let k = 0; k < r; k++) {
    for (let q = 0; q < r; q++) eta[k] += (W[k * r + q] * sum[q]) / size
    steepest = Math.max(steepest, 1 / eta[k])
  }
  const G = new Float64Array(r * r)
  const rounding = 16 * (r + 4) * Number.EPSILON * steepest * steepest
  for (let j = 0; j < r; j++) {
    for (let k = 0; k < r; k++) {
      let product = 0
      for (let q = 0; q < r; q++) product += W[j * r + q] * W[k * r + q]
      G[j * r + k] = 1 + (product / (eta[j] * eta[k]) - 1) / (1 + steepest) - rounding
    }
  }
  return { eta, G, steepest }
}

/** Nonnegative entries that add up to 1; those of equally likely points where there is nothing to begin with. */
export function normalised(given: Moments, r: number): Moments {
  const out = given.map((value) => Math.max(0, value))
  const total = out.reduce((sum, value) => sum + value, 0)
  if (total > 0 && total < Number.POSITIVE_INFINITY) return out.map((value) => value / total)
  return out.map((_, e) => (e % (r + 1) === 0 ? 2 : 1) / (r * (r + 1)))
}

/** Entry jk times scale_j scale_k. */
export function rescaled(moments: Moments, scale: Float64Array): Moments {
  const r = scale.length
  return moments.map((value, e) => value * scale[Math.floor(e / r)] * scale[e % r])
}

/** A parent's moments in the coordinates of the child that lost one generator for the point of the cut; zero where the edge is too short to tell. */
export function childMoments(child: Cone, parent: Cone, { from, to, point }: Cut, moments: Moments): Moments {
  const r = point.length
  const W = parent.generators
  const lost = child.generators.subarray(from * r, (from + 1) * r).every((value, q) => value === point[q]) ? from : to
  const other = lost === from ? to : from
  let [reach, left, right] = [0, 0, 0]
  for (let q = 0; q < r; q++) {
    reach += W[lost * r + q] * W[other * r + q]
    left += W[lost * r + q] * point[q]
    right += W[other * r + q] * point[q]
  }
  // The point is x w_lost + y w_other.
  const x = (left - reach * right) / (1 - reach * reach)
  const share = (right - reach * left) / (1 - reach * reach) / x
  const out = moments.slice()
  if (!(x > 1e-6)) return out.fill(0)
  for (const [row, entry] of [
    [r, 1],
    [1, r],
  ]) {
    for (let k = 0; k < r; k++) {
      out[other * row + k * entry] -= share * out[lost * row + k * entry]
      out[lost * row + k * entry] /= x
    }
  }
  return out
}
