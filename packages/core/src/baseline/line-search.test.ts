import { expect, test } from 'vitest'
import { type LinePoint, wolfeStep } from './line-search.ts'

function along(value: (t: number) => number, slope: (t: number) => number): (t: number) => Promise<LinePoint> {
  return async (step) => ({ step, value: value(step), slope: slope(step) })
}

test.each([
  ['short', 1e-3],
  ['long', 50],
])('a smooth function: the strong Wolfe conditions hold from a %s first step', async (_, first) => {
  const f = (t: number): number => (t - 2) ** 4 - t
  const g = (t: number): number => 4 * (t - 2) ** 3 - 1
  const found = await wolfeStep(along(f, g), { step: 0, value: f(0), slope: g(0) }, first)
  expect(found).toBeDefined()
  const { step, value, slope } = found as LinePoint
  expect(value).toBeLessThanOrEqual(f(0) + 1e-4 * step * g(0))
  expect(Math.abs(slope)).toBeLessThanOrEqual(0.9 * -g(0))
})

test('a kink at the minimum: the lowest of the points that decrease enough', async () => {
  const f = (t: number): number => Math.abs(t - 1)
  const tried: number[] = []
  const at = along(f, (t) => Math.sign(t - 1))
  const found = await wolfeStep(async (t) => (tried.push(f(t)), at(t)), { step: 0, value: 1, slope: -1 }, 3)
  expect(found?.value).toBe(Math.min(...tried))
  expect(found?.value).toBeLessThan(0.2)
})

test('no decrease anywhere: undefined, also when the values are not numbers', async () => {
  expect(
    await wolfeStep(
      along(
        (t) => 1 + t,
        () => 1,
      ),
      { step: 0, value: 1, slope: -1 },
      1,
    ),
  ).toBeUndefined()
  expect(
    await wolfeStep(
      along(
        () => Number.NaN,
        () => Number.NaN,
      ),
      { step: 0, value: 1, slope: -1 },
      1,
    ),
  ).toBeUndefined()
})
