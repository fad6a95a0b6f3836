import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromRows, matrix, scaled, subtract } from '../linalg/matrix.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { lossConformance } from './loss.conformance.ts'
import { entrywise, realTargets, squareDual } from './loss.fixtures.ts'
import { squaredLoss } from './squared.ts'

lossConformance({
  loss: squaredLoss,
  targets: realTargets,
  perfect: (Y) => Y,
  exactDual: entrywise(squareDual),
  largestScale: Number.POSITIVE_INFINITY,
})

const pairs = fc
  .record({ seed: fc.integer(), n: fc.integer({ min: 1, max: 6 }), c: fc.integer({ min: 1, max: 3 }) })
  .map(({ seed, n, c }) => {
    const random = seededRandom(seed)
    return { A: randomMatrix(random, n, c), Y: randomMatrix(random, n, c) }
  })

describe('squared loss', () => {
  test('the value is half the squared distance, and 0 exactly at the targets', () => {
    const Y = fromRows([[1, 2]])
    expect(squaredLoss.value(fromRows([[4, 6]]), Y)).toBe(12.5)
    expect(squaredLoss.value(Y, Y)).toBe(0)
  })

  test('the dual is minus the gradient of the value', () => {
    fc.assert(
      fc.property(pairs, ({ A: F, Y }) => {
        const Z = squaredLoss.dual(F, Y)
        const h = 1e-6
        for (let k = 0; k < F.data.length; k++) {
          const [plus, minus] = [h, -h].map((step) => {
            const moved = Float64Array.from(F.data)
            moved[k] += step
            return squaredLoss.value(matrix(F.rows, F.cols, moved), Y)
          })
          expect(Z.data[k]).toBeCloseTo((minus - plus) / (2 * h), 6)
        }
      }),
    )
  })

  test('Fenchel: at τ = 1 the residual Z of F satisfies ℓ(F) = −ℓ*(−Z) − ⟨F, Z⟩', () => {
    fc.assert(
      fc.property(pairs, ({ A: F, Y }) => {
        const Z = squaredLoss.dual(F, Y)
        const inner = F.data.reduce((total, entry, k) => total + entry * Z.data[k], 0)
        expect(squaredLoss.dualValue(Z, Y, 1) - inner).toBeCloseTo(squaredLoss.value(F, Y), 10)
      }),
    )
  })

  test('no other scale within the limit does better than the best one', () => {
    const limits = fc.constantFrom(0, 0.1, 1, 10, Number.POSITIVE_INFINITY)
    fc.assert(
      fc.property(pairs, limits, fc.double({ min: -1, max: 1, noNaN: true }), ({ A: Z, Y }, limit, share) => {
        const best = squaredLoss.bestScale(Z, Y, limit)
        const other = share * Math.min(limit, 20)
        expect(Math.abs(best)).toBeLessThanOrEqual(limit)
        expect(squaredLoss.dualValue(Z, Y, best)).toBeGreaterThanOrEqual(squaredLoss.dualValue(Z, Y, other) - 1e-12)
      }),
    )
  })

  test('a dual that points away from the targets gets a negative scale, clamped from below', () => {
    const Y = fromRows([[3]])
    expect(squaredLoss.bestScale(fromRows([[-1]]), Y, 10)).toBe(-3)
    expect(squaredLoss.bestScale(fromRows([[-1]]), Y, 2)).toBe(-2) // sprung by clamping from above only: −3 is not feasible
  })

  test.each([Number.NaN, -1, Number.NEGATIVE_INFINITY])('a limit of %d gives scale 0', (limit) => {
    expect(squaredLoss.bestScale(fromRows([[1]]), fromRows([[1]]), limit)).toBe(0)
  })

  test('Z = 0, and a Z whose square underflows, give a finite scale and a value of at most 0', () => {
    const Y = fromRows([[1, -1]])
    for (const Z of [
      matrix(1, 2),
      matrix(1, 2, Float64Array.of(1e-200, 1e-200)),
      matrix(1, 2, Float64Array.of(5e-324, 0)),
    ]) {
      for (const limit of [0, 1, Number.POSITIVE_INFINITY]) {
        const tau = squaredLoss.bestScale(Z, Y, limit)
        expect(Number.isFinite(tau)).toBe(true)
        expect(squaredLoss.dualValue(Z, Y, tau)).toBeLessThanOrEqual(0)
      }
    }
  })

  test('the dual value never exceeds the exact one, in rational arithmetic', () => {
    // Random floats are dyadic rationals: with all exponents cleared, τ⟨Z,Y⟩ − ½τ²‖Z‖² is an integer computation.
    const floats = fc.double({ noNaN: true, min: -1e6, max: 1e6 })
    const vectors = fc.tuple(
      fc.array(floats, { minLength: 3, maxLength: 3 }),
      fc.array(floats, { minLength: 3, maxLength: 3 }),
    )
    fc.assert(
      fc.property(vectors, floats, ([z, y], tau) => {
        const computed = squaredLoss.dualValue(fromRows([z]), fromRows([y]), tau)
        const [t, zs, ys] = [exact(tau), z.map(exact), y.map(exact)]
        const linear = zs.reduce((total, entry, k) => total + t * entry * ys[k], 0n) * 2n * unit
        const quadratic = zs.reduce((total, entry) => total + t * t * entry * entry, 0n)
        expect(exact(computed) * 2n * unit ** 3n <= linear - quadratic).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('the dual value is sharp: within a few units in the last place of the exact optimum ½‖Y‖²', () => {
    fc.assert(
      fc.property(pairs, ({ Y }) => {
        const optimum = squaredLoss.value(matrix(Y.rows, Y.cols), Y)
        expect(squaredLoss.dualValue(Y, Y, 1)).toBeGreaterThanOrEqual(optimum * (1 - 16 * Number.EPSILON))
      }),
    )
  })

  test('a dual value that overflows is not a number, never a large bound', () => {
    const huge = fromRows([[1e300, 1e300]])
    expect(squaredLoss.dualValue(huge, huge, 1)).not.toBeGreaterThan(0)
    expect(squaredLoss.dualValue(fromRows([[1]]), fromRows([[1]]), Number.POSITIVE_INFINITY)).not.toBeGreaterThan(0)
    expect(squaredLoss.dualValue(fromRows([[Number.NaN]]), fromRows([[1]]), 1)).toBeNaN()
  })

  test('scaling targets and dual together scales the value by the square', () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom(2 ** 30, 2 ** -30), ({ A: Z, Y }, factor) => {
        const there = squaredLoss.dualValue(scaled(Z, factor), scaled(Y, factor), 0.5)
        expect(there).toBeCloseTo(squaredLoss.dualValue(Z, Y, 0.5) * factor ** 2, 4)
        expect(subtract(Z, Z).data.every((entry) => entry === 0)).toBe(true)
      }),
    )
  })
})

/** 2^1100 clears the exponent of every double; BigInt then holds value · 2^1100 exactly. */
const unit = 2n ** 1100n

function exact(value: number): bigint {
  if (value === 0) return 0n
  let mantissa = value
  let shift = 0
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    shift++
  }
  return (BigInt(mantissa) * unit) / 2n ** BigInt(shift)
}
