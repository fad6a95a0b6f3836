import type { Matrix } from './linalg/matrix.ts'
import type { SmoothLoss } from './loss.ts'
import type { Pacer } from './pacer.ts'

/** A neuron of the restricted master, in reduced coordinates. */
export interface Column {
  /** R^r; only its direction matters to the atom, ‖u‖‖v‖ to the cost. */
  readonly u: Float64Array
  /** R^c; zero for a column that was just priced. */
  readonly v: Float64Array
  /** Samples on whose hyperplanes u lies, and stays until it is priced anew. */
  readonly tight: readonly number[]
}

export interface MasterProblem {
  /** n × r. */
  readonly X: Matrix
  /** n × c. */
  readonly Y: Matrix
  readonly beta: number
  /** ½‖F − Y‖² when absent. */
  readonly loss?: SmoothLoss | undefined
  /** n × q: F has an unpenalised part W B besides the columns. */
  readonly free?: Matrix | undefined
}

export interface MasterOptions {
  /** Relative size of the gradient at which the columns count as optimal. */
  readonly tolerance?: number
  readonly pacer?: Pacer
}

/**
 * Minimises ½‖Σ_j (Xu_j)₊v_jᵀ − Y‖² + β Σ ‖u_j‖‖v_j‖ over the columns at hand; zero ones are dropped.
 *
 * Never returns worse than it was given, and stops early, with what it has, when the pacer says so.
 */
export interface RestrictedMaster {
  readonly name: string
  solve(problem: MasterProblem, columns: readonly Column[], options?: MasterOptions): Promise<readonly Column[]>
}
