import fc from 'fast-check'
import { expect, test } from 'vitest'
import { roundedTo } from './format.ts'

test('a number rounded to a side stays on it, and within one unit of the last digit', () => {
  const values = fc.double({ min: 1e-12, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(values, fc.integer({ min: 2, max: 9 }), (value, digits) => {
      const [low, high] = [roundedTo(digits, value, 'down'), roundedTo(digits, value, 'up')]
      expect(low).toBeLessThanOrEqual(value)
      expect(high).toBeGreaterThanOrEqual(value)
      expect(high - low).toBeLessThanOrEqual(1.001 * 10 ** (Math.floor(Math.log10(value)) - digits + 1))
    }),
  )
})

test('numbers of few digits are themselves', () => {
  expect(roundedTo(3, 12.5, 'up')).toBe(12.5)
  expect(roundedTo(3, 0, 'up')).toBe(0)
  expect(roundedTo(3, 0.012345, 'down')).toBe(0.0123)
  expect(roundedTo(3, 0.012345, 'up')).toBe(0.0124)
})
