import { type Matrix, matrix, multiply, multiplyTransposed, row } from '../linalg/matrix.ts'
import { frobeniusUpper, spectralUpper } from '../linalg/norms.ts'
import type { ConicIterate, ConicProgram, Coupling } from '../relaxation.ts'
import type { ConvexityCut } from './convexity-cuts.ts'
import { semidefinitePolarUpper } from './semidefinite-bound.ts'
import { cutPairs, signPairs } from './semidefinite-program.ts'

/**
 * max ω² over unit u for one Z, without patterns: with λ = (γ, u) as in `semidefiniteProgram`,
 *
 *     max ⟨ZZᵀ, Θ_αα⟩   s.t. tr Θ_uu = 1, Θ positive semidefinite, Θ_(αγ)(αγ) ≥ 0, Θ_{α_iγ_i} = 0, and the products with cuts.
 *
 * Written as a minimum. tr Θ ≤ 1 + ‖X‖², since Θ_{γ_iγ_i} ≤ x_iᵀΘ_uu x_i. The first constraint is the trace, then come the n of Θ_{α_iγ_i}.
 */
export function pricingProgram(X: Matrix, Z: Matrix, cuts: readonly ConvexityCut[] = []): ConicProgram {
  const [n, r] = [X.rows, X.cols]
  const order = n + r
  const firstCut = 2 * n + r
  const vectors = matrix(firstCut + cuts.length, order)
  for (let i = 0; i < n; i++) {
    row(vectors, i)[i] = row(vectors, n + i)[i] = 1
    row(vectors, i).set(row(X, i), n)
  }
  for (let q = 0; q < r; q++) row(vectors, 2 * n + q)[n + q] = 1
  cuts.forEach(({ coefficients }, k) => row(vectors, firstCut + k).set(coefficients))
  const active = matrix(n, order, vectors.data.slice(0, n * order))
  const outputs = multiplyTransposed(Z, active)
  const cost = multiplyTransposed(outputs, multiply(identity(Z.cols, -1), outputs))
  const couplings: Coupling[] = []
  for (let q = 0; q < r; q++) couplings.push({ constraint: 0, left: 2 * n + q, right: 2 * n + q })
  for (let i = 0; i < n; i++) couplings.push({ constraint: 1 + i, left: i, right: n + i })
  const [size, weight] = [spectralUpper(X), spectralUpper(Z) ** 2]
  // −‖Zᵀα‖² + t‖u‖² + μ Σ α_iγ_i is positive definite for μ = 4‖Z‖² and t = μ‖X‖²: α is (γ + Xu/2) + Xu/2.
  const start = new Float64Array(n + 1).fill(-4 * weight)
  start[0] = -4 * weight * size ** 2
  return {
    blocks: [{ cost, vectors, nonnegative: [...signPairs(n), ...cutPairs(n, firstCut, cuts.length)], couplings }],
    targets: Float64Array.from({ length: n + 1 }, (_, k) => (k === 0 ? 1 : 0)),
    curvatures: new Float64Array(n + 1),
    trace: (1 + size ** 2) * (1 + 8 * Number.EPSILON),
    magnitude: frobeniusUpper(Z) ** 2 * size ** 2,
    start,
  }
}

/**
 * A bound on ‖Zᵀ(Xu)₊‖ over unit u from the multipliers of an iterate, whatever they are; Infinity where they say nothing.
 *
 * With t = β² for the multiplier of the trace, W/(2β) is what eliminating v leaves of the slack of `semidefiniteProgram` at β, with Z and
 * multipliers divided by 2β: `semidefinitePolarUpper` proves it.
 */
export function pricingUpper(
  X: Matrix,
  Z: Matrix,
  { y, multipliers }: Pick<ConicIterate, 'y' | 'multipliers'>,
  cuts: readonly ConvexityCut[] = [],
): number {
  const beta = Math.sqrt(-y[0])
  if (!(beta > 0 && beta < Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY
  const whole = new Float64Array(Z.data.length + X.rows)
  whole.set(Z.data)
  for (let i = 0; i < X.rows; i++) whole[Z.data.length + i] = y[1 + i] / (2 * beta)
  const shares = multipliers[0].map((value) => value / (2 * beta))
  return semidefinitePolarUpper(X, Z, beta, { y: whole, multipliers: [shares] }, cuts)
}

function identity(order: number, value: number): Matrix {
  const out = matrix(order, order)
  for (let k = 0; k < order; k++) out.data[k * order + k] = value
  return out
}
