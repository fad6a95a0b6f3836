import { expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { enumerationOracle } from '../oracle/enumeration.ts'
import { instanceOf, randomInstance } from '../oracle/oracle.fixtures.ts'
import { oracleConformance } from '../oracle/oracle.conformance.ts'
import { randomMatrix, umbrellaFixture } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { copositiveOracle } from './copositive-oracle.ts'

// In the plane every cell has two facets at most: the relaxation is exact. Thin cells and rows of sizes 1e±9 leave the conic method at some
// 1e-6 of ω².
oracleConformance('copositive, in the plane', (problem) => copositiveOracle(problem), {
  exact: true,
  maxRank: 2,
  relativeTolerance: 1e-5,
})
oracleConformance('copositive, in space', (problem) => copositiveOracle(problem), {
  exact: false,
  maxRank: 3,
  relativeTolerance: 1e-6,
})

test('meets enumeration in rank 3, and leaves out the cells that cannot matter', async () => {
  for (const seed of [1, 2, 3]) {
    const { problem, Z } = randomInstance(seed, 9, 3, 2)
    const ours = await copositiveOracle(problem).price(Z)
    const exact = await enumerationOracle(problem).price(Z)
    expect(ours.bound.value).toBeGreaterThanOrEqual(exact.candidates[0].value * (1 - 1e-12))
    expect(ours.bound.value).toBeLessThan(exact.bound.value * (1 + 1e-3))
    expect(ours.candidates[0].value).toBeCloseTo(exact.candidates[0].value, 9)
    expect(ours.nodes).toBeLessThan(74 / 2) // of 2 (1 + 8 + 28) cells
  }
})

test('is not exact on cells of five facets, where Horn’s matrix separates the cones', async () => {
  const { X } = umbrellaFixture
  const next = seededRandom(4)
  let largest = 0
  for (let trial = 0; trial < 10; trial++) {
    const instance = instanceOf(X, randomMatrix(next, 5, 2))
    const ours = await copositiveOracle(instance.problem).price(instance.Z)
    const exact = await enumerationOracle(instance.problem).price(instance.Z)
    expect(ours.bound.value).toBeGreaterThanOrEqual(exact.candidates[0].value * (1 - 1e-12))
    largest = Math.max(largest, ours.bound.value / exact.bound.value - 1)
  }
  expect(largest).toBeLessThan(0.1)
})

test('too many cells are refused at once', () => {
  const { problem } = randomInstance(1, 60, 5, 1)
  expect(() => copositiveOracle(problem)).toThrow(UnsupportedProblemError)
  expect(() => copositiveOracle(problem)).toThrow('at most 5000 cells (maxCells), got up to')
})
