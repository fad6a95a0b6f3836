/**
 * One entry of a loss that is a sum over entries: y its target, f its prediction, z = −(a slope at f) its dual.
 *
 * Everything else about such a loss (sums, weights, rounding, feasibility) is `separable`.
 */
export interface Kernel {
  /** With its parameter, where it has one. */
  readonly name: string
  readonly formula: string
  readonly kinked: boolean
  /**
   * The largest second derivative at f for which `dual` of −slope(f) is above −`budget`; Infinity where there is none.
   */
  smoothness(y: number, budget: number): number
  /** The largest value of `dual`; only where `smoothness` makes use of its budget. */
  most?(y: number): number
  /** Convex in f, with infimum 0. */
  value(f: number, y: number): number
  /** Bounds the rounding error of `value`. */
  valueError(f: number, y: number): number
  /** The derivative; at a kink, one of the subgradients. */
  slope(f: number, y: number): number
  /** The second derivative, from either side where the sides differ. */
  curvature(f: number, y: number): number
  /** The dual is finite for z in [lower, upper], endpoints included. 0 lies in it. */
  lower(y: number): number
  upper(y: number): number
  /** −ℓ*(−z) = min over f of value(f) + z f: concave in z, 0 at z = 0. */
  dual(z: number, y: number): number
  /** Bounds the rounding error of `dual`. */
  dualError(z: number, y: number): number
  /** The z that maximises dual(z) − (z − t)²/(2ρ), and its derivative by t. For kernels with kinks. */
  proximal?(t: number, y: number, penalty: number): number
  proximalSlope?(t: number, y: number, penalty: number): number
  /** All z that are minus a subgradient at f. For kernels with kinks. */
  range?(f: number, y: number): readonly [number, number]
  /** What a target must be, where this one is not it. */
  rejects(y: number): string | undefined
}

/**
 * A few units in the last place: bounds the relative error of one `Math.exp`, `log`, `log1p` and of two or three operations
 * around it. Engines take these from fdlibm, whose errors stay below one unit; the language promises nothing.
 */
export const ulps: number = 16 * Number.EPSILON

/** min(max(x, low), high), and NaN for NaN. */
export function clamp(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x
}

/** The label of a binary problem. */
export function rejectsLabel(y: number): string | undefined {
  return y === 1 || y === -1 ? undefined : 'must be 1 or -1'
}
