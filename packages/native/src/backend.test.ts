import { delimiter } from 'node:path'
import { type Matrix, matrix, seededRandom } from '@relucent/core'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { backendConformance } from '../../core/src/linalg/backend/backend.conformance.ts'
import { plainBackend } from '../../core/src/linalg/backend/plain.ts'
import { norm2 } from '../../core/src/linalg/norms.ts'
import { nativeBackend } from './backend.ts'

const found = nativeBackend()

describe.skipIf(found.backend === null)('with a library', () => {
  const backend = found.backend ?? plainBackend
  backendConformance(backend)

  const size = fc.nat({ max: 24 })
  const seed = fc.nat()

  test('products of all shapes, empty ones too, are those of the plain backend', () => {
    fc.assert(
      fc.property(size, size, size, seed, (m, k, n, from) => {
        const [A, B, C] = [random(m, k, from), random(k, n, from + 1), random(m, n, from + 2)]
        const mask = Uint8Array.from({ length: m }, (_, i) => (from >> (i % 24)) & 1)
        expectClose(backend.gemm(A, B, unset(m, n)), plainBackend.gemm(A, B), A, B)
        expectClose(backend.gemmTransposed(A, C, unset(k, n)), plainBackend.gemmTransposed(A, C), A, C)
        expectClose(backend.maskedGemm(mask, A, B, unset(m, n)), plainBackend.maskedGemm(mask, A, B), A, B)
        expectClose(backend.gram(A, unset(k, k)), plainBackend.gram(A), A, A)
      }),
    )
  })

  test('singular values of graded matrices are found to high relative accuracy, however they are graded', () => {
    const grades = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(grades, fc.nat({ max: 12 }), seed, fc.boolean(), (powers, more, from, tall) => {
        const n = powers.length
        const A = random(n + 8 + more, n, from)
        for (let at = 0; at < A.data.length; at++) A.data[at] *= 10 ** powers[at % n]
        const { S } = backend.svd(tall ? A : transposed(A))
        const expected = plainBackend.svd(A).S
        S.forEach((value, k) => expect(Math.abs(value / expected[k] - 1)).toBeLessThan(1e-12))
      }),
    )
  })

  test('a singular value beyond the largest float is Infinity, and the others keep their digits', () => {
    const { S } = backend.svd(matrix(3, 2, Float64Array.of(1.7e308, 0, 1.7e308, 0, 1.7e308, 1e300)))
    expect(S[0]).toBe(Number.POSITIVE_INFINITY)
    expect(S[1] / 1e300).toBeCloseTo(Math.sqrt(2 / 3), 12)
  })

  test('a matrix is read and written where it lies: inside a larger buffer, and nowhere else', () => {
    const memory = new Float64Array(40).fill(7)
    const inside = (rows: number, cols: number, start: number): Matrix =>
      matrix(rows, cols, memory.subarray(start, start + rows * cols))
    const out = inside(2, 2, 20)
    expect(backend.gemm(inside(2, 3, 1), inside(3, 2, 10), out)).toBe(out)
    expect(memory).toEqual(Float64Array.from({ length: 40 }, (_, k) => (k >= 20 && k < 24 ? 147 : 7)))
  })

  test('factorisations leave their argument as it was', () => {
    const A = random(9, 9, 1)
    const G = plainBackend.gram(A)
    for (const given of [A, G]) {
      const before = given.data.slice()
      backend.qr(given)
      backend.svd(given)
      backend.eigh(given)
      backend.cholesky(given)
      expect(given.data).toEqual(before)
    }
  })

  test('only the lower triangle decides, as in the plain backend', () => {
    const G = plainBackend.gram(random(9, 5, 2))
    const [values, L] = [backend.eigh(G).values, backend.cholesky(G)]
    const above = (value: number) => {
      for (let i = 0; i < 5; i++) G.data.fill(value, i * 5 + i + 1, (i + 1) * 5)
    }
    above(99)
    expect(backend.eigh(G).values).toEqual(values)
    above(Number.NaN)
    expect(backend.cholesky(G)).toEqual(L)
    expect(plainBackend.cholesky(G)).not.toBeNull()
  })

  test('shapes that do not fit each other or their memory are refused: the library would read past the end', () => {
    const short: Matrix = { rows: 4, cols: 4, data: new Float64Array(15) }
    const whole = matrix(4, 4)
    const mask = new Uint8Array(4)
    for (const attempt of [
      () => backend.gemm(short, whole),
      () => backend.gemm(whole, short),
      () => backend.gemm(whole, whole, short),
      () => backend.gemm(whole, whole, matrix(2, 8)),
      () => backend.gemmTransposed(whole, short),
      () => backend.maskedGemm(mask, whole, short),
      () => backend.gram(short),
      () => backend.gram(whole, short),
      () => backend.cholesky(short),
      () => backend.qr(short),
      () => backend.eigh(short),
      () => backend.svd(short),
    ]) {
      expect(attempt).toThrow(RangeError)
    }
  })
})

test.skipIf(found.backend !== null)('the native backend is not tested, since no library was found', ({ skip }) => {
  skip(found.backend === null ? found.reason : '')
})

describe('without a library', () => {
  test('there is no backend, and the reason names what was tried', () => {
    vi.stubEnv('RELUCENT_BLAS', '/nowhere/libblas.so')
    expect(nativeBackend()).toEqual({ backend: null, reason: expect.stringMatching(/^\/nowhere\/libblas\.so: ./) })
    vi.unstubAllEnvs()
  })

  test('libraries separated as in PATH are one candidate, whose files complete each other', () => {
    vi.stubEnv('RELUCENT_BLAS', ['/nowhere/liblapack.so', '/nowhere/libblas.so'].join(delimiter))
    expect(nativeBackend()).toMatchObject({ reason: expect.stringContaining('liblapack.so with /nowhere/libblas.so:') })
    vi.unstubAllEnvs()
  })

  test('the libraries of an option come before those of the environment', () => {
    vi.stubEnv('RELUCENT_BLAS', '/nowhere/libblas.so')
    const { backend, ...why } = nativeBackend({ libraries: ['/elsewhere/libblas.so'] })
    expect(backend).toBeNull()
    expect(why).toEqual({ reason: expect.stringContaining('/elsewhere/libblas.so') })
    vi.unstubAllEnvs()
  })
})

function random(rows: number, cols: number, seed: number): Matrix {
  const next = seededRandom(seed)
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => 2 * next() - 1),
  )
}

/** Room for a result, with what must not get into it. */
function unset(rows: number, cols: number): Matrix {
  return matrix(rows, cols, new Float64Array(rows * cols).fill(Number.NaN))
}

function transposed(a: Matrix): Matrix {
  return matrix(
    a.cols,
    a.rows,
    a.data.map((_, at) => a.data[(at % a.rows) * a.cols + Math.floor(at / a.rows)]),
  )
}

function expectClose(actual: Matrix, expected: Matrix, a: Matrix, b: Matrix): void {
  expect([actual.rows, actual.cols]).toEqual([expected.rows, expected.cols])
  const error = norm2(actual.data.map((value, k) => value - expected.data[k]))
  expect(error).toBeLessThanOrEqual(1e-14 * norm2(a.data) * norm2(b.data))
}
