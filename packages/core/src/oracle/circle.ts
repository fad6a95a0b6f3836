import type { Matrix } from '../linalg/matrix.ts'

/** A point of the circle, cos t and sin t rather than t: the sweep needs no trigonometry. */
export interface CirclePoint {
  readonly cosine: number
  readonly sine: number
}

export interface CircleMaximum extends CirclePoint {
  /** ‖Zᵀ(a cos t + b sin t)₊‖₂ there, up to the rounding of the running sums. */
  readonly value: number
}

export interface CircleSweep {
  /** Every local maximum, in the order in which they are met. */
  readonly maxima: readonly CircleMaximum[]
  /** The supremum over the circle, before any allowance for rounding. */
  readonly supremum: number
}

/** Hyperplanes closer than this are passed at once: far above the rounding of a direction, far below any gap that matters. */
const sameDirection = 1e-14

/** A stationary point this close to its arc counts as inside: the value there differs by the square of it. */
const insideMargin = 1e-9

/** A slope this small against the square of the value is none: level stretches and flat tops must not be lost to its sign. */
const flatSlope = 1e-12

/**
 * Maximises ‖Zᵀ(a cos t + b sin t)₊‖₂ over the whole circle in O(n log n + n c): each of the 2n half-turns toggles one
 * sample of F(t) = P cos t + Q sin t, and between toggles the square is one cosine of 2t.
 *
 * With a = Xe₁, b = Xe₂ this is the pricing problem in the plane; with a = Xu, b = Xw, for orthonormal u, w, an exact
 * line search along a great circle over all the cells it crosses.
 */
export function sweepCircle(a: Float64Array, b: Float64Array, Z: Matrix): CircleSweep {
  const events = crossings(a, b)
  const count = events.order.length
  if (count === 0) return { maxima: [], supremum: 0 }
  const arc = new Arc(a, b, Z)
  // Before the first crossing those samples are active that their first half-turn turns off.
  for (let k = 0; k < count; k++) if (!events.turnsOn[k]) arc.toggle(events.order[k], 1)
  const maxima: CircleMaximum[] = []
  let supremum = 0
  let slopeBefore = arc.slope(events.cosine[0], events.sine[0])
  for (let side = 1; side >= -1; side -= 2) {
    for (let k = 0, next = 0; k < count; k = next) {
      for (; next < count && events.key[next] - events.key[k] <= sameDirection; next++) {
        arc.toggle(events.order[next], events.turnsOn[next] === (side > 0 ? 1 : 0) ? 1 : -1)
      }
      const cosine = side * events.cosine[k]
      const sine = side * events.sine[k]
      const endCosine = next < count ? side * events.cosine[next] : -side * events.cosine[0]
      const endSine = next < count ? side * events.sine[next] : -side * events.sine[0]
      const value = arc.length(cosine, sine)
      const slopeAfter = arc.slope(cosine, sine)
      const slopeEnd = arc.slope(endCosine, endSine)
      const flat = flatSlope * value * value
      if (value > supremum) supremum = value
      if (value > 0 && slopeBefore >= -flat && slopeAfter <= flat) maxima.push({ cosine, sine, value })
      const long = cosine * endCosine + sine * endSine <= 0 // a quarter turn or more: the slopes alone do not tell
      if (long || (slopeAfter > 0 && slopeEnd < 0)) {
        const crest = arc.crest(cosine, sine)
        const fromStart = cosine * crest.sine - sine * crest.cosine
        const toEnd = crest.cosine * endSine - crest.sine * endCosine
        const inside = fromStart > 0 && toEnd > 0
        if ((inside || toEnd > -insideMargin || fromStart < insideMargin) && crest.value > supremum) supremum = crest.value
        if (inside && crest.value > 0) maxima.push(crest)
      }
      slopeBefore = slopeEnd
    }
  }
  return { maxima, supremum }
}

/** F(t) = P cos t + Q sin t on the arc at hand. */
class Arc {
  readonly #a: Float64Array
  readonly #b: Float64Array
  readonly #Z: Float64Array
  readonly #P: Float64Array
  readonly #Q: Float64Array

  constructor(a: Float64Array, b: Float64Array, Z: Matrix) {
    this.#a = a
    this.#b = b
    this.#Z = Z.data
    this.#P = new Float64Array(Z.cols)
    this.#Q = new Float64Array(Z.cols)
  }

