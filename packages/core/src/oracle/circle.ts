import type { Matrix } from '../linalg/matrix.ts'
import { sortedBy } from './sorted-by.ts'

/** A direction cos t · e₁ + sin t · e₂ of the circle, and ‖Zᵀ(a cos t + b sin t)₊‖₂ there. */
export interface CircleMaximum {
  /** t, in (−π, π]. */
  readonly angle: number
  /** cos t and sin t: more exact than those of the rounded angle, so that a kink is met exactly. */
  readonly cosine: number
  readonly sine: number
  readonly value: number
}

export interface CircleSweep {
  /** Every local maximum that stands out from rounding, in the order of the angles. */
  readonly maxima: readonly CircleMaximum[]
  /** The supremum over the whole circle as computed; NaN where Z, a or b are not finite. */
  readonly supremum: number
  /** Proven, where squares of the data do not overflow: the exact supremum is at most this much above `supremum`. */
  readonly rounding: number
}

/** Lines that differ by less than this (sine of the angle) are parallel up to rounding, and crossed together. */
const sameLine = 8 * Number.EPSILON

/** Peaks this far (sine of the angle) outside their arc still count for the supremum: far above the rounding of a peak. */
const peakMargin = 1e-10

/** Slopes this small, relative to the largest possible on the arc, may be zero. */
const flat = 1e-13

/** Values below this share of Σ ‖z_i‖ ‖(a_i, b_i)‖ are cancellation; so are their maxima. */
const noise = 1e-12

/** Lengths below this have squares that underflow. Nothing beside data of order one. */
const underflow = 1e-150

/** Two maxima closer than this (sine of the angle) are one, seen from both sides. */
const sameMaximum = 1e-9

/**
 * Maximises ‖Zᵀ(a cos t + b sin t)₊‖₂ over the whole circle t ∈ [0, 2π), for any a, b ∈ R^n, in O(n log n + n c).
 *
 * With a = Xe₁, b = Xe₂ this is pricing in the plane; with a = Xu, b = Xw for orthonormal u, w it is an exact line search
 * along a great circle, over all the cells it crosses. Sample i changes sign at the two ends of the line a_i x + b_i y = 0.
 * Between two such lines F = P cos t + Q sin t for one c × 2 matrix [P Q], so that ‖F‖² is a single cosine of 2t whose
 * peak is the leading singular vector; one line later the matrix has changed by ± z_i (a_i, b_i). The arc opposite has
 * the remaining samples, so half a turn is enough.
 */
export function sweepCircle(a: Float64Array, b: Float64Array, Z: Matrix): CircleSweep {
  const lines = sortedLines(a, b)
  const sweep = new Sweep(a, b, Z, lines)
  for (let k = 0; k < lines.order.length; ) k = sweep.pass(k)
  const mass = massOf(a, b, Z)
  return {
    maxima: distinct(sweep.maxima.filter(({ value }) => value > noise * mass)),
    supremum: sweep.isFinite ? sweep.supremum : Number.NaN,
    rounding: sweepRounding(Z.cols) * mass + underflow,
  }
}

/** Σ_i ‖z_i‖ ‖(a_i, b_i)‖, which no value on the circle exceeds and to which rounding is proportional. */
function massOf(a: Float64Array, b: Float64Array, Z: Matrix): number {
  let mass = 0
  for (let i = 0; i < a.length; i++) {
    let square = 0
    for (let p = i * Z.cols; p < (i + 1) * Z.cols; p++) square += Z.data[p] * Z.data[p]
    mass += Math.sqrt(square) * Math.sqrt(a[i] * a[i] + b[i] * b[i])
  }
  return mass
}

/**
 * How far the exact supremum can be above the computed one, as a multiple of Σ_i ‖z_i‖ ‖(a_i, b_i)‖; u = ε/2:
 *
 *   32 u        lines crossed together or in the wrong order differ by this angle, and by so much patterns from the true ones
 *    6 u        the direction of a line, and P x + Q y there
 *   10 u        P and Q: compensated sums err by one rounding and O(n²u²), the products in them by another
 *   4 (c+4) u   a peak misjudged to be outside its arc: possible only on arcs where ‖F‖² is flat to that precision
 *   2 (c+8) u   the length of F, as it does not exceed that sum; and the sum itself
 */
function sweepRounding(c: number): number {
  return (40 + 6 * c) * Number.EPSILON
}

interface Lines {
  /** Samples with (a_i, b_i) ≠ 0 in the order in which a half-turn from t = 0 meets their lines. */
  readonly order: Int32Array
  /** The unit direction at which line `order[k]` is met: y > 0, or y = 0 and x > 0. */
  readonly x: Float64Array
  readonly y: Float64Array
  /** 1 when the sample becomes active there, −1 when it ceases to be. */
  readonly turn: Int8Array
}

