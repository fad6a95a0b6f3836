import { dot, type Matrix, matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'

/** weight · side · x_sample, a summand. */
export interface SignedTerm {
  readonly sample: number
  readonly side: 1 | -1
  readonly weight: number
}

/** Rows whose directions differ by less than this are no help to each other. */
const parallel = 1e-8

/** Reduced costs and pivots below this share of what they are made of are rounding. */
const negligible = 1e-10

/** Pivots for each row of the basis. Any basis along the way is an answer. */
const mostPivots = 10

/**
 * −x_k = Σ a_i σ_i x_i with a ≥ 0, σ = ±1 and at most r rows, none of them parallel to x_k, at the least Σ a_i c(σ_i x_i), by the simplex
 * method. A basis to start from is any of r independent rows, each turned to where its coefficient is positive.
 *
 * @param costs nonnegative, of x_1 … x_n and then of −x_1 … −x_n.
 * @returns null where the other rows do not span x_k.
 */
export function conicalRepresentation(X: Matrix, k: number, costs: Float64Array): SignedTerm[] | null {
  const others = usable(X, k)
  const basis = independentRows(X, others)
  const target = row(X, k).map((value) => -value)
  const inverse = basis && inverted(X, basis)
  if (!basis || !inverse) return null
  const tableau: Tableau = { X, target, costs, basis, inverse, sides: basis.map(() => 1), weights: target.slice() }
  settle(tableau)
  tableau.weights.forEach((weight, p) => {
    if (weight < 0) turn(tableau, p)
  })
  for (let pivots = 0; pivots < mostPivots * X.cols && improve(tableau, others); pivots++);
  const { sides, weights } = tableau
  return basis.map((sample, p) => ({ sample, side: sides[p], weight: Math.max(0, weights[p]) }))
}

interface Tableau {
  readonly X: Matrix
  readonly target: Float64Array
  readonly costs: Float64Array
  /** Samples of the basis, and how each is turned. */
  readonly basis: number[]
  readonly sides: (1 | -1)[]
  /** B⁻¹, one row for each element of the basis. */
  readonly inverse: Matrix
  readonly weights: Float64Array
}

function usable(X: Matrix, k: number): number[] {
  const axis = row(X, k)
  const square = dot(axis, axis)
  if (!(square > 0)) return []
  return Array.from({ length: X.rows }, (_, i) => i).filter((i) => {
    const x = row(X, i)
    const along = dot(axis, x) / square
    return i !== k && norm2(x.map((value, q) => value - along * axis[q])) > parallel * norm2(x)
  })
}

/** Greedily the rows that stick out most; null where there are fewer than r. */
function independentRows(X: Matrix, among: readonly number[]): number[] | null {
  const rest = among.map((i) => {
    const size = norm2(row(X, i))
    return { i, x: row(X, i).map((value) => value / size) }
  })
  const chosen: number[] = []
  while (chosen.length < X.cols) {
    let [best, length] = [-1, parallel]
    rest.forEach(({ x }, at) => {
      const size = norm2(x)
      if (size > length) [best, length] = [at, size]
    })
    if (best < 0) return null
    const axis = rest[best].x.map((value) => value / length)
    chosen.push(rest[best].i)
    for (const { x } of rest) {
      const along = dot(axis, x)
      for (let q = 0; q < x.length; q++) x[q] -= along * axis[q]
    }
  }
  return chosen
}

/** Of the matrix whose columns are these rows, by Gauss–Jordan elimination with pivoting. */
function inverted(X: Matrix, basis: readonly number[]): Matrix | null {
  const r = X.cols
  const A = matrix(r, 2 * r)
  basis.forEach((i, p) => {
    for (let q = 0; q < r; q++) A.data[q * 2 * r + p] = X.data[i * r + q]
  })
  for (let q = 0; q < r; q++) A.data[q * 2 * r + r + q] = 1
  for (let p = 0; p < r; p++) {
    let pivot = p
    for (let q = p + 1; q < r; q++) {
      if (Math.abs(A.data[q * 2 * r + p]) > Math.abs(A.data[pivot * 2 * r + p])) pivot = q
    }
    if (A.data[pivot * 2 * r + p] === 0) return null
    const moved = row(A, pivot).slice()
    row(A, pivot).set(row(A, p))
    row(A, p).set(moved.map((value) => value / moved[p]))
    for (let q = 0; q < r; q++) if (q !== p) eliminate(A, q, p, A.data[q * 2 * r + p])
  }
  const out = matrix(r, r)
  for (let p = 0; p < r; p++) row(out, p).set(row(A, p).subarray(r))
  return out
}

function eliminate(A: Matrix, from: number, pivot: number, factor: number): void {
  if (factor === 0) return
  const [target, source] = [row(A, from), row(A, pivot)]
  for (let q = 0; q < A.cols; q++) target[q] -= factor * source[q]
}

function settle({ target, inverse, weights }: Tableau): void {
  for (let p = 0; p < weights.length; p++) weights[p] = dot(row(inverse, p), target)
}

function turn({ inverse, sides, weights }: Tableau, p: number): void {
  sides[p] = sides[p] === 1 ? -1 : 1
  weights[p] = -weights[p]
  const values = row(inverse, p)
  for (let q = 0; q < values.length; q++) values[q] = -values[q]
}

/** One pivot: the most negative reduced cost enters; false where there is none. */
function improve(tableau: Tableau, others: readonly number[]): boolean {
  const { X, costs, basis, sides, inverse, weights } = tableau
  const [n, r] = [X.rows, X.cols]
  const prices = new Float64Array(r)
  basis.forEach((sample, p) => {
    const cost = costs[sides[p] > 0 ? sample : n + sample]
    for (let q = 0; q < r; q++) prices[q] += cost * inverse.data[p * r + q]
  })
  let [entering, side, least]: [number, 1 | -1, number] = [-1, 1, 0]
  for (const i of others) {
    if (basis.includes(i)) continue
    const along = dot(prices, row(X, i))
    const size = negligible * norm2(prices) * norm2(row(X, i))
    for (const sign of [1, -1] as const) {
      const reduced = costs[sign > 0 ? i : n + i] - sign * along
      if (reduced < least && reduced < -size) [entering, side, least] = [i, sign, reduced]
    }
  }
  if (entering < 0) return false
  const column = row(X, entering).map((value) => side * value)
  const change = Float64Array.from({ length: r }, (_, p) => dot(row(inverse, p), column))
  const floor = negligible * norm2(change)
  let [leaving, ratio] = [-1, Number.POSITIVE_INFINITY]
  change.forEach((by, p) => {
    if (by > floor && weights[p] / by < ratio) [leaving, ratio] = [p, weights[p] / by]
  })
  if (leaving < 0) return false
  const pivot = row(inverse, leaving)
  for (let q = 0; q < r; q++) pivot[q] /= change[leaving]
  for (let p = 0; p < r; p++) if (p !== leaving) eliminate(inverse, p, leaving, change[p])
  basis[leaving] = entering
  sides[leaving] = side
  settle(tableau)
  return true
}
