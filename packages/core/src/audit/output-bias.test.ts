import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appraise } from '../audit.ts'
import { balance, objective } from '../network.ts'
import { networkFromLayers } from '../network/layers.ts'
import { randomMatrix, randomNetwork } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { exactOracle } from '../oracle/exact.ts'
import { decayedOutputBiasBound, withDecayedOutputBias } from './output-bias.ts'

/** ℓ(F + 1bᵀ, Y) + β Σ‖u‖‖v‖ + β/2‖b‖², by its definition. */
function objectiveWith(problem: Problem, hidden: ReturnType<typeof randomNetwork>, b: Float64Array): number {
  const shifted = { ...problem, Y: { ...problem.Y, data: problem.Y.data.map((y, k) => y - b[k % b.length]) } }
  return objective(shifted, balance(hidden)) + (problem.beta / 2) * b.reduce((total, value) => total + value * value, 0)
}

const instances = fc.record({
  seed: fc.integer(),
  n: fc.integer({ min: 1, max: 8 }),
  d: fc.integer({ min: 1, max: 2 }),
  c: fc.integer({ min: 1, max: 3 }),
  beta: fc.constantFrom(0.01, 0.3, 2),
  size: fc.constantFrom(0, 0.1, 1, 10),
})

test('no network with any decayed output bias beats the bound, whatever the dual', async () => {
  await fc.assert(
    fc.asyncProperty(instances, async ({ seed, n, d, c, beta, size }) => {
      const random = seededRandom(seed)
      const problem = createProblem({ X: randomMatrix(random, n, d), Y: randomMatrix(random, n, c), beta, bias: true })
      const Z = randomMatrix(random, n, c)
      const hidden = randomNetwork(random, d + 1, c, 3)
      const b = randomMatrix(random, 1, c).data.map((value) => size * value)
      for (const dual of [problem.Y, Z]) {
        const { bound } = await exactOracle(problem).price(dual)
        const lowerBound = decayedOutputBiasBound(problem, dual, bound.value)
        expect(lowerBound).toBeLessThanOrEqual(objectiveWith(problem, hidden, b) * (1 + 1e-12))
      }
    }),
    { numRuns: 60 },
  )
})

test('it lies at most β/2 below the bound that counts the output bias as a neuron', async () => {
  const random = seededRandom(5)
  const problem = createProblem({
    X: randomMatrix(random, 15, 1),
    Y: randomMatrix(random, 15, 2),
    beta: 0.4,
    bias: true,
  })
  const outputBias = Float64Array.of(0.3, -0.4)
  const layers = {
    hidden: randomMatrix(random, 1, 3),
    hiddenBias: new Float64Array(3),
    output: randomMatrix(random, 3, 2),
  }
  const { network } = networkFromLayers({ ...layers, outputBias })
  const found = await appraise(problem, balance(network))
  const { objective: training, lowerBound, gap, relativeGap } = withDecayedOutputBias(problem, found, outputBias)
  const { network: hidden } = networkFromLayers({ ...layers, outputBias: null })
  expect(training).toBeCloseTo(objectiveWith(problem, hidden, outputBias), 10)
  expect(lowerBound).toBeGreaterThanOrEqual(found.certificate.lowerBound - problem.beta / 2)
  expect(lowerBound).toBeLessThanOrEqual(found.certificate.lowerBound)
  expect(gap).toBe(training - lowerBound)
  expect(relativeGap).toBe(gap / training)
})

test('without columns that sum to anything the two bounds agree', async () => {
  const X = [[1], [-1], [2], [-2]]
  const problem = createProblem({ X, Y: [1, -1, 2, -2], beta: 0.5, bias: true })
  const { bound } = await exactOracle(problem).price(problem.Y)
  const scale = problem.loss.bestScale(problem.Y, problem.Y, problem.beta / bound.value)
  const plain = problem.loss.dualValue(problem.Y, problem.Y, scale)
  expect(decayedOutputBiasBound(problem, problem.Y, bound.value)).toBeCloseTo(plain, 6)
})

test('an unproven bound proves 0', () => {
  const problem = createProblem({ X: [[1], [2]], Y: [1, 2], beta: 0.5, bias: true })
  for (const polarBound of [Number.POSITIVE_INFINITY, Number.NaN]) {
    expect(decayedOutputBiasBound(problem, problem.Y, polarBound)).toBe(0)
  }
})
