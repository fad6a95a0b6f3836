import { type Matrix, matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import type { Pacer } from '../pacer.ts'
import { assemble, type CellModel, cellModel } from './cell-model.ts'
import { shareToFirstStop, stepToFirstStop, stepWithinCells, wholeStep } from './cell-step.ts'
import { assembleWeighted } from './loss-hessian.ts'
import { shiftedSolve } from './shifted-solve.ts'
import { evaluate, type MasterState } from './state.ts'

const maxNewtonSteps = 200

/** A product ‖u‖‖v‖ below this share of the largest is zero: such a column only slows the others down. */
const negligible = 1e-10

/** Asked for less accuracy than this, the master also stops when it crawls. */
export const roughTolerance = 1e-9
const crawlWindow = 4
const crawlShare = 0.05

/** Promised decreases below this share of the objective drown in the rounding of the objective itself. */
const roundingShare = 1e-13

/** Newton's method inside cells and on faces, from columns that are not zero; `crawling` when it was not worth going on. */
export async function newton(
  problem: MasterProblem,
  start: MasterState,
  tolerance: number,
  pacer: Pacer,
): Promise<{ readonly state: MasterState; readonly crawling: boolean }> {
  let state = start
  const objectives = [state.objective]
  let damping = 0
  for (let step = 0; step < maxNewtonSteps && !pacer.expired(); step++) {
    const model = cellModel(problem, state.columns, state.rest)
    if (model.size === 0 || norm2(model.gradient) <= tolerance * model.scale) break
    const system = await (problem.loss ? assembleWeighted(model, state, pacer) : assemble(model, pacer))
    let accepted: MasterState | undefined
    for (let attempt = 0; attempt < 24 && !accepted && !pacer.expired(); attempt++) {
      const solved = await shiftedSolve(system, model, damping, pacer)
      if (!solved) break
      const { direction, shift, decrease } = solved
      accepted = tryStep(model, state, direction, decrease)
      if (!accepted && decrease < roundingShare * Math.abs(state.objective)) break // nothing is left to be gained
      damping = accepted ? (shift === damping ? shift / 8 : shift / 2) : Math.max(4 * shift, 1e-10)
      if (damping < 1e-14) damping = 0
    }
    if (!accepted) break
    state = accepted
    objectives.push(state.objective)
    const enough = objectives.length > 2 * crawlWindow
    if (tolerance > roughTolerance && enough && fading(objectives, crawlWindow, crawlShare)) {
      return { state, crawling: true }
    }
  }
  return { state, crawling: false }
}

/** True when the last ones brought less than a share of what all brought: a new column will do more. */
export function fading(objectives: readonly number[], window: number, share: number): boolean {
  const last = objectives.length - 1
  const recent = objectives[last - window] - objectives[last]
  return recent < share * (objectives[0] - objectives[last])
}

/**
 * First the whole step, over whatever hyperplanes it crosses; then each column only as far as its own cell, and
 * snapped; then all only as far as the first of them, which at least settles one hyperplane or drops one column.
 */
function tryStep(
  model: CellModel,
  state: MasterState,
  direction: Float64Array,
  decrease: number,
): MasterState | undefined {
  const { problem } = model
  const reached = (columns: readonly Column[], share: number): MasterState =>
    evaluate(problem, tidied(columns), coefficientsAfter(model, state.coefficients, direction, share))
  const whole = reached(wholeStep(model, direction), 1)
  if (state.objective - whole.objective >= 0.1 * decrease) return whole
  if (decrease < roundingShare * Math.abs(state.objective) && calmer(problem, model, whole)) return whole
  for (const attempt of [stepWithinCells, stepToFirstStop]) {
    const columns = attempt(model, direction)
    if (!columns) return undefined
    const next = reached(columns, attempt === stepWithinCells ? 1 : shareToFirstStop(model, direction))
    if (next.objective < state.objective) return next
  }
  return undefined
}

function coefficientsAfter({ freeAt }: CellModel, before: Matrix, direction: Float64Array, share: number): Matrix {
  if (before.data.length === 0) return before
  return matrix(
    before.rows,
    before.cols,
    before.data.map((value, k) => value + share * direction[freeAt + k]),
  )
}

/** Near the end the objective no longer tells one step from another; a smaller gradient does. */
function calmer(problem: MasterProblem, before: CellModel, { columns, rest }: MasterState): boolean {
  return norm2(cellModel(problem, columns, rest).gradient) < 0.5 * norm2(before.gradient)
}

function tidied(columns: readonly Column[]): Column[] {
  const sizes = columns.map(({ u, v }) => norm2(u) * norm2(v))
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0)
  return columns.filter((_, j) => sizes[j] > negligible * largest)
}
