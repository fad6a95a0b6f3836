import { defaultBackend } from '../linalg/backend/registry.ts'
import { dot, type Matrix, matrix, transpose } from '../linalg/matrix.ts'
import { qr } from '../linalg/qr.ts'
import { inverseLower } from '../linalg/triangular.ts'
import type { ConicBlock } from '../relaxation.ts'

/** Vectors that see a direction this much less than another are given the unit vectors for company. */
const weak = 1e-6

/** P = QΘQᵀ for the U of one block, and what makes U of Θ. */
export interface Face {
  readonly block: ConicBlock
  readonly Q: Matrix
  /** R⁻¹, upper triangular. */
  readonly inverse: Matrix
  /** R⁻ᵀCR⁻¹. */
  readonly cost: Matrix
}

/** QR of the vectors, with unit vectors beside them where they do not see every direction. */
export function faceOf(block: ConicBlock): Face {
  const { vectors, cost } = block
  let { Q, R } = qr(vectors)
  if (!regular(R)) {
    const size = Math.sqrt(dot(vectors.data, vectors.data) / Math.max(1, vectors.rows)) || 1
    ;({ Q, R } = qr(withUnitVectors(vectors, size)))
  }
  const inverse = transpose(inverseLower(transpose(R)))
  const backend = defaultBackend()
  return { block, Q, inverse, cost: backend.gemmTransposed(inverse, backend.gemm(cost, inverse)) }
}

function regular(R: Matrix): boolean {
  if (R.rows < R.cols) return false
  const pivots = Array.from({ length: R.cols }, (_, k) => Math.abs(R.data[k * R.cols + k]))
  return Math.min(...pivots) > weak * Math.max(...pivots)
}

function withUnitVectors(vectors: Matrix, size: number): Matrix {
  const out = matrix(vectors.rows + vectors.cols, vectors.cols)
  out.data.set(vectors.data)
  for (let k = 0; k < vectors.cols; k++) out.data[(vectors.rows + k) * vectors.cols + k] = size
  return out
}
