import type { Backend } from '../../backend.ts'
import type { Kernels } from '../../kernels/instance.ts'
import { type Matrix, type Matrix32, matrix } from '../../matrix.ts'
import { requireShapes } from '../shapes.ts'

const belowDiagonal = 1
const added = 2

type Products = Pick<Backend, 'gemm' | 'gemmSingle' | 'gemmTransposed' | 'maskedGemm' | 'gram' | 'rankUpdate'>

export function products(kernels: Kernels): Products {
  const { calls } = kernels

  function addGram(target: Matrix, a: Matrix, alpha: number, flags: number): Matrix {
    const [m, n] = [a.rows, a.cols]
    return kernels.within(() => {
      const from = kernels.copyIn(a.data)
      const to = flags & added ? kernels.copyIn(target.data) : kernels.reserve(target.data.byteLength)
      calls.gemm(n, n, m, alpha, from, 1, n, from, n, 1, to, n, 0, flags | belowDiagonal)
      calls.mirror(n, to, n)
      target.data.set(kernels.doubles(to, n * n))
      return target
    })
  }

  return {
    gemm(a, b, out = matrix(a.rows, b.cols)) {
      const [m, k, n] = [a.rows, a.cols, b.cols]
      requireShapes('gemm', [a, m, k], [b, k, n], [out, m, n])
      return kernels.within(() => {
        const [from, by, to] = [kernels.copyIn(a.data), kernels.copyIn(b.data), kernels.reserve(out.data.byteLength)]
        calls.gemm(m, n, k, 1, from, k, 1, by, n, 1, to, n, 0, 0)
        out.data.set(kernels.doubles(to, m * n))
        return out
      })
    },

    gemmSingle(a, b, out = zeros(a.rows, b.cols)) {
      const [m, k, n] = [a.rows, a.cols, b.cols]
      requireShapes('gemmSingle', [a, m, k], [b, k, n], [out, m, n])
      return kernels.within(() => {
        const [from, by, to] = [kernels.copyIn(a.data), kernels.copyIn(b.data), kernels.reserve(out.data.byteLength)]
        calls.gemmSingle(m, n, k, 1, from, k, 1, by, n, 1, to, n, 0, 0)
        out.data.set(kernels.singles(to, m * n))
        return out
      })
    },

    gemmTransposed(a, b, out = matrix(a.cols, b.cols)) {
      const [k, m, n] = [a.rows, a.cols, b.cols]
      requireShapes('gemmTransposed', [a, k, m], [b, k, n], [out, m, n])
      return kernels.within(() => {
        const [from, by, to] = [kernels.copyIn(a.data), kernels.copyIn(b.data), kernels.reserve(out.data.byteLength)]
        calls.gemm(m, n, k, 1, from, 1, m, by, n, 1, to, n, 0, 0)
        out.data.set(kernels.doubles(to, m * n))
        return out
      })
    },

    maskedGemm(mask, a, b, out = matrix(a.rows, b.cols)) {
      const [m, k, n] = [a.rows, a.cols, b.cols]
      requireShapes('maskedGemm', [a, m, k], [b, k, n], [out, m, n])
      if (mask.length !== m) throw new RangeError(`maskedGemm: the mask must have ${m} entries, got ${mask.length}`)
      return kernels.within(() => {
        const chosen = Int32Array.from(mask.keys()).filter((i) => mask[i] !== 0)
        const [from, by, rows] = [kernels.copyIn(a.data), kernels.copyIn(b.data), kernels.copyIn(chosen)]
        const to = kernels.copyIn(out.data.fill(0))
        calls.gemm(chosen.length, n, k, 1, from, k, 1, by, n, 1, to, n, rows, 0)
        out.data.set(kernels.doubles(to, m * n))
        return out
      })
    },

    gram(a, out = matrix(a.cols, a.cols)) {
      requireShapes('gram', [a, a.rows, a.cols], [out, a.cols, a.cols])
      return addGram(out, a, 1, 0)
    },

    rankUpdate(target, a, alpha) {
      requireShapes('rankUpdate', [a, a.rows, a.cols], [target, a.cols, a.cols])
      return addGram(target, a, alpha, added)
    },
  }
}

function zeros(rows: number, cols: number): Matrix32 {
  return { rows, cols, data: new Float32Array(rows * cols) }
}
