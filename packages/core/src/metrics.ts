import { InvalidProblemError } from './errors.ts'
import { type Matrix, row } from './linalg/matrix.ts'
import { compensatedSum } from './linalg/sum.ts'
import { classProbabilities, decidedClass, hasProbabilities, responses } from './targets.ts'

export type Metric = 'accuracy' | 'balanced-accuracy' | 'log-loss' | 'auc' | 'r2' | 'rmse' | 'mae'

/** What is known about rows that a network was evaluated on. */
export interface Outcomes {
  /** Network outputs, n × c. */
  readonly F: Matrix
  /** Targets, n × c. */
  readonly Y: Matrix
  /** Position of each row's class, for classification; null for regression. */
  readonly labels: ArrayLike<number> | null
  /** n × classes, rows that sum to 1, where the loss makes probabilities of outputs; log-loss needs them. */
  readonly probabilities?: Matrix | undefined
}

export const classMetrics: readonly Metric[] = ['accuracy', 'balanced-accuracy', 'log-loss', 'auc']
export const valueMetrics: readonly Metric[] = ['r2', 'rmse', 'mae']

/**
 * What a network trained by this loss says about rows: predictions on the scale of the targets (exp F for `poisson`), and
 * for classes the probabilities where its outputs have any.
 */
export function outcomesOf(loss: string, F: Matrix, { Y, labels }: Pick<Outcomes, 'Y' | 'labels'>): Outcomes {
  if (!labels) return { F: responses(loss, F), Y, labels }
  return { F, Y, labels, probabilities: classProbabilities(loss, F) }
}

/** What is told about a network trained by this loss, the first deciding; log-loss only where there are probabilities. */
export function metricsFor(loss: string, labels: Outcomes['labels']): readonly Metric[] {
  if (!labels) return ['rmse', 'mae', 'r2']
  const always: readonly Metric[] = ['accuracy', 'balanced-accuracy', 'auc']
  return hasProbabilities(loss) ? [...always, 'log-loss'] : always
}

/** Whether more is better. */
export function isGain(metric: Metric): boolean {
  return metric !== 'log-loss' && metric !== 'rmse' && metric !== 'mae'
}

/**
 * One figure for how good predictions are on rows.
 *
 * accuracy: share of rows whose largest output (with one output: whose sign) is that of their class. balanced-accuracy: the
 * same per class, averaged over the classes that occur. auc: the chance that a row of a class gets a larger score than one
 * of the others, ties counting half (Mann–Whitney); for more than two classes the mean over classes against the rest.
 * log-loss: −mean log p of the true class. r2: 1 − Σ(y − f)²/Σ(y − ȳ)², averaged over outputs. rmse, mae: over all entries.
 *
 * NaN where it is not defined: auc and r2 on rows of a single class or value (r2 of a constant that is met exactly is 1).
 *
 * @throws InvalidProblemError for a class metric without labels or the reverse, and for log-loss without probabilities.
 */
export function scoreOf(metric: Metric, outcomes: Outcomes): number {
  const { F, Y, probabilities } = outcomes
  switch (metric) {
    case 'accuracy':
      return accuracy(decisions(F), labelsOf(metric, outcomes))
    case 'balanced-accuracy':
      return balancedAccuracy(decisions(F), labelsOf(metric, outcomes))
    case 'auc':
      return areaUnderCurve(F, labelsOf(metric, outcomes))
    case 'log-loss': {
      const labels = labelsOf(metric, outcomes)
      if (probabilities) return logLoss(probabilities, labels)
      throw new InvalidProblemError(
        'scoreOf: log-loss needs probabilities, which outputs trained by this loss are not: choose a logistic or softmax loss, or another metric',
      )
    }
    case 'r2':
      return determination(F, Y)
    case 'rmse':
      return Math.sqrt(compensatedSum(Y.data.map((y, k) => (y - F.data[k]) ** 2)) / Y.data.length)
    case 'mae':
      return compensatedSum(Y.data.map((y, k) => Math.abs(y - F.data[k]))) / Y.data.length
  }
}

/** The class of each row: the largest output, the first of equal ones; with one output, 1 where it is positive. */
export function decisions(F: Matrix): Int32Array {
  return Int32Array.from({ length: F.rows }, (_, i) => decidedClass(row(F, i)))
}

function labelsOf(metric: Metric, { labels }: Outcomes): ArrayLike<number> {
  if (labels) return labels
  throw new InvalidProblemError(
    `scoreOf: ${metric} is for classes, got numbers to predict: choose one of ${valueMetrics.join(', ')}`,
  )
}

function accuracy(decided: Int32Array, labels: ArrayLike<number>): number {
  return decided.reduce((hits, k, i) => hits + (k === labels[i] ? 1 : 0), 0) / decided.length
}

function balancedAccuracy(decided: Int32Array, labels: ArrayLike<number>): number {
  const seen = new Map<number, { rows: number; hits: number }>()
  decided.forEach((k, i) => {
    const { rows, hits } = seen.get(labels[i]) ?? { rows: 0, hits: 0 }
    seen.set(labels[i], { rows: rows + 1, hits: hits + (k === labels[i] ? 1 : 0) })
  })
  return [...seen.values()].reduce((total, { rows, hits }) => total + hits / rows, 0) / seen.size
}

function areaUnderCurve(F: Matrix, labels: ArrayLike<number>): number {
  if (F.cols === 1) return rankArea(F.data, (i) => labels[i] === 1)
  if (F.cols === 2) {
    const scores = Float64Array.from({ length: F.rows }, (_, i) => F.data[2 * i + 1] - F.data[2 * i])
    return rankArea(scores, (i) => labels[i] === 1)
  }
  const areas = Array.from({ length: F.cols }, (_, k) => {
    const scores = Float64Array.from({ length: F.rows }, (_, i) => F.data[i * F.cols + k])
    return rankArea(scores, (i) => labels[i] === k)
  })
  return areas.reduce((total, area) => total + area, 0) / areas.length
}

/** The Mann–Whitney statistic from ranks, tied scores sharing their mean rank. */
function rankArea(scores: Float64Array, isPositive: (i: number) => boolean): number {
  const order = Array.from(scores.keys()).toSorted((a, b) => scores[a] - scores[b])
  let positives = 0
  let rankSum = 0
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && scores[order[to]] === scores[order[from]]) to++
    if (to === from) return Number.NaN // a score that is not a number has no rank
    for (let k = from; k < to; k++) {
      if (!isPositive(order[k])) continue
      positives++
      rankSum += (from + to + 1) / 2
    }
    from = to
  }
  const negatives = scores.length - positives
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

function logLoss(probabilities: Matrix, labels: ArrayLike<number>): number {
  const terms = Float64Array.from({ length: probabilities.rows }, (_, i) =>
    Math.log(probabilities.data[i * probabilities.cols + labels[i]]),
  )
  return -compensatedSum(terms) / terms.length
}

function determination(F: Matrix, Y: Matrix): number {
  let total = 0
  for (let k = 0; k < Y.cols; k++) {
    const y = columnOf(Y, k)
    const mean = compensatedSum(y) / y.length
    const spread = compensatedSum(y.map((value) => (value - mean) ** 2))
    const residual = compensatedSum(y.map((value, i) => (value - F.data[i * F.cols + k]) ** 2))
    const share = y.every((value) => value === y[0]) ? (residual === 0 ? 0 : Number.NaN) : residual / spread
    total += 1 - share
  }
  return total / Y.cols
}

function columnOf(a: Matrix, k: number): Float64Array {
  return Float64Array.from({ length: a.rows }, (_, i) => a.data[i * a.cols + k])
}