function sortedLines(a: Float64Array, b: Float64Array): Lines {
  const keys = new Float64Array(a.length)
  const found = new Int32Array(a.length)
  let count = 0
  for (let i = 0; i < a.length; i++) {
    if (a[i] === 0 && b[i] === 0) continue
    const x = turnsOn(a[i], b[i]) ? b[i] : -b[i]
    const y = Math.abs(a[i])
    keys[i] = x >= 0 ? y / (x + y) : 1 + x / (x - y) // grows with the angle of (x, y), from 0 to 2 over [0, π)
    found[count++] = i
  }
  const order = sortedBy(keys, found.subarray(0, count))
  const lines = { order, x: new Float64Array(count), y: new Float64Array(count), turn: new Int8Array(count) }
  for (let k = 0; k < count; k++) {
    const i = order[k]
    const turn = turnsOn(a[i], b[i]) ? 1 : -1
    const size = Math.hypot(a[i], b[i])
    lines.x[k] = (turn * b[i]) / size
    lines.y[k] = Math.abs(a[i]) / size
    lines.turn[k] = turn
  }
  return lines
}

/** Whether a sample becomes active where its line is met with y > 0, or with y = 0 and x > 0. */
function turnsOn(a: number, b: number): boolean {
  return a < 0 || (a === 0 && b > 0)
}

/** F = P cos t + Q sin t on one arc, and the Gram matrix of [P Q]. */
interface Arc {
  readonly P: Float64Array
  readonly Q: Float64Array
  pp: number
  qq: number
  pq: number
}

/** The state of a half-turn: the arc at hand, and the one opposite in the same coordinates. */
class Sweep {
  readonly maxima: CircleMaximum[] = []
  supremum = 0
  readonly #a: Float64Array
  readonly #b: Float64Array
  readonly #Z: Matrix
  readonly #lines: Lines
  /** (P, Q) over the samples active on the arc at hand, and over all: 2c totals, then their 2c corrections. */
  readonly #active: Float64Array
  readonly #all: Float64Array
  readonly #front: Arc
  readonly #back: Arc

  constructor(a: Float64Array, b: Float64Array, Z: Matrix, lines: Lines) {
    this.#a = a
    this.#b = b
    this.#Z = Z
    this.#lines = lines
    this.#active = new Float64Array(4 * Z.cols)
    this.#all = new Float64Array(4 * Z.cols)
    this.#front = emptyArc(Z.cols)
    this.#back = emptyArc(Z.cols)
    for (let k = 0; k < lines.order.length; k++) {
      this.#add(this.#all, lines.order[k], 1)
      // Active before the first line are those that the half-turn turns off.
      if (lines.turn[k] < 0) this.#add(this.#active, lines.order[k], 1)
    }
    this.#refresh()
  }

  /** What is not finite stays in the sum over all samples, hence on the arc opposite, to the end. */
  get isFinite(): boolean {
    return Number.isFinite(this.#back.pp + this.#back.qq)
  }

  /**
   * Crosses line k and those that coincide with it: looks for a kink at both ends, and for a peak on the two arcs that
   * follow. Returns the next line.
   */
  pass(k: number): number {
    const { order, x, y, turn } = this.#lines
    const frontBefore = slope(this.#front, x[k], y[k])
    const backBefore = slope(this.#back, x[k], y[k])
    let next = k
    do {
      this.#add(this.#active, order[next], turn[next])
      next++
    } while (next < order.length && Math.abs(x[k] * y[next] - y[k] * x[next]) <= sameLine)
    this.#refresh()
    const nextX = next < order.length ? x[next] : -x[0]
    const nextY = next < order.length ? y[next] : -y[0]
    this.#visitLine(this.#front, x[k], y[k], 1, frontBefore)
    this.#visitLine(this.#back, x[k], y[k], -1, backBefore)
    this.#visitPeak(this.#front, x[k], y[k], nextX, nextY, 1)
    this.#visitPeak(this.#back, x[k], y[k], nextX, nextY, -1)
    return next
  }

  #visitLine(arc: Arc, x: number, y: number, sign: 1 | -1, before: number): void {
    const zero = flat * (arc.pp + arc.qq)
    const isMaximum = before >= -zero && slope(arc, x, y) <= zero
    // The Gram matrix gives the square only to the rounding of pp + qq: enough to see where it cannot matter.
    const square = x * x * arc.pp + y * y * arc.qq + 2 * x * y * arc.pq
    if (!isMaximum && square + zero <= this.supremum * this.supremum) return
    const value = length(arc, x, y)
    if (value > this.supremum) this.supremum = value
    if (isMaximum && value > 0) this.maxima.push(maximumAt(sign * x, sign * y, value))
  }

  #visitPeak(arc: Arc, x: number, y: number, nextX: number, nextY: number, sign: 1 | -1): void {
    const half = (arc.pp - arc.qq) / 2
    const amplitude = Math.sqrt(half * half + arc.pq * arc.pq)
    const value = Math.sqrt((arc.pp + arc.qq) / 2 + amplitude)
    if (!(value > 0)) return
    // The leading eigenvector of [pp pq; pq qq], from the row without cancellation; any vector where ‖F‖ is constant.
    let peakX = amplitude > 0 ? (half >= 0 ? half + amplitude : arc.pq) : x
    let peakY = amplitude > 0 ? (half >= 0 ? arc.pq : amplitude - half) : y
    const size = Math.sqrt(peakX * peakX + peakY * peakY)
    peakX /= size
    peakY /= size
    // Of the peak and its opposite, the one less than half a turn after the line.
    let enter = x * peakY - y * peakX
    if (enter < 0) {
      enter = -enter
      peakX = -peakX
      peakY = -peakY
    }
    const leave = peakX * nextY - peakY * nextX
    // A peak on a line is a maximum only if the next arc does not rise from it: that is for visitLine to say.
    if (enter > flat / 2 && leave > flat / 2) this.maxima.push(maximumAt(sign * peakX, sign * peakY, value))
    if (value > this.supremum && (leave >= -peakMargin || enter <= peakMargin)) this.supremum = value
  }

  #add(sums: Float64Array, i: number, sign: number): void {
    const c = this.#Z.cols
    const a = sign * this.#a[i]
    const b = sign * this.#b[i]
    for (let p = 0; p < c; p++) {
      const z = this.#Z.data[i * c + p]
      addInto(sums, p, z * a)
      addInto(sums, c + p, z * b)
    }
  }

