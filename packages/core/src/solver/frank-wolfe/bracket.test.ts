import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../random.ts'
import { Bracket } from './bracket.ts'

/** p(t) = ½(a − t)₊²: s(t) = (a − t)₊, and the optimum of p(t) + βt is at a − β. */
const beta = 0.1
const size = 7.3
const optimum = size - beta
const slopeAt = (t: number): number => Math.max(0, size - t)

describe('the bracket over t', () => {
  test('with exact readings it closes in on s(t) = β, in a few dozen steps at most', () => {
    const bracket = new Bracket(beta, size ** 2 / 2, 0.01)
    let steps = 0
    let last = Number.NaN
    for (; bracket.open && steps < 100; steps++) {
      last = bracket.next()
      if (!bracket.narrow(last, slopeAt(last), 0, size ** 2 / 2)) break
    }
    expect(last).toBeCloseTo(optimum, 9)
    expect(steps).toBeLessThanOrEqual(60)
  })

  test('readings with a gap never exclude the optimum', () => {
    const random = seededRandom(1)
    let contained = true
    for (let run = 0; run < 100; run++) {
      const bracket = new Bracket(beta, size ** 2 / 2, 40 * random())
      for (let step = 0; step < 30 && bracket.open; step++) {
        const t = bracket.next()
        // An inexact F has residual r = size − f with f ≤ t, hence s = |r| and gap t s − r f.
        const f = Math.min(t, optimum) * (1 - 0.2 * random())
        const s = Math.abs(size - f)
        bracket.narrow(t, s, t * s - (size - f) * f, (size - f) ** 2 / 2 + beta * t)
        contained &&= bracket.low <= optimum * (1 + 1e-12) && bracket.high >= optimum * (1 - 1e-12)
      }
    }
    expect(contained).toBe(true)
  })

  test('a reading is decisive once its gap is small beside what it cuts off', () => {
    const bracket = new Bracket(beta, size ** 2 / 2, 1)
    expect(bracket.decided(1, beta + 1, 1e-3)).toBe(true)
    expect(bracket.decided(1, beta + 1e-9, 1e-3)).toBe(false)
    expect(bracket.decided(1e-6, beta + 1, 1e-3)).toBe(false)
    expect(bracket.decided(1, Number.NaN, 1e-3)).toBe(false)
  })
})
