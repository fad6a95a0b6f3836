import { norm2 } from '../../linalg/norms.ts'

export interface ConeHeight {
  /** Proven: no Σ_k λ_k B_k with λ ≥ 0 and ‖Σ_k λ_k w_k‖ ≤ 1 is larger. */
  readonly bound: number
  /** The multipliers whose u₀ = Σ λ_k w_k is, or is close to, the shortest vector above all heights. */
  readonly lambda: Float64Array
}

/**
 * An upper bound on max Σ_k λ_k B_k over λ ≥ 0 with ‖Σ_k λ_k w_k‖ ≤ 1, for unit generators w_k (rows, r × r).
 *
 * The maximum is the length of the shortest u₀ with w_kᵀu₀ ≥ B_k for all k, the projection of the vector with these
 * heights onto the cone. A small active-set method proposes u₀; the bound then rests only on the inequalities, which
 * are checked, so that neither a stalled active set nor an ill-conditioned cone can make it too low.
 *
 * @param slack added to every B_k: the rounding in them.
 */
export function coneHeight(W: Float64Array, heights: Float64Array, r: number, slack: number): ConeHeight {
  const B = heights.map((height) => height + slack)
  const lambda = new Float64Array(r)
  let top = Number.NEGATIVE_INFINITY
  for (let k = 0; k < r; k++) {
    if (Number.isNaN(B[k])) return { bound: Number.POSITIVE_INFINITY, lambda }
    top = Math.max(top, B[k])
  }
  if (top <= 0) return { bound: 0, lambda } // u = 0 is allowed, and nothing in the cone does better
  const u = shortest(W, B, r, lambda)
  return { bound: verifiedLength(W, B, r, u), lambda }
}
/**
 * ‖u₀‖ where u₀ lies above every height; otherwise that of u₀ + δ Σ w_k. Generators of one orthant have inner products
 * of at least zero, so the sum gains at least 1 on each of them; checked like the rest.
 */
function verifiedLength(W: Float64Array, B: Float64Array, r: number, u: Float64Array): number {
  for (let attempt = 0; attempt < 2; attempt++) {
    const size = norm2(u)
    const missing = deficit(W, B, r, u)
    // The rounding of w_kᵀu₀, like the slack in the heights, is paid in length: again at most √r ≤ r generators' worth.
    const rounding = 4 * (r + 2) * Number.EPSILON * size
    if (missing <= rounding) return (size + 2 * r * rounding) * (1 + 8 * Number.EPSILON)
    for (let k = 0; k < r; k++) for (let q = 0; q < r; q++) u[q] += 2 * missing * W[k * r + q]
  }
  return Number.POSITIVE_INFINITY
}

/** max_k (B_k − w_kᵀu), negative when u lies above every height with room to spare. */
function deficit(W: Float64Array, B: Float64Array, r: number, u: Float64Array): number {
  let worst = Number.NEGATIVE_INFINITY
  for (let k = 0; k < r; k++) {
    let reach = 0
    for (let q = 0; q < r; q++) reach += W[k * r + q] * u[q]
    worst = Math.max(worst, B[k] - reach)
  }
  return worst
}

/** Above this rank a projection that is not quite finished, and so a slightly looser bound, is the better bargain. */
const thoroughRank = 12

/** u₀ = Σ λ_k w_k of the nonnegative least-squares problem max λᵀB − ½‖Wᵀλ‖², by dropping and adding generators. */
function shortest(W: Float64Array, B: Float64Array, r: number, lambda: Float64Array): Float64Array {
  const kept: number[] = Array.from({ length: r }, (_, k) => k)
  const u = new Float64Array(r)
  const rounds = r <= thoroughRank ? 4 * r : 8
  for (let round = 0; round < rounds; round++) {
    const solution = solveGram(W, B, r, kept)
    if (!solution) {
      kept.pop()
      if (kept.length === 0) break
      continue
    }
    let worst = 0
    for (let a = 1; a < kept.length; a++) if (solution[a] < solution[worst]) worst = a
    if (solution[worst] < 0 && kept.length > 1) {
      kept.splice(worst, 1)
      continue
    }
    u.fill(0)
    lambda.fill(0)
    for (let a = 0; a < kept.length; a++) {
      lambda[kept[a]] = Math.max(0, solution[a])
      for (let q = 0; q < r; q++) u[q] += solution[a] * W[kept[a] * r + q]
    }
    const violated = mostViolated(W, B, r, u, kept)
    if (violated < 0) break
    kept.push(violated)
  }
  return u
}

function mostViolated(W: Float64Array, B: Float64Array, r: number, u: Float64Array, kept: readonly number[]): number {
  let [worst, deficit] = [-1, 0]
  for (let k = 0; k < r; k++) {
    if (kept.includes(k)) continue
    let reach = 0
    for (let q = 0; q < r; q++) reach += W[k * r + q] * u[q]
    if (B[k] - reach > deficit) [worst, deficit] = [k, B[k] - reach]
  }
  return worst
}

/** Solves (w_jᵀw_k) λ = B over the kept generators by Cholesky; null when they are numerically dependent. */
function solveGram(W: Float64Array, B: Float64Array, r: number, kept: readonly number[]): Float64Array | null {
  const m = kept.length
  const L = new Float64Array(m * m)
  const x = new Float64Array(m)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      let total = 0
      for (let q = 0; q < r; q++) total += W[kept[i] * r + q] * W[kept[j] * r + q]
      for (let s = 0; s < j; s++) total -= L[i * m + s] * L[j * m + s]
      if (i === j) {
        if (!(total > 0)) return null
        L[i * m + i] = Math.sqrt(total)
      } else L[i * m + j] = total / L[j * m + j]
    }
    let rest = B[kept[i]]
    for (let s = 0; s < i; s++) rest -= L[i * m + s] * x[s]
    x[i] = rest / L[i * m + i]
  }
  for (let i = m - 1; i >= 0; i--) {
    let rest = x[i]
    for (let s = i + 1; s < m; s++) rest -= L[s * m + i] * x[s]
    x[i] = rest / L[i * m + i]
  }
  return x
}
