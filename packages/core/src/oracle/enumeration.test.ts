import { expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { fromRows, matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { conePca } from './cone-pca.ts'
import { enumerationOracle } from './enumeration.ts'
import { oracleConformance } from './oracle.conformance.ts'

oracleConformance('enumerationOracle', (problem) => enumerationOracle(problem), {
  exact: true,
  maxRank: 4,
  relativeTolerance: 1e-10,
})

test('the cap on cells is named when the data could exceed it', () => {
  const X = randomMatrix(seededRandom(1), 8, 3)
  const problem = createProblem({ X, Y: matrix(8, 1), beta: 1 })
  expect(() => enumerationOracle(problem, { maxCells: 57 })).toThrow(UnsupportedProblemError)
  expect(() => enumerationOracle(problem, { maxCells: 57 })).toThrow('at most 57 cells (maxCells), got up to 58')
  expect(() => enumerationOracle(problem, { maxCells: 58 })).not.toThrow()
})

test('an interrupted listing of cells is taken up again by the next call', async () => {
  const random = seededRandom(2)
  const Y = randomMatrix(random, 12, 2)
  const oracle = enumerationOracle(createProblem({ X: randomMatrix(random, 12, 3), Y, beta: 1 }))
  const aborted = { signal: undefined, aborted: () => true, expired: () => true, elapsedSeconds: () => 0 }
  const pacer = { ...aborted, remainingSeconds: () => 0, breathe: () => undefined, within: () => pacer }
  const early = await oracle.price(Y, { pacer })
  expect(early.bound.from).toBe('trivial')
  const late = await oracle.price(Y)
  expect(late.bound.from).toBe('enumeration')
  expect(late.bound.value).toBeLessThan(early.bound.value)
})

test('conePca on the nonnegative orthant: the top eigenvector inside, on a face, on a ray, or nowhere', () => {
  const orthant = fromRows([[1, 0, 0], [0, 1, 0], [0, 0, 1]]) // biome-ignore format: a matrix
  const best = (rows: number[][], floor = 0): ReturnType<typeof conePca> => conePca(fromRows(rows), orthant, floor)
  expect(best([[1, 2, 2]]).bound).toBeCloseTo(3, 13)
  expect(best([[-1, -2, -2]]).bound).toBeCloseTo(3, 13)
  expect(best([[3, -1, 4]]).bound).toBeCloseTo(5, 13)
  expect(best([[-5, 2, -6]]).bound).toBeCloseTo(Math.hypot(5, 6), 13)
  expect(best([[0, 0, 0]])).toEqual({ bound: 0, peaks: [] })
  expect(best([[1, 2, 2]], 4)).toEqual({ bound: 4, peaks: [] })
  for (const { peaks } of [
    best([[3, -1, 4]]),
    best([
      [1, 0, 0],
      [0, 1, 0],
    ]),
  ]) {
    // biome-ignore format: a matrix
    for (const u of peaks) {
      expect(norm2(u)).toBeCloseTo(1, 13)
      expect(Math.min(...u)).toBeGreaterThanOrEqual(-1e-12)
    }
  }
})
