import { expect, test } from 'vitest'
import { fromRows } from '../linalg/matrix.ts'
import { times } from './big.fixtures.ts'
import { hingeLoss } from './hinge.ts'
import { lossConformance } from './loss.conformance.ts'
import { decided, entrywise, signTargets } from './loss.fixtures.ts'

lossConformance({
  loss: hingeLoss,
  targets: signTargets,
  perfect: decided,
  exactDual: entrywise(times),
  largestScale: 1,
})

test('what is missing from a margin of 1', () => {
  expect(hingeLoss.value(fromRows([[3], [0.25], [1]]), fromRows([[1], [1], [-1]]))).toBe(2.75)
})

test('at the kink every z between 0 and y is minus a subgradient', () => {
  const { low, high } = hingeLoss.dualRange!(fromRows([[1], [-1], [0], [2]]), fromRows([[1], [-1], [1], [1]]))
  expect(Array.from(low.data)).toEqual([0, -1, 1, 0])
  expect(Array.from(high.data)).toEqual([1, 0, 1, 0])
})
