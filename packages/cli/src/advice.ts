import type { Problem } from '@relucent/core'
import type { Numbers } from '@relucent/io'
import { quoted } from '@relucent/io'
import { formatValue } from './format.ts'

/** Scales that differ by more than this make weight decay act on some columns and not on others. */
const scaleRatio = 100

/** Weight decay acts on all features alike, so their units matter. Undefined when they are comparable. */
export function scaleWarning(X: Numbers, names: readonly string[]): string | undefined {
  const sizes = names.map((_, k) => largestInColumn(X, k))
  const used = sizes.map((size, k) => ({ size, k })).filter(({ size }) => size > 0)
  const least = used.reduce((a, b) => (b.size < a.size ? b : a))
  const most = used.reduce((a, b) => (b.size > a.size ? b : a))
  if (!(most.size > scaleRatio * least.size)) return undefined
  return (
    `column ${quoted(names[most.k])} reaches ${formatValue(most.size)}, column ${quoted(names[least.k])} only ` +
    `${formatValue(least.size)}: weight decay treats them alike; consider --preprocess standardize`
  )
}

function largestInColumn({ rows, cols, data }: Numbers, k: number): number {
  let largest = 0
  for (let i = 0; i < rows; i++) largest = Math.max(largest, Math.abs(data[i * cols + k]))
  return largest
}

/**
 * Without a bias every network computes 0 at x = 0, so targets around a mean far from 0 are hard to reach.
 *
 * Far means that the mean explains more of the targets' square than their spread does. Undefined when it does not.
 */
export function biasWarning(Y: Numbers, names: readonly string[]): string | undefined {
  for (let k = 0; k < Y.cols; k++) {
    let sum = 0
    let squares = 0
    for (let i = 0; i < Y.rows; i++) {
      const value = Y.data[i * Y.cols + k]
      sum += value
      squares += value * value
    }
    const mean = sum / Y.rows
    if (2 * mean * mean > squares / Y.rows) {
      const what = `the mean of ${quoted(names[k])} is ${formatValue(mean)}, far from 0 for its spread`
      return `${what}, and a network without bias computes 0 at x = 0; consider --bias`
    }
  }
  return undefined
}

/** What to expect of exact pricing, whose cost grows with the rank of the data: said before it starts. */
export function expectation({ reduction: { rank }, X }: Problem): string {
  if (rank <= 2) return `rank ${rank}: every activation pattern can be swept, expect an exact certificate at once`
  if (rank <= 4) return `rank ${rank}, ${X.rows} rows: expect an exact certificate in seconds to minutes`
  if (rank <= 6) return `rank ${rank}: an exact certificate is possible and may need a long --time-limit`
  return `rank ${rank}: exact certificate unlikely; you get a network and a bound, often a better one with --solver hybrid`
}

/** Why this oracle and no other. */
export function oracleReason({ reduction: { rank } }: Problem): string {
  return rank <= 2
    ? `rank ${rank} is at most 2, where a sweep over angles is exact`
    : `rank ${rank} is above 2: branch and bound, with multistart ascent as long as that finds improving neurons`
}

/** Float64 numbers of the data, their reduction, the outputs and an active set of 200 neurons, plus a search tree. */
export function memoryEstimate({ X, Y, reduction }: Problem): number {
  const { rank } = reduction
  const data = 2 * X.rows * X.cols + X.rows * rank + 4 * X.rows * Y.cols
  const neurons = Math.min(200, X.rows * Y.cols + 1)
  const master = neurons * (X.rows + X.cols + Y.cols) + (neurons * Y.cols) ** 2 / 4
  const tree = rank <= 2 ? 4 * X.rows : 20_000 * rank * (rank + 4)
  return 8 * (data + master + tree)
}
