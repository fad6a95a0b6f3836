import { type ConeContext, length, type Sign } from './cone.ts'
import { coneHeight } from './cone-height.ts'
import type { SampleBlock } from './sample-block.ts'

export interface DirectedBound {
  /** Proven: no unit u of the cone has a larger ‖F(u)‖, or sign · F(u). */
  readonly bound: number
  /** A unit vector of the cone: the maximiser of the relaxed problem. */
  readonly point: Float64Array
  /** ‖F(point)‖. */
  readonly value: number
  /** The relaxed maximiser is Σ λ_k w_k. */
  readonly lambda: Float64Array
}

/** Rounds of slope improvement at most, and trial steps in each. */
const slopeRounds = 8
const stepTrials = 4

/**
 * An upper bound on ‖F(u)‖, F(u) = Zᵀ(Xu)₊, over the unit vectors u of a simplicial cone, along a direction g.
 *
 * Of g·F, the terms with z_i·g > 0 are convex in u: their chord through the generators lies above them. Those with
 * z_i·g < 0 are concave: −|z_i·g| α_i x_iᵀu lies above them for every slope α_i in [0, 1]. So, for u = Σ λ_k w_k,
 *
 *     g·F(u) ≤ Σ_k λ_k B_k,   B_k = g·A w_k + Σ_convex z_i·g (x_iᵀw_k)₊ − Σ_concave |z_i·g| α_i x_iᵀw_k,
 *
 * and the maximum of the right-hand side over unit u is a convex function of α. It is decreased by steps towards the
 * active sides at the relaxed maximiser (the α of Xu et al., "Fast and complete: enabling complete verification with rapid
 * and massively parallel incomplete verifiers", ICLR 2021, found by conditional gradients): at its minimum the concave
 * terms cost nothing, kinks included. What remains is the chords'.
 *
 * With one output g is the cone's sign. With several, g is the direction of F at a promising point; what of F is
 * perpendicular to it has heights D_k, g·F is above −C_k, and √(max(B_k, C_k, 0)² + D_k²) are heights above ‖F‖.
 */
export function directedBound(
  context: ConeContext,
  block: SampleBlock,
  W: Float64Array,
  A: Float64Array,
  sign: Sign,
  hint: Float64Array,
  floor: number,
): DirectedBound {
  const { r, c, slack } = context
  const g = c === 1 ? Float64Array.of(sign) : directionAt(block, A, hint, r, c)
  project(block, g, c)
  const base = convexHeights(block, W, A, g, r, c)
  const across = c === 1 ? null : acrossHeights(block, W, A, g, r, c)
  const solve = (slopes: Float64Array): Relaxed => {
    const B = base.slice()
    addConcave(block, slopes, B, r)
    const heights = across ? B.map((b, k) => Math.hypot(Math.max(b, across.below[k], 0), across.size[k])) : B
    const { bound, lambda } = coneHeight(W, heights, r, slack)
    const pull = across
      ? lambda.map((value, k) => (B[k] > across.below[k] ? (value * Math.max(0, B[k])) / heights[k] : 0))
      : lambda
    // g is a unit vector up to rounding, which changes the length of F by a few ε.
    return { bound: bound * (1 + 64 * Number.EPSILON), lambda, pull }
  }
  const { slope, hint: sides } = block
  for (let a = 0; a < block.count; a++) slope[a] = block.along[a] < 0 && sides[a] > 0 ? 1 : 0
  let best = solve(slope)
  for (let round = 0; round < slopeRounds && best.bound > floor; round++) {
    const descent = aimAt(block, best.pull, r)
    // The bound is convex in the slopes: nothing brings it below its tangent, however far the step.
    if (!(descent < 0) || best.bound + descent / best.bound > floor * (1 + 1e-12)) break
    const better = lineSearch(block, solve, best, descent, floor, r)
    if (better === best) break
    best = better
  }
  return { bound: best.bound, lambda: best.lambda, ...evaluate(block, W, A, best.lambda, r, c) }
}

interface Relaxed {
  readonly bound: number
  readonly lambda: Float64Array
  /** Σ pull_k x_iᵀw_k is how fast the squared bound, halved, falls with |z_i·g| α_i. */
  readonly pull: Float64Array
}

