import { type Backend, matrix } from '@relucent/core'
import { character, integers, type Routines, withWorkspace } from './fortran.ts'
import { allFinite, requireSizes, unknown } from './memory.ts'

type Factorisations = Pick<Backend, 'cholesky' | 'qr'>

const upper = character('U')

/**
 * Cholesky and QR of row-major matrices by column-major LAPACK. A is Aᵀ there, so that the upper factor Lᵀ of A = L Lᵀ
 * lies in memory as L, and the factors of the LQ factorisation Aᵀ = Rᵀ Qᵀ lie in memory as R and Q.
 */
export function factorisations({ dpotrf_, dgelqf_, dorglq_ }: Routines): Factorisations {
  const sizes = integers(4)
  const info = new Int32Array(1)

  return {
    cholesky(a) {
      const n = a.rows
      requireSizes('cholesky', [a, n, n])
      const l = matrix(n, n)
      for (let i = 0; i < n; i++) l.data.set(a.data.subarray(i * n, i * n + i + 1), i * n)
      if (!allFinite(l.data)) return null
      if (n === 0) return l
      const [N, ld] = sizes(n, n)
      dpotrf_(upper, N, l.data, ld, info)
      return info[0] === 0 ? l : null
    },

    qr(a) {
      const [m, n] = [a.rows, a.cols]
      const k = Math.min(m, n)
      requireSizes('qr', [a, m, n])
      if (!allFinite(a.data)) return { Q: unknown(m, k), R: unknown(k, n) }
      const [Q, R] = [matrix(m, k), matrix(k, n)]
      if (k === 0) return { Q, R }
      const factors = a.data.slice()
      const tau = new Float64Array(k)
      const [N, M, ld, K] = sizes(n, m, n, k)
      withWorkspace(n, (work, lwork) => dgelqf_(N, M, factors, ld, tau, work, lwork, info))
      for (let i = 0; i < k; i++) R.data.set(factors.subarray(i * n + i, (i + 1) * n), i * n + i)
      withWorkspace(k, (work, lwork) => dorglq_(K, M, K, factors, ld, tau, work, lwork, info))
      for (let i = 0; i < m; i++) Q.data.set(factors.subarray(i * n, i * n + k), i * k)
      return { Q, R }
    },
  }
}
