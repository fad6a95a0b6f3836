import { describe, expect, test } from 'vitest'
import { lbfgs } from './baseline/lbfgs.ts'
import { trainBaseline } from './baseline/train-baseline.ts'
import { certify } from './certificate.ts'
import { feasibleDual } from './dual.ts'
import { lossNames } from './loss/named.ts'
import { problemFor, type ProblemOptions } from './loss/problems.fixtures.ts'
import { matrix } from './linalg/matrix.ts'
import { type Network, network, objective } from './network.ts'
import { trivialOracle } from './oracle/trivial.ts'
import { createProblem, type Problem } from './problem.ts'
import { randomMatrix, randomNetwork } from './problem.fixtures.ts'
import { type Random, seededRandom } from './random.ts'
import { storedCertificate } from './model/certificate-file.ts'
import { train } from './train.ts'
import { verify } from './verify.ts'

/** Named with parameters away from their defaults. */
const names = lossNames.map((name) => (name === 'pinball' ? 'pinball:0.8' : name === 'huber' ? 'huber:0.4' : name))

/** Random networks of all sizes, and the optimum with noise of all sizes, each with a random unpenalised part where there is one. */
function* rivals(problem: Problem, best: Network, random: Random): Generator<Network> {
  const { X, Y, outputBias, skip } = problem
  for (const size of [0.01, 0.1, 0.5, 1]) {
    for (let k = 0; k < 5; k++) {
      const part = {
        ...(outputBias && { outputBias: randomMatrix(random, 1, Y.cols).data }),
        ...(skip && { skip: randomMatrix(random, X.cols, Y.cols) }),
      }
      const drawn = randomNetwork(random, X.cols, Y.cols, 4)
      yield network(X.cols, Y.cols, drawn.neurons.map(({ u, v }) => ({ u: u.map((x) => size * x), v })), part) // biome-ignore format: short
      const noisy = (x: Float64Array): Float64Array => x.map((value) => value + 0.1 * size * (random() - 0.5))
      const near = {
        ...(best.outputBias && { outputBias: noisy(best.outputBias) }),
        ...(best.skip && { skip: matrix(best.skip.rows, best.skip.cols, noisy(best.skip.data)) }),
      }
      yield network(X.cols, Y.cols, best.neurons.map(({ u, v }) => ({ u: noisy(u), v: noisy(v) })), near) // biome-ignore format: short
    }
  }
}

async function certifies(name: string, seed: number, options: ProblemOptions): Promise<void> {
  const beta = [1, 0.3, 0.1][seed % 3]
  const problem = problemFor(name, seed, { n: 14, d: 2 + (seed % 2), beta, ...options })
  const { status, certificate, network: best } = await train(problem, { timeLimitSeconds: 60, absoluteTolerance: 1e-9 })
  expect(status).toBe('optimal')
  expect(certificate.scope).toBe('all-networks')
  expect(certificate.gap).toBeLessThanOrEqual(1e-6 * certificate.objective + 1e-9)
  for (const rival of rivals(problem, best, seededRandom(seed))) {
    expect(objective(problem, rival)).toBeGreaterThanOrEqual(certificate.lowerBound)
  }
}

describe.each(names)('%s: certified to 1e-6, and no rival is below the bound', (name) => {
  test('ten problems of rank 2 and 3', async () => {
    for (let seed = 0; seed < 10; seed++) await certifies(name, seed, {})
  })

  test('with weights, an output bias, a skip connection', async () => {
    await certifies(name, 0, { weighted: true })
    await certifies(name, 1, { outputBias: true })
    await certifies(name, 2, { outputBias: true, skip: true, weighted: true })
    await certifies(name, 3, { skip: true })
  })
})

test('softmax with classes that the unpenalised part separates: certified, although the best coefficients are infinite', async () => {
  for (let seed = 0; seed < 3; seed++)
    await certifies('softmax', seed, { outputBias: true, skip: true, separable: true, n: 20 })
})

test('L-BFGS from several starts ends above the bound', async () => {
  for (const name of ['logistic', 'softmax', 'poisson', 'huber']) {
    const problem = problemFor(name, 1, { beta: 0.3 })
    const { certificate } = await train(problem, { timeLimitSeconds: 60 })
    for (let seed = 0; seed < 3; seed++) {
      const rival = await trainBaseline(problem, lbfgs(), { neurons: 12, epochs: 200, seed })
      expect(rival.objective).toBeGreaterThanOrEqual(certificate.lowerBound)
    }
  }
})

test('weights of one are no weights: both ways to the squared loss have the same optimum', async () => {
  for (let seed = 0; seed < 4; seed++) {
    const plain = problemFor('squared', seed)
    const weighted = createProblem({ X: plain.X, Y: plain.Y, beta: plain.beta, weights: new Float64Array(12).fill(1) })
    const [one, other] = [await train(plain, { tolerance: 1e-9 }), await train(weighted, { tolerance: 1e-9 })]
    expect(Math.abs(one.certificate.objective / other.certificate.objective - 1)).toBeLessThan(1e-8)
  }
})

test('an output bias never costs anything, and targets that it fits leave nothing', async () => {
  const X = randomMatrix(seededRandom(1), 10, 2)
  const Y = matrix(10, 1, new Float64Array(10).fill(3))
  const { certificate, network: best } = await train(createProblem({ X, Y, beta: 0.1, outputBias: true }))
  expect(certificate.objective).toBeLessThan(1e-20)
  expect(best.neurons).toHaveLength(0)
  expect(best.outputBias![0]).toBeCloseTo(3, 10)
})

test('trap: a dual off the equality of the output bias proves nothing it should not', async () => {
  // Z = Y with Y = 1 is optimal without a bias; with one, the optimum is 0. Sprung by certifying Z as it is.
  const X = randomMatrix(seededRandom(2), 10, 2)
  const Y = matrix(10, 1, new Float64Array(10).fill(1))
  const problem = createProblem({ X, Y, beta: 0.1, outputBias: true })
  const { bound } = await trivialOracle(problem).price(Y)
  const zero = network(2, 1, [], { outputBias: Float64Array.of(1) })
  const { lowerBound, crossed } = certify(problem, { network: zero, dual: Y, bound })
  expect(lowerBound).toBeLessThan(1e-12)
  expect(crossed).toBe(false)
})

test('verify confirms certificates of every loss with other code, and refutes a raised bound', async () => {
  for (const name of names) {
    const problem = problemFor(name, 2, { outputBias: true, weighted: true, beta: 0.3 })
    const { certificate, dual, network: best } = await train(problem, { timeLimitSeconds: 60 })
    const stored = storedCertificate(certificate, dual)
    expect((await verify(problem, best, stored)).verdict).toBe('confirmed')
    const raised = { ...stored, lowerBound: certificate.lowerBound * 1.01 }
    expect((await verify(problem, best, raised)).verdict).toBe('refuted')
  }
})

test('a dual that had to be made feasible is what the claim is about: it is in the domain as it is', () => {
  for (const name of names) {
    const problem = problemFor(name, 3, { outputBias: true })
    const Z = feasibleDual(problem, randomMatrix(seededRandom(1), problem.Y.rows, problem.Y.cols))
    expect(problem.loss.project(Z, problem.Y)).toBe(Z)
  }
})
