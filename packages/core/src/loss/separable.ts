import { InvalidProblemError } from '../errors.ts'
import { type Matrix, matrix } from '../linalg/matrix.ts'
import { compensatedSum } from '../linalg/sum.ts'
import type { Loss, SmoothLoss } from '../loss.ts'
import { clamp, type Kernel } from './kernel.ts'
import { maximalScale } from './scale.ts'

/** The loss Σ_i w_i Σ_k kernel(f_ik, y_ik); weights of one where none are given. */
export function separable(kernel: Kernel, weights?: Float64Array): Loss {
  const weightOf = (k: number, cols: number): number => (weights ? weights[Math.floor(k / cols)] : 1)
  const each = (Y: Matrix, of: (k: number, y: number, w: number) => number): Matrix => {
    const out = matrix(Y.rows, Y.cols)
    for (let k = 0; k < out.data.length; k++) out.data[k] = of(k, Y.data[k], weightOf(k, Y.cols))
    return out
  }
  const loss: Loss = {
    name: kernel.name,
    formula: weights ? kernel.formula.replace('Σ ', 'Σ w ') : kernel.formula,
    kinked: kernel.kinked,
    smoothness(Y) {
      const most = kernel.most ? each(Y, (_, y, w) => w * kernel.most!(y)).data : new Float64Array(0)
      const budget = compensatedSum(most) * (1 + 8 * Number.EPSILON)
      const sizes = each(Y, (_, y, w) => w * kernel.smoothness(y, budget / w)).data
      return sizes.reduce((largest, size) => Math.max(largest, size), 0)
    },
    value: (F, Y) => compensatedSum(each(Y, (k, y, w) => w * kernel.value(F.data[k], y)).data),
    valueError(F, Y) {
      const terms = each(Y, (k, y, w) => w * kernel.valueError(F.data[k], y)).data
      return 2 * compensatedSum(terms) + 4 * Number.EPSILON * loss.value(F, Y)
    },
    dual(F, Y) {
      // 0 − slope, so that no entry is −0.
      return loss.project(each(Y, (k, y, w) => 0 - w * kernel.slope(F.data[k], y)), Y) // biome-ignore format: short
    },
    hessianRoot: (F, Y) => diagonalBlocks(each(Y, (k, y, w) => Math.sqrt(w * kernel.curvature(F.data[k], y)))), // biome-ignore format: short
    project(Z, Y) {
      const inside = (k: number, y: number, w: number): boolean => {
        const z = Z.data[k]
        return z >= inward(kernel.lower(y), w) && z <= inward(kernel.upper(y), w)
      }
      let all = true
      for (let k = 0; k < Z.data.length && all; k++) all = inside(k, Y.data[k], weightOf(k, Y.cols))
      if (all) return Z
      return each(Y, (k, y, w) => clamp(Z.data[k], inward(kernel.lower(y), w), inward(kernel.upper(y), w)))
    },
    slack: (Z, Y) =>
      each(Y, (k, y, w) => {
        const room = Math.min(Z.data[k] - inward(kernel.lower(y), w), inward(kernel.upper(y), w) - Z.data[k])
        return room > 0 ? room : 0
      }),
    dualValue(Z, Y, tau, radius) {
      const terms = new Float64Array(Z.data.length)
      let error = 0
      for (let k = 0; k < terms.length; k++) {
        const w = weightOf(k, Y.cols)
        const range = rangeOf(kernel, Z.data[k], Y.data[k], w, tau, radius?.data[k] ?? 0)
        if (range === undefined) return Number.NaN
        const [low, high] = range
        // Concave: nowhere between the ends is it below both of them.
        terms[k] = w * Math.min(kernel.dual(low, Y.data[k]), kernel.dual(high, Y.data[k]))
        const own = Math.max(kernel.dualError(low, Y.data[k]), kernel.dualError(high, Y.data[k]))
        error += w * own + 2 * Number.EPSILON * Math.abs(terms[k])
      }
      return roundedDown(terms, error)
    },
    bestScale: (Z, Y, limit) => maximalScale((tau) => loss.dualValue(Z, Y, tau), limit),
    validateTargets(Y) {
      Y.data.forEach((y, k) => {
        const rule = kernel.rejects(y)
        if (rule === undefined) return
        const place = `row ${Math.floor(k / Y.cols)}, column ${k % Y.cols}`
        throw new InvalidProblemError(`${kernel.name} loss: targets ${rule}, got ${y} in ${place}`)
      })
    },
    weighted: (next) => separable(kernel, weights ? next.map((w, i) => w * weights[i]) : next),
  }
  if (!kernel.range) return loss
  const range = (f: number, y: number): readonly [number, number] => kernel.range!(f, y)
  return {
    ...loss,
    augmented: (multiplier, penalty) => augmented(kernel, weights, multiplier, penalty),
    dualRange: (F, Y) => ({
      low: loss.project(
        each(Y, (k, y, w) => w * range(F.data[k], y)[0]),
        Y,
      ),
      high: loss.project(
        each(Y, (k, y, w) => w * range(F.data[k], y)[1]),
        Y,
      ),
    }),
  }
}

