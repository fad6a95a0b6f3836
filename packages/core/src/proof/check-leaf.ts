import { dot, type Matrix, matrix, row, scaled } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { powerOfTwoNear } from '../linalg/scale.ts'
import type { ProofSign } from '../proof.ts'
import type { Generators } from './check-cone.ts'

/** The samples of a proof, divided by powers of two so that their largest entries are between 1 and 2. */
export interface Samples {
  /** n × r. */
  readonly X: Matrix
  /** n × c. */
  readonly Z: Matrix
  /** Values found here, times this, are about the data as given. */
  readonly unit: number
  /** Σ ‖z_i‖‖x_i‖: ‖F(u)‖ never exceeds it, and two values of F differ at most by it times the distance. */
  readonly mass: number
  /** The rounding of a height: 3 sums of n terms, products of length r and c, zeros; four times that for second orders. */
  readonly slack: number
}

export interface Cone {
  readonly generators: Generators
  /** Σ z_i x_iᵀ over the samples that are active throughout the cone, c × r. */
  readonly active: Matrix
  /** Samples with both signs among the generators. */
  readonly crossing: readonly number[]
  readonly sign: ProofSign
  readonly depth: number
}

export function samplesOf(given: Matrix, dual: Matrix): Samples {
  const [x, z] = [powerOfTwoNear(given.data) || 1, powerOfTwoNear(dual.data) || 1]
  const [X, Z] = [scaled(given, 1 / x), scaled(dual, 1 / z)]
  let mass = 0
  for (let i = 0; i < X.rows; i++) mass += norm2(row(X, i)) * norm2(row(Z, i))
  const roundings = 4 * (3 * X.rows + 4 * X.cols + 4 * Z.cols + 32)
  return { X, Z, unit: x * z, mass, slack: roundings * Number.EPSILON * mass + underflow }
}

/** Far above what is lost to underflow, far below what matters beside the largest entries. */
const underflow = 2 ** -500

/** The cone over these generators, inside another: which of its undecided samples are decided here. */
export function coneInside({ X, Z }: Samples, generators: Generators, outer: Omit<Cone, 'generators'>): Cone {
  const active = matrix(Z.cols, X.cols, outer.active.data.slice())
  const crossing = outer.crossing.filter((i) => {
    const x = row(X, i)
    const heights = heightsOf(x, generators)
    const positive = !heights.every((height) => height <= 0)
    const negative = !heights.every((height) => height >= 0)
    if (positive && !negative) {
      row(Z, i).forEach((z, p) => x.forEach((value, q) => (active.data[p * X.cols + q] += z * value)))
    }
    return positive && negative
  })
  return { generators, active, crossing, sign: outer.sign, depth: outer.depth + 1 }
}

/** xᵀw_k, with what may be rounding made 0: that a sample lies on a hyperplane is often meant. */
function heightsOf(x: Float64Array, generators: Generators): number[] {
  const zero = zeroRounding(x.length) * norm2(x)
  return generators.map((w) => dot(x, w)).map((height) => (Math.abs(height) <= zero ? 0 : height))
}

/** |xᵀw| at or below this times ‖x‖ may be rounding. */
const zeroRounding = (r: number): number => 4 * (r + 2) * Number.EPSILON

/**
 * What ‖F‖ can be above the leaves' bounds, where cuts are `depth` deep. Samples that count as active are above
 * −1.01 √r `zero` in the cone, inactive ones below as much. The point of a cut is within 8 ε of its edge: a unit vector moves
 * by at most 1.01 · 8 ε to reach one of the children, is longer than one by as much, and so are the signs decided above off.
 */
export function treeRounding({ X, mass }: Samples, depth: number): number {
  return (2 * Math.sqrt(X.cols) * zeroRounding(X.cols) + 32 * (depth + 1) * Number.EPSILON) * mass + underflow
}

/**
 * Heights, at the generators, of a function that is linear in the cone and lies there above ‖F‖, F(u) = Zᵀ(Xu)₊, or above ± F
 * where the cone has a sign. With u = Σ λ_k w_k in the cone, g a unit vector, P = I − ggᵀ, and e_ik = (x_iᵀw_k)₊ for all k or
 * (−x_iᵀw_k)₊ for all k,
 *
 *      g·F(u) ≤ Σ λ_k B_k,  B_k = g·A w_k + Σ_{z_i·g > 0} z_i·g (x_iᵀw_k)₊ + Σ_{z_i·g < 0} z_i·g α_i x_iᵀw_k
 *     −g·F(u) ≤ Σ λ_k C_k,  C_k = −g·F(w_k) + Σ_{z_i·g > 0} z_i·g e_ik
 *     ‖PF(u)‖ ≤ Σ λ_k D_k,  D_k = ‖PF(w_k) − ½ Σ e_ik Pz_i‖ + ½ Σ e_ik ‖Pz_i‖
 *
 * because a convex term lies below its chord Σ λ_k (x_iᵀw_k)₊, and a concave one below −|z_i·g| α_i x_iᵀu for any α_i in
 * [0, 1]; e stands for α = 0 or 1, and (−a)₊ = ½(|a| − a). By the triangle inequality in the plane,
 * ‖F(u)‖ ≤ Σ λ_k √(max(B_k, C_k, 0)² + D_k²). Rounding is included.
 *
 * @param direction g at any length, zero for none; not used where the cone has a sign, which then is g.
 * @param slopes α_i, where it is not 0.
 */
export function directedHeights(
  { X, Z, slack }: Samples,
  { generators: W, active, crossing, sign }: Cone,
  direction: Float64Array,
  slopes: ReadonlyMap<number, number>,
): Float64Array {
  const size = norm2(direction)
  const g = sign !== 0 ? Float64Array.of(sign) : direction.map((value) => (size > 0 ? value / size : 0))
  const F = W.map((w) => Float64Array.from({ length: Z.cols }, (_, p) => dot(row(active, p), w)))
  const above = Float64Array.from(F, (value) => dot(g, value))
  const below = above.map((value) => -value)
  const across = F.map((value, k) => value.map((entry, p) => entry - above[k] * g[p]))
  const spread = new Float64Array(W.length)
  for (const i of crossing) {
    const z = row(Z, i)
    const along = dot(g, z)
    const Pz = z.map((value, p) => value - along * g[p])
    const reach = norm2(Pz)
    const slope = slopes.get(i) ?? 0
    const heights = heightsOf(row(X, i), W)
    const side = heights.reduce((total, height) => total + height, 0) <= 0 ? 1 : -1
    heights.forEach((height, k) => {
      const [chord, e] = [Math.max(0, height), Math.max(0, side * height)]
      above[k] += along > 0 ? along * chord : along * slope * height
      below[k] += along > 0 ? along * (e - chord) : -along * chord
      spread[k] += 0.5 * e * reach
      for (let p = 0; p < Pz.length; p++) across[k][p] += (chord - 0.5 * e) * Pz[p]
    })
  }
  if (sign !== 0) return above.map((value) => value + slack)
  const lengthOfG = 1 + 64 * Number.EPSILON // g is a unit vector up to rounding
  return above.map((value, k) => {
    return Math.hypot(Math.max(value, below[k], 0), norm2(across[k]) + spread[k]) * lengthOfG + slack
  })
}
