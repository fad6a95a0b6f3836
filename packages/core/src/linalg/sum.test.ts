import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compensatedDot, compensatedSum } from './sum.ts'

const halves = fc.array(fc.integer({ min: -(2 ** 26), max: 2 ** 26 }), { minLength: 1, maxLength: 40 })

describe('compensatedSum', () => {
  test('keeps what a plain loop loses', () => {
    expect(compensatedSum(Float64Array.of(1, 1e100, 1, -1e100))).toBe(2)
    expect(compensatedSum(new Float64Array(1e6).fill(0.1))).toBe(1e5)
    expect(compensatedSum(new Float64Array(0))).toBe(0)
  })

  test('is exact when large terms cancel', () => {
    fc.assert(
      fc.property(halves, (values) => {
        const exact = values.reduce((total, value) => total + value, 0)
        const large = values.map((value) => value * 2 ** 60)
        expect(compensatedSum(Float64Array.of(...large, ...values, ...large.map((value) => -value)))).toBe(exact)
      }),
    )
  })

  test('passes on infinities and NaN', () => {
    expect(compensatedSum(Float64Array.of(1, Number.POSITIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY)
    expect(compensatedSum(Float64Array.of(1, Number.NaN))).toBeNaN()
    expect(compensatedSum(Float64Array.of(1e308, 1e308))).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('compensatedDot', () => {
  test('recovers the rounding error of every product', () => {
    const x = 1 + 2 ** -30
    expect(compensatedDot(Float64Array.of(x, -1, -(2 ** -29)), Float64Array.of(x, 1, 1))).toBe(2 ** -60)
  })

  test('agrees with integer arithmetic when products of 52 bits cancel', () => {
    fc.assert(
      fc.property(halves, halves, (left, right) => {
        const size = Math.min(left.length, right.length)
        const [x, y] = [left.slice(0, size), right.slice(0, size)]
        let exact = 0n
        for (let k = 0; k < size; k++) exact += BigInt(x[k]) * BigInt(y[k])
        const shift = 2 ** 55 + 2 ** 20 // a large product, added and taken away
        const actual = compensatedDot(Float64Array.of(shift, ...x, -shift), Float64Array.of(2 ** 30, ...y, 2 ** 30))
        expect(actual).toBe(Number(exact))
      }),
    )
  })

  test('refuses different lengths and survives the largest floats', () => {
    expect(() => compensatedDot(Float64Array.of(1), new Float64Array(2))).toThrow(RangeError)
    expect(compensatedDot(Float64Array.of(1e200, 1), Float64Array.of(1e100, 1))).toBe(1e300)
    expect(compensatedDot(Float64Array.of(1e307, 3), Float64Array.of(1, 1))).toBe(1e307)
  })
})
