import { expect, test } from 'vitest'
import { fromRows } from '../linalg/matrix.ts'
import { huberLoss } from './huber.ts'
import { lossConformance } from './loss.conformance.ts'
import { entrywise, realTargets, squareDual } from './loss.fixtures.ts'
import { squaredLoss } from './squared.ts'

lossConformance({
  loss: huberLoss(0.8),
  targets: realTargets,
  perfect: (Y) => Y,
  exactDual: entrywise(squareDual),
  largestScale: 1,
})

test('½r² up to δ, and δ|r| − ½δ² beyond', () => {
  const loss = huberLoss(2)
  const Y = fromRows([[0]])
  expect(loss.value(fromRows([[2]]), Y)).toBe(2)
  expect(loss.value(fromRows([[-5]]), Y)).toBe(8)
})

test('is the squared loss where δ exceeds every residual', () => {
  const [F, Y] = [fromRows([[1, -2]]), fromRows([[0.5, 3]])]
  expect(huberLoss(100).value(F, Y)).toBeCloseTo(squaredLoss.value(F, Y), 12)
})

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('δ = %d is an error that says what is wanted', (delta) => {
  expect(() => huberLoss(delta)).toThrow('delta must be a positive finite number')
})
