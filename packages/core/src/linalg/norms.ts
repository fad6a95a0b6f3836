import { eigh } from './eigh.ts'
import { type Matrix, matrix, multiply, multiplyTransposed, scaled, subtract, transpose } from './matrix.ts'
import { powerOfTwoNear } from './scale.ts'
import { compensatedDot } from './sum.ts'

/** ‖x‖₂ to rounding, for any magnitude that a float can hold: squares that would over- or underflow are scaled first. */
export function norm2(x: Float64Array): number {
  let square = 0
  for (let k = 0; k < x.length; k++) square += x[k] * x[k]
  if (square > 1e-280 && square < 1e300) return Math.sqrt(square)
  const scale = powerOfTwoNear(x)
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) return scale
  square = 0
  for (let k = 0; k < x.length; k++) square += (x[k] / scale) ** 2
  return scale * Math.sqrt(square)
}

/** An upper bound on ‖A‖_F of these very floats, rounding included, and within a few ε of it. NaN gives Infinity. */
export function frobeniusUpper(a: Matrix): number {
  const scale = powerOfTwoNear(a.data)
  if (scale === 0) return 0
  if (!(scale < Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY
  const modest = scale > 2 ** -400 && scale < 2 ** 400
  const data = modest ? a.data : a.data.map((value) => value / scale)
  const size = Math.sqrt(compensatedDot(data, data)) * (1 + 8 * Number.EPSILON)
  return (modest ? size : size * scale) + Number.MIN_VALUE
}

/** Above this order the eigensolver costs more than the bound is worth. */
const eigenLimit = 256

/**
 * An upper bound on the largest singular value ‖A‖₂ of these very floats, rounding included. NaN gives Infinity.
 *
 * ‖A‖₂² = λmax(G) for the Gram matrix G of the shorter side; the rounding of G and of its eigenvalues is added. When
 * the shorter side exceeds 256, ‖A‖₂² ≤ ‖G‖_F instead. Never above `frobeniusUpper`.
 */
export function spectralUpper(a: Matrix): number {
  const frobenius = frobeniusUpper(a)
  const scale = powerOfTwoNear(a.data)
  if (!(frobenius > 0 && frobenius < Number.POSITIVE_INFINITY) || Math.min(a.rows, a.cols) < 2) return frobenius
  const unit = matrix(
    a.rows,
    a.cols,
    a.data.map((value) => value / scale),
  )
  const gram = a.rows < a.cols ? multiply(unit, transpose(unit)) : multiplyTransposed(unit, unit)
  const rounding = (Math.max(a.rows, a.cols) + 2) * Number.EPSILON * frobeniusUpper(unit) ** 2
  const top = gram.rows <= eigenLimit ? topEigenvalueUpper(gram) : frobeniusUpper(gram)
  const spectral = scale * Math.sqrt(top + rounding) * (1 + 8 * Number.EPSILON) + Number.MIN_VALUE
  return spectral < frobenius ? spectral : frobenius
}

/** An upper bound on λmax(G)₊ for the floats of a symmetric G, semidefinite or not, rounding included. NaN gives Infinity. */
export function eigenvalueUpper(a: Matrix): number {
  const scale = powerOfTwoNear(a.data)
  if (scale === 0) return 0
  if (!(scale < Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY
  return scale * topEigenvalueUpper(scaled(a, 1 / scale)) + Number.MIN_VALUE
}

/**
 * λmax(G) ≤ max(Λ)₊ ‖Q‖₂² + ‖G − QΛQᵀ‖_F and ‖Q‖₂² ≤ 1 + ‖QᵀQ − I‖_F, whatever Q and Λ the eigensolver computed; each
 * residual is raised by the rounding of computing it.
 */
function topEigenvalueUpper(gram: Matrix): number {
  const m = gram.rows
  const { values, vectors } = eigh(gram)
  const weighted = matrix(
    m,
    m,
    vectors.data.map((value, at) => value * values[at % m]),
  )
  const residual = subtract(gram, multiply(weighted, transpose(vectors)))
  const drift = multiplyTransposed(vectors, vectors)
  for (let k = 0; k < m; k++) drift.data[k * m + k] -= 1
  const accumulation = (m + 3) * Number.EPSILON
  const mass = frobeniusUpper(vectors) ** 2
  const stretch = 1 + frobeniusUpper(drift) + accumulation * (1 + mass)
  const largest = Math.max(-values[0], values[m - 1])
  const error = frobeniusUpper(residual) + accumulation * (frobeniusUpper(gram) + mass * largest)
  const top = (Math.max(0, values[m - 1]) * stretch + error) * (1 + 8 * Number.EPSILON)
  return top >= 0 ? top : Number.POSITIVE_INFINITY
}
