import type { Matrix } from '../linalg/matrix.ts'

/** A direction cos t · e₁ + sin t · e₂ of the circle, and ‖Zᵀ(a cos t + b sin t)₊‖₂ there. */
export interface CirclePeak {
  readonly cosine: number
  readonly sine: number
  readonly value: number
}

/** Arcs that the circle is divided into, a multiple of four, and how many of them are looked at closely. */
const arcs = 128
const closely = 3

/** Places on the circle are told by the angle's stand-in b/(|a| + |b|), a quarter turn being 1: it sorts the same and costs a division. */
const turn = 4

/**
 * Finds high points of ‖Zᵀ(a cos t + b sin t)₊‖₂ on circles, for one Z: usually the highest, in O(nc) instead of the
 * O(n log n + nc) of `sweepCircle`. All sign changes are counted arc by arc, which gives the exact values at the ends of
 * the arcs, and only the best few arcs are swept sign change by sign change. Met at a kink, the direction is exact.
 * Proves nothing.
 */
export class CirclePeaks {
  readonly #Z: Matrix
  /** Where a sample becomes active; it ends to be half a turn later. */
  readonly #enters: Float64Array
  /** The arc in which that is; -1 for a sample that is zero on the circle. */
  readonly #entersIn: Int16Array
  /** Row k: Σ z_i(a_i, b_i), c × 2, over the samples that become active in arc k. */
  readonly #entering: Float64Array
  /** Row k: the c × 2 matrix [P Q] at the start of arc k, F(t) = P cos t + Q sin t. */
  readonly #starts: Float64Array
  readonly #scores = new Float64Array(arcs)
  #a: Float64Array = new Float64Array(0)
  #b: Float64Array = new Float64Array(0)

  constructor(Z: Matrix) {
    this.#Z = Z
    this.#enters = new Float64Array(Z.rows)
    this.#entersIn = new Int16Array(Z.rows)
    this.#entering = new Float64Array(arcs * 2 * Z.cols)
    this.#starts = new Float64Array((arcs + 1) * 2 * Z.cols)
  }

  /** @param a, b length n: the samples along e₁ and e₂. */
  peak(a: Float64Array, b: Float64Array): CirclePeak {
    this.#a = a
    this.#b = b
    this.#count()
    let best: CirclePeak = { cosine: 1, sine: 0, value: 0 }
    for (const arc of this.#promising()) {
      for (const peak of this.#sweep(arc)) if (peak.value > best.value) best = peak
    }
    return best
  }

  #count(): void {
    const [a, b, enters, entersIn, entering, starts] = [
      this.#a,
      this.#b,
      this.#enters,
      this.#entersIn,
      this.#entering,
      this.#starts,
    ]
    const { cols: c, data: Z } = this.#Z
    entering.fill(0)
    for (let i = 0, z = 0; i < entersIn.length; i++, z += c) {
      const [x, y] = [a[i], b[i]]
      entersIn[i] = -1
      if (x === 0 && y === 0) continue
      enters[i] = placeOf(y, -x) // a quarter turn before the sample's own peak
      entersIn[i] = Math.min(arcs - 1, Math.floor(enters[i] * (arcs / turn)))
      for (let p = 0, at = entersIn[i] * 2 * c; p < c; p++, at += 2) {
        entering[at] += Z[z + p] * x
        entering[at + 1] += Z[z + p] * y
      }
    }
    // At the start are active those that enter in the second half; what enters in an arc leaves in the opposite one.
    const half = arcs * c
    for (let k = 0; k < 2 * c; k++) {
      starts[k] = 0
      for (let at = half + k; at < 2 * half; at += 2 * c) starts[k] += entering[at]
    }
    for (let k = 0; k < 2 * half; k++) {
      starts[k + 2 * c] = starts[k] + entering[k] - entering[k < half ? k + half : k - half]
    }
  }

