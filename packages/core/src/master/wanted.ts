import { defaultBackend } from '../linalg/backend/registry.ts'
import { type Matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import { atomsOf, residual } from './residual.ts'

/**
 * Those of the given columns that were dropped too soon: rays whose directions u violate ‖Zᵀ(Xu)₊‖ ≤ β(1 + slack), Z the
 * dual of `current`; with v = 0. Other columns may have slid away from where they were, and are left to pricing.
 */
export function wantedAfterAll(
  problem: MasterProblem,
  given: readonly Column[],
  current: readonly Column[],
  slack: number,
  rest: Matrix = residual(problem, current),
): Column[] {
  const rays = given.filter(({ tight }) => tight.length >= problem.X.cols - 1)
  const units = rays.map(({ u }) => u.map((value) => value / norm2(u)))
  const pulls = defaultBackend().gemmTransposed(atomsOf(problem.X, units), rest)
  return rays
    .filter((_, j) => norm2(row(pulls, j)) > problem.beta * (1 + slack))
    .map(({ u, tight }) => ({ u, v: new Float64Array(problem.Y.cols), tight }))
}
