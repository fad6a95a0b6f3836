import { describe, expect, test } from 'vitest'
import { gaussian, seededRandom } from '../../random.ts'
import type { Backend } from '../backend.ts'
import { type Matrix, matrix, multiply, multiplyTransposed, subtract, transpose } from '../matrix.ts'
import { norm2 } from '../norms.ts'

/** Kernels are checked to this relative error: reconstruct what was factored, and compare. */
const kernelTolerance = 1e-12

/** What every `Backend` promises, on random, degenerate, badly scaled and unusable matrices. */
export function backendConformance(backend: Backend): void {
  describe(`${backend.name} backend`, () => {
    describe.each(matrices())('%s', (_what, A) => {
      const [m, n] = [A.rows, A.cols]
      const k = Math.min(m, n)

      test('gemm, gemmTransposed and gram are the triple loop', () => {
        const B = random(n, 4, 11)
        const C = random(m, 3, 12)
        expectClose(backend.gemm(A, B), multiply(A, B), norm2(A.data) * norm2(B.data))
        expectClose(backend.gemmTransposed(A, C), multiplyTransposed(A, C), norm2(A.data) * norm2(C.data))
        const G = backend.gram(A)
        expectClose(G, multiplyTransposed(A, A), norm2(A.data) ** 2)
        expect(transpose(G).data).toEqual(G.data)
      })

      test('maskedGemm is gemm with the rows outside the mask set to zero', () => {
        const B = random(n, 4, 13)
        const mask = Uint8Array.from({ length: m }, (_, i) => (i % 3 === 1 ? 0 : 1))
        const product = multiply(A, B)
        const expected = matrix(
          m,
          4,
          product.data.map((value, at) => (mask[Math.floor(at / 4)] ? value : 0)),
        )
        expectClose(backend.maskedGemm(mask, A, B), expected, norm2(A.data) * norm2(B.data))
      })

      test('Q R is A, Q is orthonormal, R is upper triangular', () => {
        const { Q, R } = backend.qr(A)
        expect([Q.rows, Q.cols, R.rows, R.cols]).toEqual([m, k, k, n])
        expectClose(multiply(Q, R), A, norm2(A.data))
        expectOrthonormal(Q)
        for (let i = 0; i < k; i++) for (let j = 0; j < i; j++) expect(R.data[i * n + j]).toBe(0)
      })

      test('U S Vᵀ is A, U and V are orthonormal, S descends', () => {
        const { U, S, V } = backend.svd(A)
        expect([U.rows, U.cols, S.length, V.rows, V.cols]).toEqual([m, k, k, n, k])
        expectClose(multiply(timesDiagonal(U, S), transpose(V)), A, norm2(A.data))
        expectOrthonormal(U)
        expectOrthonormal(V)
        for (let j = 0; j < k; j++) expect(S[j]).toBeGreaterThanOrEqual(j + 1 < k ? S[j + 1] : 0)
      })

      test('V Λ Vᵀ is the Gram matrix, V is orthonormal, Λ ascends', () => {
        const G = multiplyTransposed(A, A)
        const { values, vectors } = backend.eigh(G)
        expectClose(multiply(timesDiagonal(vectors, values), transpose(vectors)), G, norm2(G.data))
        expectOrthonormal(vectors)
        for (let j = 1; j < n; j++) expect(values[j]).toBeGreaterThanOrEqual(values[j - 1])
      })

      test('L Lᵀ is the Gram matrix with a ridge', () => {
        const G = multiplyTransposed(A, A)
        const ridge = norm2(G.data) || 1
        for (let i = 0; i < n; i++) G.data[i * n + i] += ridge
        const L = backend.cholesky(G)
        expect(L).not.toBeNull()
        expectClose(multiply(L!, transpose(L!)), G, norm2(G.data))
        for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(L!.data[i * n + j]).toBe(0)
      })
    })

    test('indefinite, singular and unknown matrices have no Cholesky factor', () => {
      expect(backend.cholesky(matrix(2, 2, Float64Array.of(1, 2, 2, 1)))).toBeNull()
      expect(backend.cholesky(matrix(2, 2))).toBeNull()
      expect(backend.cholesky(matrix(2, 2, Float64Array.of(Number.NaN, 0, 0, 1)))).toBeNull()
    })

    test('eigh agrees with the closed form of the path graph Laplacian', () => {
      for (const n of [2, 7, 40]) {
        const path = matrix(n, n)
        for (let i = 0; i + 1 < n; i++) path.data[i * n + i + 1] = path.data[(i + 1) * n + i] = 1
        const { values } = backend.eigh(path)
        for (let k = 1; k <= n; k++) expect(values[n - k]).toBeCloseTo(2 * Math.cos((k * Math.PI) / (n + 1)), 12)
      }
    })

    test('singular values of a graded matrix are found to high relative accuracy', () => {
      const grades = [1e9, 1, 1e-9]
      const { S } = backend.svd(timesDiagonal(backend.qr(random(6, 3, 14)).Q, Float64Array.from(grades)))
      grades.forEach((grade, k) => expect(Math.abs(S[k] / grade - 1)).toBeLessThan(kernelTolerance))
    })

    test('NaN and Infinity come back as NaN, and nothing hangs', () => {
      for (const n of [3, 30]) {
        for (const poison of [Number.NaN, Number.POSITIVE_INFINITY]) {
          const A = random(n, n, 15)
          A.data[n + 1] = poison
          expect(backend.eigh(A).values.every(Number.isNaN)).toBe(true)
          expect(backend.svd(A).S.every(Number.isNaN)).toBe(true)
          expect(backend.qr(A).Q.rows).toBe(n)
        }
      }
    })

    test('shapes that do not fit are refused', () => {
      const A = random(3, 2, 16)
      expect(() => backend.gemm(A, A)).toThrow(RangeError)
      expect(() => backend.gemmTransposed(A, random(2, 2, 17))).toThrow(RangeError)
      expect(() => backend.maskedGemm(new Uint8Array(2), A, random(2, 2, 18))).toThrow(RangeError)
      expect(() => backend.cholesky(A)).toThrow(RangeError)
      expect(() => backend.eigh(A)).toThrow(RangeError)
    })
  })
}

