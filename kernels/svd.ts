import { eigh } from './eigh'
import { lowerOnly, product } from './lib/product'
import { at, lanes, madd, nmadd } from './lib/simd'
import { clear, copy, dot, scale } from './lib/vector'
import { doubles, mark, release, workspace } from './memory'
import { householderColumns, householderQr } from './qr'

/** As many as double precision ever needs, several times over. */
const mostSweeps = 40

/** Pivots that differ by less: small singular values keep twelve digits. */
const alike = 1e4
/** Their squares would be lost: singular values below this, of a matrix of order one, are 0. */
const tooSmallToSquare = 1e-140
/** For fewer rows Jacobi alone is as fast. */
const worthTurning = 24

/**
 * A = U diag(S) Vᵀ for m ≥ n and the n columns of A, m contiguous numbers each, overwritten: S descends, `u` receives
 * the n columns of U, `v` those of V. Where S is 0 a column of V is 0: see `completeBasis`.
 *
 * One-sided Jacobi on the transposed triangle of a pivoted QR, which converges in few sweeps and finds the small singular
 * values of graded matrices to high relative accuracy (Drmač and Veselić, SIAM J. Matrix Anal. Appl. 29, 2008).
 */
export function svd(m: i32, n: i32, a: usize, s: usize, u: usize, v: usize): void {
  const start = mark()
  const q = doubles(m * n)
  const tau = doubles(n)
  const order = workspace(usize(n) << 2)
  householderQr(m, n, a, q, tau, order)
  householderColumns(m, n, q, tau)
  // Row j: row j of R, and what the rotations make of e_j. With Rᵀ W = P S it is A = (Q W) S (P in the old order)ᵀ.
  const rows = doubles(2 * n * n)
  clear(2 * n * n, rows)
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) store<f64>(at(rows, 2 * j * n + i), load<f64>(at(a, i * m + j)))
    store<f64>(at(rows, 2 * j * n + n + j), 1)
  }
  turnAlikeRows(n, rows)
  orthogonalise(n, rows, s)
  const sorted = doubles(2 * n * n)
  for (let k = 0; k < n; k++) {
    let longest = k
    for (let j = k + 1; j < n; j++) if (load<f64>(at(s, j)) > load<f64>(at(s, longest))) longest = j
    const size = load<f64>(at(s, longest))
    store<f64>(at(s, longest), load<f64>(at(s, k)))
    store<f64>(at(s, k), size)
    copy(2 * n, at(rows, 2 * longest * n), at(sorted, 2 * k * n))
    copy(2 * n, at(rows, 2 * k * n), at(rows, 2 * longest * n))
    if (size > tooSmallToSquare) scale(n, 1 / size, at(sorted, 2 * k * n))
    else store<f64>(at(s, k), 0)
    for (let i = 0; i < n; i++) {
      store<f64>(at(v, k * n + load<i32>(order + (usize(i) << 2))), load<f64>(at(sorted, 2 * k * n + i)))
    }
  }
  product<f64>(n, m, n, 1, at(sorted, n), 2 * n, 1, q, m, 1, u, m, 0, 0)
  release(start)
}

/**
 * Rows whose pivots are of like size are turned together into the eigenvectors' directions of their Gram matrix, where
 * they are orthogonal already up to rounding of the largest: what Jacobi would need most of its sweeps for. Rows of
 * other sizes stay out of it, so that small ones lose no digits to large ones.
 */
