import type { Matrix } from '../linalg/matrix.ts'

/** num / den with den > 0, not necessarily in lowest terms. */
export interface Rational {
  readonly num: bigint
  readonly den: bigint
}

/** The rational number that a finite double is. */
export function exactly(value: number): Rational {
  const { entries, exponent } = integersOf([value])
  const power = 1n << BigInt(Math.abs(exponent))
  return exponent < 0 ? { num: entries[0], den: power } : { num: entries[0] * power, den: 1n }
}

export function times(a: Rational, b: Rational): Rational {
  return { num: a.num * b.num, den: a.den * b.den }
}

export function plus(a: Rational, b: Rational): Rational {
  return { num: a.num * b.den + b.num * a.den, den: a.den * b.den }
}

export function isLess(a: Rational, b: Rational): boolean {
  return a.num * b.den < b.num * a.den
}

/** Σ a_k b_k of doubles, exactly. */
export function exactDot(a: ArrayLike<number>, b: ArrayLike<number>): Rational {
  const [x, y] = [integersOf(a), integersOf(b)]
  const total = x.entries.reduce((sum, entry, k) => sum + entry * y.entries[k], 0n)
  return times({ num: total, den: 1n }, powerOfTwo(x.exponent + y.exponent))
}

function powerOfTwo(exponent: number): Rational {
  const power = 1n << BigInt(Math.abs(exponent))
  return exponent < 0 ? { num: 1n, den: power } : { num: power, den: 1n }
}

/** Doubles as integers times one power of two: value = entry · 2^exponent. */
function integersOf(values: ArrayLike<number>): { entries: bigint[]; exponent: number } {
  const bits = new DataView(new ArrayBuffer(8))
  const parts = Array.from(values, (value): [bigint, number] => {
    bits.setFloat64(0, value)
    const word = bits.getBigUint64(0)
    const biased = Number((word >> 52n) & 2047n)
    if (biased === 2047) throw new RangeError(`integersOf: a finite number is needed, got ${value}`)
    const significand = (word & (2n ** 52n - 1n)) + (biased > 0 ? 2n ** 52n : 0n)
    return [value < 0 ? -significand : significand, Math.max(biased, 1) - 1075]
  })
  const exponent = parts.reduce((least, [entry, power]) => (entry === 0n ? least : Math.min(least, power)), 2000)
  const entries = parts.map(([entry, power]) => (entry === 0n ? 0n : entry << BigInt(power - exponent)))
  return { entries, exponent: exponent === 2000 ? 0 : exponent }
}

/** What the polar can be asked without any rounding. */
export interface ExactPolar {
  /** Whether ω² > t, where ω = max_{‖u‖≤1} ‖Zᵀ(Xu)₊‖₂, for t ≥ 0. */
  squareExceeds(t: Rational): boolean
  /** ω² itself, rational when Z has one column. */
  square(): Rational
}

/**
 * The polar of doubles X (n × d) and Z (n × c) in integer arithmetic, for small n and d.
 *
 * On a face of the arrangement {x_iᵀu = 0}, with span L and active part A, ‖Zᵀ(Xu)₊‖² = ‖Au‖². Let some u have
 * Q(u) = t‖u‖² − ‖Au‖² < 0, on a face whose boundary has no such u. Then Q has one negative eigenvalue on L: with two, a
 * plane through u on which Q is negative definite would meet the boundary, the face being a pointed cone. So {Q < 0} is
 * two opposite convex cones that miss the boundary, one of them inside the face, and *any* v with Q(v) < 0 lies in the
 * face up to its sign. It suffices to try one such v and −v a face; what they attain is evaluated, so a yes is proof by
 * example. With one column A = aᵀ the maximiser on L is the projection of a, and ω² the largest value attained by one.
 */
