import { type Matrix, gaussian, type Random } from '@relucent/core'

export interface Projection {
  /** Coordinates of the rows along the first and second direction. */
  readonly x: Float64Array
  readonly y: Float64Array
  /** Part of the variance that the two hold, between 0 and 1. */
  readonly share: number
}

const mostSteps = 100

/** A plane that holds only this much more of the variance, relatively, is drawn the same. */
const still = 1e-7

/**
 * The plane of largest variance, by orthogonal iteration v ← XᵀXv on the centred rows: a few products with X, however many
 * columns it has. Where it has not converged it is still a plane, and `share` is what that plane holds.
 */
export function principalPlane(X: Matrix, random: Random): Projection {
  const centred = centre(X)
  const total = centred.data.reduce((sum, value) => sum + value * value, 0)
  let [p, q] = orthonormal(start(X.cols, random), start(X.cols, random))
  let held = 0
  for (let step = 0; step < mostSteps; step++) {
    const [along, across] = [times(centred, p), times(centred, q)]
    const now = squared(along) + squared(across)
    if (!(now > held * (1 + still))) break
    held = now
    ;[p, q] = orthonormal(timesTransposed(centred, along), timesTransposed(centred, across))
  }
  const [x, y] = rotated(times(centred, p), times(centred, q))
  return { x, y, share: total > 0 ? (squared(x) + squared(y)) / total : 1 }
}

function start(length: number, random: Random): Float64Array {
  return Float64Array.from({ length }, () => gaussian(random))
}

function centre({ rows, cols, data }: Matrix): Matrix {
  const means = new Float64Array(cols)
  for (let k = 0; k < data.length; k++) means[k % cols] += data[k] / rows
  return { rows, cols, data: data.map((value, k) => value - means[k % cols]) }
}

/** The same plane with its own principal axes: the first coordinate has the larger spread, and the two are uncorrelated. */
function rotated(a: Float64Array, b: Float64Array): [Float64Array, Float64Array] {
  const turn = Math.atan2(2 * dot(a, b), squared(a) - squared(b)) / 2
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
  return [a.map((value, i) => cos * value + sin * b[i]), b.map((value, i) => cos * value - sin * a[i])]
}

/** Gram and Schmidt, twice: where b is nearly parallel to a, what the first time leaves of it is rounding. */
function orthonormal(a: Float64Array, b: Float64Array): [Float64Array, Float64Array] {
  const p = unit(a)
  return [p, unit(without(p, unit(without(p, b))))]
}

function without(p: Float64Array, b: Float64Array): Float64Array {
  const part = dot(b, p)
  return b.map((value, k) => value - part * p[k])
}

function unit(vector: Float64Array): Float64Array {
  const size = Math.sqrt(squared(vector))
  return size > 0 ? vector.map((value) => value / size) : vector
}

function times({ rows, cols, data }: Matrix, vector: Float64Array): Float64Array {
  const out = new Float64Array(rows)
  for (let i = 0, at = 0; i < rows; i++) {
    let sum = 0
    for (let k = 0; k < cols; k++, at++) sum += data[at] * vector[k]
    out[i] = sum
  }
  return out
}

function timesTransposed({ rows, cols, data }: Matrix, vector: Float64Array): Float64Array {
  const out = new Float64Array(cols)
  for (let i = 0, at = 0; i < rows; i++) for (let k = 0; k < cols; k++, at++) out[k] += data[at] * vector[i]
  return out
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k]
  return sum
}

function squared(vector: Float64Array): number {
  return dot(vector, vector)
}