function turnAlikeRows(n: i32, rows: usize): void {
  for (let first = 0; first < n; ) {
    const pivot = Math.abs(load<f64>(at(rows, 2 * first * n + first)))
    if (!(pivot > tooSmallToSquare)) return
    let end = first + 1
    while (end < n && Math.abs(load<f64>(at(rows, 2 * end * n + end))) * alike >= pivot) end++
    const count = end - first
    if (count >= worthTurning) {
      const start = mark()
      const gram = doubles(count * count)
      const values = doubles(count)
      const axes = doubles(count * count)
      const turned = doubles(2 * count * n)
      const group = at(rows, 2 * first * n)
      const scale = 1 / (pivot * pivot)
      product<f64>(count, count, n, scale, group, 2 * n, 1, group, 1, 2 * n, gram, count, 0, lowerOnly)
      eigh(count, gram, values, axes, 0)
      // The last eigenvector is that of the largest eigenvalue: Jacobi likes the longest row first.
      product<f64>(
        count,
        2 * n,
        count,
        1,
        at(axes, (count - 1) * count),
        -count,
        1,
        group,
        2 * n,
        1,
        turned,
        2 * n,
        0,
        0,
      )
      copy(2 * count * n, turned, group)
      release(start)
    }
    first = end
  }
}

/** Of n columns of length n the first `rank` are orthonormal: the others, whatever they hold, become so with them. */
export function completeBasis(n: i32, rank: i32, columns: usize): void {
  const start = mark()
  const q = doubles(n * n)
  const tau = doubles(n)
  householderQr(n, n, columns, q, tau, 0)
  householderColumns(n, n, q, tau)
  for (let k = 0; k < rank; k++) scale(n, load<f64>(at(columns, k * n + k)) < 0 ? -1 : 1, at(q, k * n))
  copy(n * n, q, columns)
  release(start)
}

/** Rotates pairs of rows until their first halves are orthogonal to working precision; their lengths go to `sizes`. */
function orthogonalise(n: i32, rows: usize, sizes: usize): void {
  const tolerance = f64.EPSILON * Math.sqrt(n)
  for (let p = 0; p < n; p++) store<f64>(at(sizes, p), Math.sqrt(dot(n, at(rows, 2 * p * n), at(rows, 2 * p * n))))
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let rotated = false
    for (let p = 0; p < n - 1; p++) {
      const x = at(rows, 2 * p * n)
      for (let q = p + 1; q < n; q++) {
        const y = at(rows, 2 * q * n)
        const alpha = load<f64>(at(sizes, p))
        const beta = load<f64>(at(sizes, q))
        const gamma = dot(n, x, y)
        if (!(Math.abs(gamma) > tolerance * alpha * beta)) continue
        rotated = true
        const zeta = ((beta / gamma) * beta - (alpha / gamma) * alpha) / 2
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta))
        const c = 1 / Math.sqrt(1 + t * t)
        rotateMeasured(n, c, -c * t, x, y, at(sizes, p), at(sizes, q))
      }
    }
    if (!rotated) return
  }
}

/** (x, y) ← (c x + s y, c y − s x) for vectors of length 2n, and the lengths of their first halves. */
function rotateMeasured(n: i32, c: f64, s: f64, x: usize, y: usize, sizeX: usize, sizeY: usize): void {
  const cc = f64x2.splat(c)
  const ss = f64x2.splat(s)
  let xx = f64x2.splat(0)
  let yy = f64x2.splat(0)
  // An odd n ends with one lane of the second half, which does not count.
  for (let i = 0; i < 2 * n; i += 2) {
    const a = v128.load(at(x, i))
    const b = v128.load(at(y, i))
    const first = madd<f64>(cc, a, f64x2.mul(ss, b))
    const second = nmadd<f64>(ss, a, f64x2.mul(cc, b))
    v128.store(at(x, i), first)
    v128.store(at(y, i), second)
    if (i + 1 < n) {
      xx = madd<f64>(first, first, xx)
      yy = madd<f64>(second, second, yy)
    } else if (i < n) {
      xx = f64x2.replace_lane(xx, 0, f64x2.extract_lane(madd<f64>(first, first, xx), 0))
      yy = f64x2.replace_lane(yy, 0, f64x2.extract_lane(madd<f64>(second, second, yy), 0))
    }
  }
  store<f64>(sizeX, Math.sqrt(lanes(xx)))
  store<f64>(sizeY, Math.sqrt(lanes(yy)))
}
