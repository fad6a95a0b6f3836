import type { Matrix } from '../../linalg/matrix.ts'
import { type Cone, type ConeContext, signsInto } from './simplicial-cone.ts'

export interface Edge {
  /** The generators whose edge is cut: one child loses `from`, the other `to`, both gain `point`. */
  readonly from: number
  readonly to: number
  /** A unit vector between them. */
  readonly point: Float64Array
}

/** With at most this many samples per dimension left, cuts go exactly through a hyperplane: kinks close in no other way. */
const fewPerDimension = 10

/**
 * Where to cut a cone: on the hyperplane of the heaviest crossing sample when few cross, otherwise across the edge
 * that is longest in the metric of the data, uᵀXᵀXu, in which correlated features do not hide. Null when no cut
 * makes progress at working precision.
 */
export function splitEdge(context: ConeContext, cone: Cone, metric: Matrix): Edge | null {
  const { r } = context
  const signs = signsInto(context, cone)
  if (cone.crossing.length > 0 && cone.crossing.length <= fewPerDimension * r) {
    return hyperplaneCut(context, cone, signs) ?? middleCut(context, cone, metric)
  }
  return middleCut(context, cone, metric)
}

/** The edge with the largest opposite signs of the sample with the largest crossing mass, cut where that sample is zero. */
function hyperplaneCut(context: ConeContext, cone: Cone, signs: Float64Array): Edge | null {
  const { r, weight } = context
  let [chosen, heaviest] = [-1, 0]
  for (let at = 0; at < cone.crossing.length; at++) {
    let [up, down] = [0, 0]
    for (let k = 0; k < r; k++) {
      up = Math.max(up, signs[at * r + k])
      down = Math.max(down, -signs[at * r + k])
    }
    const mass = weight[cone.crossing[at]] * Math.min(up, down)
    if (mass > heaviest) [chosen, heaviest] = [at, mass]
  }
  if (chosen < 0) return null
  let [high, low] = [0, 0]
  for (let k = 0; k < r; k++) {
    if (signs[chosen * r + k] > signs[chosen * r + high]) high = k
    if (signs[chosen * r + k] < signs[chosen * r + low]) low = k
  }
  return cut(cone, r, high, low, -signs[chosen * r + low], signs[chosen * r + high])
}

function middleCut(context: ConeContext, cone: Cone, metric: Matrix): Edge | null {
  const { r } = context
  const unit = new Float64Array(r * r) // generators of length one in the metric
  const sizes = new Float64Array(r)
  for (let k = 0; k < r; k++) {
    const w = cone.generators.subarray(k * r, (k + 1) * r)
    sizes[k] = Math.sqrt(quadratic(metric, w))
    for (let q = 0; q < r; q++) unit[k * r + q] = w[q] / sizes[k]
  }
  const difference = new Float64Array(r)
  let [from, to, longest] = [0, 0, 0]
  for (let j = 0; j < r; j++) {
    for (let k = 0; k < j; k++) {
      for (let q = 0; q < r; q++) difference[q] = unit[j * r + q] - unit[k * r + q]
      const length = quadratic(metric, difference)
      if (length > longest) [from, to, longest] = [j, k, length]
    }
  }
  return from === to ? null : cut(cone, r, from, to, 1 / sizes[from], 1 / sizes[to])
}

/** xᵀMx. */
function quadratic(M: Matrix, x: Float64Array): number {
  let total = 0
  for (let p = 0; p < x.length; p++) {
    let inner = 0
    for (let q = 0; q < x.length; q++) inner += M.data[p * x.length + q] * x[q]
    total += x[p] * inner
  }
  return total
}

/** The unit vector along a·w_from + b·w_to; null when it is one of the two at working precision. */
function cut(cone: Cone, r: number, from: number, to: number, a: number, b: number): Edge | null {
  const W = cone.generators
  const point = new Float64Array(r)
  let square = 0
  for (let q = 0; q < r; q++) {
    point[q] = a * W[from * r + q] + b * W[to * r + q]
    square += point[q] * point[q]
  }
  const size = Math.sqrt(square)
  if (!(size > 0)) return null
  let [moved, left] = [0, 0]
  for (let q = 0; q < r; q++) {
    point[q] /= size
    moved = Math.max(moved, Math.abs(point[q] - W[from * r + q]))
    left = Math.max(left, Math.abs(point[q] - W[to * r + q]))
  }
  return Math.min(moved, left) > 4 * Number.EPSILON ? { from, to, point } : null
}
