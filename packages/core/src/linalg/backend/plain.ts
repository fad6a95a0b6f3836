import type { Backend } from '../backend.ts'
import { choleskyInto } from '../cholesky.ts'
import { eigh } from '../eigh.ts'
import { type Matrix, type Matrix32, matrix } from '../matrix.ts'
import { qr } from '../qr.ts'
import { svd } from '../svd.ts'
import { requireShapes } from './shapes.ts'

/** Plain JavaScript: no set-up, runs everywhere, and the reference the other backends are compared with. */
export const plainBackend: Backend = {
  name: 'plain',
  gemm(a, b, out = matrix(a.rows, b.cols)) {
    requireShapes('gemm', [a, a.rows, a.cols], [b, a.cols, b.cols], [out, a.rows, b.cols])
    return productInto(a, b, out)
  },
  gemmSingle(a, b, out = { rows: a.rows, cols: b.cols, data: new Float32Array(a.rows * b.cols) }) {
    requireShapes('gemmSingle', [a, a.rows, a.cols], [b, a.cols, b.cols], [out, a.rows, b.cols])
    return productInto(a, b, out)
  },
  gemmTransposed(a, b, out = matrix(a.cols, b.cols)) {
    requireShapes('gemmTransposed', [a, a.rows, a.cols], [b, a.rows, b.cols], [out, a.cols, b.cols])
    out.data.fill(0)
    for (let i = 0; i < a.rows; i++) {
      for (let k = 0; k < a.cols; k++) addRow(a.data[i * a.cols + k], b, i, out, k)
    }
    return out
  },
  maskedGemm(mask, a, b, out = matrix(a.rows, b.cols)) {
    requireShapes('maskedGemm', [a, a.rows, a.cols], [b, a.cols, b.cols], [out, a.rows, b.cols])
    if (mask.length !== a.rows) {
      throw new RangeError(`maskedGemm: the mask must have ${a.rows} entries, got ${mask.length}`)
    }
    return productInto(a, b, out, mask)
  },
  gram(a, out = matrix(a.cols, a.cols)) {
    requireShapes('gram', [a, a.rows, a.cols], [out, a.cols, a.cols])
    out.data.fill(0)
    return addGram(out, a, 1)
  },
  rankUpdate(target, a, alpha) {
    requireShapes('rankUpdate', [a, a.rows, a.cols], [target, a.cols, a.cols])
    return addGram(target, a, alpha)
  },
  cholesky(a) {
    const l = matrix(a.rows, a.rows)
    return choleskyInto(a, l.data) ? l : null
  },
  qr,
  eigh,
  svd,
}

function productInto<T extends Matrix | Matrix32>(a: T, b: T, out: T, mask?: Uint8Array): T {
  out.data.fill(0)
  for (let i = 0; i < a.rows; i++) {
    if (mask?.[i] === 0) continue
    for (let k = 0; k < a.cols; k++) addRow(a.data[i * a.cols + k], b, k, out, i)
  }
  return out
}

/** Row `to` of the target += factor · row `from` of the source; zero factors count, 0 · NaN is NaN. */
function addRow(factor: number, source: Matrix | Matrix32, from: number, target: Matrix | Matrix32, to: number): void {
  const width = source.cols
  for (let q = 0, at = from * width, put = to * width; q < width; q++) target.data[put++] += factor * source.data[at++]
}

function addGram(target: Matrix, a: Matrix, alpha: number): Matrix {
  const n = a.cols
  for (let i = 0; i < a.rows; i++) {
    for (let p = 0; p < n; p++) {
      const factor = alpha * a.data[i * n + p]
      for (let q = 0; q <= p; q++) target.data[p * n + q] += factor * a.data[i * n + q]
    }
  }
  for (let p = 0; p < n; p++) for (let q = 0; q < p; q++) target.data[q * n + p] = target.data[p * n + q]
  return target
}
