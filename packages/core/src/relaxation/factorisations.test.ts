import { describe, expect, test } from 'vitest'
import { fromRows, type Matrix, matrix, multiply, transpose } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { randomMatrix, umbrellaFixture } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { completelyPositive } from './completely-positive.ts'
import { identity } from './relaxation.fixtures.ts'
import { type Factor, neuronsOf, semiNmf } from './semi-nmf.ts'

const outer = (u: Float64Array, v: Float64Array): Matrix => multiply(matrix(u.length, 1, u), matrix(1, v.length, v))
const sum = (a: Matrix, b: Matrix): Matrix =>
  matrix(
    a.rows,
    a.cols,
    a.data.map((value, k) => value + b.data[k]),
  )
const distance = (a: Matrix, b: Matrix): number => norm2(a.data.map((value, k) => value - b.data[k]))
const product = (factors: readonly Factor[], rows: number, cols: number): Matrix =>
  factors.reduce((total, { h, g }) => sum(total, outer(h, g)), matrix(rows, cols))

describe('completelyPositive', () => {
  test('factors what is a sum of squares of vectors of the cone', () => {
    for (const n of [2, 3, 4, 5]) {
      const B = randomMatrix(seededRandom(n), n, 3)
      const nonnegative = matrix(n, 3, B.data.map(Math.abs))
      const U = multiply(nonnegative, transpose(nonnegative))
      const { factors, error, distance: proven } = completelyPositive(U, identity(n))
      expect(error).toBeLessThan(1e-5 * norm2(U.data))
      expect(proven).toBeLessThanOrEqual(error)
      expect(factors.every((u) => Math.min(...u) > -1e-11)).toBe(true)
      const total = factors.reduce((rest, u) => sum(rest, outer(u, u)), matrix(n, n))
      expect(distance(total, U)).toBeCloseTo(error, 8)
    }
  })

  test('the identity is doubly nonnegative for the umbrella, and proven to be far from every sum', () => {
    const { X } = umbrellaFixture
    expect(Math.min(...multiply(X, transpose(X)).data)).toBeGreaterThan(-1e-15)
    const { error, distance: proven } = completelyPositive(identity(3), X)
    expect(proven).toBeGreaterThan(0.4)
    expect(error - proven).toBeLessThan(1e-6)
  })

  test('zero is an empty sum', () => {
    expect(completelyPositive(matrix(3, 3), identity(3))).toEqual({ factors: [], error: 0, distance: 0 })
  })
})

describe('semiNmf', () => {
  test('a product of a vector of the cone and any other is one factor, at its own norm', async () => {
    const u = Float64Array.of(1, 2, 0.5)
    const v = Float64Array.of(-1, 3)
    const { factors, error, cost, leastCost } = await semiNmf(outer(u, v), identity(3))
    expect(factors).toHaveLength(1)
    expect(error).toBeLessThan(1e-8)
    expect(cost).toBeCloseTo(norm2(u) * norm2(v), 6)
    expect(leastCost).toBeCloseTo(cost, 5)
  })

  test('with one column a vector outside the cone is a difference of two: more factors than columns', async () => {
    const { factors, error, cost } = await semiNmf(fromRows([[3], [-4]]), identity(2))
    expect(factors).toHaveLength(2)
    expect(error).toBeLessThan(1e-8)
    expect(cost).toBeCloseTo(7, 6) // (3, 0) and −(0, 4)
  })

  test('factors lie in the cone, reproduce V, and cost no less than the least and no more than rays do', async () => {
    for (let seed = 0; seed < 6; seed++) {
      const [r, c] = [2 + (seed % 3), 1 + (seed % 3)]
      const V = randomMatrix(seededRandom(seed), r, c)
      const { factors, error, cost, leastCost } = await semiNmf(V, identity(r))
      expect(distance(product(factors, r, c), V)).toBeCloseTo(error, 10)
      expect(error).toBeLessThan(1e-5 * norm2(V.data))
      expect(factors.every(({ h }) => Math.min(...h) > -1e-9)).toBe(true)
      for (const { g } of factors) expect(norm2(g)).toBeCloseTo(1, 12)
      expect(cost).toBeGreaterThan(leastCost * (1 - 1e-5))
      expect(cost).toBeLessThan(leastCost * (1 + 1e-3))
      const rays = Array.from({ length: r }, (_, i) => norm2(V.data.slice(i * c, (i + 1) * c)))
      expect(cost).toBeLessThan(rays.reduce((total, size) => total + size) * (1 + 1e-6))
    }
  })

  test('a V that no sum in the cone can reach leaves an error', async () => {
    const ray = fromRows([[1, 0], [-1, 0], [0, 1]]) // biome-ignore format: a matrix
    const { error } = await semiNmf(fromRows([[2], [1]]), ray)
    expect(error).toBeGreaterThan(1.9)
    expect(await semiNmf(matrix(2, 2), identity(2))).toEqual({ factors: [], error: 0, cost: 0, leastCost: 0 })
  })

  test('the neurons have ‖u‖ = ‖v‖ and the same product', async () => {
    const { factors } = await semiNmf(randomMatrix(seededRandom(9), 3, 2), identity(3))
    neuronsOf(factors).forEach(({ u, v }, j) => {
      expect(norm2(u)).toBeCloseTo(norm2(v), 12)
      expect(distance(outer(u, v), outer(factors[j].h, factors[j].g))).toBeLessThan(1e-12)
    })
  })
})
