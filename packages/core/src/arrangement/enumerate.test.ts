import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { activeCount, cellCount, isActive, patternKey, patternOf, samePattern } from '../arrangement.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { fromRows, type Matrix, matrix, multiply, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { gaussian, seededRandom } from '../random.ts'
import { enumerateCells } from './enumerate.ts'

/** Hyperplanes in general position: (n, r, number of open cells). */
const generalPosition: [n: number, r: number, cells: number][] = [
  [6, 2, 12],
  [5, 3, 22],
  [7, 3, 44],
  [8, 3, 58],
  [6, 4, 52],
  [7, 4, 84],
  [25, 2, 50],
]

describe('patterns', () => {
  const X = randomMatrix(seededRandom(5), 70, 3)
  const u = Float64Array.of(0.3, -1, 0.2)

  test('list the samples with x_iᵀu > 0', () => {
    const pattern = patternOf(X, u)
    let active = 0
    for (let i = 0; i < 70; i++) {
      const positive = row(X, i).reduce((total, value, k) => total + value * u[k], 0) > 0
      expect(isActive(pattern, i)).toBe(positive)
      if (positive) active++
    }
    expect(activeCount(pattern)).toBe(active)
  })

  test('are equal exactly when their keys are', () => {
    const opposite = u.map((value) => -value)
    expect(samePattern(patternOf(X, u), patternOf(X, u))).toBe(true)
    expect(patternKey(patternOf(X, u))).toBe(patternKey(patternOf(X, u)))
    expect(samePattern(patternOf(X, u), patternOf(X, opposite))).toBe(false)
    expect(patternKey(patternOf(X, u))).not.toBe(patternKey(patternOf(X, opposite)))
    expect(activeCount(patternOf(X, u)) + activeCount(patternOf(X, opposite))).toBe(70)
  })

  test('do not count a zero row', () => {
    expect(activeCount(patternOf(matrix(40, 2), Float64Array.of(1, 0)))).toBe(0)
  })
})

test.each(generalPosition)('cellCount: %i hyperplanes in R^%i make %i cells', (n, r, cells) => {
  expect(cellCount(n, r)).toBe(cells)
})

test('cellCount: without hyperplanes there is one cell, and one hyperplane makes two', () => {
  expect(cellCount(0, 3)).toBe(1)
  for (const r of [1, 2, 7]) expect(cellCount(1, r)).toBe(2)
  for (const n of [1, 2, 9]) expect(cellCount(n, 1)).toBe(2)
})

