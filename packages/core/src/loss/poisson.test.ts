import { expect, test } from 'vitest'
import { fromRows, matrix } from '../linalg/matrix.ts'
import { xlogx } from './big.fixtures.ts'
import { lossConformance } from './loss.conformance.ts'
import { countTargets, entrywise } from './loss.fixtures.ts'
import { poissonLoss } from './poisson.ts'

lossConformance({
  loss: poissonLoss,
  targets: countTargets,
  perfect: (Y) => matrix(Y.rows, Y.cols, Y.data.map((y) => (y === 0 ? -100 : Math.log(y)))), // biome-ignore format: short
  exactDual: entrywise((z, y) => xlogx(y) - xlogx(y - z) - z),
  largestScale: 1,
})

test('half the deviance: y log(y/μ) − (y − μ), and μ for a count of 0', () => {
  const value = poissonLoss.value(fromRows([[Math.log(2)], [0]]), fromRows([[5], [0]]))
  expect(value).toBeCloseTo(5 * Math.log(5 / 2) - 3 + 1, 12)
})

test('negative targets are an error that names the row', () => {
  expect(() => poissonLoss.validateTargets(fromRows([[1], [-2]]))).toThrow('must be at least 0, got -2 in row 1')
})

test('the curvature that a bracket of βmax relies on: no dual point of nonnegative value has a mean above it', () => {
  for (const y of [0, 1, 3, 50]) {
    const Y = fromRows([[y], [2]])
    const most = poissonLoss.smoothness(Y)
    for (const mean of [1, 2, 5, 10, 100, 1000]) {
      const value = poissonLoss.dualValue(fromRows([[y - mean], [1]]), Y, 1)
      if (value >= 0) expect(mean).toBeLessThanOrEqual(most)
    }
  }
})
