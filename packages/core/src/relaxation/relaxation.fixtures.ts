import { fromRows, type Matrix, matrix } from '../linalg/matrix.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import type { Random } from '../random.ts'

/** Horn's matrix: copositive, yet not the sum of a positive semidefinite and a nonnegative matrix. */
export const horn: Matrix = fromRows([
  [1, -1, 1, 1, -1],
  [-1, 1, -1, 1, 1],
  [1, -1, 1, -1, 1],
  [1, 1, -1, 1, -1],
  [-1, 1, 1, -1, 1],
])

export function identity(n: number): Matrix {
  const out = matrix(n, n)
  for (let k = 0; k < n; k++) out.data[k * n + k] = 1
  return out
}

export function negated(a: Matrix): Matrix {
  return matrix(
    a.rows,
    a.cols,
    a.data.map((value) => -value),
  )
}

export function randomSymmetric(random: Random, n: number): Matrix {
  const A = randomMatrix(random, n, n)
  const out = matrix(n, n)
  for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) out.data[i * n + k] = A.data[i * n + k] + A.data[k * n + i]
  return out
}

/** uᵀRu for a unit multiple of u. */
export function rayleigh(R: Matrix, u: Float64Array): number {
  let [top, square] = [0, 0]
  for (let i = 0; i < u.length; i++) {
    square += u[i] * u[i]
    for (let k = 0; k < u.length; k++) top += R.data[i * u.length + k] * u[i] * u[k]
  }
  return top / square
}
