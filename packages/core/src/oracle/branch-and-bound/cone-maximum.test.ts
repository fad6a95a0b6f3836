import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Matrix,
  matrix,
  multiply,
  multiplyTransposed,
  multiplyTransposedVector,
  multiplyVector,
} from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import { qr } from '../../linalg/qr.ts'
import { randomMatrix } from '../../problem.fixtures.ts'
import { type Random, seededRandom } from '../../random.ts'
import { combined, generatorsInOrthant, orthant, projectedOnto, rowsOf, unit, unitIn } from './cone.fixtures.ts'
import { coneMaximum } from './cone-maximum.ts'

const cases = fc.record({
  seed: fc.integer(),
  r: fc.integer({ min: 1, max: 6 }),
  c: fc.integer({ min: 1, max: 4 }),
  closeness: fc.constantFrom(1, 0.3, 1e-3, 1e-6, 1e-9),
})

describe('coneMaximum', () => {
  test('no unit vector of the cone is longer under A: not random ones, and not local maxima climbed to from every face', () => {
    // Sprung by leaving out the sub-faces of a face whose leading vector lies outside, or by looking only at rays.
    fc.assert(
      fc.property(cases, ({ seed, r, c, closeness }) => {
        const random = seededRandom(seed)
        const A = randomMatrix(random, c, r)
        const W = generatorsInOrthant(random, r, closeness)
        expectAbove(random, A, W, coneMaximum(A.data, W, r, 0).bound)
      }),
      { numRuns: 300 },
    )
  })

  test('the bound is attained by the weights, which lie in the cone', () => {
    fc.assert(
      fc.property(cases, ({ seed, r, c, closeness }) => {
        const random = seededRandom(seed)
        const A = randomMatrix(random, c, r)
        const W = generatorsInOrthant(random, r, closeness)
        const { bound, weights } = coneMaximum(A.data, W, r, 0)
        expect(norm2(weights)).toBeCloseTo(1, 12)
        expect(norm2(multiplyVector(A, weights))).toBeGreaterThanOrEqual(bound - 1e-7 * norm2(A.data))
        expect(norm2(multiplyVector(A, weights))).toBeLessThanOrEqual(bound + 1e-14 * norm2(A.data))
        const inside = projectedOnto(W, weights, r, 2000)
        if (closeness >= 0.3) expect(norm2(inside.map((value, k) => value - weights[k]))).toBeLessThan(1e-5)
      }),
      { numRuns: 200 },
    )
  })

  test('one output: the length of the projection of a or of −a onto the cone', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), (seed, r) => {
        const random = seededRandom(seed)
        const a = randomMatrix(random, 1, r).data
        const W = generatorsInOrthant(random, r, 1)
        const heights = [a, a.map((value) => -value)].map((v) => norm2(projectedOnto(W, v, r, 3000)))
        // Where both projections vanish the maximum is attained on a ray, with −a pointing away from it: |aᵀw| is largest there.
        const rays = rowsOf(W, r).map((w) => Math.abs(w.reduce((total, value, k) => total + value * a[k], 0)))
        expect(coneMaximum(a, W, r, 0).bound).toBeCloseTo(Math.max(...heights, ...rays), 6)
      }),
    )
  })

  test('on the nonnegative orthant: inside, on a face, on a ray', () => {
    const W = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)
    const best = (...a: number[]): number => coneMaximum(Float64Array.from(a), W, 3, 0).bound
    expect(best(1, 2, 2)).toBeCloseTo(3, 12)
    expect(best(-1, -2, -2)).toBeCloseTo(3, 12)
    expect(best(3, -1, 4)).toBeCloseTo(5, 12)
    expect(best(-5, 2, -6)).toBeCloseTo(Math.hypot(5, 6), 12)
    expect(best(-1, 2, -1)).toBeCloseTo(2, 12)
    expect(best(1, -1, 0, 1, 1, 0)).toBeCloseTo(Math.SQRT2, 12)
  })

  test('a repeated top singular value: every maximiser counts, not only the vector that the eigensolver happens to return', () => {
    // Sprung by treating "the computed leading vector lies outside" as "the face has no maximiser": the top singular space
    // meets the cone although none of its basis vectors need lie in it.
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 2, max: 5 }),
        (seed, r, multiplicity) => {
          const random = seededRandom(seed)
          const m = Math.min(r, multiplicity)
          const W = generatorsInOrthant(random, r, random() < 0.5 ? 1 : 0.1)
          // A = [√2 P; 0] for an orthonormal m-frame P that contains a direction of the cone: the maximum is √2 exactly.
          const frame = frameThrough(random, unitIn(random, W, r), m)
          const A = matrix(m, r, multiplyTransposed(frame, identity(r)).data.map((value) => Math.SQRT2 * value)) // biome-ignore format: short
          const { bound, weights } = coneMaximum(A.data, W, r, 0)
          expect(bound).toBeGreaterThanOrEqual(Math.SQRT2 * (1 - 1e-15))
          expect(bound).toBeLessThanOrEqual(Math.SQRT2 * (1 + 1e-12))
          expect(norm2(multiplyVector(A, weights))).toBeCloseTo(Math.SQRT2, 7)
        },
      ),
      { numRuns: 300 },
    )
    const I = identity(4).data
    for (const seed of [1, 2, 3]) expect(coneMaximum(I, orthant(seededRandom(seed), 4), 4, 0).bound).toBeCloseTo(1, 12)
  })

  test('a repeated top singular value whose space misses the interior: some boundary face attains the maximum', () => {
    // The top space is span(e₁ − e₂, e₃); it meets the nonnegative orthant of R³ in the ray e₃ alone.
    const W = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)
    const A = Float64Array.of(Math.SQRT1_2, -Math.SQRT1_2, 0, 0, 0, 1)
    const { bound, weights } = coneMaximum(A, W, 3, 0)
    expect(bound).toBeCloseTo(1, 12)
    expect(weights[2]).toBeCloseTo(1, 12)
  })

  test('nothing below the floor is resolved, and the floor never hides what exceeds it', () => {
    const random = seededRandom(7)
    const [A, W] = [randomMatrix(random, 2, 4), orthant(random, 4)]
    const { bound } = coneMaximum(A.data, W, 4, 0)
    expect(coneMaximum(A.data, W, 4, 2 * bound).bound).toBe(2 * bound)
    expect(coneMaximum(A.data, W, 4, 0.999 * bound).bound).toBe(bound)
  })

  test('dependent generators, A = 0 and NaN: still a bound', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 5 }), (seed, r) => {
        const random = seededRandom(seed)
        const A = randomMatrix(random, 2, r)
        const W = generatorsInOrthant(random, r, 1)
        const [from, to] = [Math.floor(random() * r), Math.floor(random() * r)]
        W.copyWithin(to * r, from * r, (from + 1) * r)
        expectAbove(random, A, W, coneMaximum(A.data, W, r, 0).bound)
      }),
    )
    const W = orthant(seededRandom(1), 3)
    expect(coneMaximum(new Float64Array(6), W, 3, 0).bound).toBeLessThan(1e-300)
    expect(coneMaximum(Float64Array.of(1, Number.NaN, 2), W, 3, 0).bound).toBe(Number.POSITIVE_INFINITY)
  })
})

