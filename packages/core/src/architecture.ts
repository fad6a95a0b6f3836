import type { Matrix } from './linalg/matrix.ts'

/** The atom map φ of a network F = Σ_j φ(u_j) v_jᵀ: what one neuron contributes to the outputs of all n samples. */
export interface Architecture {
  readonly name: 'dense'
  readonly formula: string
  /** φ(u) ∈ R^n. */
  atom(X: Matrix, u: Float64Array): Float64Array
}