  /** The arcs with the largest values at either end or at the peak that they would have without sign changes. */
  #promising(): number[] {
    const width = 2 * this.#Z.cols
    const scores = this.#scores
    let end = this.#at(this.#starts, 0, ends[0]).value
    for (let k = 0; k < arcs; k++) {
      const next = this.#at(this.#starts, (k + 1) * width, ends[k + 1]).value
      const peak = this.#peakOf(this.#starts, k * width, placeAt(k), placeAt(k + 1))
      scores[k] = Math.max(end, next, peak?.value ?? 0)
      end = next
    }
    const best: number[] = []
    for (let k = 0; k < arcs; k++) {
      let rank = best.length
      while (rank > 0 && scores[k] > scores[best[rank - 1]]) rank--
      if (rank < closely) best.splice(rank, 0, k)
      if (best.length > closely) best.pop()
    }
    return best
  }

  /** The ends of the pieces between sign changes, and the peaks inside them. */
  *#sweep(arc: number): Generator<CirclePeak> {
    const { cols: c, data: Z } = this.#Z
    const M = this.#starts.slice(arc * 2 * c, (arc + 1) * 2 * c)
    let from = placeAt(arc)
    yield this.#at(M, 0, ends[arc])
    for (const { i, place, side } of this.#changes(arc)) {
      const peak = this.#peakOf(M, 0, from, place)
      if (peak) yield peak
      // Exactly on the hyperplane, whatever the rounding of the place.
      yield this.#at(M, 0, unit(side * this.#b[i], -side * this.#a[i]))
      for (let p = 0; p < c; p++) {
        const z = side * Z[i * c + p]
        M[2 * p] += z * this.#a[i]
        M[2 * p + 1] += z * this.#b[i]
      }
      from = place
    }
    const peak = this.#peakOf(M, 0, from, placeAt(arc + 1))
    if (peak) yield peak
    yield this.#at(M, 0, ends[arc + 1])
  }

  /** The sign changes in an arc, in order: side 1 where a sample becomes active. */
  #changes(arc: number): { readonly i: number; readonly place: number; readonly side: 1 | -1 }[] {
    const [enters, entersIn] = [this.#enters, this.#entersIn]
    const found: { i: number; place: number; side: 1 | -1 }[] = []
    const other = opposite(arc)
    for (let i = 0; i < entersIn.length; i++) {
      if (entersIn[i] === arc) found.push({ i, place: enters[i], side: 1 })
      else if (entersIn[i] === other) {
        found.push({ i, place: enters[i] + (enters[i] < turn / 2 ? turn / 2 : -turn / 2), side: -1 })
      }
    }
    return found.sort((left, right) => left.place - right.place)
  }

  /** The peak of ‖P cos t + Q sin t‖ where it lies between two places: the leading eigenvector of [P Q]ᵀ[P Q]. */
  #peakOf(M: Float64Array, offset: number, from: number, to: number): CirclePeak | undefined {
    let [pp, qq, pq] = [0, 0, 0]
    for (let k = offset; k < offset + 2 * this.#Z.cols; k += 2) {
      pp += M[k] * M[k]
      qq += M[k + 1] * M[k + 1]
      pq += M[k] * M[k + 1]
    }
    const root = Math.sqrt((pp - qq) * (pp - qq) + 4 * pq * pq)
    const [x, y] = pp >= qq ? [pp - qq + root, 2 * pq] : [2 * pq, qq - pp + root]
    const place = placeOf(x, y)
    const away = place < turn / 2 ? place + turn / 2 : place - turn / 2
    if (place > from && place < to) return this.#at(M, offset, unit(x, y))
    if (away > from && away < to) return this.#at(M, offset, unit(-x, -y))
    return undefined
  }

  #at(M: Float64Array, offset: number, [cosine, sine]: Direction): CirclePeak {
    let square = 0
    for (let k = offset; k < offset + 2 * this.#Z.cols; k += 2) {
      const value = M[k] * cosine + M[k + 1] * sine
      square += value * value
    }
    return { cosine, sine, value: Math.sqrt(square) }
  }
}

type Direction = readonly [cosine: number, sine: number]

function unit(x: number, y: number): Direction {
  const size = Math.hypot(x, y)
  return [x / size, y / size]
}

/** Where on the circle the direction of (x, y) is, in [0, 4]; not a number for none. */
function placeOf(x: number, y: number): number {
  const size = Math.abs(x) + Math.abs(y)
  if (x >= 0) return y >= 0 ? y / size : 3 + x / size
  return y >= 0 ? 1 - x / size : 2 - y / size
}

function placeAt(arc: number): number {
  return arc * (turn / arcs)
}

/** The arc half a turn away. */
function opposite(arc: number): number {
  return arc < arcs / 2 ? arc + arcs / 2 : arc - arcs / 2
}

/** The directions where arcs begin, and the first once more. */
const ends: readonly Direction[] = Array.from({ length: arcs + 1 }, (_, arc) => {
  const place = placeAt(arc % arcs)
  const quarter = Math.floor(place)
  let [x, y] = [1 - (place - quarter), place - quarter]
  for (let k = 0; k < quarter; k++) [x, y] = [-y, x]
  return unit(x, y)
})
