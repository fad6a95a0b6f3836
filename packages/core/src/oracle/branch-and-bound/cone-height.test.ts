import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { norm2 } from '../../linalg/norms.ts'
import { gaussian, type Random, seededRandom } from '../../random.ts'
import { attainedHeight, combined, generatorsInOrthant, orthant, rowsOf } from './cone.fixtures.ts'
import { coneHeight } from './cone-height.ts'

const heightBound = (W: Float64Array, B: Float64Array, r: number, slack: number): number =>
  coneHeight(W, B, r, slack).bound

const cones = fc.record({
  seed: fc.integer(),
  r: fc.integer({ min: 1, max: 20 }),
  closeness: fc.constantFrom(1, 0.3, 1e-3, 1e-6, 1e-9, 1e-14),
})

/** Heights of both signs and of every size, some equal, some far above what the others allow. */
function heightsOf(random: Random, r: number): Float64Array {
  const wild = random() < 0.3
  return Float64Array.from({ length: r }, () => gaussian(random) * (wild ? 10 ** (6 * random() - 3) : 1))
}

describe('coneHeight', () => {
  test('no λ ≥ 0 with ‖Σ λ_k w_k‖ ≤ 1 makes Σ λ_k B_k larger', () => {
    // Sprung by returning ‖u₀‖ as it comes from the active set, unchecked: above rank 12 it stops early, and in thin
    // cones the Gram matrix is singular at working precision; u₀ is then below some of the heights.
    fc.assert(
      fc.property(cones, ({ seed, r, closeness }) => {
        const random = seededRandom(seed)
        const W = generatorsInOrthant(random, r, closeness)
        const B = heightsOf(random, r)
        const bound = heightBound(W, B, r, 0)
        const rounding = 1e-13 * norm2(B)
        expect(bound).toBeLessThan(Number.POSITIVE_INFINITY)
        expect(bound).toBeGreaterThanOrEqual(attainedHeight(W, B, r, 60) - rounding)
        for (let k = 0; k < 20; k++) {
          const lambda = Float64Array.from({ length: r }, () => (random() < 0.5 ? 0 : random()))
          const size = norm2(combined(rowsOf(W, r), lambda))
          const height = lambda.reduce((total, value, at) => total + value * B[at], 0)
          if (size > 0) expect(bound).toBeGreaterThanOrEqual(height / size - rounding)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('orthonormal generators: ‖B₊‖', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), (seed, r) => {
        const random = seededRandom(seed)
        const B = heightsOf(random, r)
        const expected = norm2(B.map((value) => Math.max(0, value)))
        expect(Math.abs(heightBound(orthant(random, r), B, r, 0) - expected)).toBeLessThanOrEqual(1e-12 * norm2(B))
      }),
    )
  })

  test('up to rank 12 the bound is the maximum: the length of the projection', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 6 }), (seed, r) => {
        const random = seededRandom(seed)
        const W = generatorsInOrthant(random, r, 1)
        const B = heightsOf(random, r)
        const attained = attainedHeight(W, B, r, 3000)
        expect(heightBound(W, B, r, 0)).toBeLessThanOrEqual(attained * (1 + 1e-6) + 1e-12 * norm2(B))
      }),
      { numRuns: 300 },
    )
  })

  test('never below the largest height, nor above the root of the sum of squares of the positive ones', () => {
    fc.assert(
      fc.property(cones, ({ seed, r, closeness }) => {
        const random = seededRandom(seed)
        const W = generatorsInOrthant(random, r, closeness)
        const B = heightsOf(random, r)
        const bound = heightBound(W, B, r, 0)
        expect(bound).toBeGreaterThanOrEqual(Math.max(0, ...B))
        // Σ λ_k B_k ≤ ‖λ‖‖B₊‖ ≤ ‖B₊‖ for unit generators with nonnegative inner products; not always met above rank 12.
        if (r <= 6 && closeness >= 1e-3) {
          expect(bound).toBeLessThanOrEqual(norm2(B.map((value) => Math.max(0, value))) * (1 + 1e-9))
        }
      }),
    )
  })

  test('heights of at most zero: 0, since u = 0 is allowed; the slack counts before', () => {
    const W = orthant(seededRandom(1), 3)
    expect(heightBound(W, Float64Array.of(-1, -2, 0), 3, 0)).toBe(0)
    expect(heightBound(W, Float64Array.of(-1, -2, 0), 3, 0.5)).toBeCloseTo(0.5, 12)
    expect(heightBound(W, Float64Array.of(-1, -1, -1), 3, 2)).toBeCloseTo(Math.sqrt(3), 12)
  })

  test('parallel generators with different heights: the larger one decides', () => {
    const W = Float64Array.of(1, 0, 0, 1, 0, 0, 0, 1, 0)
    for (const B of [
      [1, 3, 0],
      [3, 1, 0],
      [3, 3, 0],
      [-1, 3, -2],
    ]) {
      // biome-ignore format: vectors
      expect(heightBound(W, Float64Array.from(B), 3, 0)).toBeGreaterThanOrEqual(3)
    }
  })

  test('NaN or Infinity in a height proves nothing', () => {
    const W = orthant(seededRandom(2), 2)
    for (const poison of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(heightBound(W, Float64Array.of(1, poison), 2, 0)).toBe(Number.POSITIVE_INFINITY)
      expect(heightBound(W, Float64Array.of(poison, -1), 2, 0)).toBe(Number.POSITIVE_INFINITY)
      expect(heightBound(W, Float64Array.of(1, 1), 2, poison)).toBe(Number.POSITIVE_INFINITY)
    }
  })

  test('scales with the heights', () => {
    const random = seededRandom(3)
    const W = generatorsInOrthant(random, 5, 0.3)
    const B = heightsOf(random, 5)
    const bound = heightBound(W, B, 5, 0)
    for (const s of [1e-9, 1e9, 1e-140, 1e140]) {
      const scaled = B.map((value) => s * value)
      expect(heightBound(W, scaled, 5, 0) / s / bound).toBeCloseTo(1, 9)
    }
  })
})
