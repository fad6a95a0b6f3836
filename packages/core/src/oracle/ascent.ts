import { eigh } from '../linalg/eigh.ts'
import { dot, type Matrix, matrix, multiply, multiplyTransposed, multiplyVector, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { nullSpace } from '../linalg/qr.ts'
import { CirclePeaks } from './circle-peak.ts'
import { polarValue } from './evaluate.ts'

/** |x_iᵀu| ≤ this · ‖x_i‖ counts as "u lies on the hyperplane of sample i": far above rounding, far below any cell that matters. */
export const onHyperplane = 1e-10

/** A step must gain this much, relatively, to count: below it only rounding moves. */
const gainThreshold = 1e-13

const maxSteps = 60

export interface LocalMaximum {
  /** A unit vector. */
  readonly weights: Float64Array
  readonly value: number
}

/**
 * Climbs to a local maximum of ‖Zᵀ(Xu)₊‖ on the unit sphere, kinks included.
 *
 * Each step maximises exactly along a great circle, over all the cells it crosses: through the leading singular vector
 * of the face u lies on, so that an interior maximum is reached in one step and a kink is met exactly; or, at a
 * maximum of the face, through a direction that leaves one of its hyperplanes.
 */
export function ascend(X: Matrix, Z: Matrix, start: Float64Array): LocalMaximum {
  const size = norm2(start)
  let u: Float64Array = start.map((value) => value / size)
  let value = polarValue(X, Z, u)
  const circles = new CirclePeaks(Z)
  for (let step = 0; step < maxSteps; step++) {
    const activations = multiplyVector(X, u)
    const better = climb(X, Z, { weights: u, value }, activations, circles, directions(X, Z, u, activations))
    if (!better) break
    ;({ weights: u, value } = better)
  }
  return { weights: u, value }
}

/** The samples on whose hyperplanes u lies. */
export function tightSamples(X: Matrix, u: Float64Array, activations: Float64Array = multiplyVector(X, u)): number[] {
  const tight: number[] = []
  for (let i = 0; i < X.rows; i++) {
    const size = rowNorm(X, i)
    if (size > 0 && Math.abs(activations[i]) <= onHyperplane * size) tight.push(i)
  }
  return tight
}

/** Tried in order until one gains: first along the face, then off each of its hyperplanes. */
function* directions(X: Matrix, Z: Matrix, u: Float64Array, activations: Float64Array): Generator<Float64Array> {
  const r = X.cols
  const tight = tightSamples(X, u, activations)
  const face = tight.length === 0 ? null : nullSpace(pick(X, tight))
  if (!face || face.cols > 1) yield leadingVector(X, Z, activations, tight, face)
  if (!face) return
  for (const released of tight.slice(0, 4 * r)) {
    const rest = tight.filter((i) => i !== released)
    const wider = rest.length === 0 ? null : nullSpace(pick(X, rest))
    const away = row(X, released).slice()
    yield wider ? projectOnto(wider, away) : away
  }
}

function climb(
  X: Matrix,
  Z: Matrix,
  { weights: u, value }: LocalMaximum,
  activations: Float64Array,
  circles: CirclePeaks,
  candidates: Iterable<Float64Array>,
): LocalMaximum | undefined {
  for (const direction of candidates) {
    const along = dot(u, direction)
    const tangent = direction.map((entry, k) => entry - along * u[k])
    const size = norm2(tangent)
    if (!(size > 1e-15 * norm2(direction))) continue
    for (let k = 0; k < tangent.length; k++) tangent[k] /= size
    const best = circles.peak(activations, multiplyVector(X, tangent))
    if (!(best.value > value)) continue
    const weights = u.map((entry, k) => best.cosine * entry + best.sine * tangent[k])
    const length = norm2(weights)
    for (let k = 0; k < weights.length; k++) weights[k] /= length
    const attained = polarValue(X, Z, weights)
    if (attained > value * (1 + gainThreshold)) return { weights, value: attained }
  }
  return undefined
}

/** The leading right singular vector of ZᵀDX on the face, D the activity at u (the face's own samples are zero on it). */
function leadingVector(
  X: Matrix,
  Z: Matrix,
  activations: Float64Array,
  tight: readonly number[],
  face: Matrix | null,
): Float64Array {
  const off = new Set(tight)
  const A = matrix(Z.cols, X.cols)
  for (let i = 0; i < X.rows; i++) {
    if (off.has(i) || !(activations[i] > 0)) continue
    for (let p = 0; p < Z.cols; p++) {
      const z = Z.data[i * Z.cols + p]
      for (let q = 0; q < X.cols; q++) A.data[p * X.cols + q] += z * X.data[i * X.cols + q]
    }
  }
  const onFace = face ? multiply(A, face) : A
  const { vectors } = eigh(multiplyTransposed(onFace, onFace))
  const k = vectors.cols
  const theta = matrix(
    k,
    1,
    Float64Array.from({ length: k }, (_, j) => vectors.data[j * k + k - 1]),
  )
  return (face ? multiply(face, theta) : theta).data
}

function pick(X: Matrix, rows: readonly number[]): Matrix {
  const out = matrix(rows.length, X.cols)
  rows.forEach((i, at) => {
    out.data.set(row(X, i), at * X.cols)
  })
  return out
}

function projectOnto(basis: Matrix, x: Float64Array): Float64Array {
  return multiply(basis, multiplyTransposed(basis, matrix(x.length, 1, x))).data
}

function rowNorm(X: Matrix, i: number): number {
  let square = 0
  for (let k = i * X.cols; k < (i + 1) * X.cols; k++) square += X.data[k] * X.data[k]
  return Math.sqrt(square)
}
