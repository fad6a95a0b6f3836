import { expect, test } from 'vitest'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import type { ConicProgram, DoublyNonnegativeSolver } from '../relaxation.ts'
import { activePairs } from './active-pairs.ts'
import { coneMaximumProgram } from './cone-maximum.ts'
import { interiorPoint } from './interior-point.ts'
import { provenDualValue } from './proven-dual-value.ts'
import { doublyNonnegativeConformance } from './relaxation.conformance.ts'
import { identity, randomSymmetric } from './relaxation.fixtures.ts'
import { semidefiniteProgram } from './semidefinite-program.ts'

doublyNonnegativeConformance('activePairs', activePairs, { accuracy: 1e-7 })

const best = async (solver: DoublyNonnegativeSolver, program: ConicProgram): Promise<number> => {
  let bound = Number.NEGATIVE_INFINITY
  for await (const iterate of solver.iterates(program, { tolerance: 1e-8 })) {
    bound = Math.max(bound, provenDualValue(program, iterate))
  }
  return bound
}

test('agrees with the interior-point method on all pairs, where many of them are active', async () => {
  for (const program of [
    coneMaximumProgram(randomSymmetric(seededRandom(1), 14), identity(14)),
    semidefiniteProgram({ ...planarFixture, beta: 0.1 }, 1),
    semidefiniteProgram(
      { X: randomMatrix(seededRandom(5), 10, 3), Y: randomMatrix(seededRandom(6), 10, 2), beta: 0.2 },
      1,
    ),
  ]) {
    const [one, other] = [await best(activePairs, program), await best(interiorPoint, program)]
    expect(Math.abs(one - other)).toBeLessThan(2e-6 * Math.abs(other))
  }
}, 30_000)

test('the primal value counts only where no pair is violated, those left out included', async () => {
  const program = semidefiniteProgram({ ...planarFixture, beta: 0.1 }, 1)
  const optimum = await best(interiorPoint, program)
  let counted = 0
  for await (const { primalValue } of activePairs.iterates(program)) {
    if (primalValue === Number.POSITIVE_INFINITY) continue
    counted++
    expect(primalValue).toBeGreaterThan(optimum * (1 - 1e-4))
  }
  expect(counted).toBeGreaterThan(0)
})
