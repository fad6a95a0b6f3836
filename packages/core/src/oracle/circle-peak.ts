import type { Matrix } from '../linalg/matrix.ts'

/** A direction cos t · e₁ + sin t · e₂ of the circle, and ‖Zᵀ(a cos t + b sin t)₊‖₂ there. */
export interface CirclePeak {
  readonly cosine: number
  readonly sine: number
  readonly value: number
}

/** Arcs that the circle is divided into, and how many of them are looked at closely. */
const arcs = 128
const closely = 3

const turn = 2 * Math.PI

/**
 * A high point of ‖Zᵀ(a cos t + b sin t)₊‖₂ on the circle, usually the highest, in O(nc) instead of the O(n log n + nc) of
 * `sweepCircle`: all sign changes are counted arc by arc, which gives the exact values at the ends of the arcs, and only
 * the best few arcs are swept sign change by sign change. Met at a kink, the direction is exact. Proves nothing.
 */
export function circlePeak(a: Float64Array, b: Float64Array, Z: Matrix): CirclePeak | undefined {
  const circle = new Circle(a, b, Z)
  let best: CirclePeak | undefined
  for (const arc of circle.promising()) {
    for (const peak of circle.sweep(arc)) if (!best || peak.value > best.value) best = peak
  }
  return best
}

class Circle {
  readonly #a: Float64Array
  readonly #b: Float64Array
  readonly #Z: Matrix
  /** The angle at which a sample becomes active, and the one at which it ends, half a turn later. */
  readonly #enters: Float64Array
  readonly #leaves: Float64Array
  /** The arcs in which these lie; -1 for a sample that is zero on the circle. */
  readonly #entersIn: Int16Array
  readonly #leavesIn: Int16Array
  /** Row k: the c × 2 matrix [P Q] at the start of arc k, F(t) = P cos t + Q sin t. */
  readonly #starts: Float64Array

