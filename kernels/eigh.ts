import { divideAndConquer } from './lib/divide'
import { jacobi } from './lib/jacobi'
import { at } from './lib/simd'
import { timesReflections, tridiagonalise } from './lib/tridiagonal'
import { clear } from './lib/vector'
import { doubles, mark, release } from './memory'

/** Up to here Jacobi is fast enough, and resolves graded matrices. */
const smallOrder = 16

/**
 * Eigenvalues, ascending, and eigenvectors, the rows of `axes`, of a symmetric A (n × n, row-major, of order one and
 * finite), of which the lower triangle is read; A is overwritten. Beyond order 16: tridiagonal reduction, then divide
 * and conquer down to parts of `leaf` rows (0: the usual), which are left to the QR iteration.
 */
export function eigh(n: i32, a: usize, values: usize, axes: usize, leaf: i32): void {
  if (n === 0) return
  if (n <= smallOrder) return jacobi(n, a, values, axes)
  const start = mark()
  const off = doubles(n)
  const tau = doubles(n)
  tridiagonalise(n, a, values, off, tau)
  clear(n * n, axes)
  divideAndConquer(n, values, off, axes, n, leaf === 0 ? 32 : leaf)
  timesReflections(n, n, axes, a, tau)
  release(start)
}

/** `to` (n × m) = the transpose of `from` (m × n), both row-major. */
export function transpose(m: i32, n: i32, from: usize, to: usize): void {
  const block = 8
  for (let top = 0; top < m; top += block) {
    for (let left = 0; left < n; left += block) {
      for (let i = top; i < min(top + block, m); i++) {
        for (let j = left; j < min(left + block, n); j++) store<f64>(at(to, j * m + i), load<f64>(at(from, i * n + j)))
      }
    }
  }
}
