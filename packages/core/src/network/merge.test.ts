import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { norm2 } from '../linalg/norms.ts'
import { type Network, network, objective, objectiveRounding, predict } from '../network.ts'
import { createProblem, type Problem } from '../problem.ts'
import { planarFixture, problems, randomNetwork, rivals } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { merge } from './merge.ts'

const pair = (u: number[], v: number[]): { u: Float64Array; v: Float64Array } => ({
  u: Float64Array.from(u),
  v: Float64Array.from(v),
})

/** Every neuron written as `copies` neurons along the same direction, of uneven sizes. */
function shattered({ inputs, outputs, neurons }: Network, copies: number): Network {
  const pieces = neurons.flatMap(({ u, v }) =>
    Array.from({ length: copies }, (_, k) => ({ u: u.map((a) => (a * (k + 1)) / copies ** 2), v })),
  )
  return network(inputs, outputs, pieces)
}

function expectSameOutputs(problem: Problem, a: Network, b: Network): void {
  const [F, G] = [predict(a, problem.X), predict(b, problem.X)]
  const size = Math.max(norm2(F.data), 1e-300)
  F.data.forEach((value, k) => expect(Math.abs(value - G.data[k]) / size).toBeLessThanOrEqual(1e-6))
}

describe('merge', () => {
  test('never raises the objective and keeps the outputs on the data', () => {
    fc.assert(
      fc.property(problems, rivals, (problem, rival) => {
        const net = rival(problem)
        const merged = merge(problem, net)
        const allowed = objective(problem, net) + 2 * objectiveRounding(problem, net)
        expect(objective(problem, merged)).toBeLessThanOrEqual(allowed)
        expectSameOutputs(problem, net, merged)
      }),
    )
  })

  test('puts a network together again that was written with many copies of each neuron', () => {
    const problem = createProblem({ ...planarFixture, beta: 0.1 })
    const whole = randomNetwork(seededRandom(3), 2, 2, 4)
    expect(merge(problem, shattered(whole, 5)).neurons).toHaveLength(merge(problem, whole).neurons.length)
  })

  test('joins different directions of one cell, at a lower cost', () => {
    const problem = createProblem({
      X: [
        [1, 0],
        [0, 1],
      ],
      Y: [1, 1],
      beta: 0.1,
    })
    const net = network(2, 1, [pair([1, 0], [1]), pair([0, 1], [1])])
    const merged = merge(problem, net)
    expect(merged.neurons).toHaveLength(1)
    expect(objective(problem, net) - objective(problem, merged)).toBeCloseTo(0.1 * (2 - Math.SQRT2), 12)
  })

  test('leaves neurons apart that lie in different cells, or whose outputs differ', () => {
    const problem = createProblem({
      X: [
        [1, 0],
        [-1, 0],
      ],
      Y: [1, 1],
      beta: 0.1,
    })
    expect(merge(problem, network(2, 1, [pair([1, 0], [1]), pair([-1, 0], [1])])).neurons).toHaveLength(2)
    expect(merge(problem, network(2, 1, [pair([1, 0], [1]), pair([1, 0], [-1])])).neurons).toHaveLength(2)
  })

  test('a neuron on a sample’s hyperplane belongs to the cells on both sides', () => {
    const problem = createProblem({
      X: [
        [1, 0],
        [0, 1],
      ],
      Y: [1, 1],
      beta: 0.1,
    })
    const boundary = pair([0, 1], [1]) // (1, 0)ᵀu = 0
    for (const side of [0.5, -0.5]) {
      expect(merge(problem, network(2, 1, [boundary, pair([side, 1], [1])])).neurons).toHaveLength(1)
    }
  })

  test('drops a neuron that no sample activates', () => {
    const problem = createProblem({ X: [[1], [2]], Y: [1, 1], beta: 0.1 })
    expect(merge(problem, network(1, 1, [pair([-1], [1])])).neurons).toHaveLength(0)
  })
})
