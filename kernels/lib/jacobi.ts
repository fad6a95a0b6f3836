import { sortAscending } from './ql'
import { at } from './simd'
import { clear, rotate } from './vector'

/** As many as double precision ever needs, several times over. */
const mostSweeps = 40

/** `eigh` for small orders: the cyclic Jacobi method (Golub and Van Loan, Algorithm 8.5.3). */
export function jacobi(n: i32, a: usize, values: usize, axes: usize): void {
  clear(n * n, axes)
  for (let i = 0; i < n; i++) {
    store<f64>(at(axes, i * n + i), 1)
    for (let j = 0; j < i; j++) store<f64>(at(a, j * n + i), load<f64>(at(a, i * n + j)))
  }
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let rotated = false
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) if (annihilate(n, p, q, a, axes)) rotated = true
    }
    if (!rotated) break
  }
  for (let i = 0; i < n; i++) store<f64>(at(values, i), load<f64>(at(a, i * n + i)))
  sortAscending(n, values, axes, n, n)
}

/** False where the entry is negligible next to its diagonal entries, so that graded matrices are resolved. */
function annihilate(n: i32, p: i32, q: i32, a: usize, axes: usize): bool {
  const off = load<f64>(at(a, p * n + q))
  const pp = load<f64>(at(a, p * n + p))
  const qq = load<f64>(at(a, q * n + q))
  if (!(Math.abs(off) > 0.125 * f64.EPSILON * Math.sqrt(Math.abs(pp * qq)) + 1e-36)) return false
  const theta = (qq - pp) / (2 * off)
  const t = (theta < 0 ? -1.0 : 1.0) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  rotate(n, c, -s, at(a, p * n), at(a, q * n))
  for (let k = 0; k < n; k++) {
    store<f64>(at(a, k * n + p), load<f64>(at(a, p * n + k)))
    store<f64>(at(a, k * n + q), load<f64>(at(a, q * n + k)))
  }
  store<f64>(at(a, p * n + p), pp - t * off)
  store<f64>(at(a, q * n + q), qq + t * off)
  store<f64>(at(a, p * n + q), 0)
  store<f64>(at(a, q * n + p), 0)
  rotate(n, c, -s, at(axes, p * n), at(axes, q * n))
  return true
}
