import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dot, fromRows, matrix, row, scaled } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem, RestrictedMaster } from '../master.ts'
import { pacerOfTurns } from '../oracle/pricing.fixtures.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { faceColumn, freeColumn, groupLasso, objectiveOf, planarRays, pullOf, randomMaster } from './master.fixtures.ts'
import { residual } from './residual.ts'

interface Instance {
  readonly problem: MasterProblem
  readonly columns: readonly Column[]
}

const instances: fc.Arbitrary<Instance> = fc
  .record({
    seed: fc.integer(),
    n: fc.integer({ min: 1, max: 12 }),
    r: fc.integer({ min: 1, max: 4 }),
    c: fc.integer({ min: 1, max: 3 }),
    m: fc.integer({ min: 0, max: 8 }),
    beta: fc.constantFrom(0.01, 0.3, 2),
  })
  .map((spec) => {
    const random = seededRandom(spec.seed)
    const problem = randomMaster(random, spec.n, spec.r, spec.c, spec.beta)
    const columns = Array.from({ length: spec.m }, () => {
      const count = Math.floor(random() * Math.min(spec.r, spec.n + 1))
      const column = count > 0 ? faceColumn(random, problem, count) : freeColumn(random, problem)
      return random() < 0.4 ? { ...column, v: new Float64Array(spec.c) } : column
    })
    return { problem, columns, [fc.toStringMethod]: () => JSON.stringify(spec) }
  })

