import type { Matrix } from './linalg/matrix.ts'
import type { Pacer } from './pacer.ts'

/** One positive semidefinite matrix U of a conic program, and how the rest of the program sees it. */
export interface ConicBlock {
  /** C: symmetric, as large as U. */
  readonly cost: Matrix
  /** v_1 … v_m, one a row, as long as U is large: all that the program asks of U are numbers v_iᵀ U v_j. */
  readonly vectors: Matrix
  /** Pairs (i, j) for which v_iᵀ U v_j ≥ 0. */
  readonly nonnegative: readonly (readonly [i: number, j: number])[]
  readonly couplings: readonly Coupling[]
}

/** v_leftᵀ U v_right, a summand of a constraint. */
export interface Coupling {
  readonly constraint: number
  readonly left: number
  readonly right: number
}

/**
 * A linear or quadratic objective over a product of doubly nonnegative matrices:
 *
 *     min  Σ_b ⟨C_b, U_b⟩ + Σ_k r_k² / (2 q_k)   over  U_b positive semidefinite,
 *     s.t. Σ v_leftᵀ U_b v_right + r_k = t_k  (r_k = 0 where q_k = 0),   v_iᵀ U_b v_j ≥ 0 for the pairs of b,
 *
 * and its dual
 *
 *     max  tᵀy − ½ Σ_k q_k y_k²   over y and N ≥ 0,
 *     s.t. W_b = C_b − Σ_k y_k A_kb − Σ_(i,j) N_bij A_bij  positive semidefinite,   A = ½(v_i v_jᵀ + v_j v_iᵀ).
 */
export interface ConicProgram {
  readonly blocks: readonly ConicBlock[]
  /** t. */
  readonly targets: Float64Array
  /** q ≥ 0. */
  readonly curvatures: Float64Array
  /** Proven: every U worth considering, because no other is better, has Σ_b tr U_b at most this. */
  readonly trace: number
  /** Of the order of the largest objective worth considering; where the barrier starts. */
  readonly magnitude: number
  /** A y for which all W_b are positive definite at N = 0. */
  readonly start: Float64Array
}

/** A point of the dual, and where a method has one also of the primal. Neither is feasible but approximately. */
export interface ConicIterate {
  readonly y: Float64Array
  /** N of every block, in the order of its pairs. */
  readonly multipliers: readonly Float64Array[]
  /** tᵀy − ½ Σ q_k y_k², in floats: not a bound, see `provenDualValue`. */
  readonly dualValue: number
  readonly primal: readonly Matrix[] | null
  /** What the method has for U however far from feasible, where it has any: to choose cuts by and to start from, for nothing else. */
  readonly rough?: RoughPoint
  /** In floats, infinite where there is no primal point, or one too far from feasible to tell. Never a bound. */
  readonly primalValue: number
}

export interface RoughPoint {
  readonly U: readonly Matrix[]
  /** Of the method that made it. */
  readonly penalty: number
}

export interface ConicOptions {
  /** Duality gap, relative to the dual value, at which the method is done. */
  readonly tolerance?: number
  /** A dual point, not feasible as a rule, near which to start; a method that cannot make use of it ignores it. */
  readonly near?: Pick<ConicIterate, 'y' | 'multipliers'>
  readonly pacer?: Pacer
  /** Where to start: an iterate of a similar program, its multipliers in the order of the pairs of this one. Methods may ignore it. */
  readonly from?: ConicIterate
  /** A program that takes more is refused with UnsupportedProblemError before anything is allocated. */
  readonly maxMegabytes?: number
}

/** What a method may take where nothing else is said. */
export const usualMegabytes = 4096

/**
 * Solves conic programs, iterate after iterate, each worth a bound; the caller may stop at any.
 *
 * Nothing an implementation says is trusted: `provenDualValue` makes a bound of any y and N.
 */
export interface DoublyNonnegativeSolver {
  readonly name: string
  iterates(program: ConicProgram, options?: ConicOptions): AsyncIterable<ConicIterate>
}
