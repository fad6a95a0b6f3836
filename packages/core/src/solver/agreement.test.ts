import { describe, expect, test } from 'vitest'
import type { Certificate } from '../certificate.ts'
import { predict } from '../network.ts'
import { randomMatrix, randomNetwork } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import type { Solver } from '../solver.ts'
import { train } from '../train.ts'
import { columnGeneration } from './column-generation.ts'
import { coneProgram } from './cone-program.ts'
import { cuttingPlane } from './cutting-plane.ts'
import { frankWolfe } from './frank-wolfe.ts'

/** Ten planted problems of one to three outputs and rank two and three, with noise of a tenth. */
function problemOf(seed: number): Problem {
  const random = seededRandom(seed)
  const [n, d, c] = [6 + (seed % 3) * 2, seed % 4 === 1 ? 3 : 2, 1 + (seed % 3)]
  const X = randomMatrix(random, n, d)
  const Y = predict(randomNetwork(random, d, c, 4), X)
  const noise = randomMatrix(random, n, c)
  Y.data.forEach((value, k) => (Y.data[k] = value + 0.1 * noise.data[k]))
  return createProblem({ X, Y, beta: [0.05, 0.2, 1][seed % 3] })
}

/** Figure 1 of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021): 25 × 2 Gaussian inputs, a teacher of 100 neurons, 5 outputs. */
test('the Figure 1 problem: its optimum to 1e-8 by two solvers, one from the primal and one from the dual', async () => {
  const random = seededRandom(0)
  const X = randomMatrix(random, 25, 2)
  const problem = createProblem({ X, Y: predict(randomNetwork(random, 2, 5, 100), X), beta: 1e-2 })
  const primal = (await train(problem, { solver: columnGeneration(), tolerance: 1e-8 })).certificate
  const dual = (await train(problem, { solver: cuttingPlane(), tolerance: 1e-8 })).certificate
  expect(primal.relativeGap).toBeLessThanOrEqual(1e-8)
  expect(dual.relativeGap).toBeLessThanOrEqual(1e-8)
  expect(Math.abs(primal.objective - dual.objective)).toBeLessThanOrEqual(primal.gap + dual.gap)
})

/** To the gap that each is asked for here; the scalar program takes one output only. */
const solvers: readonly [string, (problem: Problem) => Solver | null, number][] = [
  ['column generation', () => columnGeneration(), 1e-8],
  ['Algorithm 1, fully corrective, bisected', () => frankWolfe(), 1e-4],
  ['Frank–Wolfe on the gauge', () => frankWolfe({ form: 'gauge' }), 1e-6],
  ['cutting planes', () => cuttingPlane(), 1e-6],
  ['the scalar program', ({ Y }) => (Y.cols === 1 ? coneProgram() : null), 1e-8],
]

describe('ten seeded problems', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'seed %i: all agree to their gaps, and no bound exceeds an objective',
    async (seed) => {
      const problem = problemOf(seed)
      const results: Certificate[] = []
      for (const [name, create, tolerance] of solvers) {
        const solver = create(problem)
        if (!solver) continue
        const { certificate } = await train(problem, { solver, tolerance, timeLimitSeconds: 20 })
        expect(certificate.relativeGap, name).toBeLessThanOrEqual(tolerance)
        results.push(certificate)
      }
      expect(results.length).toBe(problem.Y.cols === 1 ? 5 : 4)
      for (const one of results) {
        for (const other of results) {
          expect(one.lowerBound).toBeLessThanOrEqual(other.objective * (1 + 1e-13))
          expect(Math.abs(one.objective - other.objective)).toBeLessThanOrEqual(one.gap + other.gap)
        }
      }
    },
  )
})
