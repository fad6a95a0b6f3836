import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { multiply, matrix, toRows } from './linalg/matrix.ts'
import { norm2 } from './linalg/norms.ts'
import { balance, network, objective, objectiveRounding, predict, zeroNetwork } from './network.ts'
import { createProblem } from './problem.ts'
import { planarFixture, problems, rivals } from './problem.fixtures.ts'

const neuron = (u: number[], v: number[]): { u: Float64Array; v: Float64Array } => ({
  u: Float64Array.from(u),
  v: Float64Array.from(v),
})

describe('predict', () => {
  test('adds (xᵀu)₊ v over the neurons', () => {
    const net = network(2, 1, [neuron([1, 0], [2]), neuron([0, -1], [3])])
    expect(toRows(predict(net, matrix(2, 2, Float64Array.of(5, 7, -5, -7))))).toEqual([[10], [21]])
  })

  test('of the zero network is 0, and of one active neuron is linear', () => {
    expect(toRows(predict(zeroNetwork(2, 2), planarFixture.X))).toEqual(
      planarFixture.X.data.length ? Array(6).fill([0, 0]) : [],
    )
    const X = matrix(2, 2, Float64Array.of(1, 2, 3, 4))
    const net = network(2, 2, [neuron([1, 1], [1, -1])])
    expect(predict(net, X).data).toEqual(multiply(X, matrix(2, 2, Float64Array.of(1, -1, 1, -1))).data)
  })

  test('a width that does not fit is named', () => {
    expect(() => predict(zeroNetwork(3, 1), matrix(2, 2))).toThrow('predict: X must have 3 columns, got 2')
    expect(() => network(2, 1, [neuron([1], [1])])).toThrow('network: neuron 0 must be 2 → 1, got 1 → 1')
  })
})

describe('objective', () => {
  test('is loss plus β/2 of the squared weights: a hand-computed case', () => {
    const problem = createProblem({
      X: [
        [1, 0],
        [0, 2],
      ],
      Y: [1, -1],
      beta: 0.5,
    })
    // F = (2, 0): ½(1 + 1) + ¼(1 + 9 + 4)
    expect(objective(problem, network(2, 1, [neuron([1, -3], [2])]))).toBe(4.5)
  })

  test('of the zero network is ½‖Y‖²', () => {
    const problem = createProblem({
      X: [[1], [2]],
      Y: [
        [3, 0],
        [0, 4],
      ],
      beta: 1,
    })
    expect(objective(problem, zeroNetwork(1, 2))).toBe(12.5)
  })

  test('agrees with the same sum in another order to within its own rounding bound', () => {
    fc.assert(
      fc.property(problems, rivals, (problem, rival) => {
        const net = rival(problem)
        const reversed = { ...net, neurons: net.neurons.toReversed() }
        const difference = Math.abs(objective(problem, net) - objective(problem, reversed))
        expect(difference).toBeLessThanOrEqual(2 * objectiveRounding(problem, net))
      }),
    )
  })

  test('its rounding bound is small: a part in 10¹² for networks of sensible size', () => {
    const problem = createProblem({ ...planarFixture, beta: 0.1 })
    const net = network(2, 2, [neuron([1, -2], [0.5, 1]), neuron([-1, 0.3], [0.1, -1])])
    expect(objectiveRounding(problem, net)).toBeLessThan(1e-12 * objective(problem, net))
  })

  test('a network that is not finite has no finite objective', () => {
    const problem = createProblem({ X: [[1]], Y: [1], beta: 1 })
    expect(objective(problem, network(1, 1, [neuron([Number.NaN], [1])]))).toBeNaN()
  })
})

describe('balance', () => {
  test('keeps the function, makes norms equal, and never raises the objective', () => {
    fc.assert(
      fc.property(problems, rivals, (problem, rival) => {
        const net = rival(problem)
        const balanced = balance(net)
        for (const { u, v } of balanced.neurons) expect(norm2(u) / norm2(v)).toBeCloseTo(1, 12)
        const [F, G] = [predict(net, problem.X), predict(balanced, problem.X)]
        const size = Math.max(1, norm2(F.data))
        F.data.forEach((value, k) => expect(Math.abs(value - G.data[k])).toBeLessThanOrEqual(1e-12 * size))
        expect(objective(problem, balanced)).toBeLessThanOrEqual(objective(problem, net) * (1 + 1e-12))
      }),
    )
  })

  test('drops neurons that do nothing, and survives extreme norms', () => {
    const net = network(1, 1, [neuron([0], [5]), neuron([5], [0]), neuron([1e-160], [1e160])])
    const { neurons } = balance(net)
    expect(neurons).toHaveLength(1)
    expect(neurons[0].u[0]).toBeCloseTo(1, 12)
    expect(neurons[0].v[0]).toBeCloseTo(1, 12)
  })
})