describe('enumerateCells', () => {
  test.each(generalPosition)('finds all cells of %i random hyperplanes in R^%i: %i', (n, r, cells) => {
    for (const seed of [1, 2, 3]) expectCells(randomMatrix(seededRandom(seed), n, r), cells)
  })

  test('finds 2 Σ C(n−1, k) cells for random hyperplanes of any number and dimension', () => {
    const sizes = fc
      .integer({ min: 1, max: 5 })
      .chain((r) => fc.tuple(fc.constant(r), fc.integer({ min: 1, max: r > 3 ? 9 : 16 })))
    fc.assert(
      fc.property(fc.integer(), sizes, (seed, [r, n]) => {
        expectCells(randomMatrix(seededRandom(seed), n, r), cellCount(n, r))
      }),
      { numRuns: 40, seed: 7 },
    )
  })

  test('finds 114 cells for 60 points on a spiral, three of them at the origin', () => {
    expectCells(spiral(), 114)
  })

  test('ignores zero rows and counts parallel, anti-parallel and scaled rows once', () => {
    const random = seededRandom(11)
    const X = randomMatrix(random, 6, 3)
    const scales = [1, -1, 1e9, -1e-9, 0, 1 / 3]
    const repeated = fromRows(
      scales.flatMap((scale) => Array.from({ length: 6 }, (_, i) => Array.from(row(X, i), (value) => scale * value))),
    )
    expectCells(repeated, cellCount(6, 3))
  })

  test('counts parallel rows once even when rounding keeps them from being exactly parallel', () => {
    const random = seededRandom(12)
    for (const r of [2, 3, 4]) {
      const X = randomMatrix(random, 5, r)
      const rows = Array.from({ length: 25 }, (_, k) => {
        const factor = gaussian(random)
        return Array.from(row(X, k % 5), (value) => value * factor)
      })
      expectCells(fromRows(rows), cellCount(5, r))
    }
  })

  test.each([
    ['coordinate planes', fromRows([[1, 0, 0], [0, 1, 0], [0, 0, 1]]), 8], // biome-ignore format: a matrix
    ['a pencil of planes through one axis', pencil(7, 3), 14],
    ['a pencil and a plane across it', withRow(pencil(7, 3), [0.2, 0.1, 1]), 28],
    ['the braid arrangement of four coordinates', braid(4), 24],
    ['the braid arrangement of five coordinates', braid(5), 120],
    ['the same plane four times', fromRows([[1, 2, 3], [2, 4, 6], [-1, -2, -3], [0.1, 0.2, 0.3]]), 2], // biome-ignore format: a matrix
    [
      'normals in a plane of R⁴',
      multiply(randomMatrix(seededRandom(3), 9, 2), randomMatrix(seededRandom(4), 2, 4)),
      18,
    ],
    ['two directions in R¹', fromRows([[2], [-1], [0], [5]]), 2],
    ['zero rows only', matrix(4, 3), 1],
    ['the linear threshold functions on a 3 × 3 grid', grid(3), 58],
    ['the linear threshold functions on a 4 × 4 grid', grid(4), 174],
  ])('counts the cells of %s', (_what, X, cells) => {
    expectCells(X, cells)
  })

  test('keeps cells much thinner than the others', () => {
    for (const angle of [1e-2, 1e-4, 1e-6]) {
      const X = fromRows([[1, 0, 0], [Math.cos(angle), Math.sin(angle), 0], [0.3, -0.2, 1]]) // biome-ignore format: a matrix
      expectCells(X, 8)
    }
  })

  test('R⁰ has no directions, hence no cells', () => {
    expect(enumerateCells(matrix(3, 0)).cells).toEqual([])
  })

  test('names the cap when there are more cells than allowed', () => {
    const X = randomMatrix(seededRandom(1), 8, 3)
    expect(enumerateCells(X, { maxCells: 58 }).cells).toHaveLength(58)
    expect(() => enumerateCells(X, { maxCells: 57 })).toThrow(UnsupportedProblemError)
    expect(() => enumerateCells(X, { maxCells: 57 })).toThrow(
      'enumerateCells: at most 57 cells (maxCells) are listed, got more',
    )
  })
})

/** The number is right, patterns are distinct, and every interior point is a clear witness of its pattern. */
function expectCells(X: Matrix, count: number): void {
  const { cells, overlooked } = enumerateCells(X)
  expect(cells).toHaveLength(count)
  expect(new Set(cells.map(({ pattern }) => patternKey(pattern))).size).toBe(count)
  expect(overlooked).toBeLessThan(1e-12)
  const random = seededRandom(99)
  for (const { pattern, interior } of cells) {
    expect(norm2(interior)).toBeCloseTo(1, 12)
    const shaken = interior.map((value) => value + 1e-13 * gaussian(random))
    expect(samePattern(patternOf(X, shaken), pattern)).toBe(true)
  }
}

/** The three-class spiral of the literature: 20 radii from 0 to ½ per class. */
function spiral(): Matrix {
  const rows: number[][] = []
  for (let k = 0; k < 3; k++) {
    for (let j = 0; j < 20; j++) {
      const radius = j / 19 / 2
      const angle = 4 * k + (4 * j) / 19 + 0.1 * Math.sin(7 * j + k)
      rows.push([radius * Math.sin(angle), radius * Math.cos(angle)])
    }
  }
  return fromRows(rows)
}

function pencil(count: number, r: number): Matrix {
  return fromRows(
    Array.from({ length: count }, (_, k) => [Math.cos(k), Math.sin(k), ...new Array<number>(r - 2).fill(0)]),
  )
}

function withRow(X: Matrix, values: readonly number[]): Matrix {
  return matrix(X.rows + 1, X.cols, Float64Array.of(...X.data, ...values))
}

/** u_i = u_j for all i < j: cells are the n! orders of the coordinates. */
function braid(n: number): Matrix {
  const rows: number[][] = []
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) rows.push(Array.from({ length: n }, (_, k) => (k === i ? 1 : k === j ? -1 : 0)))
  }
  return fromRows(rows)
}

/** Normals (1, x, y), 0 ≤ x, y < m: the cells are the ways a line can split an m × m grid (OEIS A114146). */
function grid(m: number): Matrix {
  return fromRows(Array.from({ length: m * m }, (_, k) => [1, k % m, Math.floor(k / m)]))
}
