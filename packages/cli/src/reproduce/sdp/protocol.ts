import { accuracy, type Matrix } from '@relucent/core'

/** Test accuracy by two protocols, of outputs fitted to one-hot targets. */
export interface Accuracies {
  /** The class of the largest output; nothing is chosen by the test rows. */
  readonly argmax: number
  /**
   * The protocol of the paper's published code: the outputs above a threshold have to be the class alone, and the threshold
   * is the one of 0, 0.01 … 0.99 that is best on the test rows. A choice by test rows: it says nothing about new ones.
   */
  readonly original: number
}

export function accuraciesOf(F: Matrix, classes: readonly number[]): Accuracies {
  return { argmax: accuracy(F, classes), original: originalAccuracy(F, classes) }
}

const thresholds = Array.from({ length: 100 }, (_, k) => k / 100)

function originalAccuracy(F: Matrix, classes: readonly number[]): number {
  const shares = thresholds.map((threshold) => {
    const right = classes.filter((label, i) => {
      const outputs = F.data.subarray(i * F.cols, (i + 1) * F.cols)
      return outputs.every((value, k) => value > threshold === (k === label))
    })
    return right.length / classes.length
  })
  return Math.max(...shares)
}
