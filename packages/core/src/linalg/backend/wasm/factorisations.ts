import type { Backend } from '../../backend.ts'
import type { Kernels } from '../../kernels/instance.ts'
import { type Matrix, matrix } from '../../matrix.ts'
import { powerOfTwoNear } from '../../scale.ts'
import { requireShapes } from '../shapes.ts'

type Factorisations = Pick<Backend, 'cholesky' | 'qr' | 'eigh' | 'svd'>

/** The kernels want columns that are contiguous, hence the transposes, and entries of order one, hence the scales. */
export function factorisations(kernels: Kernels): Factorisations {
  const { calls } = kernels

  /** Address of A / scale. */
  function scaledIn(a: Matrix, scale: number): number {
    const address = kernels.copyIn(a.data)
    if (scale !== 1) {
      const entries = kernels.doubles(address, a.data.length)
      for (let k = 0; k < entries.length; k++) entries[k] /= scale
    }
    return address
  }

  /** Address of the transpose of the m × n matrix at an address. */
  function transposed(m: number, n: number, from: number): number {
    const to = kernels.reserve(8 * m * n)
    calls.transpose(m, n, from, to)
    return to
  }

  /** The m × n matrix whose columns lie at an address one after the other. */
  function fromColumns(m: number, n: number, address: number): Matrix {
    const rows = transposed(n, m, address)
    return matrix(m, n, kernels.doubles(rows, m * n).slice())
  }

  return {
    cholesky(a) {
      const n = a.rows
      requireShapes('cholesky', [a, n, n])
      return kernels.within(() => {
        const address = kernels.copyIn(a.data)
        return calls.cholesky(n, address) ? matrix(n, n, kernels.doubles(address, n * n).slice()) : null
      })
    },

    qr(a) {
      const [m, n, k] = [a.rows, a.cols, Math.min(a.rows, a.cols)]
      requireShapes('qr', [a, m, n])
      const size = powerOfTwoNear(a.data)
      const scale = size > 0 && size < Number.POSITIVE_INFINITY ? size : 1
      return kernels.within(() => {
        const columns = transposed(m, n, scaledIn(a, scale))
        const [q, tau] = [kernels.reserve(8 * m * k), kernels.reserve(8 * k)]
        calls.householderQr(m, n, columns, q, tau, 0)
        calls.householderColumns(m, k, q, tau)
        const Q = fromColumns(m, k, q)
        const R = matrix(k, n)
        const triangle = kernels.doubles(columns, m * n)
        for (let j = 0; j < n; j++) {
          for (let i = 0; i <= Math.min(j, k - 1); i++) R.data[i * n + j] = triangle[j * m + i] * scale
        }
        return { Q, R }
      })
    },

    eigh(a) {
      const n = a.rows
      requireShapes('eigh', [a, n, n])
      const size = powerOfTwoNear(a.data)
      const scale = size === 0 ? 1 : size
      if (!(scale < Number.POSITIVE_INFINITY)) return { values: unknown(n, 1).data, vectors: unknown(n, n) }
      return kernels.within(() => {
        const from = scaledIn(a, scale)
        const [values, axes] = [kernels.reserve(8 * n), kernels.reserve(8 * n * n)]
        calls.eigh(n, from, values, axes, 0)
        const vectors = fromColumns(n, n, axes)
        return { values: kernels.doubles(values, n).map((value) => value * scale), vectors }
      })
    },

    svd(a) {
      const [m, n, k] = [a.rows, a.cols, Math.min(a.rows, a.cols)]
      requireShapes('svd', [a, m, n])
      const size = powerOfTwoNear(a.data)
      const scale = size === 0 ? 1 : size
      if (!(scale < Number.POSITIVE_INFINITY)) {
        return { U: unknown(m, k), S: unknown(k, 1).data, V: unknown(n, k) }
      }
      return kernels.within(() => {
        const wide = m < n
        const rows = scaledIn(a, scale)
        // The memory of a wide matrix is its transpose, tall, column by column.
        const columns = wide ? rows : transposed(m, n, rows)
        const long = Math.max(m, n)
        const [s, u, v] = [kernels.reserve(8 * k), kernels.reserve(8 * long * k), kernels.reserve(8 * k * k)]
        calls.svd(long, k, columns, s, u, v)
        const S = kernels.doubles(s, k).map((value) => value * scale)
        const rank = S.filter((value) => value > 0).length
        if (rank < k) calls.completeBasis(k, rank, v)
        const [tall, square] = [fromColumns(long, k, u), fromColumns(k, k, v)]
        return wide ? { U: square, S, V: tall } : { U: tall, S, V: square }
      })
    },
  }
}

function unknown(rows: number, cols: number): Matrix {
  return matrix(rows, cols, new Float64Array(rows * cols).fill(Number.NaN))
}
