import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dot, fromRows, matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import { pacerOfTurns } from '../oracle/pricing.fixtures.ts'
import { createPacer } from '../pacer.ts'
import { seededRandom } from '../random.ts'
import { blockDescent } from './block-descent.ts'
import { freeColumn, groupLasso, objectiveOf, planarRays, pullOf, randomMaster } from './master.fixtures.ts'
import { residual } from './residual.ts'

const descend = (problem: MasterProblem, columns: readonly Column[], sweeps: number): Promise<Column[]> =>
  blockDescent(problem, columns, sweeps, createPacer())

test('finds the optimum of the group lasso over fixed directions, as proximal gradient does', async () => {
  for (let seed = 0; seed < 4; seed++) {
    const random = seededRandom(seed)
    for (const [c, beta] of [
      [1, 0.5],
      [2, 0.1],
      [3, 1],
    ]) {
      // biome-ignore format: pairs
      const problem = randomMaster(random, 8, 2, c, beta)
      const columns = planarRays(problem)
      const expected = groupLasso(problem, columns.map(({ u }) => u), 10_000) // biome-ignore format: short
      const value = objectiveOf(problem, await descend(problem, columns, 20_000))
      expect(value / expected - 1).toBeGreaterThan(-1e-12)
      expect(value / expected - 1).toBeLessThan(1e-5) // 1e-15 but where atoms are nearly collinear: there it crawls
    }
  }
})

test('KKT: ‖Zᵀa_j‖ = β and Zᵀa_j ∥ v_j for the columns kept, at most β for those dropped', async () => {
  for (let seed = 0; seed < 8; seed++) {
    const problem = randomMaster(seededRandom(seed), 8, 2, 2, 0.3)
    const columns = planarRays(problem)
    const kept = await descend(problem, columns, 20_000)
    const rest = residual(problem, kept)
    for (const { u } of kept) expect(Math.abs(pullOf(problem, rest, u) / 0.3 - 1)).toBeLessThan(1e-6)
    for (const { u } of columns) expect(pullOf(problem, rest, u)).toBeLessThan(0.3 * (1 + 1e-6))
  }
})

test('every sweep lowers the objective, or leaves it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      async (seed, r, c) => {
        const random = seededRandom(seed)
        const problem = randomMaster(random, 9, r, c, 0.2)
        const columns = Array.from({ length: 6 }, () => freeColumn(random, problem))
        let last = objectiveOf(problem, columns)
        for (const sweeps of [0, 1, 2, 3, 10, 100]) {
          const value = objectiveOf(problem, await descend(problem, columns, sweeps))
          expect(value).toBeLessThanOrEqual(last * (1 + 1e-13))
          last = value
        }
      },
    ),
  )
})

test('one column: w = (1 − β/‖Yᵀa‖)₊ Yᵀa/‖a‖², in closed form', async () => {
  const problem: MasterProblem = { X: fromRows([[1, 0], [2, 0], [-1, 0]]), Y: fromRows([[3, 4], [0, 0], [9, 9]]), beta: 1 } // biome-ignore format: short
  const [{ u, v }] = await descend(problem, [{ u: Float64Array.of(2, 0), v: new Float64Array(2), tight: [] }], 50)
  // a = (1, 2, 0) for û = e₁: Yᵀa = (3, 4), ‖a‖² = 5, shrink 1 − 1/5.
  const w = v.map((value) => norm2(u) * value)
  expect(Array.from(w)).toEqual([expect.closeTo((0.8 * 3) / 5, 12), expect.closeTo((0.8 * 4) / 5, 12)])
  expect(norm2(u)).toBeCloseTo(norm2(v), 12)
  expect(await descend({ ...problem, beta: 5.0001 }, [{ u, v, tight: [] }], 50)).toEqual([])
})

test('directions are not touched, nor is what was given; balanced columns come back', async () => {
  const random = seededRandom(1)
  const problem = randomMaster(random, 12, 3, 2, 0.1)
  const columns = Array.from({ length: 5 }, () => ({ ...freeColumn(random, problem), tight: [1] }))
  const before = structuredClone(columns)
  for (const { u, v, tight } of await descend(problem, columns, 100)) {
    expect(norm2(u)).toBeCloseTo(norm2(v), 12)
    expect(tight).toEqual([1])
    expect(Math.max(...columns.map((column) => dot(column.u, u) / norm2(column.u) / norm2(u)))).toBeCloseTo(1, 12)
  }
  expect(columns).toEqual(before)
})

test('columns that no sample activates are dropped: they cost and bring nothing', async () => {
  const problem: MasterProblem = { X: fromRows([[1, 1], [2, 1]]), Y: matrix(2, 1, Float64Array.of(1, 2)), beta: 0.1 } // biome-ignore format: short
  const dead = { u: Float64Array.of(-1, -1), v: Float64Array.of(5), tight: [] }
  const live = { u: Float64Array.of(1, 0), v: Float64Array.of(0), tight: [] }
  const kept = await descend(problem, [dead, live], 100)
  expect(kept).toHaveLength(1)
  expect(dot(kept[0].u, row(problem.X, 0))).toBeGreaterThan(0)
  expect(await descend(problem, [dead], 100)).toEqual([])
})

test('stops between sweeps when time runs out, with what it has', async () => {
  const random = seededRandom(2)
  const problem = randomMaster(random, 12, 3, 2, 0.1)
  const columns = Array.from({ length: 8 }, () => freeColumn(random, problem))
  const [one, all] = [await blockDescent(problem, columns, 1000, pacerOfTurns(0)), await descend(problem, columns, 1)]
  expect(one).toEqual(all)
})
