import fc from 'fast-check'
import { expect, test } from 'vitest'
import { balance, network, type Neuron, objective, objectiveRounding } from '../network.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, problems, rivals } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { train } from '../train.ts'
import { simplify } from './simplify.ts'

const planar = createProblem({ ...planarFixture, beta: 0.1 })
const { network: optimum } = await train(planar, { tolerance: 1e-9 })
const m = optimum.neurons.length

function extended(...more: readonly Neuron[]): typeof optimum {
  return network(2, 2, [...optimum.neurons, ...more])
}

test('the objective never rises, and every neuron is accounted for once', async () => {
  await fc.assert(
    fc.asyncProperty(problems, rivals, async (problem, rival) => {
      const net = rival(problem)
      const found = await simplify(problem, net, createPacer())
      const start = balance(net)
      expect(found.objective).toBe(objective(problem, found.network))
      expect(found.objective).toBeLessThanOrEqual(objective(problem, start) + objectiveRounding(problem, start))
      const gone = [...found.inactive, ...found.dropped]
      expect(new Set(gone).size).toBe(gone.length)
      const merged = found.merged.reduce((total, group) => total + group.length - 1, 0)
      expect(found.network.neurons).toHaveLength(net.neurons.length - gone.length - merged)
    }),
    { numRuns: 60 },
  )
})

test('a neuron that no sample activates is inactive, as is one whose weights are 0', async () => {
  const hull = createProblem({
    X: [
      [1, 0.2],
      [0.5, 1],
    ],
    Y: [1, 2],
    beta: 0.01,
  })
  const dead = { u: Float64Array.of(-1, -1), v: Float64Array.of(3) }
  const none = { u: Float64Array.of(1, 1), v: Float64Array.of(0) }
  const alive = { u: Float64Array.of(0.9, 0.9), v: Float64Array.of(1) }
  const { inactive, dropped } = await simplify(hull, network(2, 1, [dead, alive, none]), createPacer())
  expect(inactive).toEqual([0, 2])
  expect(dropped).toEqual([])
})

test('a neuron split into two of the same direction is merged again', async () => {
  const [{ u, v }, ...rest] = optimum.neurons
  const split = (share: number): Neuron => ({ u: u.map((value) => share * value), v })
  const { merged, network: simplified } = await simplify(
    planar,
    network(2, 2, [split(0.25), ...rest, split(0.75)]),
    createPacer(),
  )
  expect(merged).toContainEqual([0, m])
  expect(simplified.neurons.length).toBeLessThanOrEqual(m)
})

test('a neuron that fits nothing is dropped', async () => {
  const useless = { u: Float64Array.of(1.3, -0.2), v: Float64Array.of(-2, -1) }
  const { dropped, merged } = await simplify(planar, extended(useless), createPacer())
  expect([...dropped, ...merged.flat()]).toContain(m)
})
