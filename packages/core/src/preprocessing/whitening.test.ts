import { describe, expect, test } from 'vitest'
import { defaultBackend } from '../linalg/backend/registry.ts'
import { type Matrix, matrix, multiply, row, transpose } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { isometrySize, rowDefect } from '../linalg/whiteness.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { applyWhitening, fitWhitening, type WhiteningKind } from './whitening.ts'

const kinds: readonly WhiteningKind[] = ['whiten', 'whiten-rows', 'whiten-columns']

/** Correlated columns of very different sizes, away from the origin. */
function raw(seed: number, n: number, d: number): Matrix {
  const random = seededRandom(seed)
  const mixed = multiply(randomMatrix(random, n, d), randomMatrix(random, d, d))
  mixed.data.forEach((value, k) => (mixed.data[k] = (value + 0.5) * 10 ** ((k % d) % 4)))
  return mixed
}

function whitened(kind: WhiteningKind, X: Matrix): Matrix {
  return applyWhitening(fitWhitening(kind, X), X)
}

function distance(a: Matrix, b: (i: number, k: number) => number): number {
  return norm2(a.data.map((value, at) => value - b(Math.floor(at / a.cols), at % a.cols)))
}

describe('fewer rows than columns', () => {
  test.each(['whiten', 'whiten-rows'] as const)('%s makes the rows orthonormal, XXᵀ = I', (kind) => {
    expect(rowDefect(whitened(kind, raw(1, 6, 9)))).toBeLessThan(1e-11)
  })

  test('whiten-columns makes XXᵀ = I − 11ᵀ/n: rows that sum to zero cannot be orthonormal', () => {
    const X = whitened('whiten-columns', raw(2, 6, 9))
    const gram = multiply(X, transpose(X))
    expect(distance(gram, (i, k) => (i === k ? 1 : 0) - 1 / 6)).toBeLessThan(1e-11)
    expect(isometrySize(X)).toBeLessThan(1 + 1e-10)
  })

  test('by the Gram matrix, for more rows than an SVD is used for: as orthonormal', () => {
    const X = randomMatrix(seededRandom(3), 520, 540)
    // The smallest singular values of such data are a hundredth of the largest: the Gram matrix alone would leave 1e-12.
    expect(rowDefect(whitened('whiten', X))).toBeLessThan(1e-9)
  })
})

test.each(kinds)('%s with more rows than columns makes the columns orthonormal, XᵀX = I, where they vary', (kind) => {
  const X = whitened(kind, raw(4, 12, 4))
  const gram = multiply(transpose(X), X)
  // A row less its own mean has one dimension less: the projection away from (1, …, 1).
  const missing = kind === 'whiten-rows' ? 1 / 4 : 0
  expect(distance(gram, (i, k) => (i === k ? 1 : 0) - missing)).toBeLessThan(1e-9)
})

test('the transform is symmetric (zero phase), and whitening twice changes nothing', () => {
  const { left, right } = fitWhitening('whiten', raw(5, 12, 4))
  expect(right).toBeNull()
  expect(distance(left, (i, k) => left.data[k * 4 + i])).toBeLessThan(1e-10 * norm2(left.data))
  const once = whitened('whiten', raw(5, 12, 4))
  expect(distance(whitened('whiten', once), (i, k) => once.data[i * 4 + k])).toBeLessThan(1e-12)
})

test.each(kinds)('%s treats other rows as it did the training rows, one by one', (kind) => {
  for (const [n, d] of [
    [5, 30],
    [9, 4],
  ]) {
    const X = raw(6, n, d)
    const fitted = fitWhitening(kind, X)
    const all = applyWhitening(fitted, X)
    for (let i = 0; i < n; i++) {
      const alone = applyWhitening(fitted, matrix(1, d, row(X, i).slice()))
      expect(norm2(alone.data.map((value, k) => value - all.data[i * d + k]))).toBeLessThan(1e-10)
    }
  }
})

test('far fewer rows than columns are stored as two factors', () => {
  const { left, right } = fitWhitening('whiten', raw(7, 3, 20))
  expect([left.rows, left.cols, right?.rows, right?.cols]).toEqual([20, 3, 20, 3])
})

test('directions in which the data do not vary are mapped to zero', () => {
  const X = multiply(randomMatrix(seededRandom(8), 8, 2), randomMatrix(seededRandom(9), 2, 5))
  const gram = multiply(transpose(whitened('whiten', X)), whitened('whiten', X))
  let trace = 0
  for (let k = 0; k < 5; k++) trace += gram.data[6 * k]
  expect(trace).toBeCloseTo(2, 10)
  const constant = matrix(3, 2, new Float64Array(6).fill(5))
  expect(norm2(whitened('whiten-columns', constant).data)).toBe(0)
})

test('another number of columns is named', () => {
  expect(() => applyWhitening(fitWhitening('whiten', raw(1, 3, 4)), matrix(2, 3))).toThrow(
    'X must have 4 columns, got 3',
  )
})

describe('truncated by explained variance', () => {
  test.each([
    ['by an SVD', 30, 8],
    ['by the Gram matrix', 540, 520],
  ])('%s: keeps the fewest directions that hold the share, whitens them, and maps the others to zero', (_, n, d) => {
    const X = raw(7, n, d)
    const { S } = reference(X)
    const total = S.reduce((sum, value) => sum + value ** 2, 0)
    const share = 0.9
    let [held, count] = [0, 0]
    while (held < share * total) held += S[count++] ** 2
    const W = applyWhitening(fitWhitening('whiten', X, share), X)
    const sizes = reference(W).S
    expect(count).toBeLessThan(Math.min(n, d))
    expect(sizes.filter((value) => value > 0.5)).toHaveLength(count)
    for (const value of sizes) expect(Math.min(Math.abs(value), Math.abs(value - 1))).toBeLessThan(1e-8)
  })

  test('a share of 1 keeps all, and one that is none is refused', () => {
    const X = raw(8, 9, 4)
    expect(fitWhitening('whiten', X, 1)).toEqual(fitWhitening('whiten', X))
    for (const share of [0, 1.1, Number.NaN])
      expect(() => fitWhitening('whiten', X, share)).toThrow('above 0 and at most 1')
  })
})

function reference(X: Matrix) {
  return defaultBackend().svd(X)
}
