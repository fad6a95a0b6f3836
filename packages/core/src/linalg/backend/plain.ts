import type { Backend } from '../backend.ts'
import { choleskyInto } from '../cholesky.ts'
import { eigh } from '../eigh.ts'
import { addScaledInto, type Matrix, matrix, multiply, multiplyTransposed, row } from '../matrix.ts'
import { qr } from '../qr.ts'
import { svd } from '../svd.ts'

/** Plain JavaScript: no set-up, runs everywhere, and the reference the other backends are compared with. */
export const plainBackend: Backend = {
  name: 'plain',
  gemm: multiply,
  gemmTransposed: multiplyTransposed,
  maskedGemm,
  gram,
  cholesky(a) {
    const l = matrix(a.rows, a.rows)
    return choleskyInto(a, l.data) ? l : null
  },
  qr,
  eigh,
  svd,
}

function maskedGemm(mask: Uint8Array, a: Matrix, b: Matrix): Matrix {
  if (mask.length !== a.rows || a.cols !== b.rows) {
    throw new RangeError(
      `maskedGemm: sizes must agree, got a mask of ${mask.length}, ${a.rows} × ${a.cols} and ${b.rows} × ${b.cols}`,
    )
  }
  const out = matrix(a.rows, b.cols)
  for (let i = 0; i < a.rows; i++) {
    if (mask[i] === 0) continue
    const target = row(out, i)
    for (let k = 0; k < a.cols; k++) addScaledInto(a.data[i * a.cols + k], row(b, k), target)
  }
  return out
}

function gram(a: Matrix): Matrix {
  const n = a.cols
  const out = matrix(n, n)
  for (let i = 0; i < a.rows; i++) {
    const source = row(a, i)
    for (let p = 0; p < n; p++) {
      const factor = source[p]
      if (factor === 0) continue
      for (let q = 0; q <= p; q++) out.data[p * n + q] += factor * source[q]
    }
  }
  for (let p = 0; p < n; p++) for (let q = 0; q < p; q++) out.data[q * n + p] = out.data[p * n + q]
  return out
}
