import { expect, test } from 'vitest'
import { matrix } from '../linalg/matrix.ts'
import { times } from './big.fixtures.ts'
import { lossConformance } from './loss.conformance.ts'
import { entrywise, realTargets } from './loss.fixtures.ts'
import { pinballLoss } from './pinball.ts'

for (const quantile of [0.5, 0.1, 0.95]) {
  lossConformance({
    loss: pinballLoss(quantile),
    targets: realTargets,
    perfect: (Y) => Y,
    exactDual: entrywise(times),
    largestScale: 1,
  })
}

test('the best constant is the q-quantile', () => {
  const y = Float64Array.from({ length: 11 }, (_, i) => i)
  const value = (f: number): number => pinballLoss(0.8).value(matrix(11, 1, y.map(() => f)), matrix(11, 1, y)) // biome-ignore format: short
  for (const f of [0, 3, 7, 7.9, 8.1, 9, 10]) expect(value(f)).toBeGreaterThan(value(8))
})

test.each([0, 1, -0.5, Number.NaN])('q = %d is an error that says what is wanted', (quantile) => {
  expect(() => pinballLoss(quantile)).toThrow('quantile must be between 0 and 1')
})
