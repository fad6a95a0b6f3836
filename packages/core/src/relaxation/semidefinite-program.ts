import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import { frobeniusUpper, norm2, spectralUpper } from '../linalg/norms.ts'
import type { ConicProgram, Coupling } from '../relaxation.ts'
import type { ConvexityCut } from './convexity-cuts.ts'
import { requirePositive, type SquaredData } from './copositive-program.ts'

/**
 * The doubly nonnegative relaxation of the completely positive program of Prakhya, Birdal and Yurtsever (ICLR 2025), one
 * block of order n + r + c for λ = (γ, u, v), where γ stands for (−Xu)₊ and α = γ + Xu for (Xu)₊:
 *
 *     min ½‖Θ_αv − Y‖² + β/2 (tr Θ_uu + tr Θ_vv)   s.t. Θ positive semidefinite, Θ_(αγ)(αγ) ≥ 0, Θ_{α_i γ_i} = 0.
 *
 * Their matrix is of order 2n + r + c, with α and γ both in it and α − γ = Xu imposed; that face is parametrised here, since
 * it has no interior. A network is Θ = Σ_j λ_jλ_jᵀ, so the optimum is at most that of the training problem, for any width.
 * `scale` is the unit of α and γ.
 *
 * Of two Θ that differ only in the balance of u and v, which leaves Θ_αv alone, the one with tr Θ_uu = tr Θ_vv is no worse, and
 * only what is no worse than Θ = 0 is worth considering: tr Θ_uu = tr Θ_vv ≤ ‖Y‖²/(2β). As Θ_{α_iγ_i} = 0 and Θ_{α_iα_i} ≥ 0, with
 * α_i = γ_i + x_iᵀu, it is Θ_{γ_iγ_i} = x_iᵀΘ_uu x_i − Θ_{α_iα_i} ≤ x_iᵀΘ_uu x_i, hence
 *
 *     tr Θ ≤ (2 + ‖X‖₂²/scale²) ‖Y‖²/(2β).
 *
 * The constraints are Θ_{α_i v_t}, i first, and then the n of Θ_{α_iγ_i}.
 *
 * Each of the `cuts`, functionals w that are nonnegative for every network, adds wᵀΘα_j, wᵀΘγ_j ≥ 0 for all j and wᵀΘw′ ≥ 0 for
 * all cuts w′: the products of numbers that are not negative. What rounding leaves of that is `productSlack`.
 */
export function semidefiniteProgram(
  { X, Y, beta }: SquaredData,
  scale: number,
  cuts: readonly ConvexityCut[] = [],
): ConicProgram {
  requirePositive('semidefiniteProgram', beta)
  const [n, r, c] = [X.rows, X.cols, Y.cols]
  const order = n + r + c
  const cost = matrix(order, order)
  for (let k = n; k < order; k++) cost.data[k * order + k] = beta / 2
  const vectors = matrix(2 * n + c + r + cuts.length, order)
  for (let i = 0; i < n; i++) {
    row(vectors, i)[i] = row(vectors, n + i)[i] = scale
    row(vectors, i).set(row(X, i), n)
  }
  for (let t = 0; t < c; t++) row(vectors, 2 * n + t)[n + r + t] = 1
  for (let k = 0; k < r; k++) row(vectors, 2 * n + c + k)[n + k] = 1
  const firstCut = 2 * n + c + r
  cuts.forEach(({ coefficients }, k) => {
    row(vectors, firstCut + k).set(coefficients)
    for (let i = 0; i < n; i++) row(vectors, firstCut + k)[i] *= scale
  })
  const couplings: Coupling[] = []
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < c; t++) couplings.push({ constraint: i * c + t, left: i, right: 2 * n + t })
    couplings.push({ constraint: n * c + i, left: i, right: n + i })
  }
  const square = frobeniusUpper(Y) ** 2
  const reach = 2 + (spectralUpper(X) / scale) ** 2
  return {
    blocks: [{ cost, vectors, nonnegative: [...signPairs(n), ...cutPairs(n, firstCut, cuts.length)], couplings }],
    targets: Float64Array.from({ length: n * c + n }, (_, k) => (k < n * c ? Y.data[k] : 0)),
    curvatures: Float64Array.from({ length: n * c + n }, (_, k) => (k < n * c ? 1 : 0)),
    trace: ((reach * square) / (2 * beta)) * (1 + 16 * Number.EPSILON),
    magnitude: square / 2,
    start: startOf(X, Y, beta, scale),
  }
}

/** All pairs of α_1 … α_n, γ_1 … γ_n but the (α_i, γ_i), whose product is 0. */
export function signPairs(n: number): [number, number][] {
  const pairs: [number, number][] = []
  for (let i = 0; i < 2 * n; i++) for (let j = i + 1; j < 2 * n; j++) if (j !== i + n) pairs.push([i, j])
  return pairs
}

/** Every cut with all of α_1 … α_n, γ_1 … γ_n, then with the cuts after it. */
export function cutPairs(n: number, first: number, count: number): [number, number][] {
  const pairs: [number, number][] = []
  for (let k = 0; k < count; k++) {
    for (let j = 0; j < 2 * n; j++) pairs.push([first + k, j])
    for (let l = k + 1; l < count; l++) pairs.push([first + k, first + l])
  }
  return pairs
}

/**
 * How much −Σ N_kl w_k(u)w_l(u) can be over unit u because cuts are nonnegative only but for rounding: with w_k ≥ −slack_k and
 * |w_k| ≤ size_k, a product is at least −max(slack_k size_l, slack_l size_k). α_j and γ_j have no slack, and size ‖x_j‖.
 *
 * @param multipliers of the pairs of `semidefiniteProgram`, in their order; negative ones count as 0.
 */
export function productSlack(X: Matrix, cuts: readonly ConvexityCut[], multipliers: Float64Array): number {
  const [n, firstCut] = [X.rows, 2 * X.rows]
  const sizes = Float64Array.from({ length: n }, (_, i) => norm2(row(X, i)) * (1 + 4 * Number.EPSILON))
  const pairs = cutPairs(n, firstCut, cuts.length)
  const offset = multipliers.length - pairs.length
  let total = 0
  pairs.forEach(([k, l], e) => {
    const N = multipliers[offset + e]
    if (!(N <= 0)) {
      const [cut, other] = [cuts[k - firstCut], l < firstCut ? { slack: 0, size: sizes[l % n] } : cuts[l - firstCut]]
      total += N * Math.max(cut.slack * other.size, other.slack * cut.size)
    }
  })
  return total * (1 + (pairs.length + 8) * Number.EPSILON)
}

/**
 * y = (τY, −μ): the slack is β/2(‖u‖² + ‖v‖²) + μ Σ α_iγ_i − τ αᵀYv. With α_iγ_i = (γ_i + x_iᵀu/2)² − (x_iᵀu)²/4 and
 * μ‖X‖² ≤ β/2, 3β/8 ‖u‖² is left of the first, and τ is small enough for all three squares to outweigh the product.
 */
function startOf(X: Matrix, Y: Matrix, beta: number, scale: number): Float64Array {
  const [n, size] = [X.rows, spectralUpper(X)]
  const mu = beta / (2 * Math.max(size, scale) ** 2)
  const reach = 16 * Math.max(size, scale) * spectralUpper(Y)
  const tau = reach > 0 ? beta / reach : 0
  return Float64Array.from({ length: Y.data.length + n }, (_, k) => (k < Y.data.length ? tau * Y.data[k] : -mu))
}
