import { setFlagsFromString } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gaussian, seededRandom } from '../../random.ts'
import type { Backend } from '../backend.ts'
import { kernels } from '../kernels.ts'
import { type Matrix, matrix, multiply, subtract, transpose } from '../matrix.ts'
import { norm2 } from '../norms.ts'
import { backendConformance } from './backend.conformance.ts'
import { plainBackend } from './plain.ts'
import { wasmBackend } from './wasm.ts'

// Node 20 knows the relaxed instructions but has them switched off.
setFlagsFromString('--experimental-wasm-relaxed-simd')

const tolerance = 1e-12

const [strict, relaxed] = [wasmBackend('strict')!, wasmBackend('relaxed')]

backendConformance(strict)
beyondOneBlock(strict)

describe.skipIf(relaxed === null)('where the engine has relaxed instructions', () => {
  backendConformance(relaxed ?? strict)
  beyondOneBlock(relaxed ?? strict)
})

test('eigenproblems divided down to pairs of rows agree with those left to the QR iteration', () => {
  const instance = kernels('strict')!
  const spectrum = (A: Matrix, leaf: number): Float64Array =>
    instance.within(() => {
      const [from, values] = [instance.copyIn(A.data), instance.reserve(8 * A.rows)]
      instance.calls.eigh(A.rows, from, values, instance.reserve(8 * A.data.length), leaf)
      return instance.doubles(values, A.rows).slice()
    })
  fc.assert(
    fc.property(fc.integer({ min: 17, max: 60 }), fc.constantFrom(...symmetric), fc.nat(), (n, [, shape], seed) => {
      const A = shape(n, seed)
      const [divided, iterated] = [spectrum(A, 2), spectrum(A, n)]
      for (let k = 0; k < n; k++)
        expect(Math.abs(divided[k] - iterated[k])).toBeLessThanOrEqual(tolerance * norm2(A.data))
    }),
    { numRuns: 60 },
  )
})

/** What only matrices larger than the kernels' blocks, or spectra that divide and conquer must deflate, can show. */
function beyondOneBlock(backend: Backend): void {
  describe(`${backend.name} backend beyond one block`, () => {
    test.each([
      [101, 390, 7],
      [7, 5, 2053],
      [130, 30, 66],
    ])('products of %i × %i by %i are those of the plain backend', (m, k, n) => {
      const [A, B, C] = [random(m, k, 1), random(k, n, 2), random(m, n, 3)]
      const mask = Uint8Array.from({ length: m }, (_, i) => (i % 5 < 3 ? 1 : 0))
      expectClose(backend.gemm(A, B), plainBackend.gemm(A, B))
      expectClose(backend.gemmTransposed(A, C), plainBackend.gemmTransposed(A, C))
      expectClose(backend.maskedGemm(mask, A, B), plainBackend.maskedGemm(mask, A, B))
      expectClose(backend.gram(A), plainBackend.gram(A))
      const target = plainBackend.gram(B)
      const expected = plainBackend.rankUpdate(matrix(n, n, target.data.slice()), C, 0.25)
      expectClose(backend.rankUpdate(target, C, 0.25), expected)
    })

    test.each(symmetric)('eigenvectors of a matrix %s are orthonormal and turn it diagonal', (_what, shape) => {
      const A = shape(90, 4)
      const { values, vectors } = backend.eigh(A)
      expectClose(multiply(vectors, scaledRows(values, transpose(vectors))), A)
      expectClose(backend.gram(vectors), identity(90))
      for (let k = 1; k < 90; k++) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1])
    })

    test('the Cholesky factor of several blocks multiplies up', () => {
      const A = plainBackend.gram(random(150, 130, 5))
      const L = backend.cholesky(A)!
      expectClose(multiply(L, transpose(L)), A)
    })

    test('a pivot that fails in a later block is found', () => {
      const A = identity(130)
      A.data[100 * 131] = -1
      expect(backend.cholesky(A)).toBeNull()
    })

    test('singular values are those that went in, over sixteen orders of magnitude', () => {
      const n = 64
      const [U, V] = [backend.qr(random(80, n, 6)).Q, backend.qr(random(n, n, 7)).Q]
      const grades = Float64Array.from({ length: n }, (_, k) => 10 ** (-k / 4))
      // Graded columns times an orthogonal matrix: A = U diag(grades), and its transpose.
      for (const A of [transpose(scaledRows(grades, transpose(U))), scaledRows(grades, transpose(U))]) {
        const { S } = backend.svd(A)
        S.forEach((value, k) => expect(Math.abs(value / grades[k] - 1)).toBeLessThan(tolerance))
      }
      const mixed = multiply(U, scaledRows(grades, transpose(V)))
      const { S } = backend.svd(mixed)
      S.forEach((value, k) => expect(Math.abs(value - grades[k])).toBeLessThan(tolerance))
    })

    test('rows and columns of any grades cost small singular values no digits', () => {
      const n = 40
      const grades = (step: number): Float64Array =>
        Float64Array.from({ length: n }, (_, k) => 10 ** (-((step * k) % n) / 3))
      const A = scaledRows(grades(1), transpose(scaledRows(grades(7), random(n, n, 10))))
      const { S } = plainBackend.svd(A)
      backend.svd(A).S.forEach((value, k) => expect(Math.abs(value / S[k] - 1)).toBeLessThan(tolerance))
    })

    test.each([
      ['full', 70, 70, 70],
      ['half', 90, 50, 25],
      ['low, of a wide matrix,', 50, 120, 3],
    ])('factors of a matrix of %s rank are orthonormal and multiply up', (_what, m, n, rank) => {
      const A = multiply(random(m, rank, 8), random(rank, n, 9))
      const { U, S, V } = backend.svd(A)
      expectClose(multiply(U, scaledRows(S, transpose(V))), A)
      expectClose(backend.gram(U), identity(S.length))
      expectClose(backend.gram(V), identity(S.length))
    })
  })
}

