import { type Matrix, matrix, multiply, multiplyTransposed } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { ConicBlock, ConicProgram } from '../relaxation.ts'

/** Σ_k y_k A_k + Σ_(i,j) N_ij A_ij of one block: VᵀTV for the symmetric T of their coefficients. */
export function weightedTerms(
  { vectors, nonnegative, couplings }: ConicBlock,
  y: Float64Array,
  N: Float64Array,
): Matrix {
  const m = vectors.rows
  const T = matrix(m, m)
  const add = (i: number, j: number, value: number): void => {
    T.data[i * m + j] += value / 2
    T.data[j * m + i] += value / 2
  }
  nonnegative.forEach(([i, j], e) => add(i, j, N[e]))
  for (const { constraint, left, right } of couplings) add(left, right, y[constraint])
  return multiplyTransposed(vectors, multiply(T, vectors))
}

/** W = C − Σ_k y_k A_k − Σ_(i,j) N_ij A_ij. */
export function dualSlack(block: ConicBlock, y: Float64Array, N: Float64Array): Matrix {
  const { data } = weightedTerms(block, y, N)
  const { rows, cols } = block.cost
  return matrix(
    rows,
    cols,
    data.map((value, k) => block.cost.data[k] - value),
  )
}

/**
 * Bounds ‖fl(W) − W‖₂ for `dualSlack`: every entry is a sum of at most m² + 1 products of three numbers, and the absolute
 * values of a term sum to at most |coefficient| ‖v_i‖‖v_j‖ in the Frobenius norm. Sums that cancel in T count fully.
 */
export function slackRounding(block: ConicBlock, y: Float64Array, N: Float64Array): number {
  const { vectors, nonnegative, couplings, cost } = block
  const m = vectors.rows
  const sizes = Float64Array.from({ length: m }, (_, i) =>
    norm2(vectors.data.subarray(i * vectors.cols, (i + 1) * vectors.cols)),
  )
  let mass = norm2(cost.data)
  nonnegative.forEach(([i, j], e) => (mass += Math.abs(N[e]) * sizes[i] * sizes[j]))
  for (const { constraint, left, right } of couplings) mass += Math.abs(y[constraint]) * sizes[left] * sizes[right]
  return (
    (2 * m + nonnegative.length + couplings.length + 8) * Number.EPSILON * mass +
    m * m * (1 + Math.max(0, ...sizes) ** 2) * Number.MIN_VALUE
  )
}

/** tᵀy − ½ Σ q_k y_k² in floats. */
export function dualObjective({ targets, curvatures }: ConicProgram, y: Float64Array): number {
  let total = 0
  for (let k = 0; k < y.length; k++) total += (targets[k] - (curvatures[k] * y[k]) / 2) * y[k]
  return total
}
