import { InvalidProblemError } from './errors.ts'
import { indexOfLargest, type Matrix, matrix, row } from './linalg/matrix.ts'
import { targetKind } from './loss/named.ts'

/**
 * Classes, given by their positions, as targets of a loss: ±1 for `logistic`, `hinge` and `squared-hinge` (one column for two
 * classes, of which the second is 1, and one against the rest per class for more), one-hot for the others.
 *
 * @throws InvalidProblemError for `poisson`, which is about counts.
 */
export function encodeClasses(loss: string, positions: readonly number[], classes: number): Matrix {
  const kind = targetKind(loss)
  if (kind === 'count') {
    throw new InvalidProblemError(`encodeClasses: ${loss} is a loss of counts, not of classes: use softmax or logistic`)
  }
  const cols = outputsFor(loss, classes)
  const out = matrix(positions.length, cols)
  if (kind === 'sign') out.data.fill(-1)
  positions.forEach((k, i) => {
    if (cols > 1) out.data[i * cols + k] = 1
    else if (k === 1) out.data[i] = 1
  })
  return out
}

/** How many outputs a network has for so many classes. */
export function outputsFor(loss: string, classes: number): number {
  return targetKind(loss) === 'sign' && classes === 2 ? 1 : classes
}

/** Position of the class that outputs stand for: the largest, or with a single output the second where it is positive. */
export function decidedClass(outputs: Float64Array): number {
  if (outputs.length === 1) return outputs[0] > 0 ? 1 : 0
  return indexOfLargest(outputs)
}

/**
 * Probabilities of the classes, one column each: softmax of the outputs, or 1/(1 + exp(−f)) of each, divided by their sum
 * where there are more than two classes (one against the rest). Undefined for losses whose outputs are no log-odds.
 */
export function classProbabilities(loss: string, F: Matrix): Matrix | undefined {
  if (!hasProbabilities(loss)) return undefined
  if (loss === 'softmax') return normalised(F, (f) => f.map((value) => Math.exp(value - largest(f))))
  if (F.cols > 1) return normalised(F, (f) => f.map((value) => Math.exp(value - softplus(value))))
  const out = matrix(F.rows, 2)
  F.data.forEach((f, i) => {
    out.data[2 * i] = Math.exp(-softplus(f))
    out.data[2 * i + 1] = Math.exp(f - softplus(f))
  })
  return out
}

/** Whether outputs trained by the loss of this name are log-odds, of which probabilities are made. */
export function hasProbabilities(loss: string): boolean {
  return loss === 'softmax' || loss === 'logistic'
}

/** What outputs predict on the scale of the targets: their exponentials for `poisson`, whose outputs are log means. */
export function responses(loss: string, F: Matrix): Matrix {
  return loss === 'poisson' ? matrix(F.rows, F.cols, F.data.map(Math.exp)) : F // biome-ignore format: short
}

/** log(1 + e^x). */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
}

function normalised(F: Matrix, shares: (f: Float64Array) => Float64Array): Matrix {
  const out = matrix(F.rows, F.cols)
  for (let i = 0; i < F.rows; i++) {
    const weights = shares(row(F, i))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    row(out, i).set(weights.map((weight) => weight / total))
  }
  return out
}

/** `balanced`, or a weight per class. */
export type ClassWeight = 'balanced' | ReadonlyMap<string | number, number>

/**
 * One weight per class: n/(K n_k) for `balanced`, so that every class counts the same and the weights have mean 1; as given
 * otherwise, 1 for classes that are not named.
 *
 * @throws InvalidProblemError for a class that is none, or a weight that is not a positive finite number.
 */
export function classWeights(
  choice: ClassWeight,
  classes: readonly (string | number)[],
  positions: readonly number[],
): number[] {
  if (choice === 'balanced') {
    const counts = classes.map((_, k) => positions.filter((position) => position === k).length)
    return counts.map((count) => (count === 0 ? 1 : positions.length / (classes.length * count)))
  }
  for (const [label, weight] of choice) {
    if (!classes.includes(label)) {
      throw new InvalidProblemError(
        `classWeights: there is no class ${JSON.stringify(label)} among ${JSON.stringify(classes)}`,
      )
    }
    if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) {
      throw new InvalidProblemError(
        `classWeights: the weight of ${JSON.stringify(label)} must be a positive finite number, got ${weight}`,
      )
    }
  }
  return classes.map((label) => choice.get(label) ?? 1)
}
