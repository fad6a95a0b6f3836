import { defaultBackend, type Matrix, matrix } from '@relucent/core'

/** Targets in an orthonormal basis of their rows: Y = reduced · basis. */
export interface OutputCoordinates {
  /** n × r. */
  readonly reduced: Matrix
  /** r × c. */
  readonly basis: Matrix
}

/** Directions in which the targets vary by less than this share of the most are left out. */
const negligible = 1e-10

export function outputCoordinates(Y: Matrix): OutputCoordinates {
  const { U, S, V } = defaultBackend().svd(Y)
  const rank = S.filter((value) => value > negligible * S[0]).length
  const reduced = matrix(Y.rows, rank)
  const basis = matrix(rank, Y.cols)
  for (let k = 0; k < rank; k++) {
    for (let i = 0; i < Y.rows; i++) reduced.data[i * rank + k] = S[k] * U.data[i * U.cols + k]
    for (let q = 0; q < Y.cols; q++) basis.data[k * Y.cols + q] = V.data[q * V.cols + k]
  }
  return { reduced, basis }
}
