import { doubles, mark, release, workspace } from '../memory'
import { product } from './product'
import { implicitQr, sortAscending } from './ql'
import { secularRoot } from './secular'
import { at } from './simd'
import { copy, dot, rotate, scale } from './vector'

// Divide and conquer for the symmetric tridiagonal eigenproblem (Cuppen, Numer. Math. 36, 1981), with deflation as in
// LAPACK's DLAED2 and the vectors of Gu and Eisenstat (SIAM J. Matrix Anal. Appl. 16, 1995): the roots found are the
// exact eigenvalues for a nearby z, whose eigenvectors are orthogonal to working precision.

/**
 * The tridiagonal matrix with diagonal d and off-diagonal e, both overwritten, of order one: eigenvalues ascending to d,
 * eigenvectors to the rows of `axes`, `stride` apart, whose n × n block must be zero. Parts of at most
 * `leaf` rows are left to the QR iteration.
 */
export function divideAndConquer(n: i32, d: usize, e: usize, axes: usize, stride: i32, leaf: i32): void {
  if (n <= max(2, leaf)) {
    for (let i = 0; i < n; i++) store<f64>(at(axes, i * (stride + 1)), 1)
    implicitQr(n, d, e, axes, n, stride)
    sortAscending(n, d, axes, n, stride)
    return
  }
  const half = n >> 1
  const tie = load<f64>(at(e, half - 1))
  const size = Math.abs(tie)
  store<f64>(at(d, half - 1), load<f64>(at(d, half - 1)) - size)
  store<f64>(at(d, half), load<f64>(at(d, half)) - size)
  divideAndConquer(half, d, e, axes, stride, leaf)
  divideAndConquer(n - half, at(d, half), at(e, half), at(axes, half * (stride + 1)), stride, leaf)
  if (size > 0) merge(n, half, d, tie, axes, stride)
  else sortAscending(n, d, axes, n, stride)
}

/** Which half of its entries an eigenvector of the halves lives in. */
const upper: i32 = 1
const lower: i32 = 2

/** Both halves solved, the eigenproblem of diag(d) + rho z zᵀ in the coordinates of their eigenvectors. */
function merge(n: i32, half: i32, d: usize, tie: f64, axes: usize, stride: i32): void {
  const start = mark()
  const rho = 2 * Math.abs(tie)
  const z = doubles(n)
  const kinds = indices(n)
  for (let i = 0; i < n; i++) {
    const border = load<f64>(at(axes, i * stride + (i < half ? half - 1 : half)))
    store<f64>(at(z, i), (i >= half && tie < 0 ? -border : border) * Math.SQRT1_2)
    store<i32>(slot(kinds, i), i < half ? upper : lower)
  }
  const order = indices(n)
  mergeOrder(n, half, d, order)
  const kept = indices(n)
  const count = deflate(n, d, z, rho, axes, stride, kinds, order, kept)
  const values = doubles(n)
  const vectors = doubles(n * n)
  solve(n, half, count, d, z, rho, axes, stride, kinds, kept, values, vectors)
  for (let i = count; i < n; i++) {
    const from = load<i32>(slot(kept, i))
    store<f64>(at(values, i), load<f64>(at(d, from)))
    copy(n, at(axes, from * stride), at(vectors, i * n))
  }
  sortIndices(n, values, order)
  for (let i = 0; i < n; i++) {
    const from = load<i32>(slot(order, i))
    store<f64>(at(d, i), load<f64>(at(values, from)))
    copy(n, at(vectors, from * n), at(axes, i * stride))
  }
  release(start)
}

/**
 * Eigenvalues that the tie leaves where they are to rounding, since z_i is next to nothing or can be rotated into a
 * neighbour's: their indices fill `kept` from the end, the others' from the start, ascending. Returns the number of these.
 */
function deflate(
  n: i32,
  d: usize,
  z: usize,
  rho: f64,
  axes: usize,
  stride: i32,
  kinds: usize,
  order: usize,
  kept: usize,
): i32 {
  let largest = 0.0
  for (let i = 0; i < n; i++) {
    largest = Math.max(largest, Math.max(Math.abs(load<f64>(at(d, i))), Math.abs(load<f64>(at(z, i)))))
  }
  const tolerance = 8 * f64.EPSILON * largest
  let count = 0
  let end = n
  let open = -1
  for (let k = 0; k < n; k++) {
    const next = load<i32>(slot(order, k))
    if (rho * Math.abs(load<f64>(at(z, next))) <= tolerance) {
      store<i32>(slot(kept, --end), next)
      continue
    }
    if (open >= 0) {
      const size = Math.sqrt(square(z, open) + square(z, next))
      const c = load<f64>(at(z, next)) / size
      const s = -load<f64>(at(z, open)) / size
      const left = load<f64>(at(d, open))
      const right = load<f64>(at(d, next))
      if (Math.abs((right - left) * c * s) <= tolerance) {
        store<f64>(at(z, next), size)
        rotate(n, c, s, at(axes, open * stride), at(axes, next * stride))
        store<f64>(at(d, open), left * c * c + right * s * s)
        store<f64>(at(d, next), left * s * s + right * c * c)
        store<i32>(slot(kinds, next), load<i32>(slot(kinds, next)) | load<i32>(slot(kinds, open)))
        store<i32>(slot(kept, --end), open)
      } else {
        store<i32>(slot(kept, count++), open)
      }
    }
    open = next
  }
  if (open >= 0) store<i32>(slot(kept, count++), open)
  return count
}

