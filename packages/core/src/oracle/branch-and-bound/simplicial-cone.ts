import type { Matrix } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import { coneNormBound } from './cone-norm.ts'

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
  /** ‖z_i‖₂, rounded up. */
  readonly weight: Float64Array
  /** |x_iᵀw| at or below this counts as zero for a unit w: the rounding of the product itself. */
  readonly zero: Float64Array
  /** What these zeros, and the rounding of F(w_k), can cost in one B_k: a multiple of Σ ‖z_i‖‖x_i‖. */
  readonly slack: number
  /** What a direction can gain on the way to one 4ε away. */
  readonly gap: number
  /** Room for one cone at a time: crossing samples × generators. */
  readonly signs: Float64Array
}

export interface Cone {
  /** Row k is the unit generator w_k. */
  readonly generators: Float64Array
  /** A = Σ_active z_i x_iᵀ, c × r row-major. */
  readonly active: Float64Array
  readonly crossing: Int32Array
  /** Proven: no unit u of the cone has ‖Zᵀ(Xu)₊‖ above this. */
  readonly bound: number
  /** The generator with the largest ‖Zᵀ(Xw)₊‖, and that value: an incumbent that costs nothing. */
  readonly best: number
  readonly bestValue: number
}

export function coneContext(X: Matrix, Z: Matrix): ConeContext {
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
  // F(w_k) is a sum of at most n terms, gathered into A path by path and multiplied once by w_k: n + 2r roundings of
  // partial sums no larger than Σ ‖z_i‖‖x_i‖, plus one zero per sample; doubled to stay clear of second-order terms.
  const slack = 2 * (X.rows + 4 * r + c + 32) * Number.EPSILON * total
  return { X, Z, r, c, weight, zero, slack, gap: 4 * Number.EPSILON * total, signs: new Float64Array(X.rows * r) }
}

/** The starting cone over these unit generators, every sample unclassified. */
export function rootCone(context: ConeContext, generators: Float64Array): Cone {
  const all = Int32Array.from({ length: context.X.rows }, (_, i) => i)
  return classify(context, generators, new Float64Array(context.c * context.r), all, Number.POSITIVE_INFINITY)
}

/** The cone with generator k replaced by w: one child of a split. */
export function childCone(context: ConeContext, parent: Cone, k: number, w: Float64Array): Cone {
  const generators = parent.generators.slice()
  generators.set(w, k * context.r)
  return classify(context, generators, parent.active.slice(), parent.crossing, parent.bound)
}

/** Fills `context.signs` with x_iᵀw_k for the crossing samples of a cone, rounding noise set to zero. */
export function signsInto(context: ConeContext, cone: Cone): Float64Array {
  const { X, r, zero, signs } = context
  for (let at = 0; at < cone.crossing.length; at++) {
    const i = cone.crossing[at]
    for (let k = 0; k < r; k++) {
      let s = 0
      for (let q = 0; q < r; q++) s += X.data[i * r + q] * cone.generators[k * r + q]
      signs[at * r + k] = s > zero[i] || s < -zero[i] ? s : 0
    }
  }
  return signs
}

function classify(
  context: ConeContext,
  generators: Float64Array,
  active: Float64Array,
  candidates: Int32Array,
  inherited: number,
): Cone {
  const { X, Z, r, c, zero, signs } = context
  const crossing = new Int32Array(candidates.length)
  let count = 0
  for (let at = 0; at < candidates.length; at++) {
    const i = candidates[at]
    let positive = false
    let negative = false
    for (let k = 0; k < r; k++) {
      let s = 0
      for (let q = 0; q < r; q++) s += X.data[i * r + q] * generators[k * r + q]
      if (s > zero[i]) positive = true
      else if (s < -zero[i]) negative = true
      else s = 0
      signs[count * r + k] = s
    }
    if (positive && negative) crossing[count++] = i
    else if (positive) {
      for (let p = 0; p < c; p++) {
        const z = Z.data[i * c + p]
        for (let q = 0; q < r; q++) active[p * r + q] += z * X.data[i * r + q]
      }
    }
  }
  const kept = crossing.slice(0, count)
  const { bound, best, bestValue } = boundCone(context, generators, active, kept)
  return { generators, active, crossing: kept, bound: bound <= inherited ? bound : inherited, best, bestValue }
}

/** F(w_k) = A w_k + Σ_crossing z_i (x_iᵀw_k)₊, r × c. */
function generatorValues(
  context: ConeContext,
  generators: Float64Array,
  active: Float64Array,
  crossing: Int32Array,
): Float64Array {
  const { Z, r, c, signs } = context
  const F = new Float64Array(r * c)
  for (let k = 0; k < r; k++) {
    for (let p = 0; p < c; p++) {
      let total = 0
      for (let q = 0; q < r; q++) total += active[p * r + q] * generators[k * r + q]
      F[k * c + p] = total
    }
  }
  for (let at = 0; at < crossing.length; at++) {
    const base = crossing[at] * c
    for (let k = 0; k < r; k++) {
      const s = signs[at * r + k]
      if (s > 0) for (let p = 0; p < c; p++) F[k * c + p] += s * Z.data[base + p]
    }
  }
  return F
}

