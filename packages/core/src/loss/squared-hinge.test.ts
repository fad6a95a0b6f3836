import { expect, test } from 'vitest'
import { fromRows } from '../linalg/matrix.ts'
import { lossConformance } from './loss.conformance.ts'
import { decided, entrywise, signTargets, squareDual } from './loss.fixtures.ts'
import { squaredHingeLoss } from './squared-hinge.ts'

lossConformance({
  loss: squaredHingeLoss,
  targets: signTargets,
  perfect: decided,
  exactDual: entrywise(squareDual),
  largestScale: 1,
})

test('half the square of what is missing from a margin of 1', () => {
  expect(squaredHingeLoss.value(fromRows([[3], [0], [1]]), fromRows([[1], [1], [-1]]))).toBe(2.5)
})
