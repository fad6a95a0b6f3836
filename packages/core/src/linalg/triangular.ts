import { defaultBackend } from './backend/registry.ts'
import { type Matrix, matrix, multiplyTransposed, row } from './matrix.ts'

/** Up to this order the recursion costs more than it saves. */
const plainLimit = 48

/** L⁻¹B for a lower triangular L (n × n) and B (n × k): by halves, so that nearly all of it are products. */
export function solveLower(L: Matrix, B: Matrix): Matrix {
  if (L.rows !== L.cols || L.rows !== B.rows) {
    throw new RangeError(`solveLower: needs n × n and n × k, got ${L.rows} × ${L.cols} and ${B.rows} × ${B.cols}`)
  }
  const out = matrix(B.rows, B.cols, B.data.slice())
  solveRows(L, 0, L.rows, out)
  return out
}

/** L⁻¹, lower triangular. */
export function inverseLower(L: Matrix): Matrix {
  const unit = matrix(L.rows, L.rows)
  for (let k = 0; k < L.rows; k++) unit.data[k * L.rows + k] = 1
  return solveLower(L, unit)
}

/** (LLᵀ)⁻¹, exactly symmetric, for a lower triangular L. */
export function inverseFrom(L: Matrix): Matrix {
  const inverse = inverseLower(L)
  return L.rows > plainLimit ? defaultBackend().gram(inverse) : multiplyTransposed(inverse, inverse)
}

/** x ← L⁻ᵀx, in place. */
export function solveTransposedInto(L: Matrix, x: Float64Array): void {
  const n = L.rows
  for (let i = n - 1; i >= 0; i--) {
    x[i] /= L.data[i * n + i]
    for (let k = 0; k < i; k++) x[k] -= L.data[i * n + k] * x[i]
  }
}

/** Rows from … to − 1 of `out`, from which the rows above have been eliminated already. */
function solveRows(L: Matrix, from: number, to: number, out: Matrix): void {
  if (to - from <= plainLimit) {
    solvePlainly(L, from, to, out)
    return
  }
  const middle = (from + to) >> 1
  solveRows(L, from, middle, out)
  const below = matrix(to - middle, middle - from)
  for (let i = middle; i < to; i++) {
    below.data.set(L.data.subarray(i * L.cols + from, i * L.cols + middle), (i - middle) * below.cols)
  }
  const solved = matrix(middle - from, out.cols, out.data.slice(from * out.cols, middle * out.cols))
  const gone = defaultBackend().gemm(below, solved).data
  for (let k = 0, at = middle * out.cols; k < gone.length; k++, at++) out.data[at] -= gone[k]
  solveRows(L, middle, to, out)
}

function solvePlainly(L: Matrix, from: number, to: number, out: Matrix): void {
  for (let i = from; i < to; i++) {
    const target = row(out, i)
    for (let k = from; k < i; k++) {
      const factor = L.data[i * L.cols + k]
      if (factor === 0) continue
      const source = row(out, k)
      for (let q = 0; q < target.length; q++) target[q] -= factor * source[q]
    }
    const pivot = L.data[i * L.cols + i]
    for (let q = 0; q < target.length; q++) target[q] /= pivot
  }
}
