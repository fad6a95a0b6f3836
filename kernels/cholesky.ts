import { accumulate, lowerOnly, product } from './lib/product'
import { at } from './lib/simd'
import { clear, dot } from './lib/vector'

const block = 48

/**
 * A = L Lᵀ in place for a symmetric A (n × n, row-major, its lower triangle is read), with zeros above L. 0, with A
 * spoilt, when a pivot is not a positive number (Golub and Van Loan, Algorithm 4.2.2 within blocks).
 */
export function cholesky(n: i32, a: usize): i32 {
  for (let k = 0; k < n; k += block) {
    const end = min(k + block, n)
    for (let i = k; i < n; i++) {
      const row = at(a, i * n)
      for (let j = k; j < min(end, i + 1); j++) {
        const rest = load<f64>(at(row, j)) - dot(j - k, at(row, k), at(a, j * n + k))
        if (j < i) store<f64>(at(row, j), rest / load<f64>(at(a, j * n + j)))
        else if (rest > 0 && rest < Infinity) store<f64>(at(row, j), Math.sqrt(rest))
        else return 0
      }
    }
    const left = n - end
    const panel = at(a, end * n + k)
    const rest = at(a, end * n + end)
    product<f64>(left, left, end - k, -1, panel, n, 1, panel, 1, n, rest, n, 0, lowerOnly | accumulate)
  }
  for (let i = 0; i < n; i++) clear(n - i - 1, at(a, i * n + i + 1))
  return 1
}
