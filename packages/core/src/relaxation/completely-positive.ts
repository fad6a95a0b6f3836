import { projectOntoCone } from '../arrangement/cone-projection.ts'
import { type Matrix, matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { coneQuadraticMaximum } from '../oracle/cone-pca.ts'

export interface CompletelyPositive {
  /** u_j with W u_j ≥ 0, up to rounding; Σ u_j u_jᵀ is the matrix found. */
  readonly factors: readonly Float64Array[]
  /** ‖U − Σ u_j u_jᵀ‖_F. */
  readonly error: number
  /** Proven: no matrix of the cone is nearer to U than this. */
  readonly distance: number
}

export interface CompletelyPositiveOptions {
  /** Relative to ‖U‖: what counts as found. */
  readonly tolerance?: number
  readonly maxRounds?: number
}

/**
 * The matrix of C = conv{uuᵀ : W u ≥ 0} nearest to a symmetric U, as a sum of such products: how a network is read off a
 * solution of (17), and, for a U that lies in the relaxation (19) only, proof that it does.
 *
 * Adds the u of the cone with the largest uᵀ(U − Σ u_j u_jᵀ)u, exactly, and fits all weights anew by nonnegative least
 * squares, until no u is left. The residual E then separates: with ε the bound on uᵀEu, every member M of C has
 * ‖U − M‖ ≥ ⟨E, U − M⟩ / ‖E‖ ≥ (⟨E, U⟩ − ε tr M) / ‖E‖; members farther from U than 0 is need not be looked at, so that
 * tr M ≤ √r ‖M‖ ≤ 2√r ‖U‖.
 */
export function completelyPositive(
  U: Matrix,
  W: Matrix,
  { tolerance = 1e-10, maxRounds = 200 }: CompletelyPositiveOptions = {},
): CompletelyPositive {
  const r = U.rows
  const target = flattened(U)
  const size = norm2(target)
  const directions: Float64Array[] = []
  const negatives: Float64Array[] = []
  let factors: Float64Array[] = []
  let residual: Float64Array = target
  let distance = 0
  for (let round = 0; round < maxRounds && norm2(residual) > tolerance * size; round++) {
    const E = unflattened(residual, r)
    const { bound, peaks } = coneQuadraticMaximum(E, W)
    const error = norm2(residual)
    distance = Math.max(distance, separation(E, U, bound, size, error))
    const known = directions.length
    for (const u of peaks) {
      if (!directions.some((other) => same(u, other))) {
        directions.push(u)
        negatives.push(flattened(product(u)).map((value) => -value))
      }
    }
    if (!(bound > tolerance * size) || directions.length === known) break
    const fit = projectOntoCone(negatives, target)
    factors = fit.walls.map((j, k) => directions[j].map((value) => Math.sqrt(fit.multipliers[k]) * value))
    residual = fit.point
  }
  return { factors, error: norm2(residual), distance }
}

/** (⟨E, U⟩ − ε₊ · 2√r ‖U‖) / ‖E‖, rounded down; 0 where that says nothing. */
function separation(E: Matrix, U: Matrix, epsilon: number, size: number, error: number): number {
  let along = 0
  for (let k = 0; k < E.data.length; k++) along += E.data[k] * U.data[k]
  const slack = 2 * Math.sqrt(E.rows) * size * Math.max(0, epsilon)
  const value = (along - slack) / error - 8 * E.data.length * Number.EPSILON * size
  return value > 0 ? value : 0
}

/** Two unit vectors closer than this make the least squares singular. */
function same(u: Float64Array, other: Float64Array): boolean {
  return (
    u.every((value, k) => Math.abs(value - other[k]) < 1e-8) || u.every((value, k) => Math.abs(value + other[k]) < 1e-8)
  )
}

function product(u: Float64Array): Matrix {
  const out = matrix(u.length, u.length)
  for (let i = 0; i < u.length; i++) for (let k = 0; k < u.length; k++) out.data[i * u.length + k] = u[i] * u[k]
  return out
}

/** The lower triangle, what is off the diagonal times √2: distances stay what they are. */
function flattened(a: Matrix): Float64Array {
  const out: number[] = []
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k <= i; k++)
      out.push(((i === k ? 1 : Math.SQRT2) * (a.data[i * a.cols + k] + a.data[k * a.cols + i])) / 2)
  }
  return Float64Array.from(out)
}

function unflattened(x: Float64Array, n: number): Matrix {
  const out = matrix(n, n)
  let at = 0
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++, at++) out.data[i * n + k] = out.data[k * n + i] = x[at] / (i === k ? 1 : Math.SQRT2)
  }
  return out
}
