import { strictBackend } from './backend/registry.ts'
import { type Matrix, matrix, transpose } from './matrix.ts'
import { frobeniusUpper } from './norms.ts'

/**
 * A proven upper bound on ‖XXᵀ − I‖_F of these very floats: how far the rows are from orthonormal. NaN gives Infinity.
 */
export function rowDefect(X: Matrix): number {
  return proven(frobeniusUpper(minusIdentity(gramOf(transpose(X)))) + gramRounding(X))
}

/**
 * A proven upper bound on ‖X‖₂ of data whose singular values are all one or zero, as whitened data have them; Infinity for
 * others. Unlike `spectralUpper` it is tight for matrices of any size.
 *
 * With G the Gram matrix of the shorter side, ‖X‖₂² ≤ 1 + ‖G − I‖; where directions are missing, because rows repeat or
 * means were removed, every eigenvalue still has λ² − λ ≤ ‖G² − G‖, hence λ ≤ 1 + ‖G² − G‖.
 */
export function isometrySize(X: Matrix): number {
  const G = gramOf(X.rows < X.cols ? transpose(X) : X)
  const rounding = gramRounding(X)
  const defect = proven(frobeniusUpper(minusIdentity(G)) + rounding)
  if (defect <= negligible) return rootOf(defect)
  const size = frobeniusUpper(G)
  const square = strictBackend().gemm(G, G)
  for (let k = 0; k < G.data.length; k++) square.data[k] -= G.data[k]
  const more = (G.rows + 4) * Number.EPSILON * size * size + (2 * size + 2) * rounding
  const excess = proven(frobeniusUpper(square) + more)
  return excess <= negligible ? rootOf(excess) : Number.POSITIVE_INFINITY
}

/** Data further from whitened than this are not: a bound would hold, but not be tight. */
const negligible = 1e-6

function gramOf(a: Matrix): Matrix {
  return strictBackend().gram(a)
}

/** Entries of a Gram matrix are sums of products, each with an error below (length + 4) ε ‖x_i‖‖x_j‖. */
function gramRounding(X: Matrix): number {
  return (Math.max(X.rows, X.cols) + 4) * Number.EPSILON * frobeniusUpper(X) ** 2
}

function minusIdentity({ rows, cols, data }: Matrix): Matrix {
  const out = matrix(rows, cols, data.slice())
  for (let k = 0; k < rows; k++) out.data[k * (cols + 1)] -= 1
  return out
}

function proven(value: number): number {
  return value >= 0 ? value * (1 + 8 * Number.EPSILON) : Number.POSITIVE_INFINITY
}

function rootOf(excess: number): number {
  return Math.sqrt(1 + excess) * (1 + 4 * Number.EPSILON)
}
