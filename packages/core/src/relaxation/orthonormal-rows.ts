import { UnsupportedProblemError } from '../errors.ts'
import { defaultBackend } from '../linalg/backend/registry.ts'
import { type Matrix, matrix, transpose } from '../linalg/matrix.ts'
import { rowDefect } from '../linalg/whiteness.ts'

/** Rows further from orthonormal than this are not whitened: rounding leaves far less. */
const orthonormal = 1e-6

export function requireOrthonormalRows(caller: string, X: Matrix): void {
  const defect = rowDefect(X)
  if (defect <= orthonormal) return
  throw new UnsupportedProblemError(
    `${caller}: rows of X must be orthonormal, ‖XXᵀ − I‖ ≤ ${orthonormal}, got ${Number(defect.toPrecision(3))}; ` +
      'whiten at most as many rows as columns with whiten or whiten-rows, or pass anyData for a bound without a program',
  )
}

/** Y Q, n × r, with orthonormal Q: the eigenvectors of YYᵀ times the roots of their eigenvalues. */
export function reducedTargets(Y: Matrix): Matrix {
  const n = Y.rows
  const { values, vectors } = defaultBackend().eigh(defaultBackend().gram(transpose(Y)))
  const kept = Array.from(values.keys()).filter((k) => values[k] > n * Number.EPSILON * values[n - 1])
  const out = matrix(n, kept.length)
  kept.forEach((k, t) => {
    const size = Math.sqrt(values[k])
    for (let i = 0; i < n; i++) out.data[i * kept.length + t] = size * vectors.data[i * n + k]
  })
  return out
}