/** What every restricted master promises. */
export function masterConformance(name: string, master: RestrictedMaster): void {
  const solve = ({ problem, columns }: Instance, tolerance = 1e-11): Promise<readonly Column[]> =>
    master.solve(problem, columns, { tolerance })

  /** Solved again and again with the rays that are wanted after all: others have moved since they were dropped. */
  async function settled(problem: MasterProblem, rays: readonly Column[]): Promise<readonly Column[]> {
    let solved = await solve({ problem, columns: rays })
    for (let round = 0; round < 20; round++) {
      const rest = residual(problem, solved)
      const wanted = rays.filter(({ u }) => pullOf(problem, rest, u) > problem.beta * (1 + 1e-9))
      if (wanted.length === 0) return solved
      solved = await solve({ problem, columns: [...solved, ...wanted] })
    }
    throw new Error('some ray is wanted in every round')
  }

  describe(`${name} as a restricted master`, () => {
    test('never returns worse than it was given, at any tolerance, whenever it is stopped', async () => {
      await fc.assert(
        fc.asyncProperty(
          instances,
          fc.constantFrom(1e-3, 1e-8, 1e-12),
          fc.constantFrom(0, 1, 3, 10, Number.POSITIVE_INFINITY),
          async ({ problem, columns }, tolerance, turns) => {
            const before = structuredClone(columns)
            const solved = await master.solve(problem, columns, { tolerance, pacer: pacerOfTurns(turns) })
            expect(columns).toEqual(before)
            expect(objectiveOf(problem, solved)).toBeLessThanOrEqual(objectiveOf(problem, columns) * (1 + 1e-13))
          },
        ),
        { numRuns: 300 },
      )
    })

    test('is stationary in the outputs at the end: Zᵀa_j = β v_j/‖v_j‖ for the unit atom of every column kept', async () => {
      await fc.assert(
        fc.asyncProperty(instances, async ({ problem, columns }) => {
          const solved = await solve({ problem, columns })
          const rest = residual(problem, solved)
          for (const { u, v } of solved) {
            expect(norm2(u) * norm2(v)).toBeGreaterThan(0)
            expect(Math.abs(pullOf(problem, rest, u) / problem.beta - 1)).toBeLessThan(1e-6)
          }
        }),
        { numRuns: 200 },
      )
    })

    test('at most the optimum of the group lasso over all planar rays, as proximal gradient finds it', async () => {
      // Below it where merged rays have slid into the cell between them; never above, once no ray is wanted any more.
      for (let seed = 0; seed < 4; seed++) {
        const sizes = [
          [1, 0.5],
          [2, 0.1],
          [3, 1],
        ]
        for (const [c, beta] of sizes) {
          const problem = randomMaster(seededRandom(seed), 6, 2, c, beta)
          const rays = planarRays(problem)
          const expected = groupLasso(problem, rays.map(({ u }) => u), 10_000) // biome-ignore format: short
          const solved = await settled(problem, rays)
          expect(objectiveOf(problem, solved)).toBeLessThanOrEqual(expected * (1 + 1e-8))
        }
      }
    })

    test('KKT: ‖Zᵀa_j‖ = β for the columns in use to 1e-8, at most β for rays that stay out', async () => {
      for (let seed = 0; seed < 6; seed++) {
        const problem = randomMaster(seededRandom(seed), 8, 2, 2, 0.2)
        const rays = planarRays(problem)
        const solved = await settled(problem, rays)
        const rest = residual(problem, solved)
        for (const { u } of solved) expect(Math.abs(pullOf(problem, rest, u) / problem.beta - 1)).toBeLessThan(1e-8)
        for (const { u } of rays) expect(pullOf(problem, rest, u)).toBeLessThanOrEqual(problem.beta * (1 + 1e-8))
      }
    })

    test('kinks are exact: |x_iᵀu| ≤ 1e-12‖x_i‖‖u‖ on every hyperplane a column is said to lie on', async () => {
      await fc.assert(
        fc.asyncProperty(instances, async ({ problem, columns }) => {
          for (const { u, tight } of await solve({ problem, columns })) {
            for (const i of tight) {
              const x = row(problem.X, i)
              expect(Math.abs(dot(x, u))).toBeLessThanOrEqual(1e-12 * norm2(x) * norm2(u))
            }
          }
        }),
        { numRuns: 200 },
      )
    })

    test('a neuron at a kink stays there when both sides cost more: one sample with a target that is negative', async () => {
      // y₁ > 0 wants the neuron on, y₂ < 0 wants sample 2 off: the best direction for y₁ would turn sample 2 on.
      const problem: MasterProblem = { X: fromRows([[1, 0.4], [0.6, 1]]), Y: fromRows([[2], [-1]]), beta: 0.1 } // biome-ignore format: short
      const start = { u: Float64Array.of(1, -0.7), v: Float64Array.of(0.3), tight: [] }
      const [column] = await solve({ problem, columns: [start] })
      expect(column.tight).toEqual([1])
      // On the ray orthogonal to x₂ the optimum is a scalar: a = x₁ᵀû, w = (a y₁ − β)/a².
      const ray = Float64Array.of(1, -0.6)
      const a = dot(row(problem.X, 0), ray) / norm2(ray)
      expect(norm2(column.u) * norm2(column.v)).toBeCloseTo((2 * a - 0.1) / a ** 2, 10)
    })

    test('columns that do not pay are dropped; with β ≥ ω(Y) over them, all are', async () => {
      const random = seededRandom(3)
      const drawn = randomMaster(random, 10, 3, 2, 1)
      const columns = Array.from({ length: 6 }, () => freeColumn(random, drawn))
      const most = Math.max(...columns.map(({ u }) => pullOf(drawn, drawn.Y, u)))
      expect(await solve({ problem: { ...drawn, beta: 20 * most }, columns })).toEqual([])
      expect(await solve({ problem: drawn, columns: [] })).toEqual([])
    })

    test('degenerate columns: inactive everywhere, twice the same, opposite, huge, tiny, all at once', async () => {
      const { X, Y } = planarFixture
      const problem: MasterProblem = { X, Y, beta: 0.1 }
      const u = Float64Array.of(1, 0.3)
      const v = Float64Array.of(0.2, -0.1)
      const cloud = fromRows([[1, 1], [2, 1], [1, 3]]) // biome-ignore format: a matrix
      const cases: Instance[] = [
        { problem, columns: [{ u, v, tight: [] }, { u, v, tight: [] }, { u: scaled(matrix(1, 2, u), -1).data, v, tight: [] }] },
        { problem, columns: [{ u: u.map((x) => 1e12 * x), v: v.map((x) => 1e-12 * x), tight: [] }] },
        { problem, columns: [{ u: u.map((x) => 1e-150 * x), v: v.map((x) => 1e150 * x), tight: [] }] },
        { problem: { X: cloud, Y: fromRows([[1], [2], [3]]), beta: 0.1 }, columns: [{ u: Float64Array.of(-1, -1), v: Float64Array.of(1), tight: [] }] },
        { problem: { X: cloud, Y: matrix(3, 1), beta: 0.1 }, columns: [{ u, v: Float64Array.of(1), tight: [] }] },
      ] // biome-ignore format: a list
      for (const instance of cases) {
        const solved = await solve(instance)
        const value = objectiveOf(instance.problem, solved)
        expect(value).toBeLessThanOrEqual(objectiveOf(instance.problem, instance.columns) * (1 + 1e-13))
        expect(value).toBeLessThanOrEqual(objectiveOf(instance.problem, []) * (1 + 1e-13))
        for (const column of solved) expect(norm2(column.u) * norm2(column.v)).toBeGreaterThan(0)
      }
    })

    test('y → s y and β → s β scale the columns, and the objective by s²: no threshold has a unit', async () => {
      const random = seededRandom(4)
      const problem = randomMaster(random, 9, 3, 2, 0.3)
      const columns = Array.from({ length: 5 }, () => ({ ...freeColumn(random, problem), v: new Float64Array(2) }))
      const value = objectiveOf(problem, await solve({ problem, columns }))
      // Powers of two, so that rounding is the same. Sprung by a damping that mixes unknowns of different units.
      for (const s of [2 ** -40, 2 ** 20]) {
        const larger = { X: problem.X, Y: scaled(problem.Y, s), beta: s * problem.beta }
        expect(objectiveOf(larger, await solve({ problem: larger, columns })) / s ** 2).toBeCloseTo(value, 8)
      }
    })

    test('no time: what it was given, or better, at once', async () => {
      const random = seededRandom(5)
      const problem = randomMaster(random, 9, 3, 2, 0.3)
      const columns = Array.from({ length: 5 }, () => freeColumn(random, problem))
      const solved = await master.solve(problem, columns, { pacer: createPacer({ timeLimitSeconds: 0 }) })
      expect(objectiveOf(problem, solved)).toBeLessThanOrEqual(objectiveOf(problem, columns))
    })
  })
}