  #refresh(): void {
    const active = this.#active
    const all = this.#all
    const c = this.#Z.cols
    for (let p = 0; p < c; p++) {
      const q = p + c
      this.#front.P[p] = active[p] + active[p + 2 * c]
      this.#front.Q[p] = active[q] + active[q + 2 * c]
      this.#back.P[p] = active[p] - all[p] + (active[p + 2 * c] - all[p + 2 * c])
      this.#back.Q[p] = active[q] - all[q] + (active[q + 2 * c] - all[q + 2 * c])
    }
    gramInto(this.#front)
    gramInto(this.#back)
  }
}

/** sums[k] += value, the rounding error kept in the second half of the array (Knuth's two-sum). */
function addInto(sums: Float64Array, k: number, value: number): void {
  const total = sums[k]
  const next = total + value
  const back = next - total
  sums[k] = next
  sums[k + sums.length / 2] += total - (next - back) + (value - back)
}

function emptyArc(c: number): Arc {
  return { P: new Float64Array(c), Q: new Float64Array(c), pp: 0, qq: 0, pq: 0 }
}

function gramInto(arc: Arc): void {
  const { P, Q } = arc
  let [pp, qq, pq] = [0, 0, 0]
  for (let k = 0; k < P.length; k++) {
    pp += P[k] * P[k]
    qq += Q[k] * Q[k]
    pq += P[k] * Q[k]
  }
  arc.pp = pp
  arc.qq = qq
  arc.pq = pq
}

/** ½ d/dt ‖F‖² in the direction (x, y) = (cos t, sin t). */
function slope(arc: Arc, x: number, y: number): number {
  return (x * x - y * y) * arc.pq + x * y * (arc.qq - arc.pp)
}

/** ‖F‖ in the direction (x, y). */
function length({ P, Q }: Arc, x: number, y: number): number {
  let square = 0
  for (let k = 0; k < P.length; k++) {
    const entry = P[k] * x + Q[k] * y
    square += entry * entry
  }
  return Math.sqrt(square)
}

function maximumAt(cosine: number, sine: number, value: number): CircleMaximum {
  return { angle: Math.atan2(sine, cosine), cosine, sine, value }
}

/** In the order of the angles, and of several that are the same up to rounding only the highest. */
function distinct(maxima: readonly CircleMaximum[]): CircleMaximum[] {
  const kept: CircleMaximum[] = []
  for (const next of maxima.toSorted((a, b) => a.angle - b.angle)) {
    const last = kept.at(-1)
    if (!last || !isSame(last, next)) kept.push(next)
    else if (next.value > last.value) kept[kept.length - 1] = next
  }
  const [first, last] = [kept[0], kept.at(-1)]
  if (kept.length < 2 || !last || !isSame(first, last)) return kept
  return first.value >= last.value ? kept.slice(0, -1) : kept.slice(1)
}

function isSame(a: CircleMaximum, b: CircleMaximum): boolean {
  const along = a.cosine * b.cosine + a.sine * b.sine
  return along > 0 && Math.abs(a.cosine * b.sine - a.sine * b.cosine) < sameMaximum
}
