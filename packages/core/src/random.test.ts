import { expect, test } from 'vitest'
import { gaussian, seededRandom } from './random.ts'

const drawn = (seed: number, count: number): number[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, random)
}

test('a seed reproduces its numbers, on every machine', () => {
  expect(drawn(7, 100)).toEqual(drawn(7, 100))
  // Stored: 32-bit integer arithmetic alone, so that no platform may differ.
  expect(drawn(0, 3).map((x) => x * 2 ** 32)).toEqual([3822136429, 4266283186, 3507801389])
})

test('seeds give different numbers, neighbouring, negative and large ones too', () => {
  const firsts = [0, 1, 2, 3, -1, -2, 2 ** 31, 1e6, 123456789].map((seed) => drawn(seed, 1)[0])
  expect(new Set(firsts).size).toBe(firsts.length)
})

test('numbers lie in [0, 1), with the mean, the variance and the quantiles of the uniform distribution', () => {
  const numbers = drawn(1, 40_000)
  expect(Math.min(...numbers.slice(0, 10_000))).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers.slice(0, 10_000))).toBeLessThan(1)
  const mean = numbers.reduce((total, x) => total + x, 0) / numbers.length
  const variance = numbers.reduce((total, x) => total + (x - mean) ** 2, 0) / numbers.length
  expect(mean).toBeCloseTo(0.5, 2)
  expect(variance).toBeCloseTo(1 / 12, 2)
  for (const share of [0.1, 0.25, 0.5, 0.9]) {
    expect(numbers.filter((x) => x < share).length / numbers.length).toBeCloseTo(share, 1)
  }
})

test('successive numbers are uncorrelated, and streams of neighbouring seeds too', () => {
  const centred = (seed: number): number[] => drawn(seed, 20_000).map((x) => x - 0.5)
  const correlation = (a: number[], b: number[]): number =>
    (12 * a.reduce((total, x, k) => total + x * b[k], 0)) / a.length
  const one = centred(5)
  expect(Math.abs(correlation(one.slice(0, -1), one.slice(1)))).toBeLessThan(0.03)
  expect(Math.abs(correlation(one, centred(6)))).toBeLessThan(0.03)
})

test('gaussian: mean 0, variance 1, the tails of the normal distribution, always finite', () => {
  const random = seededRandom(3)
  const numbers = Array.from({ length: 40_000 }, () => gaussian(random))
  expect(numbers.every(Number.isFinite)).toBe(true)
  expect(numbers.reduce((total, x) => total + x, 0) / numbers.length).toBeCloseTo(0, 1)
  expect(numbers.reduce((total, x) => total + x * x, 0) / numbers.length).toBeCloseTo(1, 1)
  expect(numbers.filter((x) => Math.abs(x) > 1.96).length / numbers.length).toBeCloseTo(0.05, 2)
  // The uniform number is never 1, hence its logarithm never infinite; and 0 is fine.
  expect(gaussian(() => 0)).toBeCloseTo(0, 15)
  expect(Number.isFinite(gaussian(() => 1 - 2 ** -32))).toBe(true)
})
