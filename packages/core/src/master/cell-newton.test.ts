import { expect, test } from 'vitest'
import { subtract } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { cellNewton } from './cell-newton.ts'
import { masterConformance } from './master.conformance.ts'
import { freeColumn, objectiveOf, planarRays, pullOf, randomMaster } from './master.fixtures.ts'
import { residual } from './residual.ts'

masterConformance('cellNewton', cellNewton)

test('slides neurons, not only their weights: a planted neuron is recovered from a start in the same cell', async () => {
  const random = seededRandom(1)
  const X = randomMatrix(random, 30, 3)
  const truth: Column = { u: Float64Array.of(1, 0.5, -0.3), v: Float64Array.of(1, -2), tight: [] }
  const bare: MasterProblem = { X, Y: randomMatrix(random, 30, 2), beta: 1e-6 }
  const Y = subtract(bare.Y, residual(bare, [truth])) // the outputs of the planted neuron
  const problem = { ...bare, Y }
  const start = { u: Float64Array.of(1.05, 0.45, -0.25), v: Float64Array.of(0.8, -1.5), tight: [] }
  const solved = await cellNewton.solve(problem, [start], { tolerance: 1e-12 })
  expect(solved).toHaveLength(1)
  expect(objectiveOf(problem, solved)).toBeLessThan(1e-6 * norm2(truth.u) * norm2(truth.v) * (1 + 1e-6))
})

test('stationary in the directions too: turning a neuron within its cell gains nothing to first order', async () => {
  let inside = 0
  for (let seed = 0; seed < 12; seed++) {
    const random = seededRandom(seed)
    const problem = randomMaster(random, 10, 3, 2, 0.5)
    const columns = Array.from({ length: 6 }, () => freeColumn(random, problem))
    const solved = await cellNewton.solve(problem, columns, { tolerance: 1e-12 })
    const rest = residual(problem, solved)
    for (const { u, tight } of solved) {
      if (tight.length > 0) continue
      inside++
      for (let k = 0; k < 3; k++) {
        for (const step of [1e-6, -1e-6]) {
          const turned = u.map((value, q) => value + (q === k ? step * norm2(u) : 0))
          expect(pullOf(problem, rest, turned)).toBeLessThan(problem.beta * (1 + 1e-7))
        }
      }
    }
  }
  expect(inside).toBeGreaterThan(3)
})

test('no ray that was given is wanted at the end, however early its column was dropped', async () => {
  for (let seed = 0; seed < 8; seed++) {
    const problem = randomMaster(seededRandom(seed), 12, 2, 2, 0.2)
    const rays = planarRays(problem)
    const rest = residual(problem, await cellNewton.solve(problem, rays, { tolerance: 1e-9 }))
    for (const { u } of rays) expect(pullOf(problem, rest, u)).toBeLessThan(0.2 * (1 + 1e-8))
  }
})
