import { expect, test } from 'vitest'
import { norm2 } from '../linalg/norms.ts'
import { seededRandom } from '../random.ts'
import { faceColumn, freeColumn, pullOf, randomMaster } from './master.fixtures.ts'
import { residual } from './residual.ts'
import { wantedAfterAll } from './wanted.ts'

test('exactly the given rays that violate ‖Zᵀ(Xu)₊‖ ≤ β(1 + slack)‖u‖, as new columns', () => {
  for (let seed = 0; seed < 10; seed++) {
    const random = seededRandom(seed)
    const problem = randomMaster(random, 12, 3, 2, 3)
    const rays = Array.from({ length: 12 }, () => faceColumn(random, problem, 2))
    const given = [...rays, freeColumn(random, problem), faceColumn(random, problem, 1)]
    const current = given.slice(0, 2)
    const rest = residual(problem, current)
    for (const slack of [0, 0.5]) {
      const wanted = wantedAfterAll(problem, given, current, slack)
      const expected = rays.filter(({ u }) => pullOf(problem, rest, u) > 3 * (1 + slack))
      expect(wanted.map(({ u }) => u)).toEqual(expected.map(({ u }) => u))
      for (const { v } of wanted) expect(norm2(v)).toBe(0)
    }
  }
})

test('no columns, or directions that no sample activates: none', () => {
  const random = seededRandom(1)
  const problem = randomMaster(random, 5, 2, 1, 0.1)
  expect(wantedAfterAll(problem, [], [], 0)).toEqual([])
  const X = { ...problem.X, data: problem.X.data.map(Math.abs) }
  const dead = { u: Float64Array.of(-1, -1), v: Float64Array.of(1), tight: [0] }
  expect(wantedAfterAll({ ...problem, X }, [dead], [], 0)).toEqual([])
})
