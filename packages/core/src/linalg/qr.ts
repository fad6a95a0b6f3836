import { type Matrix, matrix, row } from './matrix.ts'
import { norm2 } from './norms.ts'

/** A = Q R: for m × n and k = min(m, n), Q is m × k with orthonormal columns and R is k × n, upper triangular. */
export interface Qr {
  readonly Q: Matrix
  readonly R: Matrix
}

/** Householder QR (Golub and Van Loan, Algorithm 5.2.1). Rank-deficient A is fine: R then has small or zero pivots. */
export function qr(a: Matrix): Qr {
  return assemble(a, triangularise(a, false))
}

/** A P = Q R with |R_11| ≥ |R_22| ≥ …: column j of A P is column `order[j]` of A. */
export function pivotedQr(a: Matrix): Qr & { readonly order: Int32Array } {
  const factors = triangularise(a, true)
  return { ...assemble(a, factors), order: factors.order }
}

/** Rows whose part outside the span of the others is below this share of their length count as dependent. */
const dependent = 1e-10

/**
 * An orthonormal basis (cols × k) of {u : rows u = 0}.
 *
 * Every row is taken as the normal of a hyperplane: rows are scaled to unit length first, so that a tiny row counts as
 * much as a large one, and a row within `tolerance` of the span of the others adds nothing. Zero rows are ignored;
 * without rows the basis is the identity. Householder QR of the transpose with column pivoting.
 */
export function nullSpace(rows: Matrix, tolerance: number = dependent): Matrix {
  const [n, d] = [rows.rows, rows.cols]
  const normals = matrix(d, n)
  for (let i = 0; i < n; i++) {
    const normal = row(rows, i)
    const size = norm2(normal)
    for (let q = 0; size > 0 && q < d; q++) normals.data[q * n + i] = normal[q] / size
  }
  const { columns, mirrors } = triangularise(normals, true)
  let rank = 0
  while (rank < mirrors.length && Math.abs(columns[rank][rank]) > tolerance) rank++
  return orthonormalColumns(mirrors.slice(0, rank), d, rank, d)
}

interface Triangular {
  /** R by columns: H_k ⋯ H_1 A P. */
  readonly columns: readonly Float64Array[]
  /** Vectors v_k with H_k = I − v_k v_kᵀ, zero before entry k; v_k = 0 means H_k = I. */
  readonly mirrors: readonly Float64Array[]
  readonly order: Int32Array
}

function triangularise({ rows: m, cols: n, data }: Matrix, pivot: boolean): Triangular {
  const columns = Array.from({ length: n }, (_, j) => Float64Array.from({ length: m }, (_, i) => data[i * n + j]))
  const order = Int32Array.from({ length: n }, (_, j) => j)
  const mirrors: Float64Array[] = []
  for (let k = 0; k < Math.min(m, n); k++) {
    if (pivot) bringLongestForward(columns, order, k)
    const v = mirrorOf(columns[k], k)
    mirrors.push(v)
    for (let j = k; j < n; j++) reflectInto(v, k, columns[j])
    columns[k].fill(0, k + 1)
  }
  return { columns, mirrors, order }
}

function bringLongestForward(columns: Float64Array[], order: Int32Array, k: number): void {
  let [chosen, longest] = [k, -1]
  for (let j = k; j < columns.length; j++) {
    const size = norm2(columns[j].subarray(k))
    if (size > longest) [chosen, longest] = [j, size]
  }
  ;[columns[k], columns[chosen]] = [columns[chosen], columns[k]]
  ;[order[k], order[chosen]] = [order[chosen], order[k]]
}

/** The reflection that turns x from entry k on into a multiple of e_k. */
function mirrorOf(x: Float64Array, k: number): Float64Array {
  const v = new Float64Array(x.length)
  const size = norm2(x.subarray(k))
  if (!(size > 0)) return v
  for (let i = k; i < x.length; i++) v[i] = x[i] / size
  v[k] += v[k] < 0 ? -1 : 1
  const factor = 1 / Math.sqrt(Math.abs(v[k])) // the squared length of x/‖x‖ ± e_k is 2|v_k|
  for (let i = k; i < x.length; i++) v[i] *= factor
  return v
}

function reflectInto(v: Float64Array, from: number, x: Float64Array): void {
  let along = 0
  for (let i = from; i < x.length; i++) along += v[i] * x[i]
  if (along === 0) return
  for (let i = from; i < x.length; i++) x[i] -= along * v[i]
}

function assemble({ rows, cols }: Matrix, { columns, mirrors }: Triangular): Qr {
  const k = mirrors.length
  const R = matrix(k, cols)
  for (let j = 0; j < cols; j++) for (let i = 0; i <= Math.min(j, k - 1); i++) R.data[i * cols + j] = columns[j][i]
  return { Q: orthonormalColumns(mirrors, rows, 0, k), R }
}

/** Columns from … to − 1 of H_1 H_2 ⋯. */
function orthonormalColumns(mirrors: readonly Float64Array[], m: number, from: number, to: number): Matrix {
  const out = matrix(m, to - from)
  const column = new Float64Array(m)
  for (let j = from; j < to; j++) {
    column.fill(0)
    column[j] = 1
    for (let k = Math.min(j, mirrors.length - 1); k >= 0; k--) reflectInto(mirrors[k], k, column)
    for (let i = 0; i < m; i++) out.data[i * out.cols + j - from] = column[i]
  }
  return out
}
