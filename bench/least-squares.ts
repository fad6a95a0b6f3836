import { type Matrix, matrix, type Problem } from '@relucent/core'

/** Y − XB with B the least-squares fit, by orthogonalising the columns of X twice. */
export function leastSquaresResidual({ X, Y }: Problem): Matrix {
  const basis: Float64Array[] = []
  for (let k = 0; k < X.cols; k++) {
    const column = columnOf(X, k)
    const size = Math.sqrt(inner(column, column))
    for (let pass = 0; pass < 2; pass++) removeInto(basis, column)
    const left = Math.sqrt(inner(column, column))
    if (left > 1e-12 * size) basis.push(column.map((x) => x / left))
  }
  const out = matrix(Y.rows, Y.cols)
  for (let k = 0; k < Y.cols; k++) {
    const column = columnOf(Y, k)
    for (let pass = 0; pass < 2; pass++) removeInto(basis, column)
    for (let i = 0; i < Y.rows; i++) out.data[i * Y.cols + k] = column[i]
  }
  return out
}

function removeInto(basis: readonly Float64Array[], x: Float64Array): void {
  for (const q of basis) {
    const along = inner(q, x)
    for (let i = 0; i < x.length; i++) x[i] -= along * q[i]
  }
}

function columnOf(a: Matrix, k: number): Float64Array {
  return Float64Array.from({ length: a.rows }, (_, i) => a.data[i * a.cols + k])
}

function inner(a: Float64Array, b: Float64Array): number {
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i] * b[i]
  return total
}
