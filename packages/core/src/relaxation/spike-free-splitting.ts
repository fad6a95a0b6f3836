import { defaultBackend } from '../linalg/backend/registry.ts'
import { type Matrix, matrix } from '../linalg/matrix.ts'
import type { Pacer } from '../pacer.ts'
import { positiveRoot } from './positive-root.ts'

/** A point of the program and one of its dual, neither feasible but for rounding. */
export interface SpikeFreeIterate {
  /** n × n, symmetric, no entry negative. */
  readonly S: Matrix
  /** Multipliers of S ≥ 0: n × n, symmetric, no entry negative. */
  readonly N: Matrix
  readonly steps: number
  readonly state: SplittingState
}

/** Where a run stopped, and from where the run at the next β may start. */
export interface SplittingState {
  /** Γ and M, of order n + r. */
  readonly gamma: Matrix
  readonly M: Matrix
  /** Penalty per β: the multipliers that M stands for are of the size of β. */
  readonly rhoPerBeta: number
}

export interface SplittingOptions {
  readonly start?: SplittingState | undefined
  readonly pacer: Pacer
}

const mostSteps = 20_000

/** Steps before the first iterate is shown, and then this share of all so far: judging one costs several steps. */
const firstReport = 20
const reportShare = 0.2

/** Over-relaxation; anything below 2 converges. */
const stretch = 1.7

/** Steps between changes of the penalty, how far apart residuals may be before it changes, and by how much it may. */
const adaptEvery = 20
const balance = 2
const cautious = 2

/** First penalty, per β: near where it ended on images and on Gaussian targets alike. */
const firstPenalty = 5

/**
 * The program min ½ tr(Yᵀ(I + 2S)⁻¹Y) + β² tr S over positive semidefinite S ≥ 0, by alternating directions between
 * two sets onto which one projects exactly. With factors, 2βS = AAᵀ, it is
 *
 *     min ½‖V − Y‖² + β/2 (tr P + tr G)   s.t.  Γ = [P V; Vᵀ G] positive semidefinite,   P ≥ 0 entrywise,
 *
 * so that a step sets every entry of Γ by itself, then takes the positive part of a matrix of order n + r:
 *
 *     E ← prox(Γ − M),   Γ ← (E + M)₊,   M ← M + E − Γ.
 *
 * It is `entrywiseSplitting` (Boyd et al. 2011, section 3) for this one program: without the change of basis, which is
 * the identity here, and with a warm start.
 *
 * @param Y n × r with ‖Y‖₂ of order one. @param beta of the same unit.
 */
export async function* spikeFreeIterates(
  Y: Matrix,
  beta: number,
  { start, pacer }: SplittingOptions,
): AsyncGenerator<SpikeFreeIterate> {
  const order = Y.rows + Y.cols
  let rho = beta * (start?.rhoPerBeta ?? firstPenalty)
  let gamma = start?.gamma ?? matrix(order, order)
  const M = matrix(order, order, start?.M.data.slice())
  const E = matrix(order, order)
  let nextReport = firstReport
  for (let steps = 1; steps <= mostSteps && !pacer.expired(); steps++) {
    const turn = pacer.breathe()
    if (turn) await turn
    const N = steps >= nextReport ? multipliersOf(Y.rows, beta, rho, gamma, M) : null
    setEntriesInto(Y, beta, rho, gamma, M, E)
    const before = gamma
    gamma = projectedInto(E, before, M)
    const ratio = residualRatio(E, before, gamma, M)
    if (Number.isNaN(ratio)) return
    if (N) {
      nextReport = steps + Math.max(firstReport / 2, Math.ceil(reportShare * steps))
      const state = { gamma, M: matrix(order, order, M.data.slice()), rhoPerBeta: rho / beta }
      yield { S: leadingBlock(E, Y.rows, 1 / (2 * beta)), N, steps, state }
    }
    if (steps % adaptEvery === 0 && (ratio > balance || ratio < 1 / balance)) {
      const factor = Math.min(cautious, Math.max(1 / cautious, Math.sqrt(ratio)))
      rho *= factor
      for (let k = 0; k < M.data.length; k++) M.data[k] /= factor
    }
  }
}

/** E ← prox(Γ − M). The diagonal has the cost β/2, P its sign, and V, which Γ holds twice, the least squares. */
function setEntriesInto(Y: Matrix, beta: number, rho: number, gamma: Matrix, M: Matrix, E: Matrix): void {
  const n = Y.rows
  const order = gamma.rows
  const [g, m, e] = [gamma.data, M.data, E.data]
  for (let k = 0; k < e.length; k++) e[k] = g[k] - m[k]
  for (let i = 0; i < order; i++) e[i * order + i] -= beta / (2 * rho)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (e[i * order + j] < 0) e[i * order + j] = 0
    for (let t = 0; t < Y.cols; t++) {
      const value = (Y.data[i * Y.cols + t] + 2 * rho * e[i * order + n + t]) / (1 + 2 * rho)
      e[i * order + n + t] = e[(n + t) * order + i] = value
    }
  }
}

/** 2βρ times what the prox adds to entries of P to make them nonnegative: N of β²I − ZZᵀ − N. */
function multipliersOf(n: number, beta: number, rho: number, gamma: Matrix, M: Matrix): Matrix {
  const order = gamma.rows
  const out = matrix(n, n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const value = gamma.data[i * order + j] - M.data[i * order + j] - (i === j ? beta / (2 * rho) : 0)
      if (value < 0) out.data[i * n + j] = -2 * beta * rho * value
    }
  }
  return out
}

function leadingBlock(E: Matrix, n: number, factor: number): Matrix {
  const out = matrix(n, n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) out.data[i * n + j] = factor * E.data[i * E.cols + j]
  }
  return out
}

/** Γ is returned; M is what the projection took away. */
function projectedInto(E: Matrix, before: Matrix, M: Matrix): Matrix {
  const [e, g, m] = [E.data, before.data, M.data]
  for (let k = 0; k < m.length; k++) m[k] += stretch * e[k] + (1 - stretch) * g[k]
  const gamma = defaultBackend().gram(positiveRoot(M))
  for (let k = 0; k < m.length; k++) m[k] -= gamma.data[k]
  return gamma
}

/** How far the two sets are apart over how far the projection moved, each relative to its size. */
function residualRatio(E: Matrix, before: Matrix, gamma: Matrix, M: Matrix): number {
  let [apart, moved, size, sizeM] = [0, 0, 0, 0]
  for (let k = 0; k < E.data.length; k++) {
    const value = gamma.data[k]
    apart += (E.data[k] - value) ** 2
    moved += (value - before.data[k]) ** 2
    size += value ** 2
    sizeM += M.data[k] ** 2
  }
  const tiny = Number.MIN_VALUE
  return Math.sqrt((apart / (size + tiny) + tiny) / (moved / (sizeM + tiny) + tiny))
}
