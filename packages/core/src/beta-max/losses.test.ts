import { describe, expect, test } from 'vitest'
import { betaMax } from '../beta-max.ts'
import { fromRows } from '../linalg/matrix.ts'
import { lossFrom, lossNames } from '../loss/named.ts'
import { problemFor } from '../loss/problems.fixtures.ts'
import { objective } from '../network.ts'
import { createProblem, withBeta } from '../problem.ts'
import { train } from '../train.ts'

describe.each(lossNames)('βmax of the %s loss', (name) => {
  test.each([false, true])(
    'below its value a network beats none, from its bound on none is optimal; unpenalised part: %s',
    async (outputBias) => {
      for (const seed of [1, 2]) {
        const problem = problemFor(name, seed, { outputBias, skip: outputBias && seed === 2, weighted: seed === 2 })
        const { value, bound } = await betaMax(problem)
        expect(value).toBeGreaterThan(0)
        expect(bound).toBeGreaterThanOrEqual(value)
        expect(bound).toBeLessThan(1.02 * value)
        const below = await train(withBeta(problem, 0.97 * value), { timeLimitSeconds: 20 })
        expect(below.network.neurons.length).toBeGreaterThan(0)
        const above = withBeta(problem, bound)
        const solved = await train(above, { timeLimitSeconds: 20 })
        const none = { ...solved.network, neurons: [] }
        expect(solved.certificate.lowerBound).toBeGreaterThan(objective(above, none) * (1 - 2e-6))
      }
    },
  )
})

test('kinks at zero: the smallest polar over all subgradients, not that of one of them', async () => {
  // ε = 0 and targets of 0: there z may be anything in [−1, 1]. x = 1, 1 with y = 1, 0: z₁ = 1, z₂ = −1 gives ω = 0 at best
  // for the pair; but the polar is |z₁ + z₂| here, so that βmax = 0, whereas the subgradient z₂ = 0 says 1.
  const problem = createProblem({ X: [[1], [1]], Y: [1, 0], beta: 1, loss: lossFrom('epsilon-insensitive:0') })
  const { value, bound } = await betaMax(problem)
  expect(value).toBeLessThanOrEqual(1e-6)
  expect(bound).toBeLessThan(0.1)
})

test('what the unpenalised part fits by itself leaves nothing: βmax is 0', async () => {
  const X = fromRows([[1, 0], [0, 1], [2, 1], [1, -3]]) // biome-ignore format: a matrix
  const linear = createProblem({ X, Y: [1, 2, 4, -5], beta: 1, skip: true })
  expect(await betaMax(linear)).toEqual({ value: 0, bound: 0 })
  const separable = createProblem({
    X,
    Y: [1, -1, 1, 1],
    beta: 1,
    skip: true,
    outputBias: true,
    loss: lossFrom('hinge'),
  })
  expect(await betaMax(separable)).toEqual({ value: 0, bound: 0 })
})
