import type { Matrix } from '../linalg/matrix.ts'

/** One vector w_b ∈ R^k with what it adds to the fit and where it may lie. */
export interface ConeBlock {
  /** N × k. */
  readonly A: Matrix
  /** It adds sign · A w. */
  readonly sign: 1 | -1
  /** L, m × k without zero rows: L w ≥ 0. Null where w is free. */
  readonly walls: Matrix | null
  /** A unit vector with L w > 0; null where there are no walls. */
  readonly interior: Float64Array | null
}

/** min ½‖Σ_b ±A_b w_b − target‖² + β Σ_b ‖w_b‖ over L_b w_b ≥ 0 and, where there is a budget, Σ_b ‖w_b‖ ≤ budget. */
export interface ConeLeastSquares {
  readonly blocks: readonly ConeBlock[]
  readonly target: Float64Array
  /** Positive unless there is a budget. */
  readonly beta: number
  /** Positive. Where it does not bind, because the target can be met exactly, the last digits are lost. */
  readonly budget?: number
}
