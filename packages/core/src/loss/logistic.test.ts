import { expect, test } from 'vitest'
import { fromRows } from '../linalg/matrix.ts'
import { logisticLoss } from './logistic.ts'
import { lossConformance } from './loss.conformance.ts'
import { decided, entropyDual, entrywise, signTargets } from './loss.fixtures.ts'

lossConformance({
  loss: logisticLoss,
  targets: signTargets,
  perfect: decided,
  exactDual: entrywise(entropyDual),
  largestScale: 1,
})

test('log 2 where nothing is predicted, and its digits where it is nearly 0', () => {
  expect(logisticLoss.value(fromRows([[0]]), fromRows([[-1]]))).toBe(Math.LN2)
  expect(logisticLoss.value(fromRows([[50]]), fromRows([[1]]))).toBeCloseTo(Math.exp(-50), 30)
  expect(logisticLoss.value(fromRows([[800]]), fromRows([[-1]]))).toBe(800)
})

test('labels are 1 and -1: others are an error that names the row', () => {
  expect(() => logisticLoss.validateTargets(fromRows([[1], [0]]))).toThrow('must be 1 or -1, got 0 in row 1')
})

test('trap: a dual scaled beyond 1 leaves the domain, where −ℓ* is −∞ and a formula would still give numbers', () => {
  const [Z, Y] = [fromRows([[0.6]]), fromRows([[1]])]
  expect(logisticLoss.bestScale(Z, Y, 5)).toBeLessThanOrEqual(1)
  expect(logisticLoss.dualValue(Z, Y, 1.5)).toBeNaN()
  expect(logisticLoss.dualValue(fromRows([[-0.1]]), Y, 1)).toBeNaN()
})
