import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { network, objective, objectiveRounding, predict } from '../network.ts'
import { createProblem } from '../problem.ts'
import { problems, randomMatrix, randomNetwork, rivals } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { prune } from './prune.ts'

describe('prune', () => {
  test('nc + 1 neurons are enough, at no higher objective and with the same outputs on the data', () => {
    const widths = fc.constantFrom(1, 10, 40, 100)
    fc.assert(
      fc.property(problems, fc.integer(), widths, (problem, seed, width) => {
        const net = randomNetwork(seededRandom(seed), problem.X.cols, problem.Y.cols, width)
        const pruned = prune(problem, net)
        expect(pruned.neurons.length).toBeLessThanOrEqual(problem.Y.data.length + 1)
        const allowed = objective(problem, net) + 2 * objectiveRounding(problem, net)
        expect(objective(problem, pruned)).toBeLessThanOrEqual(allowed)
        const [F, G] = [predict(net, problem.X), predict(pruned, problem.X)]
        const size = Math.max(...F.data.map(Math.abs), 1e-300)
        F.data.forEach((value, k) => expect(Math.abs(value - G.data[k]) / size).toBeLessThanOrEqual(1e-9))
      }),
    )
  })

  test('lowers the objective where atoms are dependent at unequal prices', () => {
    // In one dimension every positive u gives the same atom; all weight goes to one neuron at the same cost, and the
    // two-dimensional copy with a useless second coordinate is dropped altogether.
    const problem = createProblem({ X: [[1, 0]], Y: [1], beta: 1 })
    const wasteful = { u: Float64Array.of(0.5, 3), v: Float64Array.of(0.5) }
    const thrifty = { u: Float64Array.of(0.5, 0), v: Float64Array.of(0.5) }
    const net = network(2, 1, [wasteful, thrifty, wasteful])
    const pruned = prune(problem, net)
    expect(pruned.neurons).toHaveLength(1)
    expect(pruned.neurons[0].u[1]).toBe(0)
    expect(objective(problem, pruned)).toBeLessThan(objective(problem, net))
  })

  test('keeps a narrow network as it is, up to balance', () => {
    fc.assert(
      fc.property(problems, rivals, (problem, rival) => {
        const net = rival(problem)
        fc.pre(net.neurons.length <= problem.Y.data.length + 1)
        const alive = net.neurons.filter(({ u }) =>
          predict(network(net.inputs, 1, [{ u, v: Float64Array.of(1) }]), problem.X).data.some((a) => a > 0),
        )
        expect(prune(problem, net).neurons).toHaveLength(alive.length)
      }),
    )
  })

  test('copes with duplicate and zero rows, and with atoms of very different sizes', () => {
    const random = seededRandom(8)
    const base = randomMatrix(random, 2, 3)
    const rows = [0, 0, 1, 1, 2].map((k) => (k < 2 ? Array.from(base.data.subarray(3 * k, 3 * k + 3)) : [0, 0, 0]))
    const problem = createProblem({ X: rows, Y: [1, 1, -1, -1, 0], beta: 0.1 })
    const drawn = randomNetwork(random, 3, 1, 30)
    const neurons = drawn.neurons.map(({ u, v }, k) => ({ u: u.map((a) => a * 10 ** ((k % 5) - 4)), v }))
    const net = network(3, 1, neurons)
    const pruned = prune(problem, net)
    expect(pruned.neurons.length).toBeLessThanOrEqual(6)
    expect(objective(problem, pruned)).toBeLessThanOrEqual(objective(problem, net))
  })
})
