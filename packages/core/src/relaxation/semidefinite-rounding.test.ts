import { describe, expect, test } from 'vitest'
import { dense } from '../architecture/dense.ts'
import { type Matrix, matrix, multiplyVector, scaled } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { type Neuron, network, objective, predict } from '../network.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { gaussian, seededRandom } from '../random.ts'
import {
  leadingDirections,
  roundBySplitting,
  type RoundedNetwork,
  sampledDirections,
  splittingRounds,
} from './semidefinite-rounding.ts'
import { semidefiniteValue } from './semidefinite.ts'

const next = seededRandom(3)
const problem = createProblem({ X: randomMatrix(next, 8, 3), Y: randomMatrix(next, 8, 2), beta: 0.1 })

const neuron = (): Neuron => ({
  u: Float64Array.from({ length: 3 }, () => gaussian(next)),
  v: Float64Array.from({ length: 2 }, () => gaussian(next)),
})

/** Θ = Σ λλᵀ of a network, λ = ((−Xu)₊, u, v). */
function thetaOf({ X }: Problem, neurons: readonly Neuron[]): Matrix {
  const out = matrix(13, 13)
  for (const { u, v } of neurons) {
    const off = multiplyVector(X, u).map((value) => Math.max(0, -value))
    const lambda = Float64Array.of(...off, ...u, ...v)
    for (let i = 0; i < 13; i++) for (let j = 0; j < 13; j++) out.data[13 * i + j] += lambda[i] * lambda[j]
  }
  return out
}

async function rounds(theta: Matrix, iterations = 100): Promise<RoundedNetwork[]> {
  const found: RoundedNetwork[] = []
  for await (const round of splittingRounds(problem, theta, { iterations, step: 0.25 })) found.push(round)
  return found
}

test('the solution of the relaxation is in the units of the problem: its fit is Y − Z', async () => {
  const { X, Y } = planarFixture
  for (const [x, y] of [
    [1, 1],
    [300, 0.02],
  ]) {
    // biome-ignore format: a table
    const given = createProblem({ X: scaled(X, x), Y: scaled(Y, y), beta: 0.1 * x * y })
    const { primal, dual } = await semidefiniteValue(given, { tolerance: 1e-5 })
    const theta = primal as Matrix
    for (let i = 0; i < 6; i++) {
      for (let t = 0; t < 2; t++) {
        const u = [0, 1].reduce((sum, k) => sum + given.X.data[2 * i + k] * theta.data[10 * (6 + k) + 8 + t], 0)
        const fit = theta.data[10 * i + 8 + t] + u
        expect(Math.abs(fit - (given.Y.data[2 * i + t] - dual.data[2 * i + t])) / y).toBeLessThan(1e-2)
      }
    }
  }
})

describe('splitting', () => {
  test('one neuron is a fixed point, a stable one for a step below a half: its network comes back', async () => {
    for (let k = 0; k < 5; k++) {
      const only = neuron()
      const [first, last] = await rounds(thetaOf(problem, [only]))
      const F = predict(network(3, 2, [only]), problem.X)
      for (const { network: found } of [first, last]) {
        expect(found.neurons).toHaveLength(1)
        predict(found, problem.X).data.forEach((value, i) => expect(value).toBeCloseTo(F.data[i], 9))
      }
    }
  })

  test('answers the network of least objective on the way, balanced, of no more neurons than asked for', async () => {
    const planar = createProblem({ ...planarFixture, beta: 0.1 })
    const { primal } = await semidefiniteValue(planar, { tolerance: 1e-6 })
    const options = { iterations: 200, every: 20, maxNeurons: 3 }
    const seen: number[] = []
    for await (const round of splittingRounds(planar, primal as Matrix, options)) {
      seen.push(objective(planar, round.network))
      expect(round.network.neurons.length).toBeLessThanOrEqual(3)
      for (const { u, v } of round.network.neurons) expect(norm2(u)).toBeCloseTo(norm2(v), 10)
    }
    expect(seen).toHaveLength(10)
    const best = await roundBySplitting(planar, primal as Matrix, options)
    expect(objective(planar, (best as RoundedNetwork).network)).toBe(Math.min(...seen))
  })

  test('a zero matrix, numbers that are none, and no time have no network', async () => {
    expect(await roundBySplitting(problem, matrix(13, 13))).toBeNull()
    expect(await roundBySplitting(problem, matrix(13, 13, new Float64Array(169).fill(Number.NaN)))).toBeNull()
    const pacer = createPacer({ timeLimitSeconds: 0 })
    expect(await roundBySplitting(problem, thetaOf(problem, [neuron()]), { pacer })).toBeNull()
  })
})

describe('directions', () => {
  test('of one neuron: its own and the opposite, whichever way they are drawn', () => {
    const only = neuron()
    const theta = thetaOf(problem, [only])
    const along = (u: Float64Array): number =>
      u.reduce((sum, value, k) => sum + value * only.u[k], 0) / norm2(u) / norm2(only.u)
    expect(leadingDirections(problem, theta, 10).map(along).map(Math.round)).toEqual([1, -1])
    for (const u of sampledDirections(problem, theta, 20, 1)) expect(Math.abs(along(u))).toBeCloseTo(1, 9)
  })

  test('samples have the second moment Θ_uu, and a seed draws them again', () => {
    const theta = thetaOf(problem, [neuron(), neuron(), neuron()])
    const drawn = sampledDirections(problem, theta, 40_000, 7)
    expect(sampledDirections(problem, theta, 3, 7)).toEqual(drawn.slice(0, 3))
    const size = Math.max(...[8, 9, 10].map((k) => theta.data[14 * k]))
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const mean = drawn.reduce((sum, u) => sum + u[i] * u[j], 0) / drawn.length
        // Four standard deviations of the mean of products of normal numbers.
        expect(Math.abs(mean - theta.data[13 * (8 + i) + 8 + j])).toBeLessThan(0.03 * size)
      }
    }
  })

  test('the fit of the first neuron is what its column of the lifted matrix says', () => {
    const only = neuron()
    const [u] = leadingDirections(problem, thetaOf(problem, [only]), 1)
    const [a, b] = [u, only.u].map((direction) => dense.atom(problem.X, direction))
    a.forEach((value, i) => expect(value).toBeCloseTo((b[i] * norm2(u)) / norm2(only.u), 9))
  })
})
