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
 * Bounds ‖fl(W) − W‖₂ for `dualSlack`. T sums the coefficients of each product of two vectors, usually a single one, and
 * VᵀTV takes two sums of at most m products an entry; the absolute values of a term sum to at most
 * |coefficient| ‖v_i‖‖v_j‖ in the Frobenius norm. Sums that cancel in T count fully.
 */
export function slackRounding(block: ConicBlock, y: Float64Array, N: Float64Array): number {
  const { vectors, nonnegative, couplings, cost } = block
  const m = vectors.rows
  const sizes = Float64Array.from({ length: m }, (_, i) =>
    norm2(vectors.data.subarray(i * vectors.cols, (i + 1) * vectors.cols)),
  )
  const times = new Uint32Array(m * m)
  let [mass, most] = [norm2(cost.data), 0]
  const count = (i: number, j: number, coefficient: number): void => {
    mass += Math.abs(coefficient) * sizes[i] * sizes[j]
    most = Math.max(most, ++times[Math.max(i, j) * m + Math.min(i, j)])
  }
  nonnegative.forEach(([i, j], e) => count(i, j, N[e]))
  for (const { constraint, left, right } of couplings) count(left, right, y[constraint])
  // The mass itself is a sum of floats.
  const inflated = mass * (1 + (nonnegative.length + couplings.length + 8) * Number.EPSILON)
  return (
    (2 * m + 2 * most + 8) * Number.EPSILON * inflated + m * m * (1 + Math.max(0, ...sizes) ** 2) * Number.MIN_VALUE
  )
}

/** tᵀy − ½ Σ q_k y_k² in floats. */
export function dualObjective({ targets, curvatures }: ConicProgram, y: Float64Array): number {
  let total = 0
  for (let k = 0; k < y.length; k++) total += (targets[k] - (curvatures[k] * y[k]) / 2) * y[k]
  return total
}
