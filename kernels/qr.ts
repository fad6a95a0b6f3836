import { reflect, reflection } from './lib/reflection'
import { at } from './lib/simd'
import { clear, dot } from './lib/vector'
import { doubles, mark, release } from './memory'

/**
 * A P = Q R for the n columns of A, m contiguous numbers each: column j becomes column j of R down to the diagonal (by
 * k = min(m, n) columns: further ones lie wholly in R). The k columns of `q`, of length m, become the reflections'
 * vectors, `tau` their factors. With `order` not 0 the longest of the remaining columns comes first at each step, and
 * the i32 order[j] is the column of A that is now column j (Golub and Van Loan, Algorithms 5.2.1 and 5.4.1).
 */
export function householderQr(m: i32, n: i32, a: usize, q: usize, tau: usize, order: usize): void {
  const start = mark()
  const squares = doubles(n)
  if (order) {
    for (let j = 0; j < n; j++) {
      store<i32>(order + (usize(j) << 2), j)
      store<f64>(at(squares, j), dot(m, at(a, j * m), at(a, j * m)))
    }
  }
  for (let k = 0; k < min(m, n); k++) {
    if (order) bringLongestForward(m, n, k, a, order, squares)
    const rest = m - k
    const v = at(q, k * m)
    clear(k, v)
    memory.copy(at(v, k), at(a, k * m + k), usize(rest) << 3)
    const factor = reflection(rest, at(v, k), 0, at(a, k * m + k))
    clear(rest - 1, at(a, k * m + k + 1))
    store<f64>(at(tau, k), factor)
    for (let j = k + 1; j < n; j++) {
      reflect(rest, factor, at(v, k), at(a, j * m + k))
      if (order) {
        const below = at(a, j * m + k + 1)
        store<f64>(at(squares, j), dot(rest - 1, below, below))
      }
    }
  }
  release(start)
}

/** The k vectors of `householderQr` become the first k columns of Q. */
export function householderColumns(m: i32, k: i32, q: usize, tau: usize): void {
  for (let p = k - 1; p >= 0; p--) {
    const v = at(q, p * m + p)
    const factor = load<f64>(at(tau, p))
    const rest = m - p
    for (let j = p + 1; j < k; j++) reflect(rest, factor, v, at(q, j * m + p))
    for (let i = 1; i < rest; i++) store<f64>(at(v, i), -factor * load<f64>(at(v, i)))
    store<f64>(v, 1 - factor)
  }
}

function bringLongestForward(m: i32, n: i32, k: i32, a: usize, order: usize, squares: usize): void {
  let chosen = k
  for (let j = k + 1; j < n; j++) {
    if (load<f64>(at(squares, j)) > load<f64>(at(squares, chosen))) chosen = j
  }
  if (chosen === k) return
  for (let i = 0; i < m; i++) swap<f64>(at(a, k * m + i), at(a, chosen * m + i))
  swap<i32>(order + (usize(k) << 2), order + (usize(chosen) << 2))
  swap<f64>(at(squares, k), at(squares, chosen))
}

function swap<T>(x: usize, y: usize): void {
  const first = load<T>(x)
  store<T>(x, load<T>(y))
  store<T>(y, first)
}
