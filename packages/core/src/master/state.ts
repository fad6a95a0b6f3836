import { type Matrix, matrix } from '../linalg/matrix.ts'
import type { Column, MasterProblem } from '../master.ts'
import { costOf, fitted, masterObjective, residual } from './residual.ts'

/** Columns, and what they amount to. */
export interface MasterState {
  readonly columns: readonly Column[]
  /** B, q × c; without rows where there is no unpenalised part. */
  readonly coefficients: Matrix
  /** Z = −∇ℓ(F): Y − F for the squared loss. */
  readonly rest: Matrix
  /** In plain floating point: good for comparing steps, not for certificates. */
  readonly objective: number
}

export function evaluate(
  problem: MasterProblem,
  columns: readonly Column[],
  coefficients: Matrix = matrix(problem.free?.cols ?? 0, problem.Y.cols),
): MasterState {
  if (!problem.loss) {
    const rest = residual(problem, columns)
    return { columns, coefficients, rest, objective: masterObjective(problem, columns, rest) }
  }
  const fit = fitted(problem, columns, coefficients)
  const rest = problem.loss.dual(fit, problem.Y)
  return { columns, coefficients, rest, objective: problem.loss.value(fit, problem.Y) + costOf(problem, columns) }
}