  constructor(a: Float64Array, b: Float64Array, Z: Matrix) {
    this.#a = a
    this.#b = b
    this.#Z = Z
    const width = 2 * Z.cols
    this.#enters = new Float64Array(a.length)
    this.#leaves = new Float64Array(a.length)
    this.#entersIn = new Int16Array(a.length).fill(-1)
    this.#leavesIn = new Int16Array(a.length).fill(-1)
    this.#starts = new Float64Array((arcs + 1) * width)
    for (let i = 0; i < a.length; i++) {
      if (a[i] === 0 && b[i] === 0) continue
      const peak = Math.atan2(b[i], a[i])
      const enters = peak < Math.PI / 2 ? peak + 1.5 * Math.PI : peak - Math.PI / 2
      const leaves = enters < Math.PI ? enters + Math.PI : enters - Math.PI
      this.#enters[i] = enters
      this.#leaves[i] = leaves
      this.#entersIn[i] = arcOf(enters)
      this.#leavesIn[i] = arcOf(leaves)
      // A change within arc k is felt from the start of arc k + 1 on.
      this.#add(this.#entersIn[i] + 1, i, 1)
      this.#add(this.#leavesIn[i] + 1, i, -1)
      if (enters > leaves) this.#add(0, i, 1)
    }
    for (let k = width; k < this.#starts.length; k++) this.#starts[k] += this.#starts[k - width]
  }

  /** The arcs with the largest values at either end or at the peak that they would have without sign changes. */
  promising(): number[] {
    const { cols: c } = this.#Z
    const ends = Float64Array.from({ length: arcs + 1 }, (_, k) => this.#valueAt(k * 2 * c, angleAt(k)))
    const scores = Array.from({ length: arcs }, (_, k) => {
      const peak = this.#peakOf(this.#starts, k * 2 * c, angleAt(k), angleAt(k + 1))
      return { k, score: Math.max(ends[k], ends[k + 1], peak?.value ?? 0) }
    })
    return scores
      .toSorted((left, right) => right.score - left.score)
      .slice(0, closely)
      .map(({ k }) => k)
  }

  /** The ends of the pieces between sign changes, and the peaks inside them. */
  *sweep(arc: number): Generator<CirclePeak> {
    const { cols: c } = this.#Z
    const [from, to] = [angleAt(arc), angleAt(arc + 1)]
    const M = this.#starts.slice(arc * 2 * c, (arc + 1) * 2 * c)
    let start = from
    yield at(M, 0, c, Math.cos(from), Math.sin(from))
    for (const { i, angle, side } of this.#changes(arc)) {
      const peak = this.#peakOf(M, 0, start, angle)
      if (peak) yield peak
      // Exactly on the hyperplane, whatever the rounding of the angle.
      const size = Math.hypot(this.#a[i], this.#b[i])
      yield at(M, 0, c, (side * this.#b[i]) / size, (-side * this.#a[i]) / size)
      this.#change(M, 0, i, side)
      start = angle
    }
    const peak = this.#peakOf(M, 0, start, to)
    if (peak) yield peak
    yield at(M, 0, c, Math.cos(to), Math.sin(to))
  }

  /** The sign changes in an arc, in order: side 1 where a sample becomes active. */
  #changes(arc: number): { readonly i: number; readonly angle: number; readonly side: 1 | -1 }[] {
    const found: { i: number; angle: number; side: 1 | -1 }[] = []
    for (let i = 0; i < this.#enters.length; i++) {
      if (this.#entersIn[i] === arc) found.push({ i, angle: this.#enters[i], side: 1 })
      else if (this.#leavesIn[i] === arc) found.push({ i, angle: this.#leaves[i], side: -1 })
    }
    return found.sort((left, right) => left.angle - right.angle)
  }

  /** The peak of ‖P cos t + Q sin t‖ where it lies between two angles. */
  #peakOf(M: Float64Array, offset: number, from: number, to: number): CirclePeak | undefined {
    const { cols: c } = this.#Z
    let [pp, qq, pq] = [0, 0, 0]
    for (let p = 0; p < c; p++) {
      const [x, y] = [M[offset + 2 * p], M[offset + 2 * p + 1]]
      pp += x * x
      qq += y * y
      pq += x * y
    }
    const peak = angleOf(0.5 * Math.atan2(2 * pq, pp - qq))
    for (const angle of [peak, angleOf(peak + Math.PI)]) {
      if (angle > from && angle < to) return at(M, offset, c, Math.cos(angle), Math.sin(angle))
    }
    return undefined
  }

  #valueAt(offset: number, angle: number): number {
    return at(this.#starts, offset, this.#Z.cols, Math.cos(angle), Math.sin(angle)).value
  }

  #add(arc: number, i: number, side: number): void {
    this.#change(this.#starts, arc * 2 * this.#Z.cols, i, side)
  }

  #change(M: Float64Array, offset: number, i: number, side: number): void {
    const { cols: c, data } = this.#Z
    for (let p = 0; p < c; p++) {
      const z = side * data[i * c + p]
      M[offset + 2 * p] += z * this.#a[i]
      M[offset + 2 * p + 1] += z * this.#b[i]
    }
  }
}

function at(M: Float64Array, offset: number, c: number, cosine: number, sine: number): CirclePeak {
  let square = 0
  for (let p = 0; p < c; p++) {
    const value = M[offset + 2 * p] * cosine + M[offset + 2 * p + 1] * sine
    square += value * value
  }
  return { cosine, sine, value: Math.sqrt(square) }
}

/** The same angle in [0, 2π). */
function angleOf(angle: number): number {
  const wrapped = angle % turn
  return wrapped < 0 ? wrapped + turn : wrapped
}

function arcOf(angle: number): number {
  return Math.min(arcs - 1, Math.floor((angle / turn) * arcs))
}

function angleAt(arc: number): number {
  return (arc * turn) / arcs
}
