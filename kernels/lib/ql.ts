import { at } from './simd'
import { rotate } from './vector'

/**
 * Eigenvalues of the tridiagonal matrix with diagonal d and off-diagonal e (n − 1 numbers), both overwritten; the n rows
 * of `axes`, `width` numbers each and `stride` apart, are rotated along: from the identity they become the eigenvectors.
 * Implicit QR with Wilkinson's shift (Golub and Van Loan, Algorithm 8.3.2), capped.
 */
export function implicitQr(n: i32, d: usize, e: usize, axes: usize, width: i32, stride: i32): void {
  let steps = 60 * n
  let high = n - 1
  while (high > 0 && steps > 0) {
    if (isSmall(d, e, high - 1)) {
      high--
      continue
    }
    let low = high - 1
    while (low > 0 && !isSmall(d, e, low - 1)) low--
    step(d, e, low, high, axes, width, stride)
    steps--
  }
}

/** Rows in the order of ascending d, by straight selection. */
export function sortAscending(n: i32, d: usize, axes: usize, width: i32, stride: i32): void {
  for (let i = 0; i < n - 1; i++) {
    let least = i
    for (let k = i + 1; k < n; k++) if (load<f64>(at(d, k)) < load<f64>(at(d, least))) least = k
    if (least === i) continue
    swap(at(d, i), at(d, least))
    for (let q = 0; q < width; q++) swap(at(axes, i * stride + q), at(axes, least * stride + q))
  }
}

function swap(x: usize, y: usize): void {
  const first = load<f64>(x)
  store<f64>(x, load<f64>(y))
  store<f64>(y, first)
}

/** Next to its neighbours on the diagonal of a matrix of order one, this much is rounding. */
function isSmall(d: usize, e: usize, k: i32): bool {
  const scale = Math.abs(load<f64>(at(d, k))) + Math.abs(load<f64>(at(d, k + 1)))
  return Math.abs(load<f64>(at(e, k))) <= f64.EPSILON * scale + 1e-36
}

function step(d: usize, e: usize, low: i32, high: i32, axes: usize, width: i32, stride: i32): void {
  const last = load<f64>(at(e, high - 1))
  const end = load<f64>(at(d, high))
  const delta = (load<f64>(at(d, high - 1)) - end) / 2
  const root = Math.sqrt(delta * delta + last * last)
  let x = load<f64>(at(d, low)) - end + (last / (delta < 0 ? delta - root : delta + root)) * last
  let z = load<f64>(at(e, low))
  for (let k = low; k < high; k++) {
    const r = Math.sqrt(x * x + z * z)
    const c = r > 0 ? x / r : 1
    const s = r > 0 ? z / r : 0
    if (k > low) store<f64>(at(e, k - 1), r)
    const dk = load<f64>(at(d, k))
    const ek = load<f64>(at(e, k))
    const dn = load<f64>(at(d, k + 1))
    store<f64>(at(d, k), c * (c * dk + s * ek) + s * (c * ek + s * dn))
    store<f64>(at(d, k + 1), s * (s * dk - c * ek) - c * (s * ek - c * dn))
    store<f64>(at(e, k), c * (c * ek - s * dk) + s * (c * dn - s * ek))
    if (k < high - 1) {
      const next = load<f64>(at(e, k + 1))
      x = load<f64>(at(e, k))
      z = s * next
      store<f64>(at(e, k + 1), c * next)
    }
    rotate(width, c, s, at(axes, k * stride), at(axes, (k + 1) * stride))
  }
}
