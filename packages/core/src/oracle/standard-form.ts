import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import { spectralUpper } from '../linalg/norms.ts'
import { powerOfTwoNear } from '../linalg/scale.ts'

/** A pricing question in numbers of order one: values found here times `unit` are values of the question. */
export interface StandardForm {
  /** Every row divided by a power of two near its size; zero where x_i or z_i is. */
  readonly X: Matrix
  readonly Z: Matrix
  readonly unit: number
}

/**
 * Moves the size of every sample from x_i to z_i, since z_i (x_iᵀu)₊ = s z_i (x_iᵀu/s)₊ for s > 0, and divides all z_i by
 * one unit. Powers of two throughout, hence exact. Whatever the sizes were, no square over- or underflows then that
 * matters: what is lost is below 10⁻³⁰⁰ of the largest ‖z_i‖‖x_i‖. What is not a number stays so.
 */
export function standardForm(given: Matrix, dual: Matrix): StandardForm {
  const [X, Z] = [matrix(given.rows, given.cols), matrix(dual.rows, dual.cols)]
  const sizes = Array.from({ length: given.rows }, (_, i) => [
    powerOfTwoNear(row(given, i)),
    powerOfTwoNear(row(dual, i)),
  ])
  const exponents = sizes.map(([x, z]) => Math.log2(x) + Math.log2(z))
  const largest = exponents.reduce((most, exponent) => Math.max(most, exponent), Number.NEGATIVE_INFINITY)
  sizes.forEach(([x, z], i) => {
    if (x === 0 || z === 0) return
    const share = 2 ** (exponents[i] - largest)
    row(given, i).forEach((value, k) => (X.data[i * X.cols + k] = value / x))
    row(dual, i).forEach((value, k) => (Z.data[i * Z.cols + k] = (value / z) * share))
  })
  // A unit that underflows must not take the bound with it.
  return { X, Z, unit: Math.max(2 ** largest, Number.MIN_VALUE) }
}

/** The matrices without the samples that contribute nothing. */
export function contributing(X: Matrix, Z: Matrix): { X: Matrix; Z: Matrix } {
  const kept: number[] = []
  for (let i = 0; i < X.rows; i++) if (powerOfTwoNear(row(X, i)) !== 0 && powerOfTwoNear(row(Z, i)) !== 0) kept.push(i)
  return { X: rowsOf(X, kept), Z: rowsOf(Z, kept) }
}

/** ‖X‖₂‖Z‖₂ / unit, rounded up, without overflow on the way; NaN where it cannot be told. */
export function productUpper(X: Matrix, Z: Matrix, unit: number): number {
  const [x, z] = [powerOfTwoNear(X.data), powerOfTwoNear(Z.data)]
  const scale = 2 ** (Math.log2(x) + Math.log2(z) - Math.log2(unit))
  return (spectralUpper(X) / x) * (spectralUpper(Z) / z) * scale * (1 + 4 * Number.EPSILON)
}

function rowsOf(a: Matrix, kept: readonly number[]): Matrix {
  const out = matrix(kept.length, a.cols)
  kept.forEach((i, at) => out.data.set(row(a, i), at * a.cols))
  return out
}
