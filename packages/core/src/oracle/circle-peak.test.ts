import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { sweepCircle } from './circle.ts'
import { CirclePeaks } from './circle-peak.ts'
import { polarValue } from './evaluate.ts'
import { matrix } from '../linalg/matrix.ts'

const instances = fc.record({
  seed: fc.integer(),
  n: fc.integer({ min: 1, max: 60 }),
  c: fc.integer({ min: 1, max: 4 }),
  integer: fc.boolean(),
})

test('its value is attained, is at most the supremum, and nearly always is the supremum', () => {
  let [reached, all] = [0, 0]
  fc.assert(
    fc.property(instances, ({ seed, n, c, integer }) => {
      const random = seededRandom(seed)
      const draw = (cols: number): ReturnType<typeof randomMatrix> => {
        const M = randomMatrix(random, n, cols)
        return integer ? matrix(n, cols, M.data.map(Math.round)) : M
      }
      const [plane, Z] = [draw(2), draw(c)]
      const [a, b] = [0, 1].map((q) => Float64Array.from({ length: n }, (_, i) => plane.data[2 * i + q]))
      const { supremum } = sweepCircle(a, b, Z)
      const peak = new CirclePeaks(Z).peak(a, b)
      expect(Math.hypot(peak.cosine, peak.sine)).toBeCloseTo(1, 12)
      expect(peak.value).toBeCloseTo(polarValue(plane, Z, Float64Array.of(peak.cosine, peak.sine)), 9)
      expect(peak.value).toBeLessThanOrEqual(supremum * (1 + 1e-12) + 1e-12)
      if (peak.value >= supremum * (1 - 1e-9)) reached++
      all++
    }),
    { numRuns: 500 },
  )
  expect(reached / all).toBeGreaterThan(0.97)
})

test('a peak at a kink lies on the hyperplane of its sample to the last digit', () => {
  // F = 10 (cos t)₊ − 6 (0.2 cos t + sin t)₊ rises towards t = 0 and falls once the second sample is active.
  const [a, b] = [Float64Array.of(1, 0.2), Float64Array.of(0, 1)]
  const peak = new CirclePeaks(matrix(2, 1, Float64Array.of(10, -6))).peak(a, b)
  expect(peak.value).toBeCloseTo(10 / Math.hypot(1, 0.2), 12)
  expect(Math.abs(a[1] * peak.cosine + b[1] * peak.sine)).toBeLessThan(1e-16)
})

test('no samples, or nothing but zeros: a peak of zero', () => {
  expect(new CirclePeaks(matrix(0, 1)).peak(new Float64Array(0), new Float64Array(0)).value).toBe(0)
  expect(new CirclePeaks(matrix(3, 2)).peak(new Float64Array(3), new Float64Array(3)).value).toBe(0)
})
