import type { Matrix } from '../../linalg/matrix.ts'
import type { ConeContext, Cut } from './cone.ts'
import type { SampleBlock } from './sample-block.ts'

/** The multipliers of the relaxed maximiser, by generator. */
interface Relaxed {
  readonly lambda: Float64Array
}

/** With at most this many crossing samples per dimension, cuts go exactly through a hyperplane: a kink of a chord closes in no other way. */
const fewPerDimension = 3

/**
 * Where to cut a cone: in turn across the edge that is longest in the metric of the data, uᵀXᵀXu, in which correlated
 * features do not hide; and across the edge whose cut takes most off the chords at the relaxed maximiser. The first
 * alone is blind to what makes the bound loose, the second alone leaves long thin cones that never close.
 */
export function chooseCut(
  { metric, r }: ConeContext,
  block: SampleBlock,
  W: Float64Array,
  { lambda }: Relaxed,
  depth: number,
): Cut | null {
  if (block.count <= fewPerDimension * r) {
    const through = hyperplaneCut(block, W, r)
    if (through) return through
  }
  const sizes = new Float64Array(r)
  for (let k = 0; k < r; k++) sizes[k] = Math.sqrt(quadratic(metric, W.subarray(k * r, (k + 1) * r)))
  const edge = (depth % 2 === 1 && widestGap(block, lambda, sizes, r)) || longestEdge(metric, W, sizes, r)
  return edge && cutAt(W, r, edge, 1 / sizes[edge[0]], 1 / sizes[edge[1]])
}

type Edge = readonly [from: number, to: number]

function longestEdge(metric: Matrix, W: Float64Array, sizes: Float64Array, r: number): Edge | null {
  const difference = new Float64Array(r)
  let [edge, longest]: [Edge | null, number] = [null, 0]
  for (let j = 0; j < r; j++) {
    for (let k = 0; k < j; k++) {
      for (let q = 0; q < r; q++) difference[q] = W[j * r + q] / sizes[j] - W[k * r + q] / sizes[k]
      const length = quadratic(metric, difference)
      if (length > longest) [edge, longest] = [[j, k], length]
    }
  }
  return edge
}

/** The edge whose middle, as a new generator, lowers Σ_convex z_i·g Σ_k λ_k (x_iᵀw_k)₊ most. */
function widestGap(block: SampleBlock, lambda: Float64Array, sizes: Float64Array, r: number): Edge | null {
  const { heights, along, stride, count } = block
  let [edge, widest]: [Edge | null, number] = [null, 0]
  for (let j = 0; j < r; j++) {
    for (let k = 0; k < j; k++) {
      // λ_j w_j + λ_k w_k = share · (w_j/‖w_j‖ + w_k/‖w_k‖) + what is left of one of them.
      const share = Math.min(lambda[j] * sizes[j], lambda[k] * sizes[k])
      if (!(share > 0)) continue
      let gap = 0
      for (let a = 0; a < count; a++) {
        const [s, t] = [heights[j * stride + a] / sizes[j], heights[k * stride + a] / sizes[k]]
        if (along[a] > 0 && s * t < 0) gap += along[a] * Math.min(Math.abs(s), Math.abs(t))
      }
      if (share * gap > widest) [edge, widest] = [[j, k], share * gap]
    }
  }
  return edge
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

/** The edge with the largest opposite signs of the sample with the largest crossing mass, cut where that sample is zero. */
function hyperplaneCut({ heights, weight, stride, count }: SampleBlock, W: Float64Array, r: number): Cut | null {
  let [chosen, heaviest] = [-1, 0]
  for (let a = 0; a < count; a++) {
    let [up, down] = [0, 0]
    for (let k = 0; k < r; k++) {
      up = Math.max(up, heights[k * stride + a])
      down = Math.max(down, -heights[k * stride + a])
    }
    const mass = weight[a] * Math.min(up, down)
    if (mass > heaviest) [chosen, heaviest] = [a, mass]
  }
  if (chosen < 0) return null
  let [high, low] = [0, 0]
  for (let k = 0; k < r; k++) {
    if (heights[k * stride + chosen] > heights[high * stride + chosen]) high = k
    if (heights[k * stride + chosen] < heights[low * stride + chosen]) low = k
  }
  return cutAt(W, r, [high, low], -heights[low * stride + chosen], heights[high * stride + chosen])
}

/** The unit vector along a·w_from + b·w_to; null when it is one of the two at working precision. */
function cutAt(W: Float64Array, r: number, [from, to]: Edge, a: number, b: number): Cut | null {
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
