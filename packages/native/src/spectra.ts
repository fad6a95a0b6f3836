import { type Backend, type Matrix, matrix, type Svd } from '@relucent/core'
import { character, integers, type Routines, withWorkspace } from './fortran.ts'
import { allFinite, requireSizes, transpose, transposeInPlace, unknown } from './memory.ts'

type Spectra = Pick<Backend, 'eigh' | 'svd'>

const upper = character('U')
const withVectors = character('V')
const thin = character('S')

/** DGEJSV: high relative accuracy under row and column scaling, thin U and V, normal range, no transposing, no perturbing. */
const jacobiJob = ['F', 'U', 'V', 'R', 'N', 'N'].map(character)

/**
 * Rows or columns whose lengths differ by more than this make the matrix graded: bidiagonalisation would lose as many
 * digits of the small singular values, Jacobi keeps them (Drmač and Veselić, SIAM J. Matrix Anal. Appl. 29, 2008).
 */
const graded = 1e3

/**
 * Eigenvectors and singular vectors of row-major matrices by column-major LAPACK: divide and conquer, and Jacobi for
 * the singular values of graded matrices. No convergence gives NaN, as NaN and Infinity do; neither reaches LAPACK.
 */
export function spectra({ dsyevd_, dgesdd_, dgejsv_ }: Routines): Spectra {
  const sizes = integers(6)
  const info = new Int32Array(1)

  /** The memory of A is a column-major Aᵀ = V S Uᵀ: V comes out by columns and is transposed, Uᵀ is U by rows. */
  function divideAndConquer(a: Matrix): Svd {
    const [m, n] = [a.rows, a.cols]
    const k = Math.min(m, n)
    const [U, S, V] = [matrix(m, k), new Float64Array(k), matrix(k, n)]
    const scratch = a.data.slice()
    const iwork = new Int32Array(8 * k)
    const [N, M, K] = sizes(n, m, k)
    withWorkspace(4 * k * k + 7 * k, (work, lwork) =>
      dgesdd_(thin, N, M, scratch, N, S, V.data, N, U.data, K, work, lwork, iwork, info),
    )
    return { U, S, V: transpose(V) }
  }

  /** DGEJSV wants a tall matrix, the memory of a wide A. */
  function jacobi(a: Matrix): Svd {
    if (a.rows > a.cols) {
      const { U, S, V } = jacobi(transpose(a))
      return { U: V, S, V: U }
    }
    const [m, n] = [a.rows, a.cols]
    const [U, S, V] = [matrix(m, m), new Float64Array(m), matrix(m, n)]
    const work = new Float64Array(Math.max(2 * n + m, 2 * m * m + 6 * m, 7))
    const iwork = new Int32Array(n + 3 * m)
    const [N, M, lwork] = sizes(n, m, work.length)
    dgejsv_(...jacobiJob, N, M, a.data.slice(), N, S, V.data, N, U.data, M, work, lwork, iwork, info)
    const scale = work[0] / work[1]
    return { U: transpose(U), S: S.map((value) => value * scale), V: transpose(V) }
  }

  return {
    eigh(a) {
      const n = a.rows
      requireSizes('eigh', [a, n, n])
      const values = new Float64Array(n)
      if (n === 0) return { values, vectors: matrix(n, n) }
      if (!allFinite(a.data)) return { values: values.fill(Number.NaN), vectors: unknown(n, n) }
      const vectors = matrix(n, n, a.data.slice())
      const iwork = new Int32Array(3 + 5 * n)
      const [N, liwork] = sizes(n, iwork.length)
      withWorkspace(1 + 6 * n + 2 * n * n, (work, lwork) =>
        dsyevd_(withVectors, upper, N, vectors.data, N, values, work, lwork, iwork, liwork, info),
      )
      if (info[0] !== 0) return { values: values.fill(Number.NaN), vectors: unknown(n, n) }
      transposeInPlace(vectors)
      return { values, vectors }
    },

    svd(a) {
      const [m, n, k] = [a.rows, a.cols, Math.min(a.rows, a.cols)]
      requireSizes('svd', [a, m, n])
      if (k === 0) return { U: matrix(m, k), S: new Float64Array(k), V: matrix(n, k) }
      if (allFinite(a.data)) {
        const factors = isGraded(a) ? jacobi(a) : divideAndConquer(a)
        if (info[0] === 0) return factors
      }
      return { U: unknown(m, k), S: new Float64Array(k).fill(Number.NaN), V: unknown(n, k) }
    },
  }
}

function isGraded(a: Matrix): boolean {
  const [rows, columns] = [new Float64Array(a.rows), new Float64Array(a.cols)]
  for (let i = 0, at = 0; i < a.rows; i++) {
    for (let k = 0; k < a.cols; k++, at++) {
      const size = Math.abs(a.data[at])
      if (size > rows[i]) rows[i] = size
      if (size > columns[k]) columns[k] = size
    }
  }
  return spread(rows) > graded || spread(columns) > graded
}

/** Largest over smallest, zeros aside. */
function spread(sizes: Float64Array): number {
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  for (const size of sizes) {
    if (size > most) most = size
    if (size > 0 && size < least) least = size
  }
  return most / least
}
