import type { Eigh } from './eigh.ts'
import type { Matrix } from './matrix.ts'
import type { Qr } from './qr.ts'
import type { Svd } from './svd.ts'

/**
 * The heavy dense operations, behind one door: plain JavaScript today, compiled kernels or a native library where there
 * is one. Every implementation gives the same results to rounding; which rounding is its own affair.
 *
 * Shapes that do not fit throw RangeError; matrices with NaN give NaN, never a hang.
 */
export interface Backend {
  readonly name: string
  /** A B. */
  gemm(a: Matrix, b: Matrix): Matrix
  /** Aᵀ B. */
  gemmTransposed(a: Matrix, b: Matrix): Matrix
  /** diag(mask) A B: row i is computed where mask[i] is not 0, and is zero elsewhere. */
  maskedGemm(mask: Uint8Array, a: Matrix, b: Matrix): Matrix
  /** AᵀA, exactly symmetric. */
  gram(a: Matrix): Matrix
  /** The lower triangular L with A = L Lᵀ; null when A is not positive definite. */
  cholesky(a: Matrix): Matrix | null
  qr(a: Matrix): Qr
  eigh(a: Matrix): Eigh
  svd(a: Matrix): Svd
}
