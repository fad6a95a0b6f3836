import { expect, test } from 'vitest'
import { fromRows } from '../linalg/matrix.ts'
import { big, times } from './big.fixtures.ts'
import { epsilonInsensitiveLoss } from './epsilon-insensitive.ts'
import { lossConformance } from './loss.conformance.ts'
import { entrywise, realTargets } from './loss.fixtures.ts'

for (const epsilon of [0.25, 0]) {
  lossConformance({
    loss: epsilonInsensitiveLoss(epsilon),
    targets: realTargets,
    perfect: (Y) => Y,
    exactDual: entrywise((z, y) => times(z, y) - times(big(epsilon), z < 0n ? -z : z)),
    largestScale: 1,
  })
}

test('errors below ε cost nothing, others what they exceed it by', () => {
  const loss = epsilonInsensitiveLoss(0.5)
  expect(loss.value(fromRows([[1.25], [-3]]), fromRows([[1], [-1]]))).toBe(1.5)
})

test('at a kink every slope from one side to the other is a subgradient; for ε = 0 from −1 to 1', () => {
  const Y = fromRows([[0], [0], [0], [0], [0]])
  const F = fromRows([[-0.5], [-0.25], [0], [0.25], [0.5]])
  const range = epsilonInsensitiveLoss(0.25).dualRange!(F, Y)
  expect(Array.from(range.low.data)).toEqual([1, 0, 0, -1, -1])
  expect(Array.from(range.high.data)).toEqual([1, 1, 0, 0, -1])
  const absolute = epsilonInsensitiveLoss(0).dualRange!(F, Y)
  expect(Array.from(absolute.low.data)).toEqual([1, 1, -1, -1, -1])
  expect(Array.from(absolute.high.data)).toEqual([1, 1, 1, -1, -1])
})

test.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY])('ε = %d is an error that says what is wanted', (epsilon) => {
  expect(() => epsilonInsensitiveLoss(epsilon)).toThrow('epsilon must be a finite number of at least 0')
})
