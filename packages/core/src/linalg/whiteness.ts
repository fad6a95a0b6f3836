import { strictBackend } from './backend/registry.ts'
import { type Matrix, transpose } from './matrix.ts'
import { frobeniusUpper } from './norms.ts'

/**
 * A proven upper bound on ‖XXᵀ − I‖_F of these very floats: how far the rows are from orthonormal. So ‖X‖₂² is at most
 * one more than it, for X of any size, which `spectralUpper` cannot tell of large ones. NaN gives Infinity.
 */
export function rowDefect(X: Matrix): number {
  const gram = strictBackend().gram(transpose(X))
  for (let i = 0; i < X.rows; i++) gram.data[i * (X.rows + 1)] -= 1
  const rounding = (X.cols + 4) * Number.EPSILON * frobeniusUpper(X) ** 2
  const defect = (frobeniusUpper(gram) + rounding) * (1 + 4 * Number.EPSILON)
  return defect >= 0 ? defect : Number.POSITIVE_INFINITY
}

/** ‖X‖₂ ≤ √(1 + ‖XXᵀ − I‖), rounded up. */
export function nearlyOrthonormalSize(defect: number): number {
  return Math.sqrt(1 + defect) * (1 + 4 * Number.EPSILON)
}
