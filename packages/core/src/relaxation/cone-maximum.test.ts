import { describe, expect, test } from 'vitest'
import { eigh } from '../linalg/eigh.ts'
import { fromRows, type Matrix, matrix, multiplyVector, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { coneQuadraticMaximum } from '../oracle/cone-pca.ts'
import { createPacer } from '../pacer.ts'
import { randomMatrix, umbrellaFixture } from '../problem.fixtures.ts'
import { gaussian, seededRandom } from '../random.ts'
import { coneMaximumProgram, relaxedConeMaximum } from './cone-maximum.ts'
import { provenDualValue } from './proven-dual-value.ts'
import { horn, identity, negated, randomSymmetric, rayleigh } from './relaxation.fixtures.ts'

/** `coneQuadraticMaximum` is itself an upper bound, by so much above what is attained for matrices of order one. */
const roundingOfExact = 1e-10

/** Unit rows. */
function randomWalls(seed: number, count: number, r: number): Matrix {
  const W = randomMatrix(seededRandom(seed), count, r)
  for (let i = 0; i < count; i++) {
    const size = norm2(row(W, i))
    row(W, i).forEach((value, k) => (row(W, i)[k] = value / size))
  }
  return W
}

describe('coneQuadraticMaximum', () => {
  test('on the positive quadrant: an eigenvector, a ray, or a negative maximum', () => {
    const quadrant = identity(2)
    expect(coneQuadraticMaximum(fromRows([[1, 2], [2, 1]]), quadrant).bound).toBeCloseTo(3, 10) // biome-ignore format: a matrix
    expect(coneQuadraticMaximum(fromRows([[1, -2], [-2, 2]]), quadrant).bound).toBeCloseTo(2, 10) // biome-ignore format: a matrix
    expect(coneQuadraticMaximum(fromRows([[-1, -2], [-2, -3]]), quadrant).bound).toBeCloseTo(-1, 10) // biome-ignore format: a matrix
    expect(coneQuadraticMaximum(matrix(2, 2), quadrant).bound).toBeCloseTo(0, 10)
  })

  test('a cone that is a point has no maximum', () => {
    const W = fromRows([[1, 0], [-0.6, 0.8], [-0.6, -0.8]]) // biome-ignore format: a matrix
    expect(coneQuadraticMaximum(identity(2), W)).toEqual({ bound: Number.NEGATIVE_INFINITY, peaks: [] })
  })

  test('NaN bounds nothing', () => {
    expect(coneQuadraticMaximum(fromRows([[Number.NaN]]), identity(1)).bound).toBe(Number.POSITIVE_INFINITY)
  })

  test.each([2, 3, 4, 5])('in R^%i no direction of the cone exceeds the bound, and a peak attains it', (r) => {
    for (let seed = 0; seed < 8; seed++) {
      const random = seededRandom(100 * r + seed)
      const R = randomSymmetric(random, r)
      const W = randomWalls(seed, r + 2, r)
      const { bound, peaks } = coneQuadraticMaximum(R, W)
      for (let k = 0; k < 500; k++) {
        const u = Float64Array.from({ length: r }, () => gaussian(random))
        if (Math.min(...multiplyVector(W, u)) >= 0) expect(rayleigh(R, u)).toBeLessThanOrEqual(bound)
      }
      const last = peaks.at(-1)
      if (!last) continue
      expect(Math.min(...multiplyVector(W, last))).toBeGreaterThan(-1e-11)
      expect(rayleigh(R, last)).toBeCloseTo(bound, 10)
    }
  })

  test('Horn’s matrix is copositive', () => {
    expect(coneQuadraticMaximum(negated(horn), identity(5)).bound).toBeCloseTo(0, 11)
  })
})

describe('relaxedConeMaximum', () => {
  test('without walls it is the largest eigenvalue', async () => {
    const R = randomSymmetric(seededRandom(1), 5)
    const { bound } = await relaxedConeMaximum(R, matrix(0, 5))
    const top = eigh(R).values[4]
    expect(bound).toBeGreaterThanOrEqual(top)
    expect(bound).toBeLessThan(top + 1e-12)
  })

  test.each([2, 3, 4])('of order %i it is the maximum itself', async (order) => {
    for (let seed = 0; seed < 5; seed++) {
      const R = randomSymmetric(seededRandom(10 * order + seed), order)
      const exact = coneQuadraticMaximum(R, identity(order)).bound
      const { bound, attained } = await relaxedConeMaximum(R, identity(order))
      expect(bound).toBeGreaterThan(exact - roundingOfExact)
      expect(bound).toBeLessThan(exact + 1e-7)
      expect(attained).toBeCloseTo(exact, 6)
    }
  })

  test('is never below the maximum, whatever cone and matrix', async () => {
    for (let seed = 0; seed < 12; seed++) {
      const r = 2 + (seed % 4)
      const R = randomSymmetric(seededRandom(seed), r)
      const scale = 10 ** (4 * (seed % 3) - 4)
      const scaledR = matrix(
        r,
        r,
        R.data.map((value) => scale * value),
      )
      const W = randomWalls(seed, r + 3, r)
      const { bound: exact } = coneQuadraticMaximum(scaledR, W)
      const { bound } = await relaxedConeMaximum(scaledR, W, { tolerance: 1e-7 })
      expect(bound).toBeGreaterThanOrEqual(exact - roundingOfExact * scale)
    }
  })

  test('of order five it can be strictly larger: Horn’s matrix', async () => {
    const { bound, attained, U } = await relaxedConeMaximum(negated(horn), identity(5))
    // J + (√5 − 2)(matrix of the five-cycle) is doubly nonnegative, of which Horn's matrix has the inner product below.
    const pentagon = matrix(
      5,
      5,
      horn.data.map((value, k) => (k % 6 === 0 ? 1 : value < 0 ? (Math.sqrt(5) - 1) / 2 : 0)),
    )
    expect(eigh(pentagon).values[0]).toBeGreaterThan(-1e-12)
    const known = horn.data.reduce((total, value, k) => total - (value * pentagon.data[k]) / 5, 0)
    expect(known).toBeGreaterThan(0.2)
    expect(attained).toBeGreaterThan(known - 1e-7)
    expect(bound - attained).toBeLessThan(1e-7)
    expect(Math.min(...(U?.data ?? []))).toBeGreaterThan(-1e-7)
  })

  test('in three dimensions five walls are enough for a strictly larger one: the umbrella', async () => {
    const { X } = umbrellaFixture
    const R = matrix(3, 3)
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 5; j++) {
        // Next but one on the umbrella are neighbours in Horn's five-cycle.
        const weight = -horn.data[((2 * i) % 5) * 5 + ((2 * j) % 5)]
        for (let k = 0; k < 9; k++) R.data[k] += weight * X.data[3 * i + Math.floor(k / 3)] * X.data[3 * j + (k % 3)]
      }
    }
    expect(coneQuadraticMaximum(R, X).bound).toBeLessThan(1e-10)
    const { bound, attained } = await relaxedConeMaximum(R, X)
    // U = I/3 is in the relaxation, because neighbours on the umbrella are orthogonal and the others acute.
    expect(attained).toBeGreaterThan((R.data[0] + R.data[4] + R.data[8]) / 3 - 1e-8)
    expect(attained).toBeGreaterThan(0.39)
    expect(bound - attained).toBeLessThan(1e-7)
  })

  test('a method that is stopped, and one that returns nonsense, leave a bound', async () => {
    const R = randomSymmetric(seededRandom(3), 4)
    const exact = coneQuadraticMaximum(R, identity(4)).bound
    const stopped = await relaxedConeMaximum(R, identity(4), { pacer: createPacer({ timeLimitSeconds: 0 }) })
    expect(stopped.bound).toBeGreaterThanOrEqual(exact - roundingOfExact)
    expect(stopped.U).toBeNull()
    const nonsense = {
      name: 'nonsense',
      async *iterates() {
        for (const value of [Number.NaN, -3, 1e9, 7]) {
          const multipliers = [new Float64Array(6).fill(value)]
          yield { y: Float64Array.of(value), multipliers, dualValue: 1e9, primal: null, primalValue: -1e9 }
        }
      },
    }
    const wrong = await relaxedConeMaximum(R, identity(4), { solver: nonsense })
    expect(wrong.bound).toBeGreaterThanOrEqual(exact - roundingOfExact)
    expect(wrong.bound).toBeLessThan(Number.POSITIVE_INFINITY)
  })

  test('order 30 ends with a small gap', async () => {
    const R = randomSymmetric(seededRandom(4), 30)
    const { bound, attained } = await relaxedConeMaximum(R, identity(30), { tolerance: 1e-7 })
    expect(bound - attained).toBeLessThan(1e-6 * bound)
    expect(bound).toBeLessThan(eigh(R).values[29])
  })
})

describe('provenDualValue', () => {
  test('no feasible point is below it, whatever the dual point', () => {
    const random = seededRandom(6)
    for (let k = 0; k < 200; k++) {
      const r = 1 + (k % 5)
      const R = randomSymmetric(random, r)
      const program = coneMaximumProgram(R, identity(r))
      const y = Float64Array.of(3 * gaussian(random))
      const multipliers = [Float64Array.from({ length: (r * (r - 1)) / 2 }, () => gaussian(random))]
      const bound = provenDualValue(program, { y, multipliers })
      const u = Float64Array.from({ length: r }, () => Math.abs(gaussian(random)))
      expect(-rayleigh(R, u)).toBeGreaterThanOrEqual(bound)
    }
  })

  test('NaN proves nothing', () => {
    const program = coneMaximumProgram(identity(2), identity(2))
    const multipliers = [Float64Array.of(0)]
    expect(provenDualValue(program, { y: Float64Array.of(Number.NaN), multipliers })).toBe(Number.NEGATIVE_INFINITY)
    expect(provenDualValue(program, { y: Float64Array.of(Number.POSITIVE_INFINITY), multipliers })).toBe(
      Number.NEGATIVE_INFINITY,
    )
  })
})
