import { expect, test } from 'vitest'
import { baselineConformance } from './baseline.conformance.ts'
import { lbfgs } from './lbfgs.ts'

baselineConformance(() => lbfgs())

test('a convex quadratic of dimension 6 is minimised to 1e-12 in few iterations', async () => {
  const curvatures = [1, 2, 5, 10, 50, 100]
  const landscape = {
    size: 6,
    async evaluate(weights: Float64Array, gradient: Float64Array) {
      curvatures.forEach((k, i) => (gradient[i] = k * (weights[i] - i)))
      return curvatures.reduce((total, k, i) => total + (k * (weights[i] - i) ** 2) / 2, 0)
    },
  }
  const descent = await lbfgs().begin(landscape, new Float64Array(6))
  for (let k = 0; k < 40 && (await descent.step()); k++);
  expect(descent.objective).toBeLessThan(1e-12)
})

test('on a kink it keeps the lowest point and ends', async () => {
  const landscape = {
    size: 1,
    async evaluate([x]: Float64Array, gradient: Float64Array) {
      gradient[0] = Math.sign(x - 0.3) + 0.1 * x
      return Math.abs(x - 0.3) + 0.05 * x * x
    },
  }
  const descent = await lbfgs().begin(landscape, Float64Array.of(4))
  let steps = 0
  while ((await descent.step()) && steps < 1000) steps++
  expect(steps).toBeLessThan(1000)
  expect(descent.objective).toBeLessThan(0.0045 + 1e-2)
})

test('options out of range are refused by name', () => {
  expect(() => lbfgs({ memory: 0 })).toThrow('lbfgs: memory must be a whole number of at least 1, got 0')
})
