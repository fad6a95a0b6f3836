import { expect, test } from 'vitest'
import { exponent, logPlaces, percent, thinned } from './curves.ts'

test('thinning keeps first and last, in order, and no more points than asked for', () => {
  const x = Array.from({ length: 20_001 }, (_, k) => k)
  const curve = thinned(x, x, 100)
  expect(curve.x[0]).toBe(0)
  expect(curve.x[curve.x.length - 1]).toBe(20_000)
  expect(curve.x.length).toBeLessThanOrEqual(101)
  expect(curve.x).toEqual([...new Set(curve.x)].toSorted((a, b) => a - b))
  expect(curve.y).toEqual(curve.x)
})

test('a short curve is kept whole', () => {
  expect(logPlaces(3, 50)).toEqual([0, 1, 2])
  expect(logPlaces(1, 50)).toEqual([0])
})

test('the exponent of a power law is found, and one point has none', () => {
  const x = [2, 4, 16]
  expect(exponent({ x, y: x.map((n) => 0.3 * n ** 2.5) })).toBeCloseTo(2.5, 12)
  expect(exponent({ x: [2], y: [1] })).toBeNull()
})

test('shares are written with three digits, large ones without a power of ten', () => {
  expect([percent(0.0378412), percent(11.74)]).toEqual(['3.78 %', '1170 %'])
})
