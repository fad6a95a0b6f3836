import { doubles, mark, release } from '../memory'
import { accumulate, lowerOnly, product } from './product'
import { reflection } from './reflection'
import { at, lanes, madd } from './simd'
import { addScaled, clear, copy, dot, scale } from './vector'

// Reduction from the last row up, so that what is left is always a leading block and every vector starts at entry 0.
// Reflections are gathered in panels, whose products reach the rest of the matrix all at once (Dongarra, Sorensen and
// Hammarling, "Block reduction of matrices to condensed forms", J. Comput. Appl. Math. 27, 1989).

const panel = 32

/**
 * A = Q T Qᵀ for a symmetric A (n × n, row-major, of which the lower triangle is read): the diagonal of T goes to d, its
 * off-diagonal to e (n − 1 numbers). Q = H_{n−1} ⋯ H_1; row i of A becomes the vector of H_i, i numbers, tau[i] its factor.
 */
export function tridiagonalise(n: i32, a: usize, d: usize, e: usize, tau: usize): void {
  const start = mark()
  // Vectors, what A makes of them, and the vectors once more: V W V, so that VᵀW + WᵀV is one product.
  const v = doubles(3 * panel * n)
  for (let high = n - 1; high > 0; high -= panel) {
    const count = min(panel, high)
    const w = at(v, count * n)
    const low = high - count + 1
    for (let p = 0; p < count; p++) {
      const i = high - p
      const row = at(a, i * n)
      for (let q = 0; q < p; q++) {
        addScaled(i + 1, -load<f64>(at(v, q * n + i)), at(w, q * n), row)
        addScaled(i + 1, -load<f64>(at(w, q * n + i)), at(v, q * n), row)
      }
      store<f64>(at(d, i), load<f64>(at(row, i)))
      const factor = reflection(i, row, i - 1, at(e, i - 1))
      store<f64>(at(tau, i), factor)
      const image = at(w, p * n)
      copy(i, row, at(v, p * n))
      symmetricTimes(i, a, n, row, image)
      for (let q = 0; q < p; q++) {
        const first = -dot(i, at(w, q * n), row)
        const second = -dot(i, at(v, q * n), row)
        addScaled(i, first, at(v, q * n), image)
        addScaled(i, second, at(w, q * n), image)
      }
      scale(i, factor, image)
      addScaled(i, -0.5 * factor * dot(i, image, row), row, image)
    }
    const again = at(v, 2 * count * n)
    copy(count * n, v, again)
    product<f64>(low, low, 2 * count, -1, v, 1, n, w, n, 1, a, n, 0, lowerOnly | accumulate)
  }
  store<f64>(d, load<f64>(a))
  release(start)
}

/** The rows of S (m × n) become rows of S Qᵀ for the Q of `tridiagonalise`: eigenvectors of T become those of A. */
export function timesReflections(m: i32, n: i32, s: usize, a: usize, tau: usize): void {
  const start = mark()
  const block = 64
  const v = doubles(block * n)
  const t = doubles(block * block)
  const along = doubles(m * block)
  const turned = doubles(m * block)
  for (let low = 1; low < n; low += block) {
    const count = min(block, n - low)
    const length = low + count - 1
    for (let p = 0; p < count; p++) {
      copy(low + p, at(a, (low + p) * n), at(v, p * length))
      clear(length - low - p, at(v, p * length + low + p))
    }
    blockFactor(count, length, v, at(tau, low), t)
    product<f64>(m, count, length, 1, s, n, 1, v, 1, length, along, count, 0, 0)
    product<f64>(m, count, count, 1, along, count, 1, t, 1, count, turned, count, 0, 0)
    product<f64>(m, length, count, -1, turned, count, 1, v, length, 1, s, n, 0, accumulate)
  }
  release(start)
}

/**
 * The lower triangular T (k × k) with H_k ⋯ H_1 = I − VᵀTV for the rows of V (Schreiber and Van Loan, "A storage-efficient
 * WY representation", SIAM J. Sci. Stat. Comput. 10, 1989).
 */
function blockFactor(k: i32, length: i32, v: usize, tau: usize, t: usize): void {
  clear(k * k, t)
  for (let i = k - 1; i >= 0; i--) {
    const factor = load<f64>(at(tau, i))
    store<f64>(at(t, i * k + i), factor)
    for (let r = i + 1; r < k; r++) {
      const along = -factor * dot(length, at(v, r * length), at(v, i * length))
      // Column i below the diagonal is T times these; T is lower triangular, so row q takes them as they come.
      for (let q = r; q < k; q++) {
        const to = at(t, q * k + i)
        store<f64>(to, load<f64>(to) + load<f64>(at(t, q * k + r)) * along)
      }
    }
  }
}

/** y = A x, of whose rows only the lower triangle is read, once: four rows at a time, each entry for both its places. */
function symmetricTimes(n: i32, a: usize, lda: i32, x: usize, y: usize): void {
  clear(n, y)
  let i = 0
  for (; i + 4 <= n; i += 4) {
    const r0 = at(a, i * lda)
    const r1 = at(r0, lda)
    const r2 = at(r1, lda)
    const r3 = at(r2, lda)
    const x0 = v128.load64_splat(at(x, i))
    const x1 = v128.load64_splat(at(x, i), 8)
    const x2 = v128.load64_splat(at(x, i), 16)
    const x3 = v128.load64_splat(at(x, i), 24)
    let s0 = f64x2.splat(0)
    let s1 = s0
    let s2 = s0
    let s3 = s0
    for (let j = 0; j < i; j += 2) {
      const xj = v128.load(at(x, j))
      const a0 = v128.load(at(r0, j))
      const a1 = v128.load(at(r1, j))
      const a2 = v128.load(at(r2, j))
      const a3 = v128.load(at(r3, j))
      s0 = madd<f64>(a0, xj, s0)
      s1 = madd<f64>(a1, xj, s1)
      s2 = madd<f64>(a2, xj, s2)
      s3 = madd<f64>(a3, xj, s3)
      const low = madd<f64>(a1, x1, f64x2.mul(a0, x0))
      const high = madd<f64>(a3, x3, f64x2.mul(a2, x2))
      v128.store(at(y, j), f64x2.add(v128.load(at(y, j)), f64x2.add(low, high)))
    }
    addTo(at(y, i), lanes(s0))
    addTo(at(y, i + 1), lanes(s1))
    addTo(at(y, i + 2), lanes(s2))
    addTo(at(y, i + 3), lanes(s3))
    for (let q = i; q < i + 4; q++) cornerRow(at(a, q * lda), i, q, x, y)
  }
  for (; i < n; i++) cornerRow(at(a, i * lda), 0, i, x, y)
}

/** Row i of the lower triangle from column `from` on. */
function cornerRow(row: usize, from: i32, i: i32, x: usize, y: usize): void {
  const xi = load<f64>(at(x, i))
  let total = load<f64>(at(row, i)) * xi
  for (let j = from; j < i; j++) {
    const value = load<f64>(at(row, j))
    total += value * load<f64>(at(x, j))
    addTo(at(y, j), value * xi)
  }
  addTo(at(y, i), total)
}

function addTo(y: usize, value: f64): void {
  store<f64>(y, load<f64>(y) + value)
}
