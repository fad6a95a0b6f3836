import { expect, test } from 'vitest'
import type { Landscape } from '../baseline.ts'
import { planarFixture } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { baselineConformance } from './baseline.conformance.ts'
import { sgd } from './sgd.ts'
import { trainBaseline } from './train-baseline.ts'

baselineConformance(() => sgd())

/** f(x) = ½ Σ k_i x_i². */
function quadratic(curvatures: readonly number[]): Landscape {
  return {
    size: curvatures.length,
    async evaluate(weights, gradient) {
      curvatures.forEach((k, i) => (gradient[i] = k * weights[i]))
      return curvatures.reduce((total, k, i) => total + (k * weights[i] ** 2) / 2, 0)
    },
  }
}

test('each step is the heavy-ball recursion w ← μw + ∇f, θ ← θ − ηw', async () => {
  const descent = await sgd({ learningRate: 0.1, momentum: 0.5 }).begin(quadratic([1]), Float64Array.of(1))
  await descent.step()
  expect(descent.weights[0]).toBeCloseTo(0.9, 14)
  await descent.step()
  expect(descent.weights[0]).toBeCloseTo(0.9 - 0.1 * (0.5 * 1 + 0.9), 14)
})

test('the first rate is one over the largest curvature', async () => {
  const descent = await sgd().begin(quadratic([1, 7, 3]), Float64Array.of(1, 1, 1))
  expect(descent.rate * 7).toBeCloseTo(1, 2)
})

test('a rate far too large is halved until the objective falls', async () => {
  const problem = createProblem({ ...planarFixture, beta: 0.1 })
  const run = await trainBaseline(problem, sgd({ learningRate: 1e3 }), { neurons: 20, epochs: 2000 })
  expect(run.objective).toBeLessThan(1)
})

test('on a plateau the rate is halved, and the method goes on from its lowest point', async () => {
  const descent = await sgd({ learningRate: 2, momentum: 0, patience: 3 }).begin(quadratic([1]), Float64Array.of(1))
  for (let k = 0; k < 5; k++) await descent.step() // θ ← −θ at this rate: no progress
  expect(descent.rate).toBe(1)
  expect(Math.abs(descent.weights[0])).toBe(1)
})

test('options out of range are refused by name', () => {
  expect(() => sgd({ learningRate: 0 })).toThrow('sgd: learningRate must be a positive number, got 0')
  expect(() => sgd({ momentum: 1 })).toThrow('sgd: momentum must be in [0, 1), got 1')
  expect(() => sgd({ patience: 0 })).toThrow('sgd: patience must be at least 1, got 0')
  expect(() => sgd({ threshold: Number.NaN })).toThrow('sgd: threshold must be in [0, 1), got NaN')
})