function matrices(): [what: string, A: Matrix][] {
  const repeated = matrix(5, 5)
  ;[3, 3, 3, 1, 0].forEach((value, k) => (repeated.data[k * 5 + k] = value))
  const turn = random(5, 5, 1)
  return [
    ['1 × 1', random(1, 1, 2)],
    ['one column', random(9, 1, 3)],
    ['one row', random(1, 9, 4)],
    ['tall', random(20, 6, 5)],
    ['wide', random(6, 20, 6)],
    ['square, of an order that needs tridiagonalisation', random(40, 40, 7)],
    ['zero', matrix(4, 3)],
    ['zero, large', matrix(20, 20)],
    ['the identity', identity(18)],
    ['rank deficient', multiply(random(12, 2, 8), random(2, 7, 9))],
    ['rank deficient, large', multiply(random(50, 3, 8), random(3, 30, 9))],
    ['repeated eigenvalues', multiply(turn, multiply(repeated, transpose(turn)))],
    ['duplicated columns', multiply(random(8, 2, 10), matrix(2, 4, Float64Array.of(1, 0, 1, 0, 0, 1, 0, 1)))],
    ['huge', times(random(7, 4, 19), 1e9)],
    ['tiny', times(random(7, 4, 20), 1e-9)],
    ['graded columns', timesDiagonal(random(8, 4, 21), Float64Array.of(1e9, 1e-9, 1, 1e4))],
    ['graded rows', transpose(timesDiagonal(random(4, 8, 22), Float64Array.of(1e9, 1e-9, 1, 1e4, 1, 1, 1e-9, 2)))],
  ]
}

function random(rows: number, cols: number, seed: number): Matrix {
  const next = seededRandom(seed)
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => gaussian(next)),
  )
}

function identity(n: number): Matrix {
  return timesDiagonal(matrix(n, n), new Float64Array(n), 1)
}

/** A diag(d) + shift · I. */
function timesDiagonal(A: Matrix, d: Float64Array, shift = 0): Matrix {
  return matrix(
    A.rows,
    A.cols,
    A.data.map((value, at) => value * d[at % A.cols] + (at % (A.cols + 1) === 0 ? shift : 0)),
  )
}

function times(A: Matrix, factor: number): Matrix {
  return timesDiagonal(A, new Float64Array(A.cols).fill(factor))
}

function expectClose(actual: Matrix, expected: Matrix, scale: number): void {
  expect([actual.rows, actual.cols]).toEqual([expected.rows, expected.cols])
  expect(norm2(subtract(actual, expected).data)).toBeLessThanOrEqual(kernelTolerance * scale)
}

function expectOrthonormal(Q: Matrix): void {
  const defect = multiplyTransposed(Q, Q)
  for (let k = 0; k < Q.cols; k++) defect.data[k * Q.cols + k] -= 1
  expect(norm2(defect.data)).toBeLessThan(kernelTolerance)
}
