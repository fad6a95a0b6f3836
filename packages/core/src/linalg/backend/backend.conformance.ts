import { describe, expect, test } from 'vitest'
import { gaussian, seededRandom } from '../../random.ts'
import type { Backend } from '../backend.ts'
import { type Matrix, type Matrix32, matrix, multiply, multiplyTransposed, subtract, transpose } from '../matrix.ts'
import { norm2 } from '../norms.ts'

/** Kernels are checked to this relative error: reconstruct what was factored, and compare. */
const kernelTolerance = 1e-12

const singleTolerance = 1e-6

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

      test('gemmSingle is gemm to single precision', () => {
        const B = random(n, 4, 23)
        const product = backend.gemmSingle(single(A), single(B))
        const error = subtract(matrix(m, 4, Float64Array.from(product.data)), multiply(double(A), double(B)))
        expect(norm2(error.data)).toBeLessThanOrEqual(singleTolerance * norm2(A.data) * norm2(B.data))
      })

      test('rankUpdate adds a multiple of the Gram matrix, exactly symmetric', () => {
        const target = multiplyTransposed(random(5, n, 24), random(5, n, 24))
        const expected = subtract(target, times(multiplyTransposed(A, A), 0.5))
        const scale = norm2(target.data) + norm2(A.data) ** 2
        expect(backend.rankUpdate(target, A, -0.5)).toBe(target)
        expectClose(target, expected, scale)
        expect(transpose(target).data).toEqual(target.data)
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

    test('products are written over what `out` held, and nowhere else', () => {
      const [A, B, C] = [random(7, 9, 25), random(9, 11, 26), random(7, 11, 27)]
      const mask = Uint8Array.of(1, 0, 1, 1, 0, 0, 1)
      const into = (rows: number, cols: number, product: (out: Matrix) => Matrix, expected: Matrix): void => {
        const memory = new Float64Array(rows * cols + 2).fill(Number.NaN)
        const out = matrix(rows, cols, memory.subarray(1, 1 + rows * cols))
        expect(product(out)).toBe(out)
        expectClose(out, expected, norm2(A.data) * norm2(B.data))
        expect([memory[0], memory[memory.length - 1]]).toEqual([Number.NaN, Number.NaN])
      }
      into(7, 11, (out) => backend.gemm(A, B, out), backend.gemm(A, B))
      into(9, 11, (out) => backend.gemmTransposed(A, C, out), backend.gemmTransposed(A, C))
      into(7, 11, (out) => backend.maskedGemm(mask, A, B, out), backend.maskedGemm(mask, A, B))
      into(9, 9, (out) => backend.gram(A, out), backend.gram(A))
      const out: Matrix32 = { rows: 7, cols: 11, data: new Float32Array(77).fill(Number.NaN) }
      expect(backend.gemmSingle(single(A), single(B), out)).toBe(out)
      expect(out).toEqual(backend.gemmSingle(single(A), single(B)))
    })

    test('products of empty matrices are empty or zero', () => {
      for (const [m, k, n] of [
        [0, 3, 2],
        [3, 0, 2],
        [3, 2, 0],
        [0, 0, 0],
      ]) {
        const [A, B, C] = [matrix(m, k), matrix(k, n), matrix(m, n)]
        expect(backend.gemm(A, B)).toEqual(matrix(m, n))
        expect(backend.gemmTransposed(A, C)).toEqual(matrix(k, n))
        expect(backend.maskedGemm(new Uint8Array(m), A, B)).toEqual(matrix(m, n))
        expect(backend.gram(A)).toEqual(matrix(k, k))
        expect(backend.gemmSingle(single(A), single(B))).toEqual(single(matrix(m, n)))
        expect(backend.rankUpdate(identity(k), A, 1)).toEqual(identity(k))
      }
    })

    test('factors of empty matrices are empty', () => {
      for (const [m, n] of [
        [0, 3],
        [3, 0],
        [0, 0],
      ]) {
        expect(backend.qr(matrix(m, n))).toEqual({ Q: matrix(m, 0), R: matrix(0, n) })
        expect(backend.svd(matrix(m, n))).toEqual({ U: matrix(m, 0), S: new Float64Array(0), V: matrix(n, 0) })
      }
      expect(backend.eigh(matrix(0, 0))).toEqual({ values: new Float64Array(0), vectors: matrix(0, 0) })
      expect(backend.cholesky(matrix(0, 0))).toEqual(matrix(0, 0))
    })

    test('a number that is not one spoils what it enters, also times zero', () => {
      const A = matrix(2, 2, Float64Array.of(0, 1, 0, 0))
      const B = matrix(2, 2, Float64Array.of(Number.NaN, 1, 2, 3))
      expect(backend.gemm(A, B).data).toEqual(Float64Array.of(Number.NaN, 3, Number.NaN, 0))
      expect(backend.gemmTransposed(A, B).data).toEqual(Float64Array.of(Number.NaN, 0, Number.NaN, 1))
      expect(backend.maskedGemm(Uint8Array.of(0, 1), A, B).data).toEqual(Float64Array.of(0, 0, Number.NaN, 0))
      expect(backend.gram(B).data).toEqual(Float64Array.of(Number.NaN, Number.NaN, Number.NaN, 10))
    })

    test('shapes that do not fit are refused', () => {
      const A = random(3, 2, 16)
      expect(() => backend.gemm(A, A)).toThrow(RangeError)
      expect(() => backend.gemmTransposed(A, random(2, 2, 17))).toThrow(RangeError)
      expect(() => backend.maskedGemm(new Uint8Array(2), A, random(2, 2, 18))).toThrow(RangeError)
      expect(() => backend.gemmSingle(single(A), single(A))).toThrow(RangeError)
      expect(() => backend.rankUpdate(matrix(3, 3), A, 1)).toThrow(RangeError)
      expect(() => backend.gemm(A, random(2, 2, 18), matrix(2, 3))).toThrow(RangeError)
      expect(() => backend.gemmTransposed(A, A, matrix(3, 3))).toThrow(RangeError)
      expect(() => backend.gram(A, matrix(3, 3))).toThrow(RangeError)
      expect(() => backend.gemm({ ...A, rows: 300 }, random(2, 2, 18))).toThrow(RangeError)
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

function single(A: Matrix): Matrix32 {
  return { rows: A.rows, cols: A.cols, data: Float32Array.from(A.data) }
}

/** A as single precision holds it. */
function double(A: Matrix): Matrix {
  return matrix(A.rows, A.cols, Float64Array.from(single(A).data))
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