/** Sampled directions of the cone, and ‖Au‖ climbed from the middle of every face, do not exceed the bound. */
function expectAbove(random: Random, A: Matrix, W: Float64Array, bound: number): void {
  const r = A.cols
  const rounding = 1e-13 * norm2(A.data)
  const starts = [...allFaces(r), ...Array.from({ length: 5 }, () => Array.from({ length: r }, () => random()))]
  for (const lambda of starts) {
    let u = unit(combined(rowsOf(W, r), lambda))
    for (let step = 0; step < 8; step++) {
      expect(norm2(multiplyVector(A, u))).toBeLessThanOrEqual(bound + rounding)
      // max ‖Au‖ is convex: its linearisation AᵀAu is maximised over the cone by a projection, and the value only rises.
      const next = projectedOnto(W, multiplyTransposedVector(A, multiplyVector(A, u)), r, 40)
      if (!(norm2(next) > 0)) break
      u = unit(next)
    }
  }
}

function allFaces(r: number): number[][] {
  return Array.from({ length: 2 ** r - 1 }, (_, mask) => Array.from({ length: r }, (_k, k) => ((mask + 1) >> k) & 1))
}

function frameThrough(random: Random, direction: Float64Array, m: number): Matrix {
  const r = direction.length
  const columns = randomMatrix(random, r, m)
  for (let k = 0; k < r; k++) columns.data[k * m] = direction[k]
  const { Q } = qr(columns)
  return multiply(Q, qr(randomMatrix(random, m, m)).Q) // the same space, another basis
}

function identity(n: number): Matrix {
  const out = matrix(n, n)
  for (let k = 0; k < n; k++) out.data[k * n + k] = 1
  return out
}
