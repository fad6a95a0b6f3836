import { expect, test } from 'vitest'
import { objective } from '../network.ts'
import { createPacer } from '../pacer.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { createLandscape } from './landscape.ts'
import { createLayout, kaimingUniform, type Layout, toNetwork } from './weights.ts'

function instance(
  n: number,
  d: number,
  c: number,
  neurons: number,
): { problem: Problem; layout: Layout; weights: Float64Array } {
  const random = seededRandom(n + d)
  // The landscape does not look at the rank of the data, which takes long to find.
  const small = createProblem({ X: [[1]], Y: [1], beta: 0.3 })
  const problem = { ...small, X: randomMatrix(random, n, d), Y: randomMatrix(random, n, c) }
  const layout = createLayout(d, neurons, c)
  return { problem, layout, weights: kaimingUniform(layout, random) }
}

test.each([
  ['one block of neurons', 7, 3, 2, 5],
  ['several blocks', 9, 4, 3, 300],
  ['several tiles of rows', 300, 600, 1, 130],
])('%s: the objective is that of the network', async (_, n, d, c, neurons) => {
  const { problem, layout, weights } = instance(n, d, c, neurons)
  const landscape = createLandscape(problem, layout, createPacer())
  const value = await landscape.evaluate(weights, new Float64Array(layout.size))
  const expected = objective(problem, toNetwork(layout, weights, problem))
  expect(Math.abs(value - expected)).toBeLessThan(1e-11 * expected)
})

test('the gradient is the slope along every direction, to second order', async () => {
  const { problem, layout, weights } = instance(8, 3, 2, 140)
  const landscape = createLandscape(problem, layout, createPacer())
  const gradient = new Float64Array(layout.size)
  const scratch = new Float64Array(layout.size)
  await landscape.evaluate(weights, gradient)
  const random = seededRandom(9)
  for (let k = 0; k < 5; k++) {
    const direction = Float64Array.from(weights, () => random() - 0.5)
    const step = 1e-6
    const at = (t: number): Promise<number> =>
      landscape.evaluate(
        weights.map((w, i) => w + t * direction[i]),
        scratch,
      )
    const slope = ((await at(step)) - (await at(-step))) / (2 * step)
    const expected = gradient.reduce((total, g, i) => total + g * direction[i], 0)
    expect(Math.abs(slope - expected)).toBeLessThan(1e-6 * (1 + Math.abs(expected)))
  }
})

test('Kaiming-uniform weights stay within √(6/fan-in) and fill it', () => {
  const layout = createLayout(4, 150, 2)
  const weights = kaimingUniform(layout, seededRandom(1))
  const { neurons } = toNetwork(layout, weights, instance(3, 4, 2, 1).problem)
  const largest = (values: number[]): number => Math.max(...values.map(Math.abs))
  const [inner, outer] = [largest(neurons.flatMap(({ u }) => [...u])), largest(neurons.flatMap(({ v }) => [...v]))]
  expect(inner).toBeLessThanOrEqual(Math.sqrt(6 / 4))
  expect(inner).toBeGreaterThan(0.98 * Math.sqrt(6 / 4))
  expect(outer).toBeLessThanOrEqual(Math.sqrt(6 / 150))
  expect(outer).toBeGreaterThan(0.98 * Math.sqrt(6 / 150))
})

test('past the deadline it answers NaN, which no method takes for progress', async () => {
  const { problem, layout, weights } = instance(7, 3, 2, 5)
  const landscape = createLandscape(problem, layout, createPacer({ timeLimitSeconds: 0 }))
  expect(await landscape.evaluate(weights, new Float64Array(layout.size))).toBeNaN()
})
