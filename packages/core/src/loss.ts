import type { Matrix } from './linalg/matrix.ts'

/**
 * What a second-order method needs of a loss: its value, its gradient, and the blocks of its Hessian.
 *
 * Losses with kinks have no useful Hessian; `Loss.augmented` gives them a smooth stand-in.
 */
export interface SmoothLoss {
  value(F: Matrix, Y: Matrix): number
  /** Z = −∇ℓ(F), the dual point that belongs to the predictions F; at a kink minus one of the subgradients. */
  dual(F: Matrix, Y: Matrix): Matrix
  /**
   * S_i ∈ R^{c×c} for every sample, row-major in row i of an n × c² matrix, with ∇²ℓ_i = S_i S_iᵀ. Generalised where the
   * gradient has kinks of its own: any one-sided derivative.
   */
  hessianRoot(F: Matrix, Y: Matrix): Matrix
}

/**
 * How far predictions F are from targets Y, summed over samples and shifted so that its infimum is 0, together with its
 * conjugate.
 *
 * The conjugate is what proves lower bounds: for any Z with ω(τZ) ≤ β, every network of any width has an objective of at
 * least −ℓ*(−τZ) (Sahiner, Ergen, Pauly, Pilanci, ICLR 2021, equations (11) and (79)).
 */
export interface Loss extends SmoothLoss {
  /** With its parameter, where it has one: `huber:1.5`. `lossFrom` reads it. */
  readonly name: string
  readonly formula: string
  /** True where ℓ has kinks; `augmented` is then how it is minimised. */
  readonly kinked: boolean
  /**
   * L such that −ℓ*(−Z) is strongly concave with modulus 1/L wherever it is at least 0; Infinity for losses with kinks.
   * Two such points with values within g of the largest are then within √(2Lg) of it.
   */
  smoothness(Y: Matrix): number
  /** Bounds the rounding error of `value`. */
  valueError(F: Matrix, Y: Matrix): number
  /**
   * A τ within [0, min(1, limit)] that maximises `dualValue(Z, Y, τ)`; within [−limit, limit] where ℓ* is finite
   * everywhere. 0 when the limit is negative or not a number.
   */
  bestScale(Z: Matrix, Y: Matrix, limit: number): number
  /**
   * −ℓ*(−τZ′), rounded down by its own rounding error; not a number when it cannot be computed or τZ′ may lie outside the
   * domain of ℓ*(−·).
   *
   * Z′ is Z itself, or with `radius` any matrix with |Z′ − Z| ≤ radius entry by entry, whose rows sum to 0 where there is
   * a `counterpart`: the value then holds for all of them.
   */
  dualValue(Z: Matrix, Y: Matrix, tau: number, radius?: Matrix): number
  /** A point of the domain of ℓ*(−·) near Z, in these very floats; Z itself where it lies in it. */
  project(Z: Matrix, Y: Matrix): Matrix
  /**
   * How far the entries may move, all at once and in either direction, within the domain of ℓ*(−·); 0 or more, Infinity for
   * any. 0 for a counterpart, which moves only against the others of its row.
   */
  slack(Z: Matrix, Y: Matrix): Matrix
  /** Where the domain asks that rows sum to 0: the column of each row that makes up for the others. */
  counterpart?(Y: Matrix): Int32Array
  /** Throws `InvalidProblemError` when this loss is not defined for these (finite) targets. */
  validateTargets(Y: Matrix): void
  /** Σ_i w_i ℓ_i: the same loss with sample i counted w_i times, w_i > 0. */
  weighted(weights: Float64Array): Loss
  /**
   * For losses with kinks: the augmented Lagrangian of ℓ(P) subject to P = F, minimised over P,
   *
   *     F ↦ max_Z −ℓ*(−Z) − ⟨Z, F⟩ − ‖Z − Z₀‖²/(2ρ),
   *
   * smooth, at most ℓ(F), with the maximiser Z as its dual: the next multiplier, in the domain of ℓ*(−·) as it is
   * (Rockafellar, "Augmented Lagrangians and applications of the proximal point algorithm", 1976).
   */
  augmented?(multiplier: Matrix, penalty: number): SmoothLoss
  /** For losses with kinks: all Z that are minus a subgradient at F, entry by entry between these two. */
  dualRange?(F: Matrix, Y: Matrix): { readonly low: Matrix; readonly high: Matrix }
}