export function exactPolar(X: Matrix, Z: Matrix): ExactPolar {
  const { cols: d } = X
  const [x, z] = [integersOf(X.data), integersOf(Z.data)]
  const [xs, zs] = [rowsOf(x.entries, d), rowsOf(z.entries, Z.cols)]
  const unit = powerOfTwo(2 * (x.exponent + z.exponent))
  const kernel = nullspace(xs, d)
  const faces = covectors(raysOf(xs, kernel, d).map((u) => xs.map((row) => sign(dot(row, u)))))

  /** ‖Zᵀ(Xu)₊‖²/‖u‖² of the integers, for u ≠ 0. */
  const attained = (u: readonly bigint[]): Rational => {
    const F = zs[0].map(() => 0n)
    xs.forEach((row, i) => {
      const activation = dot(row, u)
      if (activation > 0n) F.forEach((_, p) => (F[p] += activation * zs[i][p]))
    })
    return { num: dot(F, F), den: dot(u, u) }
  }
  const spanOf = (face: readonly number[]): bigint[][] =>
    nullspace([...kernel, ...xs.filter((_, i) => face[i] === 0)], d)
  /** The rows a_p of A. */
  const activeOf = (face: readonly number[]): bigint[][] =>
    zs[0].map((_, p) =>
      Array.from({ length: d }, (_row, k) =>
        xs.reduce((sum, row, i) => (face[i] > 0 ? sum + zs[i][p] * row[k] : sum), 0n),
      ),
    )

  return {
    squareExceeds(t) {
      const level = times(t, { num: unit.den, den: unit.num })
      return faces.some((face) => {
        const basis = spanOf(face)
        const images = basis.map((b) => activeOf(face).map((a) => dot(a, b)))
        const Q = basis.map((b, j) =>
          basis.map((other, k) => level.num * dot(b, other) - level.den * dot(images[j], images[k])),
        )
        const negative = negativeDirection(Q)
        if (!negative) return false
        const v = combine(basis, negative, d)
        return isLess(level, attained(v)) || isLess(level, attained(opposite(v)))
      })
    },
    square() {
      if (Z.cols !== 1) throw new RangeError(`square: needs one column of Z, got ${Z.cols}`)
      let best: Rational = { num: 0n, den: 1n }
      for (const face of faces) {
        const basis = spanOf(face)
        const [a] = activeOf(face)
        // G y = b as a null vector (y, s) of [G | −b]; its sign does not matter, both are tried.
        const system = basis.map((b) => [...basis.map((other) => dot(b, other)), -dot(a, b)])
        const p = combine(basis, nullspace(system, basis.length + 1)[0], d)
        if (p.every((entry) => entry === 0n)) continue
        for (const value of [attained(p), attained(opposite(p))]) if (isLess(best, value)) best = value
      }
      return times(best, unit)
    },
  }
}

/** Both directions of every line that hyperplanes cut out of the row space. */
function raysOf(xs: readonly bigint[][], kernel: readonly bigint[][], d: number): bigint[][] {
  const rank = d - kernel.length
  const rays: bigint[][] = []
  for (const chosen of subsets(xs.length, rank - 1)) {
    const line = nullspace([...kernel, ...chosen.map((i) => xs[i])], d)
    if (line.length === 1) rays.push(line[0], opposite(line[0]))
  }
  return rays
}

function* subsets(n: number, size: number, from = 0): Generator<number[]> {
  if (size === 0) yield []
  for (let i = from; size > 0 && i < n; i++) for (const rest of subsets(n, size - 1, i + 1)) yield [i, ...rest]
}

/** The sign vectors of all faces but {0}: every one is a composition of those of rays. */
function covectors(all: readonly number[][]): readonly (readonly number[])[] {
  const rays = [...new Map(all.map((ray) => [ray.join(), ray])).values()]
  const found = new Map<string, readonly number[]>()
  const queue: (readonly number[])[] = rays[0] ? [rays[0].map(() => 0)] : []
  for (let face = queue.pop(); face; face = queue.pop()) {
    for (const ray of rays) {
      const composed = face.map((entry, i) => (entry === 0 ? ray[i] : entry))
      const name = composed.join()
      if (found.has(name)) continue
      found.set(name, composed)
      queue.push(composed)
    }
  }
  return [...found.values()]
}

