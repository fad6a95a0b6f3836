import { defaultBackend } from '../linalg/backend/registry.ts'
import { type Matrix, matrix } from '../linalg/matrix.ts'

/** B with BᵀB = A₊, the positive part of a symmetric A, one row for each positive eigenvalue. */
export function positiveRoot(A: Matrix): Matrix {
  const n = A.rows
  const { values, vectors } = defaultBackend().eigh(A)
  const first = values.findIndex((value) => value > 0)
  const count = first < 0 ? 0 : n - first
  const out = matrix(count, n)
  for (let k = 0; k < count; k++) {
    const size = Math.sqrt(values[n - count + k])
    for (let i = 0; i < n; i++) out.data[k * n + i] = size * vectors.data[i * n + n - count + k]
  }
  return out
}
