import { InvalidProblemError } from '../errors.ts'
import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import { compensatedSum } from '../linalg/sum.ts'
import type { Loss } from '../loss.ts'
import { clamp, ulps } from './kernel.ts'
import { maximalScale } from './scale.ts'
import { roundedDown } from './separable.ts'

/**
 * Cross-entropy Σ log Σ_k exp(f_k − f_t) over one-hot targets, t the class of the sample.
 *
 * z = y − p with p in the simplex, and −ℓ*(−Z) is the entropy of p, in nats. The rows of Z sum to 0, which floats only do
 * by design: dual points have entries that are multiples of a power of two, so that these sums are exact.
 */
export const softmaxLoss: Loss = softmax()

/** Entries of a dual are multiples of w · 2^−48 or less, and sums of them are exact. */
const gridBits = 48

function softmax(weights?: Float64Array): Loss {
  const weightOf = (i: number): number => (weights ? weights[i] : 1)
  const loss: Loss = {
    name: 'softmax',
    formula: weights ? 'Σ w log Σ_k exp(f_k − f_y)' : 'Σ log Σ_k exp(f_k − f_y)',
    kinked: false,
    smoothness: () => (weights ? weights.reduce((most, w) => Math.max(most, w), 0) / 2 : 0.5),
    value: (F, Y) => compensatedSum(eachRow(Y, (i) => weightOf(i) * logSum(row(F, i), classOf(Y, i)))),
    valueError: (F, Y) =>
      compensatedSum(
        eachRow(Y, (i) => {
          const f = row(F, i)
          const size = f.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0)
          return ulps * weightOf(i) * (logSum(f, classOf(Y, i)) + size) * f.length
        }),
      ),
    dual: (F, Y) =>
      rowsInto(Y, (i, z) => {
        const p = probabilities(row(F, i))
        balanced(p, classOf(Y, i), weightOf(i), z)
      }),
    hessianRoot: (F, Y) => curvatureRoots(F, Y, weightOf),
    project(Z, Y) {
      let all = true
      for (let i = 0; i < Z.rows && all; i++) all = admissible(row(Z, i), classOf(Y, i), weightOf(i))
      if (all) return Z
      return rowsInto(Y, (i, z) => {
        const w = weightOf(i)
        const shares = row(Z, i).map((entry) => clamp(-entry / w, 0, 1))
        balanced(shares, classOf(Y, i), w, z)
      })
    },
    slack: (Z, Y) => rowsInto(Y, (i, out) => slackInto(row(Z, i), classOf(Y, i), weightOf(i), out)),
    counterpart: (Y) => Int32Array.from({ length: Y.rows }, (_, i) => classOf(Y, i)),
    dualValue(Z, Y, tau, radius) {
      if (!(tau >= 0 && tau <= 1)) return Number.NaN
      const terms = new Float64Array(Z.rows)
      let error = 0
      for (let i = 0; i < Z.rows; i++) {
        const t = classOf(Y, i)
        const w = weightOf(i)
        const reach = radius ? row(radius, i) : undefined
        if (!admissible(row(Z, i), t, w) || !staysInside(row(Z, i), t, w, reach)) return Number.NaN
        terms[i] = w * entropyBelow(row(Z, i), t, w, tau, reach)
        error += (ulps + Z.cols * Number.EPSILON) * Math.abs(terms[i])
      }
      return roundedDown(terms, error)
    },
    bestScale: (Z, Y, limit) => maximalScale((tau) => loss.dualValue(Z, Y, tau), limit),
    validateTargets,
    weighted: (next) => softmax(weights ? next.map((w, i) => w * weights[i]) : next),
  }
  return loss
}

function classOf(Y: Matrix, i: number): number {
  return row(Y, i).indexOf(1)
}

function eachRow(Y: Matrix, of: (i: number) => number): Float64Array {
  return Float64Array.from({ length: Y.rows }, (_, i) => of(i))
}

function rowsInto(Y: Matrix, fill: (i: number, target: Float64Array) => void): Matrix {
  const out = matrix(Y.rows, Y.cols)
  for (let i = 0; i < Y.rows; i++) fill(i, row(out, i))
  return out
}

/** log Σ_k exp(f_k − f_t): log1p where the right class leads, so that small losses keep their digits. */
function logSum(f: Float64Array, t: number): number {
  const top = f.reduce((most, entry) => Math.max(most, entry), Number.NEGATIVE_INFINITY)
  let others = 0
  for (let k = 0; k < f.length; k++) if (k !== t) others += Math.exp(f[k] - top)
  return f[t] === top ? Math.log1p(others) : top - f[t] + Math.log(others + Math.exp(f[t] - top))
}