/** A basis of {u ∈ Q^d : rows · u = 0}, in integers. */
function nullspace(rows: readonly (readonly bigint[])[], d: number): bigint[][] {
  const reduced: bigint[][] = []
  const pivots: number[] = []
  for (const given of rows) {
    let row = [...given]
    reduced.forEach((other, j) => (row = eliminated(row, other, pivots[j])))
    const pivot = row.findIndex((entry) => entry !== 0n)
    if (pivot < 0) continue
    reduced.forEach((other, j) => (reduced[j] = eliminated(other, row, pivot)))
    reduced.push(row)
    pivots.push(pivot)
  }
  const product = reduced.reduce((all, row, j) => all * row[pivots[j]], 1n)
  const free = Array.from({ length: d }, (_, k) => k).filter((k) => !pivots.includes(k))
  return free.map((k) => {
    const u = Array.from({ length: d }, () => 0n)
    u[k] = product
    reduced.forEach((row, j) => (u[pivots[j]] = (-row[k] * product) / row[pivots[j]]))
    return primitive(u)
  })
}

/** A multiple of `row` plus a multiple of `other` that is zero at the pivot. */
function eliminated(row: readonly bigint[], other: readonly bigint[], pivot: number): bigint[] {
  if (row[pivot] === 0n) return [...row]
  return primitive(row.map((entry, k) => entry * other[pivot] - other[k] * row[pivot]))
}

/** Some v with vᵀQv < 0, by completing squares; undefined when Q is positive semidefinite. */
function negativeDirection(Q: readonly (readonly bigint[])[]): bigint[] | undefined {
  const m = Q.length
  if (m === 0) return undefined
  const [pivot, ...rest] = Q[0]
  if (pivot < 0n) return Q.map((_, k) => (k === 0 ? 1n : 0n))
  const linked = rest.findIndex((entry) => entry !== 0n) + 1
  if (pivot === 0n && linked > 0) {
    // s²·0 + 2s q + q' < 0 for s of the other sign than q, and large.
    const size = abs(Q[linked][linked]) + 1n
    return Q.map((_, k) => (k === 0 ? (Q[0][linked] > 0n ? -size : size) : k === linked ? 1n : 0n))
  }
  const below = Q.slice(1).map((row, j) =>
    row.slice(1).map((entry, k) => (pivot === 0n ? entry : pivot * entry - rest[j] * rest[k])),
  )
  const w = negativeDirection(below)
  if (!w) return undefined
  return pivot === 0n ? [0n, ...w] : [-dot(rest, w), ...w.map((value) => pivot * value)]
}

function combine(basis: readonly bigint[][], factors: readonly bigint[], d: number): bigint[] {
  return primitive(Array.from({ length: d }, (_, k) => basis.reduce((sum, b, j) => sum + factors[j] * b[k], 0n)))
}

function opposite(u: readonly bigint[]): bigint[] {
  return u.map((value) => -value)
}

/** Divided by the greatest common divisor of its entries: the same ray. */
function primitive(u: readonly bigint[]): bigint[] {
  const divisor = u.reduce((common, entry) => greatestCommonDivisor(common, abs(entry)), 0n)
  return divisor > 1n ? u.map((entry) => entry / divisor) : [...u]
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

function dot(a: readonly bigint[], b: readonly bigint[]): bigint {
  return a.reduce((sum, entry, k) => sum + entry * b[k], 0n)
}

function rowsOf(entries: readonly bigint[], cols: number): bigint[][] {
  return Array.from({ length: entries.length / cols }, (_, i) => entries.slice(i * cols, (i + 1) * cols))
}

function sign(value: bigint): number {
  return value > 0n ? 1 : value < 0n ? -1 : 0
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