type Symmetric = (n: number, seed: number) => Matrix

function symmetricOf(entry: (i: number, j: number, next: () => number, n: number) => number): Symmetric {
  return (n, seed) => {
    const out = matrix(n, n)
    const random = seededRandom(seed)
    const next = (): number => gaussian(random)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) out.data[i * n + j] = out.data[j * n + i] = entry(i, j, next, n)
    }
    return out
  }
}

const symmetric: [what: string, shape: Symmetric][] = [
  ['of random entries', symmetricOf((_i, _j, next) => next())],
  ['of rank one', symmetricOf((i, j) => Math.cos(i) * Math.cos(j))],
  ['of zeros', symmetricOf(() => 0)],
  ['next to the identity', symmetricOf((i, j, next) => (i === j ? 1 + 1e-15 * next() : 0))],
  ['with ties of every size', symmetricOf((i, j, next) => (i === j ? next() : i === j + 1 ? 10 ** (-i % 17) : 0))],
  ['with negative ties', symmetricOf((i, j) => (i === j + 1 ? -1 : 0))],
  [
    'of glued Wilkinson matrices',
    symmetricOf((i, j) => (i === j ? Math.abs((i % 21) - 10) : i === j + 1 ? (i % 21 === 0 ? 1e-9 : 1) : 0)),
  ],
  ['that is graded', symmetricOf((i, j, next, n) => next() * 10 ** ((-12 * (i + j)) / n))],
  ['of four repeated blocks', symmetricOf((i, j) => (i % 4 === j % 4 ? 1 : 0))],
]

function random(rows: number, cols: number, seed: number): Matrix {
  const next = seededRandom(seed)
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => gaussian(next)),
  )
}

function identity(n: number): Matrix {
  return symmetricOf((i, j) => (i === j ? 1 : 0))(n, 0)
}

function scaledRows(d: Float64Array, A: Matrix): Matrix {
  return matrix(
    A.rows,
    A.cols,
    A.data.map((value, at) => value * d[Math.floor(at / A.cols)]),
  )
}

function expectClose(actual: Matrix, expected: Matrix): void {
  expect([actual.rows, actual.cols]).toEqual([expected.rows, expected.cols])
  expect(norm2(subtract(actual, expected).data)).toBeLessThanOrEqual(tolerance * norm2(expected.data))
}