/** The direction of F at a point, by the signs it has there. */
function directionAt(
  { hint, outputs, stride, count }: SampleBlock,
  A: Float64Array,
  point: Float64Array,
  r: number,
  c: number,
): Float64Array {
  const F = new Float64Array(c)
  for (let p = 0; p < c; p++) {
    let total = 0
    for (let q = 0; q < r; q++) total += A[p * r + q] * point[q]
    for (let a = 0; a < count; a++) if (hint[a] > 0) total += hint[a] * outputs[p * stride + a]
    F[p] = total
  }
  const size = length(F, 0, c)
  if (!(size > 0)) return Float64Array.from({ length: c }, (_, p) => (p === 0 ? 1 : 0))
  return F.map((value) => value / size)
}

/** Fills `along` with z_i·g. */
function project({ along, outputs, stride, count }: SampleBlock, g: Float64Array, c: number): void {
  along.fill(0, 0, count)
  for (let p = 0; p < c; p++) for (let a = 0; a < count; a++) along[a] += g[p] * outputs[p * stride + a]
}

/** g·A w_k + Σ_convex z_i·g (x_iᵀw_k)₊. */
function convexHeights(
  { heights, along, stride, count }: SampleBlock,
  W: Float64Array,
  A: Float64Array,
  g: Float64Array,
  r: number,
  c: number,
): Float64Array {
  const B = new Float64Array(r)
  for (let k = 0; k < r; k++) {
    let total = 0
    for (let p = 0; p < c; p++) for (let q = 0; q < r; q++) total += g[p] * A[p * r + q] * W[k * r + q]
    for (let a = 0; a < count; a++) {
      const s = heights[k * stride + a]
      if (s > 0 && along[a] > 0) total += along[a] * s
    }
    B[k] = total
  }
  return B
}

/** Adds −|z_i·g| α_i x_iᵀw_k of the concave samples. */
function addConcave(
  { heights, along, stride, count }: SampleBlock,
  slopes: Float64Array,
  B: Float64Array,
  r: number,
): void {
  for (let k = 0; k < r; k++) {
    let total = 0
    for (let a = 0; a < count; a++) if (along[a] < 0) total += along[a] * slopes[a] * heights[k * stride + a]
    B[k] += total
  }
}

/**
 * D_k = ‖P F(w_k) − ½ Σ e_ik P z_i‖ + ½ Σ e_ik ‖P z_i‖ with P = I − ggᵀ, and C_k = −g·F(w_k) + Σ_convex z_i·g e_ik, where e_ik
 * is (x_iᵀw_k)₊ or (−x_iᵀw_k)₊: one choice per sample, the same for every k, since only then do the heights belong to one
 * linear function. The ReLU lies between its chord and its chord less e.
 */
function acrossHeights(
  { heights, outputs, along, stride, count }: SampleBlock,
  W: Float64Array,
  A: Float64Array,
  g: Float64Array,
  r: number,
  c: number,
): { readonly size: Float64Array; readonly below: Float64Array } {
  const centre = new Float64Array(r * c)
  const mass = new Float64Array(r)
  const below = new Float64Array(r)
  for (let k = 0; k < r; k++) {
    for (let p = 0; p < c; p++) for (let q = 0; q < r; q++) centre[k * c + p] += A[p * r + q] * W[k * r + q]
  }
  const across = new Float64Array(c)
  for (let a = 0; a < count; a++) {
    for (let p = 0; p < c; p++) across[p] = outputs[p * stride + a] - along[a] * g[p]
    const reach = length(across, 0, c)
    let balance = 0
    for (let k = 0; k < r; k++) balance += heights[k * stride + a]
    const side = balance <= 0 ? 1 : -1
    for (let k = 0; k < r; k++) {
      const s = heights[k * stride + a]
      const e = Math.max(0, side * s)
      if (e > 0) {
        mass[k] += e * reach
        if (along[a] > 0) below[k] += e * along[a]
      }
      const share = Math.max(0, s)
      for (let p = 0; p < c; p++) centre[k * c + p] += share * outputs[p * stride + a] - 0.5 * e * across[p]
    }
  }
  const size = new Float64Array(r)
  for (let k = 0; k < r; k++) {
    let ahead = 0
    for (let p = 0; p < c; p++) ahead += g[p] * centre[k * c + p]
    below[k] -= ahead
    for (let p = 0; p < c; p++) centre[k * c + p] -= ahead * g[p]
    size[k] = length(centre, k * c, c) + 0.5 * mass[k]
  }
  return { size, below }
}

