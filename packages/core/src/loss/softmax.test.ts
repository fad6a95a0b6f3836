import { expect, test } from 'vitest'
import { fromRows, row } from '../linalg/matrix.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { unit, xlogx } from './big.fixtures.ts'
import { lossConformance } from './loss.conformance.ts'
import { decided, oneHotTargets } from './loss.fixtures.ts'
import { logisticLoss } from './logistic.ts'
import { softmaxLoss } from './softmax.ts'

lossConformance({
  loss: softmaxLoss,
  targets: oneHotTargets,
  perfect: decided,
  exactDual: (z, y) => z.reduce((total, entry, k) => total - xlogx((y[k] === 1 ? unit : 0n) - entry), 0n),
  largestScale: 1,
  leastOutputs: 2,
})

test('log c where nothing is predicted', () => {
  expect(softmaxLoss.value(fromRows([[0, 0, 0]]), fromRows([[0, 1, 0]]))).toBeCloseTo(Math.log(3), 15)
})

test('two classes are the logistic loss of the difference', () => {
  const F = fromRows([[0.3, -1.1], [2, 0.5]]) // biome-ignore format: short
  const value = softmaxLoss.value(F, fromRows([[1, 0], [0, 1]])) // biome-ignore format: short
  expect(value).toBeCloseTo(logisticLoss.value(fromRows([[1.4], [1.5]]), fromRows([[1], [-1]])), 14)
})

test('trap: rows of a dual sum to 0 exactly, in floating point, whatever the predictions', () => {
  // Sprung by y − p as computed: the sum is then off by rounding, and no point of the domain is meant.
  const random = seededRandom(1)
  for (let seed = 0; seed < 50; seed++) {
    const Y = oneHotTargets(random, 6, 5)
    const weights = Float64Array.from({ length: 6 }, () => 10 ** (4 * random() - 2))
    const Z = softmaxLoss.weighted(weights).dual(randomMatrix(random, 6, 5), Y)
    for (let i = 0; i < 6; i++) expect(row(Z, i).reduce((total, z) => total + z, 0)).toBe(0)
  }
})

test('trap: a row that sums to 0 only up to rounding is no dual point', () => {
  const Y = fromRows([[1, 0, 0]])
  expect(softmaxLoss.dualValue(fromRows([[0.3, -0.1, -0.2]]), Y, 1)).toBeNaN()
  expect(softmaxLoss.dualValue(softmaxLoss.project(fromRows([[0.3, -0.1, -0.2]]), Y), Y, 1)).toBeGreaterThan(0.8)
})

test('targets that are not one-hot are an error that shows the row', () => {
  expect(() => softmaxLoss.validateTargets(fromRows([[1, 0], [0.5, 0.5]]))).toThrow('must be one-hot, got [0.5, 0.5] in row 1') // biome-ignore format: short
  expect(() => softmaxLoss.validateTargets(fromRows([[1]]))).toThrow('a column per class')
})
