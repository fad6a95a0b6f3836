import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Matrix, matrix } from '../linalg/matrix.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { gaussian, seededRandom } from '../random.ts'
import { sweepCircle } from './circle.ts'
import { polarValue } from './evaluate.ts'

/** a, b and Z, with many repeated, opposite and vanishing pairs (a_i, b_i); a and b need not come from orthonormal u. */
const sweeps = fc
  .record({
    seed: fc.integer(),
    n: fc.integer({ min: 1, max: 12 }),
    c: fc.integer({ min: 1, max: 4 }),
    integers: fc.boolean(),
  })
  .map(({ seed, n, c, integers }) => {
    const random = seededRandom(seed)
    const entry = (): number => (integers ? Math.round(1.5 * gaussian(random)) : gaussian(random))
    const a = Float64Array.from({ length: n }, entry)
    const b = Float64Array.from({ length: n }, () => 3 * entry())
    return { a, b, Z: randomMatrix(random, n, c) }
  })

const steps = 4000

describe('sweepCircle', () => {
  test('its supremum is the largest value on a fine grid, to the resolution of the grid', () => {
    fc.assert(
      fc.property(sweeps, ({ a, b, Z }) => {
        const { supremum, maxima } = sweepCircle(a, b, Z)
        const grid = Math.max(...valuesOnGrid(a, b, Z))
        expect(supremum).toBeGreaterThanOrEqual(grid * (1 - 1e-13))
        expect(grid).toBeGreaterThanOrEqual(supremum * (1 - 1e-2))
        const best = Math.max(0, ...maxima.map(({ value }) => value))
        expect(Math.abs(best - supremum)).toBeLessThanOrEqual(1e-12 * supremum)
      }),
    )
  })

  test('every maximum it lists is attained and local, in the order of the angles', () => {
    fc.assert(
      fc.property(sweeps, ({ a, b, Z }) => {
        const { maxima } = sweepCircle(a, b, Z)
        maxima.forEach(({ angle, cosine, sine, value }, k) => {
          expect(cosine).toBeCloseTo(Math.cos(angle), 12)
          expect(sine).toBeCloseTo(Math.sin(angle), 12)
          expect(Math.abs(at(a, b, Z, cosine, sine) - value)).toBeLessThanOrEqual(1e-12 * scaleOf(a, b, Z))
          for (const shift of [-1e-5, 1e-5]) {
            const beside = at(a, b, Z, Math.cos(angle + shift), Math.sin(angle + shift))
            expect(beside).toBeLessThanOrEqual(value + 1e-13 * scaleOf(a, b, Z))
          }
          if (k > 0) expect(angle).toBeGreaterThan(maxima[k - 1].angle)
        })
      }),
    )
  })

  test('it lists every local maximum that a fine grid shows', () => {
    fc.assert(
      fc.property(sweeps, ({ a, b, Z }) => {
        const { maxima } = sweepCircle(a, b, Z)
        const values = valuesOnGrid(a, b, Z)
        const step = (2 * Math.PI) / steps
        values.forEach((value, k) => {
          const [before, after] = [values.at(k - 1) ?? 0, values[(k + 1) % steps]]
          if (!(value > before + 1e-9 && value > after + 1e-9)) return
          const found = maxima.some((maximum) => Math.cos(maximum.angle - k * step) > Math.cos(1.01 * step))
          expect(found).toBe(true)
        })
      }),
    )
  })

  test('a kink is met exactly: the sample on its hyperplane is zero there to the last digits', () => {
    const [a, b] = [Float64Array.of(1, 0.3, -0.2), Float64Array.of(1 / 3, -0.7, 1)]
    const Z = matrix(3, 1, Float64Array.of(-10, 1, 1)) // the first sample costs so much that the maximum avoids it
    const best = sweepCircle(a, b, Z).maxima.find(({ cosine, sine }) => Math.abs(a[0] * cosine + b[0] * sine) < 1e-9)
    expect(best).toBeDefined()
    expect(Math.abs(a[0] * best!.cosine + b[0] * best!.sine)).toBeLessThan(1e-16)
  })

  test('one sample peaks along itself; no sample has no maxima', () => {
    const { maxima, supremum } = sweepCircle(
      Float64Array.of(3),
      Float64Array.of(-4),
      matrix(1, 2, Float64Array.of(1, 1)),
    )
    expect(maxima).toHaveLength(1)
    expect(maxima[0].cosine).toBeCloseTo(0.6, 14)
    expect(maxima[0].sine).toBeCloseTo(-0.8, 14)
    expect(supremum).toBeCloseTo(5 * Math.SQRT2, 12)
    expect(sweepCircle(new Float64Array(2), new Float64Array(2), matrix(2, 1))).toMatchObject({
      maxima: [],
      supremum: 0,
    })
    expect(sweepCircle(new Float64Array(0), new Float64Array(0), matrix(0, 1))).toMatchObject({
      maxima: [],
      supremum: 0,
    })
  })

  test('a constant on a whole arc is found once', () => {
    // F is the identity on the quadrant of two orthogonal samples with orthogonal outputs: ‖F‖ = 1 all along.
    const Z = matrix(2, 2, Float64Array.of(1, 0, 0, 1))
    const { maxima, supremum } = sweepCircle(Float64Array.of(1, 0), Float64Array.of(0, 1), Z)
    expect(supremum).toBeCloseTo(1, 14)
    expect(maxima.length).toBeGreaterThan(0)
  })

  test('NaN anywhere makes the supremum NaN', () => {
    for (const poison of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const Z = matrix(2, 1, Float64Array.of(1, poison))
      expect(sweepCircle(Float64Array.of(1, 2), Float64Array.of(1, 3), Z).supremum).toBeNaN()
      expect(
        sweepCircle(Float64Array.of(1, poison), Float64Array.of(1, 3), matrix(2, 1, Float64Array.of(1, 1))).supremum,
      ).toBeNaN()
    }
  })
})

function valuesOnGrid(a: Float64Array, b: Float64Array, Z: Matrix): number[] {
  return Array.from({ length: steps }, (_, k) => {
    const t = (2 * Math.PI * k) / steps
    return at(a, b, Z, Math.cos(t), Math.sin(t))
  })
}

function at(a: Float64Array, b: Float64Array, Z: Matrix, cosine: number, sine: number): number {
  const column = a.map((value, i) => value * cosine + b[i] * sine)
  return polarValue(matrix(a.length, 1, column), Z, Float64Array.of(1))
}

/** Σ ‖z_i‖ ‖(a_i, b_i)‖, to which rounding is proportional. */
function scaleOf(a: Float64Array, b: Float64Array, Z: Matrix): number {
  let total = 0
  for (let i = 0; i < a.length; i++) {
    total += Math.hypot(a[i], b[i]) * Math.hypot(...Z.data.subarray(i * Z.cols, (i + 1) * Z.cols))
  }
  return total
}
