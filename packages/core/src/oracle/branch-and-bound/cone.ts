import type { Matrix } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'

/**
 * What every cone of one search shares: the samples that matter, their sizes, and the rounding that must be paid for.
 *
 * In cone(w_1 … w_r), with unit generators, every sample is active, inactive or crossing. The active part is one
 * c × r matrix A, and only the crossing samples go on to the children.
 */
export interface ConeContext {
  /** n × r, scaled to order one. */
  readonly X: Matrix
  /** n × c, scaled to order one. */
  readonly Z: Matrix
  readonly r: number
  readonly c: number
  /** XᵀX of the samples at their own sizes, r × r: the metric in which cones are cut. */
  readonly metric: Matrix
  /** ‖z_i‖₂, rounded up. */
  readonly weight: Float64Array
  /** |x_iᵀw| at or below this counts as zero for a unit w: the rounding of the product itself. */
  readonly zero: Float64Array
  /** What these zeros, and the rounding of the heights, can cost in one B_k: a multiple of Σ ‖z_i‖‖x_i‖. */
  readonly slack: number
  /** What a direction can gain on the way to one 4ε away. */
  readonly gap: number
}

/** The output direction a cone is about: with one output +1 or −1, g·F alone; with several 0, the length of F. */
export type Sign = -1 | 0 | 1

export interface Cut {
  /** The generators whose edge is cut: one child loses `from`, the other `to`, both gain `point`. */
  readonly from: number
  readonly to: number
  /** A unit vector between them. */
  readonly point: Float64Array
}

export interface Cone {
  /** Row k is the unit generator w_k. */
  readonly generators: Float64Array
  /** A = Σ_active z_i x_iᵀ, c × r row-major. */
  readonly active: Float64Array
  readonly crossing: Int32Array
  readonly sign: Sign
  readonly depth: number
  /** Proven: no unit u of the cone has ‖Zᵀ(Xu)₊‖, or sign · Zᵀ(Xu)₊, above this. */
  readonly bound: number
  /** A unit vector of the cone where the bound is reached, or nearly: where to look for better, and what to cut off. */
  readonly point: Float64Array
  /** ‖Zᵀ(Xu)₊‖ at `point`: an incumbent that costs next to nothing. */
  readonly value: number
  /** Null when no cut makes progress at working precision. */
  readonly cut: Cut | null
}

/** The arithmetic of cones, behind one door: plain, and compiled. */
export interface ConeKernel {
  readonly name: string
  /** The starting cone over these unit generators, every sample unclassified. */
  root(generators: Float64Array, sign: Sign, floor: number): Cone
  /** The two children of a cut. No bound at or below `floor` is improved any further. */
  split(parent: Cone, cut: Cut, floor: number): readonly [Cone, Cone]
}

/** @param metric XᵀX of the samples at their own sizes. */
export function coneContext(X: Matrix, Z: Matrix, metric: Matrix): ConeContext {
  const [r, c] = [X.cols, Z.cols]
  const weight = new Float64Array(X.rows)
  const zero = new Float64Array(X.rows)
  let total = 0
  for (let i = 0; i < X.rows; i++) {
    weight[i] = length(Z.data, i * c, c) * (1 + (c + 4) * Number.EPSILON)
    const size = length(X.data, i * r, r)
    zero[i] = 2 * (r + 4) * Number.EPSILON * size
    total += weight[i] * size
  }
  // A height is three sums of at most n terms each, the first gathered into A path by path and multiplied once by w_k: 3n + 2r
  // roundings of partial sums no larger than Σ ‖z_i‖‖x_i‖, one zero per sample, and the rounding of z_i·g; what is
  // across g adds as much again, at a right angle. Doubled to stay clear of second-order terms.
  const slack = 3 * (3 * X.rows + 2 * r + 2 * c + 16) * Number.EPSILON * total
  return { X, Z, r, c, metric, weight, zero, slack, gap: 4 * Number.EPSILON * total }
}

export function length(x: Float64Array, at: number, count: number): number {
  let total = 0
  for (let k = at; k < at + count; k++) total += x[k] * x[k]
  // Squares that underflow must not turn a small bound into none.
  return total > 1e-280 ? Math.sqrt(total) : norm2(x.subarray(at, at + count))
}

/** The unit vector along the sum of unit generators. */
export function centreOf(W: Float64Array, r: number): Float64Array {
  const sum = new Float64Array(r)
  for (let k = 0; k < r; k++) for (let q = 0; q < r; q++) sum[q] += W[k * r + q]
  const size = length(sum, 0, r)
  return sum.map((value) => value / size)
}
