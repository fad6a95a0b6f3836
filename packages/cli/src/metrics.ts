import { decidedClass, type Matrix, type Model, type Network, predict, responses } from '@relucent/core'
import type { Cell, Numbers } from '@relucent/io'
import type { Metric } from './records.ts'

export const metrics: readonly Metric[] = ['r2', 'accuracy', 'mse']

/** What each is called in a sentence. */
export const metricNames: Readonly<Record<Metric, string>> = {
  r2: 'R²',
  accuracy: 'accuracy',
  mse: 'mean squared error',
}

/** X as the network takes it and the targets; `labels` for a classifier. */
export interface Scored {
  readonly X: Matrix
  readonly Y: Numbers
  readonly labels: readonly number[] | null
  /** Its name: outputs of a Poisson model are log means. Squared where nothing is said. */
  readonly loss?: string
}

export function score(metric: Metric, network: Network, scored: Scored): number {
  return scoreOutputs(metric, responses(scored.loss ?? 'squared', predict(network, scored.X)), scored)
}

/** Of what was predicted for the rows of X, by whatever it was. */
export function scoreOutputs(metric: Metric, F: Matrix, { Y, labels }: Pick<Scored, 'Y' | 'labels'>): number {
  if (metric === 'accuracy') return labels === null ? Number.NaN : accuracy(F, labels)
  return metric === 'mse' ? squaredError(F, Y) / Y.data.length : rSquared(F, Y)
}

/** One column per class, also where a single output f stands for two: −f for the first, f for the second. */
export function perClass({ classes }: Pick<Model, 'classes'>, F: Matrix): Matrix {
  if (classes === null || F.cols !== 1) return F
  return {
    rows: F.rows,
    cols: 2,
    data: Float64Array.from({ length: 2 * F.rows }, (_, k) => (k % 2 === 0 ? -1 : 1) * F.data[k >> 1]),
  }
}

/** Outputs of the network for one row. */
export function outputsOf({ cols, data }: Matrix, row: number): Float64Array {
  return data.subarray(row * cols, (row + 1) * cols)
}

/** The outputs themselves, or the class they stand for. */
export function predictedCells({ classes }: Pick<Model, 'classes'>, outputs: Float64Array): Cell[] {
  return classes === null ? [...outputs] : [classes[decidedClass(outputs)]]
}

function accuracy(F: Matrix, labels: readonly number[]): number {
  return labels.filter((label, i) => decidedClass(outputsOf(F, i)) === label).length / labels.length
}

function squaredError(F: Numbers, Y: Numbers): number {
  return F.data.reduce((sum, value, k) => sum + (value - Y.data[k]) ** 2, 0)
}

/** 1 − Σ(y − f)²/Σ(y − ȳ)², averaged over outputs; for a constant target 1 if met exactly and 0 otherwise. */
function rSquared(F: Numbers, Y: Numbers): number {
  let total = 0
  for (let k = 0; k < Y.cols; k++) {
    const targets = Float64Array.from({ length: Y.rows }, (_, i) => Y.data[i * Y.cols + k])
    const mean = targets.reduce((sum, value) => sum + value, 0) / Y.rows
    const spread = targets.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    const residual = targets.reduce((sum, value, i) => sum + (value - F.data[i * F.cols + k]) ** 2, 0)
    total += spread > 0 ? 1 - residual / spread : residual === 0 ? 1 : 0
  }
  return total / Y.cols
}
