import type { Matrix } from './matrix.ts'

/**
 * A = L Lᵀ for a symmetric positive definite A (n × n, only its lower triangle is read), with L lower triangular,
 * row-major in `l`. False, with `l` unusable, when a pivot is not positive (or not a number).
 */
export function choleskyInto(a: Matrix, l: Float64Array): boolean {
  const n = a.rows
  if (a.cols !== n || l.length !== n * n) {
    throw new RangeError(`choleskyInto: needs n × n and n² numbers, got ${n} × ${a.cols} and ${l.length}`)
  }
  l.fill(0)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      let rest = a.data[i * n + k]
      for (let q = 0; q < k; q++) rest -= l[i * n + q] * l[k * n + q]
      if (k < i) l[i * n + k] = rest / l[k * n + k]
      else if (rest > 0 && rest < Number.POSITIVE_INFINITY) l[i * n + i] = Math.sqrt(rest)
      else return false
    }
  }
  return true
}

/** Solves L Lᵀ x = b for the factor `l` of `choleskyInto`; b and x may be the same array. */
export function choleskySolveInto(l: Float64Array, n: number, b: Float64Array, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let rest = b[i]
    for (let k = 0; k < i; k++) rest -= l[i * n + k] * x[k]
    x[i] = rest / l[i * n + i]
  }
  for (let i = n - 1; i >= 0; i--) {
    let rest = x[i]
    for (let k = i + 1; k < n; k++) rest -= l[k * n + i] * x[k]
    x[i] = rest / l[i * n + i]
  }
}
