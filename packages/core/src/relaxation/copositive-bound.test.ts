import fc from 'fast-check'
import { expect, test } from 'vitest'
import { enumerateCells } from '../arrangement/enumerate.ts'
import { matrix } from '../linalg/matrix.ts'
import { questions, sampledPolar } from '../oracle/pricing.fixtures.ts'
import { createPacer } from '../pacer.ts'
import { gaussian, seededRandom } from '../random.ts'
import { copositivePolarUpper } from './copositive-bound.ts'
import { copositiveCells } from './copositive-program.ts'

test('whatever multipliers there are, no direction exceeds the bound, on degenerate and badly scaled data', async () => {
  const sizes = fc.constantFrom(0, 1e-12, 1e-3, 1, 1e6)
  const property = fc.asyncProperty(questions({ n: 8, ranks: [1, 2, 3], c: 3 }), sizes, async (question, size) => {
    const { Z, problem } = question
    const { Xr } = problem.reduction
    const random = seededRandom(1)
    const { cells: listed, overlooked } = enumerateCells(Xr)
    const patterns = listed.map(({ pattern }) => pattern)
    const cells = (await copositiveCells(Xr, patterns, createPacer())) ?? []
    const multipliers = cells.map(({ facets }) =>
      Float64Array.from({ length: (facets.rows * (facets.rows - 1)) / 2 }, () => size * gaussian(random)),
    )
    const bound = copositivePolarUpper(Xr, Z, cells, multipliers, overlooked)
    const attained = sampledPolar({ problem: { ...problem, X: Xr }, Z }, random, 200)
    expect(bound).toBeGreaterThanOrEqual(attained)
  })
  await fc.assert(property, { numRuns: 120, seed: 5 })
})

test('multipliers or duals that are not numbers leave the product of norms, or no bound', async () => {
  const X = matrix(3, 2, Float64Array.of(1, 0, 0, 1, 1, 1))
  const patterns = enumerateCells(X).cells.map(({ pattern }) => pattern)
  const cells = (await copositiveCells(X, patterns, createPacer())) ?? []
  const Z = matrix(3, 1, Float64Array.of(1, -1, 2))
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const bound = copositivePolarUpper(
      X,
      Z,
      cells,
      cells.map(() => Float64Array.of(value)),
      0,
    )
    expect(bound).toBeGreaterThanOrEqual(Math.sqrt(4 + 1))
  }
  const broken = matrix(3, 1, Float64Array.of(1, Number.NaN, 2))
  const none = cells.map(() => new Float64Array(0))
  expect(copositivePolarUpper(X, broken, cells, none, 0)).not.toBeLessThan(Number.POSITIVE_INFINITY)
})
