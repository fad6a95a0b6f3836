import { defaultBackend } from './linalg/backend/registry.ts'
import { choleskyInto, choleskySolveInto } from './linalg/cholesky.ts'
import {
  type Matrix,
  matrix,
  multiply,
  multiplyTransposedVector,
  multiplyVector,
  row,
  transpose,
} from './linalg/matrix.ts'
import { frobeniusUpper, norm2 } from './linalg/norms.ts'
import { gaussian, seededRandom } from './random.ts'

export interface SpikeFreeTest {
  /** `undecided` where the answer lies within rounding: never a guess. */
  readonly verdict: 'spike-free' | 'not-spike-free' | 'undecided'
  /** A u for which no ‖u′‖ ≤ ‖u‖ has Xu′ = (Xu)₊, checked; null unless the verdict says so. */
  readonly witness: Float64Array | null
  /** Proven for `spike-free`: some u′ has Xu′ = (Xu)₊, up to `deviation` · ‖u‖, and ‖u′‖ ≤ stretch · ‖u‖. Infinity otherwise. */
  readonly stretch: number
  /** Proven bound on how far (Xu)₊ and Xu′ are apart for unit u: rounding of the directions of parallel rows. */
  readonly deviation: number
  /** Unit vectors along the rows, one per direction: {u : Xu ≥ 0} is where they are all nonnegative. */
  readonly directions: Matrix
}

/** Unit rows this close are one direction. */
const parallel = 1e-13

/** What `stretch` may exceed 1 by, and `deviation` be as a share of ‖X‖_F, in data that count as spike-free. */
const tolerance = 1e-11

/** A witness must overshoot by more than this to be one. */
const convincing = 1e-9

/** Random directions that are tried as witnesses where a formula gives none. */
const tries = 64

/**
 * Tests whether data are spike-free, (7) of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021) and Ergen and Pilanci (JMLR 2021):
 *
 *     {(Xu)₊ : ‖u‖ ≤ 1} = {Xu : ‖u‖ ≤ 1} ∩ Rⁿ₊.
 *
 * Exactly this holds when the rows other than zero lie on rank(X) rays, none opposite to another, and the inverse of the Gram
 * matrix K of these directions has no positive entry off its diagonal. For: crossing the hyperplane of a direction changes (Xu)₊
 * along the vector of |row lengths| on it, so these vectors must lie in the range of X, and being disjoint they are rank(X) in number.
 * And with s = Xu = p − q, p and q disjoint and nonnegative, ‖u′‖² ≤ ‖u‖² reads qᵀK⁻¹q ≥ 2pᵀK⁻¹q, for p of any size. So whitened
 * rows and positive diagonal matrices are spike-free, and no data with more directions than their rank are.
 *
 * Rounding is accounted for: `spike-free` comes with bounds for what is left, `not-spike-free` with a witness.
 *
 * @param X n × d.
 */
export function testSpikeFree(X: Matrix): SpikeFreeTest {
  const { directions, deviation } = directionsOf(X)
  const stretch = directions.rows === 0 ? 1 : stretchUpper(directions)
  const size = frobeniusUpper(X)
  if (stretch - 1 <= tolerance && deviation <= tolerance * size) {
    return { verdict: 'spike-free', witness: null, stretch, deviation, directions }
  }
  const witness = findWitness(X, directions)
  const verdict = witness ? 'not-spike-free' : 'undecided'
  return { verdict, witness, stretch: Number.POSITIVE_INFINITY, deviation, directions }
}

/**
 * By how much (Xu)₊ overshoots {Xu′ : ‖u′‖ ≤ ‖u‖}: the share of it outside the range of X, or ‖X⁺(Xu)₊‖/‖u‖ − 1, whichever is
 * larger. In plain floating point.
 */
export function overshoot(X: Matrix, u: Float64Array): number {
  return overshootWith(X, pseudoInverse(X), u)
}

function overshootWith(X: Matrix, inverse: Matrix, u: Float64Array): number {
  const atom = multiplyVector(X, u).map((value) => Math.max(0, value))
  const size = norm2(atom)
  if (!(size > 0)) return 0
  const nearest = multiplyVector(inverse, atom)
  const fit = multiplyVector(X, nearest)
  const outside = norm2(atom.map((value, i) => value - fit[i])) / size
  return Math.max(outside, norm2(nearest) / norm2(u) - 1)
}

