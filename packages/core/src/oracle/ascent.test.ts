import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dot, fromRows, type Matrix, matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { ascend, onHyperplane, tightSamples } from './ascent.ts'
import { unit } from './branch-and-bound/cone.fixtures.ts'
import { enumerationOracle } from './enumeration.ts'
import { polarValue } from './evaluate.ts'
import { questions } from './pricing.fixtures.ts'

describe('ascend', () => {
  test('ends at a unit vector, at a value that is attained and not below that of the start', () => {
    fc.assert(
      fc.property(questions({ n: 10, ranks: [1, 2, 3, 4], c: 3 }), fc.integer(), (asked, seed) => {
        const { problem: { reduction: { Xr } }, Z } = asked // biome-ignore format: short
        if (Xr.cols === 0) return
        const start = randomMatrix(seededRandom(seed), 1, Xr.cols).data
        const { weights, value } = ascend(Xr, Z, start)
        expect(norm2(weights)).toBeCloseTo(1, 12)
        expect(value).toBe(polarValue(Xr, Z, weights))
        expect(value).toBeGreaterThanOrEqual(polarValue(Xr, Z, start) * (1 - 1e-12))
      }),
      { numRuns: 300 },
    )
  })

  test('ends at a local maximum: no nearby direction is better, kinks included', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 3 }), (seed, r, c) => {
        const random = seededRandom(seed)
        const [X, Z] = [randomMatrix(random, 8, r), randomMatrix(random, 8, c)]
        const { weights, value } = ascend(X, Z, randomMatrix(random, 1, r).data)
        for (let k = 0; k < 60; k++) {
          const off = randomMatrix(random, 1, r).data
          const nearby = unit(weights.map((entry, q) => entry + 1e-4 * off[q]))
          expect(polarValue(X, Z, nearby)).toBeLessThanOrEqual(value * (1 + 1e-9))
        }
      }),
      { numRuns: 200 },
    )
  })

  test('from every sample and its opposite, the best climb is ω in the plane', async () => {
    // In the plane one great circle is the whole sphere: a single step sees all of it.
    await fc.assert(
      fc.asyncProperty(questions({ n: 8, ranks: [2], c: 3 }), async ({ problem, Z }) => {
        const { Xr, rank } = problem.reduction
        if (rank !== 2) return
        const omega = (await enumerationOracle(problem).price(Z)).candidates[0]?.value ?? 0
        const values = [1, -1].map((sign) => ascend(Xr, Z, Float64Array.of(sign, 0.3)).value)
        expect(Math.max(...values)).toBeGreaterThanOrEqual(omega * 0.5)
      }),
      { numRuns: 60 },
    )
  })

  test('a kink is met exactly: |x_iᵀu| is rounding, not merely small', () => {
    // The third sample costs more on its own side than the others gain there: their maximum lies on its hyperplane.
    const X = fromRows([[1, 0.2, 0], [0.3, 1, 0.1], [0.2, -0.1, 1]]) // biome-ignore format: a matrix
    const Z = fromRows([[1], [1], [-0.5]])
    for (const start of [
      [1, 0, -2],
      [0, 1, -2.5],
      [1, -1, 0.1],
    ]) {
      // biome-ignore format: vectors
      const { weights } = ascend(X, Z, Float64Array.from(start))
      expect(tightSamples(X, weights)).toEqual([2])
      expect(Math.abs(dot(row(X, 2), weights))).toBeLessThan(1e-15)
    }
  })

  test('one sample: u = x/‖x‖ and ‖z‖‖x‖, even from a start where the sample is inactive', () => {
    const X = fromRows([[3, 4]])
    const Z = fromRows([[1, -2, 2]])
    for (const start of [
      [1, 0],
      [-1, 0.1],
      [-4, 3.1],
    ]) {
      // biome-ignore format: vectors
      const { weights, value } = ascend(X, Z, Float64Array.from(start))
      expect(value).toBeCloseTo(15, 12)
      expect(Array.from(weights)).toEqual([expect.closeTo(0.6, 12), expect.closeTo(0.8, 12)])
    }
  })

  test('a start where nothing is active, exactly on hyperplanes, or tiny or huge', () => {
    const X = fromRows([[1, 0, 0], [0, 1, 0]]) // biome-ignore format: a matrix
    const Z = fromRows([[1, 0], [0, 2]]) // biome-ignore format: a matrix
    for (const start of [
      [-1, -1, 0],
      [0, 0, 1],
      [1e-200, 0, 0],
      [1e200, 1e200, 0],
      [0, 1, 0],
    ]) {
      // biome-ignore format: vectors
      const { weights, value } = ascend(X, Z, Float64Array.from(start))
      expect(norm2(weights)).toBeCloseTo(1, 12)
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(2 * (1 + 1e-12))
    }
    expect(ascend(X, Z, Float64Array.of(0, 1, 0)).value).toBeCloseTo(2, 12)
  })

  test('a rotation of the data rotates the answer', () => {
    const random = seededRandom(5)
    const [X, Z] = [randomMatrix(random, 12, 2), randomMatrix(random, 12, 2)]
    const [cosine, sine] = [Math.cos(1), Math.sin(1)]
    const turn = (u: Float64Array): Float64Array =>
      Float64Array.of(cosine * u[0] - sine * u[1], sine * u[0] + cosine * u[1])
    const turned = matrix(
      12,
      2,
      Float64Array.from(Array.from({ length: 12 }, (_, i) => Array.from(turn(row(X, i)))).flat()),
    )
    const start = Float64Array.of(0.4, -0.9)
    const [one, other] = [ascend(X, Z, start), ascend(turned, Z, turn(start))]
    expect(other.value).toBeCloseTo(one.value, 11)
    expect(dot(turn(one.weights), other.weights)).toBeCloseTo(1, 10)
  })
})

describe('tightSamples', () => {
  test('lists the samples on whose hyperplanes u lies, whatever their size; never zero rows', () => {
    const X = fromRows([[1, 0], [0, 1], [1e-9, 0], [1e9, 0], [0, 0], [1, 1]]) // biome-ignore format: a matrix
    expect(tightSamples(X, Float64Array.of(0, 1))).toEqual([0, 2, 3])
    expect(tightSamples(X, Float64Array.of(Math.SQRT1_2, -Math.SQRT1_2))).toEqual([5])
    expect(tightSamples(X, Float64Array.of(0.5 * onHyperplane, 1))).toEqual([0, 2, 3])
    expect(tightSamples(X, Float64Array.of(2 * onHyperplane, 1))).toEqual([])
  })

  test('is empty for samples in general position', () => {
    const X: Matrix = randomMatrix(seededRandom(6), 50, 3)
    expect(tightSamples(X, unit(Float64Array.of(1, 2, 3)))).toEqual([])
  })
})
