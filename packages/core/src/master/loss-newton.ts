import type { Matrix } from '../linalg/matrix.ts'
import type { Column, MasterOptions, MasterProblem } from '../master.ts'
import { createPacer } from '../pacer.ts'
import { mergeColumns } from './merge.ts'
import { fading, newton, roughTolerance } from './newton.ts'
import { proximalSweeps } from './proximal-sweeps.ts'
import { evaluate, type MasterState } from './state.ts'
import { wantedAfterAll } from './wanted.ts'

const warmUpSweeps = 12
const returnSweeps = 4

/** Rounds of Newton's method at most: rays that it dropped too soon come back for the next one. */
const maxRounds = 8

/** A rough solve takes no further round once one brought less than this share of what all brought. */
const roundShare = 0.1

/** A dropped ray comes back if it violates dual feasibility by so many times the tolerance. */
const wantedFactor = 10

const finest = 1e-11

/**
 * The second-order master for any smooth loss, and with unpenalised coefficients: as `cellNewton`, with the loss's own
 * Hessian, and proximal gradient steps in place of exact block descent. Never returns worse than it was given.
 */
export async function lossNewton(
  problem: MasterProblem,
  given: readonly Column[],
  startingFrom: Matrix,
  options: MasterOptions = {},
): Promise<MasterState> {
  const { tolerance = finest, pacer = createPacer() } = options
  let best = evaluate(problem, given, startingFrom)
  const objectives = [best.objective]
  let current: { readonly columns: readonly Column[]; readonly coefficients: Matrix } = {
    columns: [],
    coefficients: startingFrom,
  }
  let wanted = given
  for (let round = 0; round < maxRounds; round++) {
    const sweeps = round === 0 ? warmUpSweeps : returnSweeps
    const together = [...current.columns, ...wanted]
    if (wanted.length > 0 || round === 0) {
      current = await proximalSweeps(problem, together, current.coefficients, sweeps, pacer)
    }
    const start = evaluate(problem, mergeColumns(problem, current.columns, current.coefficients), current.coefficients)
    const { state, crawling } = await newton(problem, start, tolerance, pacer)
    const merged = mergeColumns(problem, state.columns, state.coefficients)
    const after = evaluate(problem, merged, state.coefficients)
    current = after
    if (after.objective < best.objective) best = after
    wanted = crawling ? [] : wantedAfterAll(problem, given, merged, wantedFactor * tolerance, after.rest)
    if ((merged.length === state.columns.length && wanted.length === 0) || pacer.expired()) break
    objectives.push(after.objective)
    if (tolerance > roughTolerance && fading(objectives, 1, roundShare)) break
  }
  return best
}
