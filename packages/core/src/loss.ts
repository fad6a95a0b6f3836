import type { Matrix } from './linalg/matrix.ts'

/**
 * How far predictions F are from targets Y, shifted so that its infimum is 0, together with its conjugate.
 *
 * The conjugate is what proves lower bounds: for any Z with ω(τZ) ≤ β, every network of any width has an objective of at
 * least −ℓ*(−τZ) (Sahiner, Ergen, Pauly, Pilanci, ICLR 2021, equations (11) and (79)).
 */
export interface Loss {
  readonly name: 'squared'
  readonly formula: string
  value(F: Matrix, Y: Matrix): number
  /** Z = −∇ℓ(F), the dual point that belongs to the predictions F. */
  dual(F: Matrix, Y: Matrix): Matrix
  /** The τ with |τ| ≤ limit that maximises `dualValue(Z, Y, τ)`; 0 when the limit is negative or not a number. */
  bestScale(Z: Matrix, Y: Matrix, limit: number): number
  /** −ℓ*(−τZ), rounded down by its own rounding error; not a number when it cannot be computed. */
  dualValue(Z: Matrix, Y: Matrix, tau: number): number
  /** Throws `InvalidProblemError` when this loss is not defined for these (finite) targets. */
  validateTargets(Y: Matrix): void
}
