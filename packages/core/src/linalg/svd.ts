import { dot, type Matrix, matrix, transpose } from './matrix.ts'
import { norm2 } from './norms.ts'
import { pivotedQr } from './qr.ts'
import { powerOfTwoNear } from './scale.ts'

/** A = U diag(S) Vᵀ, thin: for m × n and k = min(m, n), U is m × k, V is n × k, both with orthonormal columns. */
export interface Svd {
  readonly U: Matrix
  /** Descending, not negative. */
  readonly S: Float64Array
  readonly V: Matrix
}

/**
 * The singular value decomposition by one-sided Jacobi on the transposed triangle of a pivoted QR, which converges in
 * few sweeps and finds small singular values of graded matrices to high relative accuracy (Drmač and Veselić, "New
 * fast and accurate Jacobi SVD algorithm", SIAM J. Matrix Anal. Appl. 29, 2008). Capped; NaN or Infinity gives NaN.
 */
export function svd(a: Matrix): Svd {
  if (a.rows < a.cols) {
    const { U, S, V } = svd(transpose(a))
    return { U: V, S, V: U }
  }
  const [m, n] = [a.rows, a.cols]
  const scale = powerOfTwoNear(a.data)
  if (!(scale < Number.POSITIVE_INFINITY)) {
    const unknown = (rows: number): Matrix => matrix(rows, n, new Float64Array(rows * n).fill(Number.NaN))
    return { U: unknown(m), S: new Float64Array(n).fill(Number.NaN), V: unknown(n) }
  }
  const unit = matrix(
    m,
    n,
    a.data.map((value) => value / (scale || 1)),
  )
  const { Q, R, order } = pivotedQr(unit)
  // Columns of Rᵀ. After rotating them orthogonal, Rᵀ W = P S, so that A = (Q W) S (permuted P)ᵀ.
  const columns = Array.from({ length: n }, (_, j) => R.data.slice(j * n, (j + 1) * n))
  const turns = Array.from({ length: n }, (_, j) => unitVector(n, j))
  orthogonalise(columns, turns)
  const sizes = columns.map((column) => norm2(column))
  const rank = Array.from(sizes.keys()).sort((i, k) => sizes[k] - sizes[i])
  const directions = normalised(rank.map((j) => columns[j]))
  const [U, V] = [matrix(m, n), matrix(n, n)]
  rank.forEach((j, k) => {
    for (let i = 0; i < m; i++) U.data[i * n + k] = dot(Q.data.subarray(i * n, (i + 1) * n), turns[j])
    for (let i = 0; i < n; i++) V.data[order[i] * n + k] = directions[k][i]
  })
  return { U, S: Float64Array.from(rank, (j) => sizes[j] * (scale || 1)), V }
}

/** Rotates pairs of columns until all are orthogonal to working precision, and `turns` with them. */
function orthogonalise(columns: Float64Array[], turns: Float64Array[]): void {
  const n = columns.length
  const tolerance = Number.EPSILON * Math.sqrt(Math.max(1, n))
  for (let sweep = 0; sweep < 40; sweep++) {
    let rotated = false
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const [alpha, beta] = [norm2(columns[p]), norm2(columns[q])]
        const gamma = dot(columns[p], columns[q])
        if (!(Math.abs(gamma) > tolerance * alpha * beta)) continue
        rotated = true
        const zeta = ((beta / gamma) * beta - (alpha / gamma) * alpha) / 2
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta))
        const c = 1 / Math.sqrt(1 + t * t)
        rotate(columns[p], columns[q], c, c * t)
        rotate(turns[p], turns[q], c, c * t)
      }
    }
    if (!rotated) return
  }
}

function rotate(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let k = 0; k < x.length; k++) {
    const [a, b] = [x[k], y[k]]
    x[k] = c * a - s * b
    y[k] = s * a + c * b
  }
}

/** Unit vectors along orthogonal columns, longest first; where a column is zero or lost in rounding, any unit vector orthogonal to the rest. */
function normalised(columns: readonly Float64Array[]): Float64Array[] {
  const n = columns.length
  const out: Float64Array[] = []
  for (const column of columns) {
    const size = norm2(column)
    let direction: Float64Array = size > 0 ? column.map((value) => value / size) : new Float64Array(n)
    for (let trial = 0; !orthogonalUnit(direction, out) && trial < n; trial++)
      direction = cleared(unitVector(n, trial), out)
    out.push(direction)
  }
  return out
}

function orthogonalUnit(x: Float64Array, others: readonly Float64Array[]): boolean {
  const tolerance = 64 * x.length * Number.EPSILON
  return Math.abs(norm2(x) - 1) <= tolerance && others.every((other) => Math.abs(dot(x, other)) <= tolerance)
}

/** x minus its projections on the others, twice, then of unit length; 0 when next to nothing is left. */
function cleared(x: Float64Array, others: readonly Float64Array[]): Float64Array {
  for (let pass = 0; pass < 2; pass++) {
    for (const other of others) {
      const along = dot(x, other)
      for (let k = 0; k < x.length; k++) x[k] -= along * other[k]
    }
  }
  const size = norm2(x)
  return x.map((value) => (size > 0.5 / Math.sqrt(x.length) ? value / size : 0))
}

function unitVector(n: number, k: number): Float64Array {
  const out = new Float64Array(n)
  out[k] = 1
  return out
}
