import { type Backend, type Matrix, type Matrix32, matrix, row } from '@relucent/core'
import { character, integers, type Routines } from './fortran.ts'
import { mirrorLower, requireSizes } from './memory.ts'

type Products = Pick<Backend, 'gemm' | 'gemmSingle' | 'gemmTransposed' | 'maskedGemm' | 'gram' | 'rankUpdate'>

const asStored = character('N')
const transposed = character('T')
const upper = character('U')

/**
 * Products of row-major matrices by column-major BLAS, without a copy: the memory of a row-major A is a column-major
 * Aᵀ, and C = A B is Cᵀ = BᵀAᵀ.
 */
export function products({ dgemm_, sgemm_, dsyrk_ }: Routines): Products {
  const sizes = integers(6)
  const [zero, one, factor] = [0, 1, 0].map((value) => Float64Array.of(value))
  const [zeroSingle, oneSingle] = [0, 1].map((value) => Float32Array.of(value))

  const gemm: Products['gemm'] = (a, b, out = matrix(a.rows, b.cols)) => {
    const [m, k, n] = [a.rows, a.cols, b.cols]
    requireSizes('gemm', [a, m, k], [b, k, n], [out, m, n])
    if (m === 0 || n === 0 || k === 0) return cleared(out)
    const [N, M, K, ldB, ldA, ldC] = sizes(n, m, k, n, k, n)
    dgemm_(asStored, asStored, N, M, K, one, b.data, ldB, a.data, ldA, zero, out.data, ldC)
    return out
  }

  /** Lower triangle of target ← alpha · AᵀA + beta · target, copied to the upper one. */
  function addGram(routine: string, a: Matrix, alpha: number, beta: Float64Array, target: Matrix): Matrix {
    const [k, n] = [a.rows, a.cols]
    requireSizes(routine, [a, k, n], [target, n, n])
    if (n === 0) return target
    factor[0] = alpha
    const [N, K, ldA, ldC] = sizes(n, k, n, n)
    dsyrk_(upper, asStored, N, K, factor, a.data, ldA, beta, target.data, ldC)
    mirrorLower(target)
    return target
  }

  return {
    gemm,

    gemmSingle(a, b, out = { rows: a.rows, cols: b.cols, data: new Float32Array(a.rows * b.cols) }) {
      const [m, k, n] = [a.rows, a.cols, b.cols]
      requireSizes('gemmSingle', [a, m, k], [b, k, n], [out, m, n])
      if (m === 0 || n === 0 || k === 0) return cleared(out)
      const [N, M, K, ldB, ldA, ldC] = sizes(n, m, k, n, k, n)
      sgemm_(asStored, asStored, N, M, K, oneSingle, b.data, ldB, a.data, ldA, zeroSingle, out.data, ldC)
      return out
    },

    gemmTransposed(a, b, out = matrix(a.cols, b.cols)) {
      const [k, m, n] = [a.rows, a.cols, b.cols]
      requireSizes('gemmTransposed', [a, k, m], [b, k, n], [out, m, n])
      if (m === 0 || n === 0 || k === 0) return cleared(out)
      const [N, M, K, ldB, ldA, ldC] = sizes(n, m, k, n, m, n)
      dgemm_(asStored, transposed, N, M, K, one, b.data, ldB, a.data, ldA, zero, out.data, ldC)
      return out
    },

    /** The rows in the mask are gathered, multiplied and put back: half an atom's rows are usually not in it. */
    maskedGemm(mask, a, b, out = matrix(a.rows, b.cols)) {
      const [m, k, n] = [a.rows, a.cols, b.cols]
      requireSizes('maskedGemm', [a, m, k], [b, k, n], [out, m, n])
      if (mask.length !== m) throw new RangeError(`maskedGemm: the mask must have ${m} entries, got ${mask.length}`)
      const chosen = Array.from(mask.keys()).filter((i) => mask[i] !== 0)
      if (chosen.length === m) return gemm(a, b, out)
      const gathered = matrix(chosen.length, k)
      chosen.forEach((i, at) => gathered.data.set(row(a, i), at * k))
      const product = gemm(gathered, b)
      cleared(out)
      chosen.forEach((i, at) => row(out, i).set(row(product, at)))
      return out
    },

    gram: (a, out = matrix(a.cols, a.cols)) => addGram('gram', a, 1, zero, out),
    rankUpdate: (target, a, alpha) => addGram('rankUpdate', a, alpha, one, target),
  }
}

function cleared<T extends Matrix | Matrix32>(out: T): T {
  out.data.fill(0)
  return out
}
