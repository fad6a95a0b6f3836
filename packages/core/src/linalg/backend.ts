import type { Eigh } from './eigh.ts'
import type { Matrix, Matrix32 } from './matrix.ts'
import type { Qr } from './qr.ts'
import type { Svd } from './svd.ts'

/**
 * The heavy dense operations, behind one door: plain JavaScript, compiled kernels, or a native library where there is
 * one. Every implementation gives the same results to rounding; which rounding is its own affair.
 *
 * A product is written into `out` where one is given, and returned; `out` has the product's shape and shares no memory
 * with an input. Shapes that do not fit throw RangeError, empty matrices are matrices, and NaN gives NaN, never a hang.
 */
export interface Backend {
  readonly name: string
  /** A B. */
  gemm(a: Matrix, b: Matrix, out?: Matrix): Matrix
  /** A B in single precision. */
  gemmSingle(a: Matrix32, b: Matrix32, out?: Matrix32): Matrix32
  /** Aᵀ B. */
  gemmTransposed(a: Matrix, b: Matrix, out?: Matrix): Matrix
  /** diag(mask) A B: row i is computed where mask[i] is not 0, and is zero elsewhere. */
  maskedGemm(mask: Uint8Array, a: Matrix, b: Matrix, out?: Matrix): Matrix
  /** AᵀA, exactly symmetric. */
  gram(a: Matrix, out?: Matrix): Matrix
  /** target + alpha · AᵀA for a symmetric target, of which one triangle is read; in place, returned, exactly symmetric. */
  rankUpdate(target: Matrix, a: Matrix, alpha: number): Matrix
  /** The lower triangular L with A = L Lᵀ; null when A is not positive definite. */
  cholesky(a: Matrix): Matrix | null
  qr(a: Matrix): Qr
  eigh(a: Matrix): Eigh
  svd(a: Matrix): Svd
}
