import { describe, expect, test } from 'vitest'
import { formatNumber, formatTick, labelOf } from './axis.ts'
import { scaleOf } from './scale.ts'

describe('formatTick', () => {
  test.each([
    [0, '0'],
    [0.25, '0.25'],
    [-1.5, '−1.5'],
    [1e-4, '10⁻⁴'],
    [-1e-12, '−10⁻¹²'],
    [1e5, '10⁵'],
    [1000, '1000'],
    [3e-7, '3·10⁻⁷'],
    [0.1 + 0.2, '0.3'],
  ])('writes %d as %s', (value, text) => {
    expect(formatTick(value)).toBe(text)
  })
})

test('formatNumber keeps four digits, and says of what is not a number that there is none', () => {
  expect([16.592984, 1.2344e-9, 2.5e8, Number.NaN, Number.POSITIVE_INFINITY].map(formatNumber)).toEqual([
    '16.59',
    '1.234·10⁻⁹',
    '2.5·10⁸',
    '–',
    '–',
  ])
})

test('a label has its unit in brackets', () => {
  expect(labelOf({ label: 'time', unit: 's' })).toBe('time (s)')
  expect(labelOf({ unit: 's' })).toBe('s')
  expect(labelOf({})).toBeUndefined()
})

describe('scaleOf', () => {
  test('the domain is the range of the values that have a place', () => {
    expect(scaleOf({}, [3, Number.NaN, -1, Number.POSITIVE_INFINITY]).domain).toEqual([-1, 3])
    expect(scaleOf({ scale: 'log' }, [0, -5, 0.2, 30]).domain).toEqual([0.2, 30])
  })

  test('without values, or with a single one, there still is a range', () => {
    expect(scaleOf({}, []).domain).toEqual([0, 1])
    for (const value of [0, 3, -3]) {
      const [low, high] = scaleOf({}, [value]).domain
      expect(low < value && value < high).toBe(true)
    }
    const [low, high] = scaleOf({ scale: 'log' }, [1e-9]).domain
    expect(0 < low && low < 1e-9 && 1e-9 < high).toBe(true)
  })

  test('ticks of a logarithmic axis are decades inside the domain, at most nine of them', () => {
    for (const domain of [
      [1e-8, 1],
      [1e-300, 1e300],
      [3, 7e4],
      [1e-3, 1e-1],
    ] as const) {
      const ticks = scaleOf({ scale: 'log', domain }, []).ticks as number[]
      expect(ticks.length).toBeGreaterThan(1)
      expect(ticks.length).toBeLessThan(10)
      for (const tick of ticks) {
        expect(tick).toBeGreaterThanOrEqual(domain[0])
        expect(tick).toBeLessThanOrEqual(domain[1])
        expect(Number(tick.toExponential(0))).toBe(tick)
      }
    }
  })

  test('an axis of less than a decade has round ticks too', () => {
    for (const domain of [
      [0.00126683, 0.0032],
      [0.0153, 0.0275],
      [41, 59],
      [0.9, 1.1],
    ] as const) {
      const ticks = scaleOf({ scale: 'log', domain }, []).ticks as number[]
      expect(ticks.length).toBeGreaterThan(1)
      for (const tick of ticks) {
        expect(domain[0] <= tick && tick <= domain[1]).toBe(true)
        expect(formatTick(tick).length).toBeLessThan(8)
      }
    }
  })

  test('a nice domain contains the values and ends on ticks', () => {
    expect(scaleOf({}, [0.3, 9.7], { nice: true }).domain).toEqual([0, 10])
    expect(scaleOf({ scale: 'log' }, [2e-3, 40], { nice: true }).domain).toEqual([1e-3, 100])
    expect(scaleOf({ domain: [0.3, 9.7] }, [], { nice: true }).domain).toEqual([0.3, 9.7])
  })
})
