import type { Matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem, RestrictedMaster } from '../master.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import { blockDescent } from './block-descent.ts'
import { assemble, type CellModel, cellModel } from './cell-model.ts'
import { stepToFirstStop, stepWithinCells, wholeStep } from './cell-step.ts'
import { mergeColumns } from './merge.ts'
import { masterObjective, residual } from './residual.ts'
import { shiftedSolve } from './shifted-solve.ts'
import { wantedAfterAll } from './wanted.ts'

/** Block descent costs next to nothing beside a Newton step, and spares many of them. */
const warmUpSweeps = 300
const returnSweeps = 30

/** Rounds of Newton's method at most: rays that it dropped too soon come back for the next one. */
const maxRounds = 8

/** A rough solve takes no further round once one brought less than this share of what all brought. */
const roundShare = 0.1

/** A dropped ray comes back if it violates dual feasibility by so many times the tolerance. */
const wantedFactor = 10

/** The tolerance where none is given: what floats allow. */
const finest = 1e-11

const maxNewtonSteps = 200

/** A product ‖u‖‖v‖ below this share of the largest is zero: such a column only slows the others down. */
const negligible = 1e-10

/** Asked for less accuracy than this, the master also stops when it crawls. */
const roughTolerance = 1e-9
const crawlWindow = 4
const crawlShare = 0.05

/** Promised decreases below this share of the objective drown in the rounding of the objective itself. */
const roundingShare = 1e-13

/**
 * Second-order master. Every neuron lives in the closed cell of its activation pattern, or on the face of it where it
 * lies on hyperplanes; there (Xu)₊ = DXNθ is linear, and f(θ, v) = ½‖Σ DXN θ_jv_jᵀ − Y‖² + β/2 Σ(‖θ_j‖² + ‖v_j‖²) is
 * smooth, so that Newton's method slides all neurons at once and kinks are reached exactly: a neuron that would leave
 * its cell at a loss stops on the hyperplane and stays there.
 *
 * Stationary points of f are optimal for the convex program over the columns' directions (their weights satisfy its
 * optimality conditions); directions that are missing are the pricing oracle's business.
 */
export const cellNewton: RestrictedMaster = {
  name: 'cell-newton',
  async solve(problem, columns, options = {}) {
    const pacer = options.pacer ?? createPacer()
    const { tolerance = finest } = options
    const objectives = [evaluate(problem, columns).objective]
    let current: readonly Column[] = []
    let wanted = columns
    for (let round = 0; round < maxRounds; round++) {
      const sweeps = round === 0 ? warmUpSweeps : returnSweeps
      if (wanted.length > 0) current = await blockDescent(problem, [...current, ...wanted], sweeps, pacer)
      const refined = await newton(problem, mergeColumns(problem, current), tolerance, pacer)
      current = mergeColumns(problem, refined.columns)
      wanted = refined.crawling ? [] : wantedAfterAll(problem, columns, current, wantedFactor * tolerance)
      if ((current.length === refined.columns.length && wanted.length === 0) || pacer.expired()) break
      objectives.push(evaluate(problem, current).objective)
      if (tolerance > roughTolerance && fading(objectives, 1, roundShare)) break
    }
    return current
  },
}

async function newton(
  problem: MasterProblem,
  start: readonly Column[],
  tolerance: number,
  pacer: Pacer,
): Promise<{ readonly columns: readonly Column[]; readonly crawling: boolean }> {
  let state = evaluate(problem, start)
  const objectives = [state.objective]
  let damping = 0
  for (let step = 0; step < maxNewtonSteps && !pacer.expired(); step++) {
    const model = cellModel(problem, state.columns, state.rest)
    if (model.size === 0 || norm2(model.gradient) <= tolerance * model.scale) break
    const system = await assemble(model, pacer)
    let accepted: State | undefined
    for (let attempt = 0; attempt < 24 && !accepted && !pacer.expired(); attempt++) {
      const solved = await shiftedSolve(system, model, damping, pacer)
      if (!solved) break
      const { direction, shift, decrease } = solved
      accepted = tryStep(model, state, direction, decrease)
      if (!accepted && decrease < roundingShare * state.objective) break // nothing is left to be gained
      damping = accepted ? (shift === damping ? shift / 8 : shift / 2) : Math.max(4 * shift, 1e-10)
      if (damping < 1e-14) damping = 0
    }
    if (!accepted) break
    state = accepted
    objectives.push(state.objective)
    const enough = objectives.length > 2 * crawlWindow
    if (tolerance > roughTolerance && enough && fading(objectives, crawlWindow, crawlShare)) {
      return { columns: state.columns, crawling: true }
    }
  }
  return { columns: state.columns, crawling: false }
}

interface State {
  readonly columns: readonly Column[]
  readonly rest: Matrix
  readonly objective: number
}

function evaluate(problem: MasterProblem, columns: readonly Column[]): State {
  const rest = residual(problem, columns)
  return { columns, rest, objective: masterObjective(problem, columns, rest) }
}

/** True when the last ones brought less than a share of what all brought: a new column will do more. */
function fading(objectives: readonly number[], window: number, share: number): boolean {
  const last = objectives.length - 1
  const recent = objectives[last - window] - objectives[last]
  return recent < share * (objectives[0] - objectives[last])
}

/**
 * First the whole step, over whatever hyperplanes it crosses; then each column only as far as its own cell, and
 * snapped; then all only as far as the first of them, which at least settles one hyperplane or drops one column.
 */
function tryStep(model: CellModel, state: State, direction: Float64Array, decrease: number): State | undefined {
  const { problem } = model
  const whole = evaluate(problem, tidied(wholeStep(model, direction)))
  if (state.objective - whole.objective >= 0.1 * decrease) return whole
  if (decrease < roundingShare * state.objective && calmer(problem, model, whole)) return whole
  for (const attempt of [stepWithinCells, stepToFirstStop]) {
    const columns = attempt(model, direction)
    if (!columns) return undefined
    const next = evaluate(problem, tidied(columns))
    if (next.objective < state.objective) return next
  }
  return undefined
}

/** Near the end the objective no longer tells one step from another; a smaller gradient does. */
function calmer(problem: MasterProblem, before: CellModel, { columns, rest }: State): boolean {
  return norm2(cellModel(problem, columns, rest).gradient) < 0.5 * norm2(before.gradient)
}

function tidied(columns: readonly Column[]): Column[] {
  const sizes = columns.map(({ u, v }) => norm2(u) * norm2(v))
  const largest = Math.max(0, ...sizes)
  return columns.filter((_, j) => sizes[j] > negligible * largest)
}