function boundCone(
  context: ConeContext,
  generators: Float64Array,
  active: Float64Array,
  crossing: Int32Array,
): { bound: number; best: number; bestValue: number } {
  const { r, c, slack } = context
  const F = generatorValues(context, generators, active, crossing)
  let [best, bestValue] = [0, -1]
  for (let k = 0; k < r; k++) {
    const value = length(F, k * c, c)
    if (value > bestValue) [best, bestValue] = [k, value]
  }
  let bound: number
  if (c === 1) {
    const up = coneNormBound(generators, signedHeights(context, F, crossing, 1), r, slack)
    const down = coneNormBound(generators, signedHeights(context, F, crossing, -1), r, slack)
    bound = Math.max(up, down)
  } else bound = coneNormBound(generators, normHeights(context, F, crossing), r, slack)
  return { bound, best, bestValue }
}

/**
 * For one output and one sign g = ±1: B_k = g F(w_k) + Σ_crossing (−g z_i)₊ e_ik. A concave term g z_i (x_iᵀu)₊ is
 * bounded from above by 0 or by its active branch; e is (x_iᵀw_k)₊ or (−x_iᵀw_k)₊, one choice per sample, the same for
 * every k, since only then are the B_k heights of one linear function above g F.
 */
function signedHeights(context: ConeContext, F: Float64Array, crossing: Int32Array, g: number): Float64Array {
  const { Z, r, signs } = context
  const B = new Float64Array(r)
  for (let k = 0; k < r; k++) B[k] = g * F[k]
  for (let at = 0; at < crossing.length; at++) {
    const cost = -g * Z.data[crossing[at]]
    if (!(cost > 0)) continue
    const side = smallerSide(signs, at * r, r)
    for (let k = 0; k < r; k++) {
      const e = side * signs[at * r + k]
      if (e > 0) B[k] += cost * e
    }
  }
  return B
}

/**
 * For several outputs, over all unit g at once:
 *
 *     B_k = ‖F(w_k) − ½ Σ e_ik z_i‖ + ½ min(Σ e_ik‖z_i‖, √(Σ e_ik‖z_i‖ · λ̄(Σ e_ik z_iz_iᵀ/‖z_i‖)))
 *
 * by (−a)₊ = ½(|a| − a) and Cauchy–Schwarz; λ̄ is an upper estimate of the largest eigenvalue.
 */
function normHeights(context: ConeContext, F: Float64Array, crossing: Int32Array): Float64Array {
  const { Z, r, c, weight, signs } = context
  const B = new Float64Array(r)
  const mass = new Float64Array(r)
  const centre = F.slice()
  const spread = c <= spreadLimit ? new Float64Array(r * c * c) : null
  for (let at = 0; at < crossing.length; at++) {
    const i = crossing[at]
    if (!(weight[i] > 0)) continue
    const side = smallerSide(signs, at * r, r)
    for (let k = 0; k < r; k++) {
      const e = side * signs[at * r + k]
      if (!(e > 0)) continue
      mass[k] += e * weight[i]
      for (let p = 0; p < c; p++) centre[k * c + p] -= 0.5 * e * Z.data[i * c + p]
      if (spread) addOuter(spread, k * c * c, e / weight[i], Z.data, i * c, c)
    }
  }
  const rounding = 1 + (2 * crossing.length + 4 * c + 16) * Number.EPSILON
  for (let k = 0; k < r; k++) {
    const narrow = spread ? Math.sqrt(mass[k] * topEigenvalueUpper(spread, k * c * c, c)) : mass[k]
    B[k] = length(centre, k * c, c) + 0.5 * rounding * (narrow < mass[k] ? narrow : mass[k])
  }
  return B
}

/** Above this many outputs the c × c spreads cost more than they bring. */
const spreadLimit = 6

function addOuter(target: Float64Array, at: number, factor: number, z: Float64Array, from: number, c: number): void {
  for (let p = 0; p < c; p++) {
    const left = factor * z[from + p]
    for (let q = 0; q < c; q++) target[at + p * c + q] += left * z[from + q]
  }
}

/** λmax(M) ≤ ‖M⁴‖_F^{1/4} for a positive semidefinite M: never below, unlike power iteration, and within c^{1/8} of it. */
function topEigenvalueUpper(source: Float64Array, at: number, c: number): number {
  let M = source.slice(at, at + c * c)
  const scale = length(M, 0, c * c)
  if (!(scale > 0)) return 0
  for (let k = 0; k < M.length; k++) M[k] /= scale
  for (let round = 0; round < 2; round++) {
    const square = new Float64Array(c * c)
    for (let p = 0; p < c; p++) {
      for (let q = 0; q < c; q++) {
        let total = 0
        for (let s = 0; s < c; s++) total += M[p * c + s] * M[s * c + q]
        square[p * c + q] = total
      }
    }
    M = square
  }
  return scale * length(M, 0, c * c) ** 0.25 * (1 + 16 * (c + 4) * Number.EPSILON)
}

/** +1 when Σ_k (x_iᵀw_k)₊ is the smaller sum, −1 when Σ_k (−x_iᵀw_k)₊ is. */
function smallerSide(signs: Float64Array, at: number, r: number): 1 | -1 {
  let balance = 0
  for (let k = 0; k < r; k++) balance += signs[at + k]
  return balance <= 0 ? 1 : -1
}

function length(x: Float64Array, at: number, count: number): number {
  let total = 0
  for (let k = at; k < at + count; k++) total += x[k] * x[k]
  // Squares that underflow must not turn a small bound into none.
  return total > 1e-280 ? Math.sqrt(total) : norm2(x.subarray(at, at + count))
}
