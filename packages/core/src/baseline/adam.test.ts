import { expect, test } from 'vitest'
import { adam } from './adam.ts'
import { baselineConformance } from './baseline.conformance.ts'

baselineConformance(() => adam())

test('the first step has the length of the rate in every coordinate, whatever the gradient', async () => {
  const slopes = [5, -0.01, 300]
  const landscape = {
    size: 3,
    async evaluate(_: Float64Array, gradient: Float64Array) {
      gradient.set(slopes)
      return 1
    },
  }
  const descent = await adam({ learningRate: 0.1 }).begin(landscape, new Float64Array(3))
  await descent.step()
  slopes.forEach((slope, i) => expect(descent.weights[i]).toBeCloseTo(-0.1 * Math.sign(slope), 6))
})

test('options out of range are refused by name', () => {
  expect(() => adam({ learningRate: Number.NaN })).toThrow('adam: learningRate must be a positive number, got NaN')
  expect(() => adam({ decay: [0.9, 1] })).toThrow('adam: decay must be two numbers in [0, 1), got 0.9 and 1')
})