  toggle(i: number, sign: 1 | -1): void {
    const P = this.#P
    const Q = this.#Q
    const x = sign * this.#a[i]
    const y = sign * this.#b[i]
    for (let p = 0, at = i * P.length; p < P.length; p++, at++) {
      P[p] += x * this.#Z[at]
      Q[p] += y * this.#Z[at]
    }
  }

  /** ‖F‖. */
  length(cosine: number, sine: number): number {
    const P = this.#P
    const Q = this.#Q
    let square = 0
    for (let p = 0; p < P.length; p++) square += (P[p] * cosine + Q[p] * sine) ** 2
    return Math.sqrt(square)
  }

  /** ½ d/dt ‖F‖². */
  slope(cosine: number, sine: number): number {
    const P = this.#P
    const Q = this.#Q
    let total = 0
    for (let p = 0; p < P.length; p++) total += (P[p] * cosine + Q[p] * sine) * (Q[p] * cosine - P[p] * sine)
    return total
  }

  /** Where P cos t + Q sin t is longest within the half-turn from (cosine, sine), and that length: ‖[P Q]‖₂. */
  crest(cosine: number, sine: number): CircleMaximum {
    let [pp, qq, pq] = [0, 0, 0]
    for (let k = 0; k < this.#P.length; k++) {
      pp += this.#P[k] * this.#P[k]
      qq += this.#Q[k] * this.#Q[k]
      pq += this.#P[k] * this.#Q[k]
    }
    const t = 0.5 * Math.atan2(2 * pq, pp - qq)
    const [x, y] = [Math.cos(t), Math.sin(t)]
    const side = cosine * y - sine * x < 0 ? -1 : 1
    return { cosine: side * x, sine: side * y, value: Math.sqrt((pp + qq + Math.hypot(pp - qq, 2 * pq)) / 2) }
  }
}

interface Crossings {
  /** Samples in the order in which their hyperplanes are met in the first half-turn; zero samples left out. */
  readonly order: Int32Array
  /** Increases with the angle from 0 at t = 0 to 2 at t = π, as accurate as the direction itself. */
  readonly key: Float64Array
  readonly cosine: Float64Array
  readonly sine: Float64Array
  /** 1 when the sample becomes active there, 0 when it becomes inactive; half a turn later it is the other way. */
  readonly turnsOn: Uint8Array
}

function crossings(a: Float64Array, b: Float64Array): Crossings {
  const n = a.length
  const key = new Float64Array(n)
  let count = 0
  const members = new Int32Array(n)
  for (let i = 0; i < n; i++) {
    if (a[i] === 0 && b[i] === 0) continue
    // a cos t + b sin t turns positive in the direction (b, −a) and negative in (−b, a); one of them has sin t ≥ 0.
    const up = a[i] < 0 || (a[i] === 0 && b[i] > 0)
    const x = up ? b[i] : -b[i]
    const y = Math.abs(a[i])
    key[i] = x >= 0 ? y / (x + y) : 1 + x / (x - y)
    members[count++] = i
  }
  const order = sortedBy(key, members.subarray(0, count))
  const out = {
    order,
    key: Float64Array.from(order, (i) => key[i]),
    cosine: new Float64Array(count),
    sine: new Float64Array(count),
    turnsOn: new Uint8Array(count),
  }
  for (let k = 0; k < count; k++) {
    const i = order[k]
    const up = a[i] < 0 || (a[i] === 0 && b[i] > 0)
    const size = Math.hypot(a[i], b[i])
    out.cosine[k] = (up ? b[i] : -b[i]) / size
    out.sine[k] = Math.abs(a[i]) / size
    out.turnsOn[k] = up ? 1 : 0
  }
  return out
}

/** Indices in increasing order of their keys, by bottom-up merging: a comparator callback would dominate the sweep. */
function sortedBy(key: Float64Array, indices: Int32Array): Int32Array {
  const n = indices.length
  let from = indices.slice()
  let to = new Int32Array(n)
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      const middle = Math.min(start + width, n)
      const end = Math.min(start + 2 * width, n)
      for (let left = start, right = middle, at = start; at < end; at++) {
        to[at] = right >= end || (left < middle && key[from[left]] <= key[from[right]]) ? from[left++] : from[right++]
      }
    }
    ;[from, to] = [to, from]
  }
  return from
}