/** Rows that count as one direction, and what is lost by it, in the Frobenius norm. */
function directionsOf(X: Matrix): { directions: Matrix; deviation: number } {
  const found: Float64Array[] = []
  let square = 0
  for (let i = 0; i < X.rows; i++) {
    const size = norm2(row(X, i))
    if (!(size > 0)) continue
    const axis = row(X, i).map((value) => value / size)
    const apart = found.map((other) => norm2(axis.map((value, q) => value - other[q])))
    const twin = apart.findIndex((value) => value <= parallel)
    if (twin < 0) found.push(axis)
    // (Xu)₊ and the row times the common direction differ by this on either side.
    square += (2 * size * ((twin < 0 ? 0 : apart[twin]) + (X.cols + 4) * Number.EPSILON)) ** 2
  }
  const directions = matrix(found.length, X.cols)
  found.forEach((axis, k) => row(directions, k).set(axis))
  return { directions, deviation: Math.sqrt(square) * (1 + 4 * Number.EPSILON) }
}

/**
 * With `off` the largest entry of K⁻¹ off its diagonal and k directions, λmin(K⁻¹) ≥ 1/k shows
 * sᵀK⁻¹s ≥ pᵀK⁻¹p (1 − off² k⁴); Infinity where that says nothing. K⁻¹ differs from the inverse B that was computed by no more than
 * ‖B‖‖E‖/(1 − ‖E‖), E = I − KB.
 */
function stretchUpper(directions: Matrix): number {
  const k = directions.rows
  if (k > directions.cols) return Number.POSITIVE_INFINITY
  const K = multiply(directions, transpose(directions))
  const B = inverse(K)
  if (!B) return Number.POSITIVE_INFINITY
  const E = multiply(K, B)
  for (let p = 0; p < k; p++) E.data[p * (k + 1)] -= 1
  // Rounding of the entries of K, sums of d products of unit rows, and of the product with B.
  const rounding = (directions.cols + 2 * k + 8) * Number.EPSILON * k * frobeniusUpper(B)
  const error = frobeniusUpper(E) + rounding
  const drift = (frobeniusUpper(B) * error) / (1 - error)
  let off = 0
  for (let p = 0; p < k; p++) for (let q = 0; q < p; q++) off = Math.max(off, B.data[p * k + q] + drift)
  const lost = off * off * k ** 4
  return error < 0.5 && lost < 0.5 ? (1 + 4 * Number.EPSILON) / Math.sqrt(1 - lost) : Number.POSITIVE_INFINITY
}

/** Symmetric; null when K is not positive definite. */
function inverse(K: Matrix): Matrix | null {
  const k = K.rows
  const L = new Float64Array(k * k)
  if (!choleskyInto(K, L)) return null
  const out = matrix(k, k)
  const column = new Float64Array(k)
  for (let q = 0; q < k; q++) {
    column.fill(0)
    column[q] = 1
    choleskySolveInto(L, k, column, column)
    column.forEach((value, p) => (out.data[p * k + q] = value))
  }
  return matrix(
    k,
    k,
    out.data.map((value, at) => (value + out.data[(at % k) * k + Math.floor(at / k)]) / 2),
  )
}

function findWitness(X: Matrix, directions: Matrix): Float64Array | null {
  const backwards = pseudoInverse(X)
  let best: Float64Array | null = null
  let most = convincing
  for (const u of suspects(X, directions)) {
    const size = norm2(u)
    if (!(size > 0)) continue
    const excess = overshootWith(X, backwards, u)
    if (excess > most) [best, most] = [u.map((value) => value / size), excess]
  }
  return best
}

/** The worst pair by formula, u with X̂u = (c/b)e_i − e_j; the directions, either way; and random ones. */
function* suspects(X: Matrix, directions: Matrix): Generator<Float64Array> {
  const k = directions.rows
  const B = k <= directions.cols ? inverse(multiply(directions, transpose(directions))) : null
  if (B) {
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) {
        const off = B.data[i * k + j]
        if (i === j || !(off > 0)) continue
        const wanted = new Float64Array(k)
        wanted[i] = B.data[j * (k + 1)] / off
        wanted[j] = -1
        yield multiplyTransposedVector(directions, multiplyVector(B, wanted))
      }
    }
  }
  for (let i = 0; i < k; i++) {
    yield row(directions, i)
    yield row(directions, i).map((value) => -value)
  }
  const random = seededRandom(1)
  for (let t = 0; t < tries; t++) yield Float64Array.from({ length: X.cols }, () => gaussian(random))
}

/** X⁺, d × n. */
function pseudoInverse(X: Matrix): Matrix {
  const { U, S, V } = defaultBackend().svd(X)
  const k = S.length
  const turned = matrix(
    V.rows,
    k,
    V.data.map((value, at) => (S[at % k] > 1e-12 * S[0] ? value / S[at % k] : 0)),
  )
  return multiply(turned, transpose(U))
}