/** More than any term can lose by underflow on its way, and less than anything that matters. */
const underflow: number = 2 ** -1000

/** The sum of the terms minus what it and they may be wrong by. */
export function roundedDown(terms: Float64Array, error: number): number {
  const total = compensatedSum(terms)
  const n = terms.length
  let size = 0
  for (let k = 0; k < n; k++) size += Math.abs(terms[k])
  const summing = 4 * Number.EPSILON * Math.abs(total) + 4 * (n * Number.EPSILON) ** 2 * size
  return total - (summing + error * (1 + 2 * n * Number.EPSILON)) * (1 + 4 * Number.EPSILON) - n * underflow
}

/** w times an end of the domain, not beyond it. */
function inward(end: number, w: number): number {
  const product = end * w
  return w === 1 || end === 0 || Math.abs(end) === 1 ? product : product * (1 - 2 * Number.EPSILON)
}

/**
 * Numbers that τz′/w lies between, for every z′ within the radius of z; undefined when one of them may be outside the
 * domain. A τ in [0, 1] cannot leave it, since 0 lies in it.
 */
function rangeOf(
  kernel: Kernel,
  z: number,
  y: number,
  w: number,
  tau: number,
  radius: number,
): readonly [number, number] | undefined {
  const lower = kernel.lower(y)
  const upper = kernel.upper(y)
  const bounded = lower > Number.NEGATIVE_INFINITY || upper < Number.POSITIVE_INFINITY
  if (bounded) {
    if (!(tau >= 0 && tau <= 1)) return undefined
    const room = Math.min(z - inward(lower, w), inward(upper, w) - z)
    if (!(room >= 0 && room * (1 - 4 * Number.EPSILON) >= radius)) return undefined
  }
  const middle = (tau * z) / w
  const width =
    8 * Number.EPSILON * Math.abs(middle) +
    ((Math.abs(tau) * radius) / w) * (1 + 8 * Number.EPSILON) +
    (tau === 0 || z === 0 ? 0 : 4 * Number.MIN_VALUE * (1 + 1 / w))
  return [clamp(middle - width, lower, upper), clamp(middle + width, lower, upper)]
}

function augmented(kernel: Kernel, weights: Float64Array | undefined, multiplier: Matrix, penalty: number): SmoothLoss {
  const { rows, cols } = multiplier
  const maximiser = (F: Matrix, Y: Matrix, k: number, w: number): number => {
    const y = Y.data[k]
    const s = kernel.proximal!((multiplier.data[k] - penalty * F.data[k]) / w, y, penalty / w)
    return clamp(w * s, inward(kernel.lower(y), w), inward(kernel.upper(y), w))
  }
  const each = (of: (k: number, w: number) => number): Matrix => {
    const out = matrix(rows, cols)
    for (let k = 0; k < out.data.length; k++) out.data[k] = of(k, weights ? weights[Math.floor(k / cols)] : 1)
    return out
  }
  return {
    value: (F, Y) =>
      compensatedSum(
        each((k, w) => {
          const z = maximiser(F, Y, k, w)
          return w * kernel.dual(z / w, Y.data[k]) - z * F.data[k] - (z - multiplier.data[k]) ** 2 / (2 * penalty)
        }).data,
      ),
    dual: (F, Y) => each((k, w) => maximiser(F, Y, k, w)),
    hessianRoot: (F, Y) =>
      diagonalBlocks(
        each((k, w) => {
          const t = (multiplier.data[k] - penalty * F.data[k]) / w
          return Math.sqrt(penalty * kernel.proximalSlope!(t, Y.data[k], penalty / w))
        }),
      ),
  }
}

/** Row i of roots as the diagonal of the i-th block. */
function diagonalBlocks(roots: Matrix): Matrix {
  const c = roots.cols
  const out = matrix(roots.rows, c * c)
  for (let i = 0; i < roots.rows; i++)
    for (let k = 0; k < c; k++) out.data[i * c * c + k * c + k] = roots.data[i * c + k]
  return out
}