/** Fills `aim` with the best response to a relaxed maximiser, and returns the slope of ½ bound² towards it. */
function aimAt({ heights, along, slope, aim, stride, count }: SampleBlock, pull: Float64Array, r: number): number {
  let descent = 0
  for (let a = 0; a < count; a++) {
    aim[a] = slope[a]
    if (!(along[a] < 0)) continue
    const s = heightAt(heights, stride, a, pull, r)
    aim[a] = s > 0 ? 1 : 0
    descent += along[a] * (aim[a] - slope[a]) * s
  }
  return descent
}

/**
 * The best of a few steps from `slope` towards `aim`; `slope` moves with it. Half the squared bound is piecewise quadratic
 * along the way, or nearly so: the secant of its derivative meets the minimum as soon as both ends are on one piece.
 */
function lineSearch(
  block: SampleBlock,
  solve: (slopes: Float64Array) => Relaxed,
  from: Relaxed,
  descent: number,
  floor: number,
  r: number,
): Relaxed {
  const { heights, along, slope, trial, aim, stride, count } = block
  let [low, atLow, high, atHigh] = [0, descent, 1, Number.NaN]
  let [step, best, taken] = [1, from, 0]
  for (let attempt = 0; attempt < stepTrials; attempt++) {
    for (let a = 0; a < count; a++) trial[a] = slope[a] + step * (aim[a] - slope[a])
    const relaxed = solve(trial)
    if (relaxed.bound < best.bound) {
      best = relaxed
      taken = step
    }
    if (relaxed.bound <= floor) break
    let there = 0
    for (let a = 0; a < count; a++) {
      if (aim[a] !== slope[a]) there += along[a] * (aim[a] - slope[a]) * heightAt(heights, stride, a, relaxed.pull, r)
    }
    if (there <= 0) {
      low = step
      atLow = there
    } else {
      high = step
      atHigh = there
    }
    if (!(low < high) || there === 0) break
    const share = atLow / (atLow - atHigh)
    step = low + (high - low) * (share > 0.02 && share < 0.98 ? share : 0.5)
  }
  for (let a = 0; a < count; a++) slope[a] += taken * (aim[a] - slope[a])
  return best
}

function heightAt(heights: Float64Array, stride: number, a: number, lambda: Float64Array, r: number): number {
  let s = 0
  for (let k = 0; k < r; k++) s += lambda[k] * heights[k * stride + a]
  return s
}

/** The unit vector along Σ λ_k w_k, along w_1 where that is nothing, and ‖F‖ there. */
function evaluate(
  { heights, outputs, stride, count }: SampleBlock,
  W: Float64Array,
  A: Float64Array,
  multipliers: Float64Array,
  r: number,
  c: number,
): { readonly point: Float64Array; readonly value: number } {
  const lambda = multipliers.some((value) => value > 0) ? multipliers : multipliers.map((_, k) => (k === 0 ? 1 : 0))
  const u = new Float64Array(r)
  for (let k = 0; k < r; k++) for (let q = 0; q < r; q++) u[q] += lambda[k] * W[k * r + q]
  const F = new Float64Array(c)
  for (let p = 0; p < c; p++) for (let q = 0; q < r; q++) F[p] += A[p * r + q] * u[q]
  for (let a = 0; a < count; a++) {
    const s = heightAt(heights, stride, a, lambda, r)
    if (s > 0) for (let p = 0; p < c; p++) F[p] += s * outputs[p * stride + a]
  }
  const size = length(u, 0, r)
  return { point: u.map((value) => value / size), value: length(F, 0, c) / size }
}
