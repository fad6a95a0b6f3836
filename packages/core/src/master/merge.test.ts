import fc from 'fast-check'
import { expect, test } from 'vitest'
import { multiplyVector } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { type Random, seededRandom } from '../random.ts'
import { faceColumn, freeColumn, objectiveOf, randomMaster } from './master.fixtures.ts'
import { mergeColumns } from './merge.ts'
import { residual } from './residual.ts'

test('never raises the objective, and never leaves more columns', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), (seed, r, c) => {
      const random = seededRandom(seed)
      const problem = randomMaster(random, 8, r, c, [0.01, 1, 100][Math.abs(seed) % 3])
      const columns = cluster(random, problem, r)
      const before = structuredClone(columns)
      const merged = mergeColumns(problem, columns)
      expect(columns).toEqual(before)
      expect(merged.length).toBeLessThanOrEqual(columns.length)
      expect(objectiveOf(problem, merged)).toBeLessThanOrEqual(objectiveOf(problem, columns) * (1 + 1e-13))
    }),
    { numRuns: 500 },
  )
})

test('neurons of one closed cell with the same outputs become one: the same function, at no more cost', () => {
  const random = seededRandom(1)
  const problem = randomMaster(random, 10, 3, 2, 0.5)
  const a = freeColumn(random, problem)
  const signs = multiplyVector(problem.X, a.u)
  // Others of the same cell: small turns that change no sign.
  const turned = [0.01, 0.02, 0.03].map((size) => {
    const off = randomMatrix(random, 1, 3).data
    return { ...a, u: a.u.map((value, q) => value + size * off[q]) }
  })
  const same = turned.filter(({ u }) => multiplyVector(problem.X, u).every((s, i) => s * signs[i] > 0))
  expect(same.length).toBeGreaterThan(0)
  const columns = [a, ...same]
  const merged = mergeColumns(problem, columns)
  expect(merged).toHaveLength(1)
  const difference = residual(problem, merged).data.map((value, k) => value - residual(problem, columns).data[k])
  expect(norm2(difference)).toBeLessThan(1e-12)
  expect(norm2(merged[0].u)).toBeCloseTo(norm2(merged[0].v), 12)
})

test('exact copies become one; a column and its opposite do not', () => {
  const random = seededRandom(2)
  const problem = randomMaster(random, 10, 3, 1, 0.5)
  const a = freeColumn(random, problem)
  expect(mergeColumns(problem, [a, a, a])).toHaveLength(1)
  expect(mergeColumns(problem, [a, { ...a, u: a.u.map((value) => -value) }])).toHaveLength(2)
})

test('neurons of different cells stay apart, however close', () => {
  // A sample between them is active for one alone: their sum is another function.
  const random = seededRandom(3)
  const problem = randomMaster(random, 10, 2, 1, 1e-9)
  const [x, y] = problem.X.data
  const along = Float64Array.of(-y, x)
  const [left, right] = [1e-5, -1e-5].map((off): Column => {
    return { u: along.map((value, k) => value + off * problem.X.data[k]), v: Float64Array.of(1), tight: [] }
  })
  expect(mergeColumns(problem, [left, right])).toHaveLength(2)
})

test('the merged column lies on the hyperplanes that both lay on, and on no others', () => {
  const random = seededRandom(4)
  const problem = randomMaster(random, 10, 3, 2, 0.5)
  const a = faceColumn(random, problem, 2)
  const inner = { ...a, tight: a.tight.slice(0, 1) }
  expect(mergeColumns(problem, [a, a])[0].tight).toEqual(a.tight)
  expect(mergeColumns(problem, [a, inner])[0].tight).toEqual(inner.tight)
})

test('nothing to merge: nothing changes', () => {
  const random = seededRandom(5)
  const problem = randomMaster(random, 10, 3, 2, 0.5)
  expect(mergeColumns(problem, [])).toEqual([])
  const columns = [freeColumn(random, problem)]
  expect(mergeColumns(problem, columns)).toEqual(columns)
})

/** Columns of which many nearly coincide, in u, in v, or in both, some on common hyperplanes. */
function cluster(random: Random, problem: MasterProblem, r: number): Column[] {
  const out: Column[] = [r > 1 ? faceColumn(random, problem, 1) : freeColumn(random, problem)]
  for (let k = 0; k < 6; k++) {
    const base = out[Math.floor(random() * out.length)]
    const fresh = freeColumn(random, problem)
    const [du, dv] = [10 ** (-8 * random()), 10 ** (-8 * random())]
    out.push({
      u: random() < 0.3 ? fresh.u : base.u.map((value, q) => value + du * fresh.u[q]),
      v: random() < 0.3 ? fresh.v : base.v.map((value, q) => value + dv * fresh.v[q]),
      tight: random() < 0.5 ? base.tight : [],
    })
  }
  return out
}
