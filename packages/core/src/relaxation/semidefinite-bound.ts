import { choleskyInto } from '../linalg/cholesky.ts'
import { eigh } from '../linalg/eigh.ts'
import { dot, type Matrix, matrix, transpose } from '../linalg/matrix.ts'
import { eigenvalueUpper, spectralUpper } from '../linalg/norms.ts'
import { solveLower } from '../linalg/triangular.ts'
import type { ConicIterate } from '../relaxation.ts'
import { dualSlack, slackRounding } from './dual-slack.ts'
import type { ConvexityCut } from './convexity-cuts.ts'
import { productSlack, semidefiniteProgram } from './semidefinite-program.ts'

/** Of the generalised eigenvalue, so that its own rounding does not spoil what it is for. */
const margin = 64 * Number.EPSILON

/**
 * A bound on ‖Zᵀ(Xu)₊‖ over all unit u, from y = (Z, −μ) with any μ, and N ≥ 0 (negative ones count as 0) for the pairs of
 * `semidefiniteProgram(…, 1, cuts)`, rounding included; NaN gives Infinity. No pattern enters.
 *
 * With W the slack of the program at β, every λ = (γ, u, v) with γ = (−Xu)₊, hence α = (Xu)₊ and α_iγ_i = 0, has
 *
 *     vᵀZᵀ(Xu)₊ = β/2 (‖u‖² + ‖v‖²) − Σ N_pq λ_pλ_q − λᵀWλ ≤ β/2 (‖u‖² + ‖v‖²) − λᵀWλ.
 *
 * λᵀBλ = ‖u‖² + ‖v‖² + κ Σ α_iγ_i is ‖u‖² + ‖v‖² there, and B is positive definite for κ = 2/‖X‖². So if W + εB is
 * positive semidefinite but for eigenvalues above −δ, which are counted against ‖λ‖² ≤ (1 + ‖X‖²)‖u‖² + ‖v‖², then for
 * unit u and v
 *
 *     vᵀZᵀ(Xu)₊ ≤ β + 2ε + δ (2 + ‖X‖²).
 *
 * Products of cuts may be negative by their slack, which adds what `productSlack` says of the multipliers.
 *
 * ε is computed in floats, and may be negative; W + εB is the slack at β + 2ε and μ + εκ, and δ is proven of that. This is
 * where an eigenvalue shift costs least: against tr Θ it would cost ‖Y‖²/2 where scaling Z costs about the optimum.
 *
 * @param X with entries of order one, and Z likewise: see `semidefiniteValues`.
 */
export function semidefinitePolarUpper(
  X: Matrix,
  Z: Matrix,
  beta: number,
  { y, multipliers }: Pick<ConicIterate, 'y' | 'multipliers'>,
  cuts: readonly ConvexityCut[] = [],
): number {
  const size = spectralUpper(X)
  const kappa = size > 0 ? 2 / size ** 2 : 0
  const epsilon = repair(X, Z, beta, kappa, { y, multipliers }, cuts)
  const limit = beta + 2 * epsilon
  if (!(limit > 0)) return Number.POSITIVE_INFINITY
  const repaired = y.map((value, k) => (k < Z.data.length ? Z.data[k] : value - epsilon * kappa))
  const [block] = semidefiniteProgram({ X, Y: Z, beta: limit }, 1, cuts).blocks
  const N = multipliers[0].map((value) => (value > 0 ? value : 0))
  const delta = eigenvalueUpper(negative(dualSlack(block, repaired, N))) + slackRounding(block, repaired, N)
  const bound = (limit + delta * (2 + size ** 2) + productSlack(X, cuts, N)) * (1 + 8 * Number.EPSILON)
  return bound >= 0 ? bound : Number.POSITIVE_INFINITY
}

/** The least ε with W + εB positive semidefinite, in floats: λmax(−L⁻¹WL⁻ᵀ) for B = LLᵀ. */
function repair(
  X: Matrix,
  Z: Matrix,
  beta: number,
  kappa: number,
  { y, multipliers }: Pick<ConicIterate, 'y' | 'multipliers'>,
  cuts: readonly ConvexityCut[],
): number {
  const [block] = semidefiniteProgram({ X, Y: Z, beta }, 1, cuts).blocks
  const W = dualSlack(block, y, multipliers[0])
  const only = y.map((_, k) => (k < Z.data.length ? 0 : -kappa))
  const [unit] = semidefiniteProgram({ X, Y: Z, beta: 2 }, 1).blocks
  const B = dualSlack(unit, only, new Float64Array(unit.nonnegative.length))
  const L = matrix(B.rows, B.cols)
  if (!choleskyInto(B, L.data)) return Number.NaN
  const inner = solveLower(L, transpose(solveLower(L, W))) // L⁻¹WL⁻ᵀ
  const { values } = eigh(negative(inner))
  return values[values.length - 1] + margin * Math.sqrt(dot(inner.data, inner.data))
}

function negative(a: Matrix): Matrix {
  return matrix(
    a.rows,
    a.cols,
    a.data.map((value) => -value),
  )
}
