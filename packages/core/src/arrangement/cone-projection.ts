import { dot } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'

/** The point of the cone {u : a_iᵀu ≥ 0} nearest to a direction v. */
export interface ConeProjection {
  readonly point: Float64Array
  /** Proven: vᵀu ≤ depth for every unit u of the cone. At most rounding above ‖point‖, which attains it. */
  readonly depth: number
}

/**
 * Walls that w violates by less than this, relative to its length, are left alone: to satisfy them as well would take
 * multipliers so large that their rounding spoils more than it mends. A wall violated by more is independent of those
 * that w lies on by at least as much.
 */
const tolerance = 1e-8

/**
 * Projects v onto the cone {u : a_iᵀu ≥ 0 for all i}, the a_i being unit vectors: w = v + Σ μ_i a_i with the μ ≥ 0 that
 * make w shortest, found by the active-set method of Lawson and Hanson ("Solving Least Squares Problems", chapter 23).
 *
 * Any μ ≥ 0 proves vᵀu = wᵀu − Σ μ_i a_iᵀu ≤ ‖w‖ over the unit vectors of the cone, so `depth` holds even where the
 * method stops early; w is computed from μ directly, and its rounding is included.
 */
export function projectOntoCone(normals: readonly Float64Array[], v: Float64Array): ConeProjection {
  const mu = new Float64Array(normals.length)
  const passive: number[] = []
  let w: Float64Array = v.slice()
  for (let step = 0; step < 3 * normals.length + 10; step++) {
    const entering = mostViolated(normals, w, passive)
    if (entering < 0) break
    passive.push(entering)
    if (!solvePassiveInto(normals, v, passive, mu)) break
    w = residual(normals, v, mu)
  }
  let mass = 1
  for (const value of mu) mass += value
  return { point: w, depth: norm2(w) + 2 * (passive.length + v.length) * Number.EPSILON * mass }
}

function mostViolated(normals: readonly Float64Array[], w: Float64Array, passive: readonly number[]): number {
  let chosen = -1
  let worst = -Math.max(8 * Number.EPSILON, tolerance * norm2(w))
  for (let i = 0; i < normals.length; i++) {
    const side = dot(normals[i], w)
    if (side < worst && !passive.includes(i)) [chosen, worst] = [i, side]
  }
  return chosen
}

/**
 * The best μ on the passive set, dropping members whose multiplier would be negative, as far as needed. False, with μ
 * as it was, when the newest member depends on the others.
 */
function solvePassiveInto(
  normals: readonly Float64Array[],
  v: Float64Array,
  passive: number[],
  mu: Float64Array,
): boolean {
  for (;;) {
    const best = unconstrained(normals, v, passive)
    if (!best) {
      passive.pop()
      return false
    }
    if (best.every((value) => value > 0)) {
      mu.fill(0)
      passive.forEach((i, k) => (mu[i] = best[k]))
      return true
    }
    // Walk towards it until the first multiplier reaches zero, and release that one.
    let [length, blocking] = [Number.POSITIVE_INFINITY, 0]
    best.forEach((value, k) => {
      const held = mu[passive[k]]
      const limit = held > 0 ? held / (held - value) : 0
      if (!(value > 0) && limit < length) [length, blocking] = [limit, k]
    })
    passive.forEach((i, k) => (mu[i] = Math.max(0, mu[i] + length * (best[k] - mu[i]))))
    mu[passive[blocking]] = 0
    passive.splice(blocking, 1)
  }
}

/** The μ on the passive set that minimise ‖v + Σ μ_i a_i‖, signs free: Gram–Schmidt, twice, then back substitution. */
function unconstrained(
  normals: readonly Float64Array[],
  v: Float64Array,
  passive: readonly number[],
): Float64Array | null {
  const m = passive.length
  const basis: Float64Array[] = []
  const R = new Float64Array(m * m)
  for (let k = 0; k < m; k++) {
    const q = normals[passive[k]].slice()
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < k; j++) {
        const along = dot(basis[j], q)
        R[j * m + k] += along
        for (let s = 0; s < q.length; s++) q[s] -= along * basis[j][s]
      }
    }
    const size = norm2(q)
    if (!(size > tolerance / 2)) return null
    R[k * m + k] = size
    basis.push(q.map((value) => value / size))
  }
  const out = new Float64Array(m)
  for (let k = m - 1; k >= 0; k--) {
    let rest = -dot(basis[k], v)
    for (let j = k + 1; j < m; j++) rest -= R[k * m + j] * out[j]
    out[k] = rest / R[k * m + k]
  }
  return out
}

function residual(normals: readonly Float64Array[], v: Float64Array, mu: Float64Array): Float64Array {
  const w = v.slice()
  for (let i = 0; i < mu.length; i++) {
    if (mu[i] > 0) for (let k = 0; k < w.length; k++) w[k] += mu[i] * normals[i][k]
  }
  return w
}