function probabilities(f: Float64Array): Float64Array {
  const top = f.reduce((most, entry) => Math.max(most, entry), Number.NEGATIVE_INFINITY)
  const p = f.map((entry) => Math.exp(entry - top))
  const total = p.reduce((sum, entry) => sum + entry, 0)
  return p.map((entry) => entry / total)
}

/** A power of two near w, so small that w and all sums of entries up to w are multiples of it in 53 bits. */
function gridOf(w: number): number {
  return 2 ** (Math.floor(Math.log2(w)) - gridBits)
}

/** z_k = −w p_k on the grid for the other classes, and z_t exactly minus their sum, at most w. */
function balanced(p: Float64Array, t: number, w: number, z: Float64Array): void {
  const grid = gridOf(w)
  let others = 0
  for (let k = 0; k < p.length; k++) if (k !== t) others += p[k]
  const shrink = others > 1 ? 1 / others : 1
  let sum = 0
  for (let k = 0; k < p.length; k++) {
    if (k === t) continue
    // Down to the grid, and never beyond w in all: sums of multiples of the grid are exact.
    const entry = Math.min(Math.floor((w * shrink * p[k]) / grid) * grid, Math.floor((w - sum) / grid) * grid)
    z[k] = 0 - entry
    sum += entry
  }
  z[t] = sum
}

/** z_k ≤ 0 for the other classes, z_t ≤ w, all on the grid, and their sum, which is then exact, 0. NaN is not. */
function admissible(z: Float64Array, t: number, w: number): boolean {
  const grid = gridOf(w)
  let sum = 0
  for (let k = 0; k < z.length; k++) {
    if (!(k === t ? z[k] >= 0 && z[k] <= w : z[k] <= 0 && z[k] >= -w) || !Number.isInteger(z[k] / grid)) return false
    sum += z[k]
  }
  return sum === 0
}

/** Each other class may give up what it has; all of them together may take what the right class has. */
function slackInto(z: Float64Array, t: number, w: number, out: Float64Array): void {
  const share = (w - z[t]) / (z.length - 1)
  for (let k = 0; k < z.length; k++) out[k] = k === t ? 0 : Math.max(0, Math.min(-z[k], share))
}

/** Whether the simplex holds everything within reach of p. */
function staysInside(z: Float64Array, t: number, w: number, reach: Float64Array | undefined): boolean {
  if (!reach) return true
  return z.every((entry, k) => (k === t ? w - entry : -entry) * (1 - 4 * Number.EPSILON) >= reach[k])
}

/** A number below the entropy of p = y − τz′/w for every z′ within reach of z, up to the rounding of the logarithms. */
function entropyBelow(z: Float64Array, t: number, w: number, tau: number, reach: Float64Array | undefined): number {
  let total = 0
  for (let k = 0; k < z.length; k++) {
    // The share of another class, or what all of them together take from the right one.
    const q = (tau * Math.abs(z[k])) / w
    const width = 8 * Number.EPSILON * q + ((tau * (reach?.[k] ?? 0)) / w) * (1 + 8 * Number.EPSILON)
    const term = k === t ? complementTerm : shareTerm
    // Concave: nowhere between the ends is it below both of them.
    total += Math.min(term(clamp(q - width, 0, 1)), term(clamp(q + width, 0, 1)))
  }
  return total
}

/** −q log q. */
function shareTerm(q: number): number {
  return q === 0 ? 0 : -q * Math.log(q)
}

/** −(1 − q) log(1 − q). */
function complementTerm(q: number): number {
  return q === 1 ? 0 : -(1 - q) * Math.log1p(-q)
}

/** diag(p) − ppᵀ = S Sᵀ with S = diag(√p) − p √pᵀ, since Σ p = 1. */
function curvatureRoots(F: Matrix, Y: Matrix, weightOf: (i: number) => number): Matrix {
  const c = Y.cols
  const out = matrix(Y.rows, c * c)
  for (let i = 0; i < Y.rows; i++) {
    const p = probabilities(row(F, i))
    const root = Math.sqrt(weightOf(i))
    const block = row(out, i)
    for (let k = 0; k < c; k++) {
      for (let q = 0; q < c; q++) block[k * c + q] = root * ((k === q ? 1 : 0) - p[k]) * Math.sqrt(p[q])
    }
  }
  return out
}

function validateTargets(Y: Matrix): void {
  if (Y.cols < 2) throw new InvalidProblemError(`softmax loss: targets must have a column per class, got ${Y.cols}`)
  for (let i = 0; i < Y.rows; i++) {
    const y = row(Y, i)
    const ones = y.reduce((count, entry) => count + (entry === 1 ? 1 : 0), 0)
    if (ones === 1 && y.every((entry) => entry === 0 || entry === 1)) continue
    throw new InvalidProblemError(`softmax loss: targets must be one-hot, got [${y.join(', ')}] in row ${i}`)
  }
}
