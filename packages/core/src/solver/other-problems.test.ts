import { expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { problemFor } from '../loss/problems.fixtures.ts'
import { createPacer } from '../pacer.ts'
import type { Solver, SolverContext } from '../solver.ts'
import { copositive } from './copositive.ts'
import { cuttingPlane } from './cutting-plane.ts'
import { frankWolfe } from './frank-wolfe.ts'
import { requireSquaredDense } from './parts.ts'

const context: SolverContext = { pacer: createPacer(), tolerance: 1e-6, seed: 0, timed: (_, work) => work() }

test('solvers for the squared loss refuse other losses, weights and unpenalised parts, naming both parties', async () => {
  const others = [
    [problemFor('hinge', 1), 'hinge'],
    [problemFor('squared', 1, { weighted: true }), 'weights'],
    [problemFor('squared', 1, { outputBias: true }), 'an output bias or a skip connection'],
  ] as const
  const solvers: readonly Solver[] = [frankWolfe(), cuttingPlane(), copositive()]
  for (const [problem, what] of others) {
    expect(() => requireSquaredDense('some-solver', problem)).toThrow(what)
    for (const solver of solvers) {
      const begin = async (): Promise<void> => {
        let claims = 0 // the first may be about the zero network, before anything is built
        for await (const _ of solver.claims(problem, context)) if (++claims > 3) return
      }
      await expect(begin()).rejects.toThrow(UnsupportedProblemError)
      await expect(begin()).rejects.toThrow(what)
      await expect(begin()).rejects.toThrow(solver.name)
    }
  }
})