/** The first `count` values and rows of vectors: those of the eigenvalues that were kept. */
function solve(
  n: i32,
  half: i32,
  count: i32,
  d: usize,
  z: usize,
  rho: f64,
  axes: usize,
  stride: i32,
  kinds: usize,
  kept: usize,
  values: usize,
  vectors: usize,
): void {
  const poles = doubles(count)
  const weights = doubles(count)
  for (let i = 0; i < count; i++) {
    const from = load<i32>(slot(kept, i))
    store<f64>(at(poles, i), load<f64>(at(d, from)))
    store<f64>(at(weights, i), load<f64>(at(z, from)))
  }
  const gaps = doubles(count * count)
  for (let j = 0; j < count; j++) {
    store<f64>(at(values, j), secularRoot(count, j, poles, weights, rho, at(gaps, j * count)))
  }
  exactWeights(count, poles, weights, gaps)
  // Columns of the upper half first, then those of both, then those of the lower half: each half multiplies its own.
  const places = indices(count)
  const above = doubles(count * half)
  const below = doubles(count * (n - half))
  let place = 0
  let firstBelow = 0
  let lastAbove = 0
  for (let kind = 0; kind < 3; kind++) {
    const wanted = kind === 0 ? upper : kind === 1 ? upper | lower : lower
    if (kind === 1) firstBelow = place
    if (kind === 2) lastAbove = place
    for (let i = 0; i < count; i++) {
      const from = load<i32>(slot(kept, i))
      if (load<i32>(slot(kinds, from)) !== wanted) continue
      if (wanted & upper) copy(half, at(axes, from * stride), at(above, place * half))
      if (wanted & lower) copy(n - half, at(axes, from * stride + half), at(below, (place - firstBelow) * (n - half)))
      store<i32>(slot(places, i), place++)
    }
  }
  const row = doubles(count)
  for (let j = 0; j < count; j++) {
    const to = at(gaps, j * count)
    quotients(count, weights, to, row)
    scale(count, 1 / Math.sqrt(dot(count, row, row)), row)
    for (let i = 0; i < count; i++) store<f64>(at(to, load<i32>(slot(places, i))), load<f64>(at(row, i)))
  }
  product<f64>(count, half, lastAbove, 1, gaps, count, 1, above, half, 1, vectors, n, 0, 0)
  const rest = n - half
  const second = at(gaps, firstBelow)
  product<f64>(count, rest, count - firstBelow, 1, second, count, 1, below, rest, 1, at(vectors, half), n, 0, 0)
}

/** The z for which the roots found are exact: |z_i|² is the product over j of (d_i − λ_j) / (d_i − d_j), up to a factor. */
function exactWeights(n: i32, d: usize, z: usize, gaps: usize): void {
  const products = doubles(n)
  for (let i = 0; i < n; i++) store<f64>(at(products, i), -load<f64>(at(gaps, i * n + i)))
  for (let j = 0; j < n; j++) {
    timesRatios(0, j, j, n, d, gaps, products)
    timesRatios(j + 1, n, j, n, d, gaps, products)
  }
  for (let i = 0; i < n; i++) {
    const size = Math.sqrt(Math.max(0, load<f64>(at(products, i))))
    store<f64>(at(z, i), load<f64>(at(z, i)) < 0 ? -size : size)
  }
}

function timesRatios(from: i32, to: i32, j: i32, n: i32, d: usize, gaps: usize, products: usize): void {
  const pole = f64x2.splat(load<f64>(at(d, j)))
  const row = at(gaps, j * n)
  let i = from
  for (; i + 2 <= to; i += 2) {
    const ratio = f64x2.div(v128.load(at(row, i)), f64x2.sub(v128.load(at(d, i)), pole))
    v128.store(at(products, i), f64x2.mul(v128.load(at(products, i)), ratio))
  }
  if (i < to) {
    const ratio = load<f64>(at(row, i)) / (load<f64>(at(d, i)) - load<f64>(at(d, j)))
    store<f64>(at(products, i), load<f64>(at(products, i)) * ratio)
  }
}

/** to_i = x_i / y_i. */
function quotients(n: i32, x: usize, y: usize, to: usize): void {
  let i = 0
  for (; i + 2 <= n; i += 2) v128.store(at(to, i), f64x2.div(v128.load(at(x, i)), v128.load(at(y, i))))
  if (i < n) store<f64>(at(to, i), load<f64>(at(x, i)) / load<f64>(at(y, i)))
}

function square(x: usize, i: i32): f64 {
  return load<f64>(at(x, i)) * load<f64>(at(x, i))
}

function indices(count: i32): usize {
  return workspace(usize(count) << 2)
}

function slot(list: usize, i: i32): usize {
  return list + (usize(i) << 2)
}

/** The indices of two ascending runs, in ascending order. */
function mergeOrder(n: i32, half: i32, d: usize, order: usize): void {
  let first = 0
  let second = half
  for (let i = 0; i < n; i++) {
    const takeFirst = second === n || (first < half && load<f64>(at(d, first)) <= load<f64>(at(d, second)))
    store<i32>(slot(order, i), takeFirst ? first++ : second++)
  }
}

/** The indices of d in ascending order, by insertion: two ascending runs are nearly in order. */
function sortIndices(n: i32, d: usize, order: usize): void {
  for (let i = 0; i < n; i++) store<i32>(slot(order, i), i)
  for (let i = 1; i < n; i++) {
    const index = load<i32>(slot(order, i))
    const value = load<f64>(at(d, index))
    let k = i
    for (; k > 0 && load<f64>(at(d, load<i32>(slot(order, k - 1)))) > value; k--) {
      store<i32>(slot(order, k), load<i32>(slot(order, k - 1)))
    }
    store<i32>(slot(order, k), index)
  }
}
