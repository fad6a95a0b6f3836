import { type Matrix, matrix } from '@relucent/core'

/** Steps at most; with the penalty the problem is strongly convex and ends long before. */
const maxSteps = 20_000

/** Gradient, relative to the first one, at which it counts as solved. */
const solved = 1e-7

/**
 * Multinomial logistic regression, Σ_i −log p_i(y_i) + ½‖W‖² with free intercepts (the setting C = 1 that other tools begin
 * with), by accelerated gradient descent with restarts. Answers the scores of other rows, n × classes.
 */
export function logisticRegression(X: Matrix, labels: readonly number[], classes: number): (X: Matrix) => Matrix {
  const width = X.cols + 1
  let W = new Float64Array(width * classes)
  let ahead = W
  let momentum = 1
  const squares = X.data.reduce((total, value) => total + value * value, 0) + X.rows
  const rate = 1 / (squares / 2 + 1)
  let first = 0
  for (let step = 0; step < maxSteps; step++) {
    const gradient = gradientAt(X, labels, classes, ahead)
    const size = Math.hypot(...gradient)
    if (step === 0) first = size
    if (!(size > solved * first)) break
    const next = ahead.map((value, k) => value - rate * gradient[k])
    const uphill = next.reduce((total, value, k) => total + gradient[k] * (value - W[k]), 0) > 0
    const grown = uphill ? 1 : (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2
    const factor = uphill ? 0 : (momentum - 1) / grown
    const last = W
    ahead = next.map((value, k) => value + factor * (value - last[k]))
    W = next
    momentum = grown
  }
  return (given) => scoresOf(given, classes, W)
}

function gradientAt(X: Matrix, labels: readonly number[], classes: number, W: Float64Array): Float64Array {
  const scores = scoresOf(X, classes, W)
  const width = X.cols + 1
  const out = W.map((value, k) => (k % width === X.cols ? 0 : value))
  for (let i = 0; i < X.rows; i++) {
    const own = scores.data.subarray(i * classes, (i + 1) * classes)
    const top = Math.max(...own)
    const powers = own.map((score) => Math.exp(score - top))
    const total = powers.reduce((sum, power) => sum + power, 0)
    for (let c = 0; c < classes; c++) {
      const slope = powers[c] / total - (labels[i] === c ? 1 : 0)
      for (let k = 0; k < X.cols; k++) out[c * width + k] += slope * X.data[i * X.cols + k]
      out[c * width + X.cols] += slope
    }
  }
  return out
}

function scoresOf(X: Matrix, classes: number, W: Float64Array): Matrix {
  const out = matrix(X.rows, classes)
  const width = X.cols + 1
  for (let i = 0; i < X.rows; i++) {
    for (let c = 0; c < classes; c++) {
      let score = W[c * width + X.cols]
      for (let k = 0; k < X.cols; k++) score += W[c * width + k] * X.data[i * X.cols + k]
      out.data[i * classes + c] = score
    }
  }
  return out
}
