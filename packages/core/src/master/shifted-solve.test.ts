import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromRows, type Matrix, matrix, multiply, multiplyTransposed } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { pacerOfTurns } from '../oracle/pricing.fixtures.ts'
import { createPacer } from '../pacer.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { assemble, type CellModel, cellModel } from './cell-model.ts'
import { faceColumn, freeColumn, randomMaster } from './master.fixtures.ts'
import { residual } from './residual.ts'
import { shiftedSolve } from './shifted-solve.ts'

/** Only the sizes, the gradient and the kinds of the unknowns matter here: one column with both factors free. */
function modelOf(gradient: Float64Array): CellModel {
  const size = gradient.length
  const cell = { thetaAt: 0, vAt: 1, theta: new Float64Array(1), v: new Float64Array(size - 1) }
  return { size, gradient, cells: [cell] } as unknown as CellModel
}

function dense(n: number, lower: Float64Array): Matrix {
  const out = matrix(n, n)
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) out.data[i * n + k] = lower[Math.max(i, k) * n + Math.min(i, k)]
  return out
}

test('(H + sM) p = −g, with s = 0 where H is definite, and the decrease the quadratic promises', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 2, max: 30 }), async (seed, n) => {
      const random = seededRandom(seed)
      const root = randomMatrix(random, n + 3, n)
      const H = multiplyTransposed(root, root)
      const g = randomMatrix(random, 1, n).data
      const solved = await shiftedSolve(H.data, modelOf(g), 0, createPacer())
      expect(solved).toBeDefined()
      const { direction, shift, decrease } = solved!
      expect(shift).toBe(0)
      const p = matrix(n, 1, direction)
      const residual = multiply(H, p).data.map((value, k) => value + g[k])
      expect(norm2(residual)).toBeLessThan(1e-7 * norm2(g))
      const along = direction.reduce((total, value, k) => total + value * g[k], 0)
      const curved = multiplyTransposed(p, multiply(H, p)).data[0]
      expect(decrease / (-along - curved / 2)).toBeCloseTo(1, 6)
    }),
  )
})

test('indefinite and singular H: shifted until it is definite, still downhill, H left as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 2, max: 20 }), async (seed, n) => {
      const random = seededRandom(seed)
      const A = randomMatrix(random, n, n)
      const H = dense(n, A.data)
      if (seed % 2 === 0) H.data.fill(0, 0, n) // a zero row and column
      for (let k = 0; seed % 2 === 0 && k < n; k++) H.data[k * n] = 0
      const before = H.data.slice()
      const g = randomMatrix(random, 1, n).data
      const solved = await shiftedSolve(H.data, modelOf(g), 0, createPacer())
      expect(H.data).toEqual(before)
      expect(solved).toBeDefined()
      const along = solved!.direction.reduce((total, value, k) => total + value * g[k], 0)
      expect(along).toBeLessThan(0)
      expect(solved!.decrease).toBeGreaterThan(0)
    }),
  )
})

test('a larger damping gives a shorter step', async () => {
  const H = fromRows([[2, 0.5, 0], [0.5, 1, 0.1], [0, 0.1, 3]]) // biome-ignore format: a matrix
  const g = Float64Array.of(1, -2, 0.5)
  let last = Number.POSITIVE_INFINITY
  for (const damping of [0, 0.1, 1, 10]) {
    const solved = await shiftedSolve(H.data, modelOf(g), damping, createPacer())
    expect(solved!.shift).toBe(damping)
    expect(norm2(solved!.direction)).toBeLessThan(last)
    last = norm2(solved!.direction)
  }
})

test('rays: no column passes through zero, however long the step; beside columns that slide, some do', async () => {
  const random = seededRandom(1)
  const problem = randomMaster(random, 20, 3, 2, 3)
  const rays = Array.from({ length: 6 }, () => faceColumn(random, problem, 2))
  let passing = 0
  for (const columns of [rays, [...rays, freeColumn(random, problem)]]) {
    const model = cellModel(problem, columns, residual(problem, columns))
    const solved = await shiftedSolve(await assemble(model, createPacer()), model, 0, createPacer())
    const ahead = model.cells.map(({ v, vAt }) =>
      v.reduce((total, x, k) => total + x * (x + solved!.direction[vAt + k]), 0),
    )
    passing = ahead.filter((value) => value < 0).length
    if (columns === rays) expect(passing).toBe(0)
  }
  expect(passing).toBeGreaterThan(0)
})

test('NaN, or no time: undefined, never a step', async () => {
  const g = Float64Array.of(1, 2)
  expect(await shiftedSolve(Float64Array.of(1, 0, Number.NaN, 1), modelOf(g), 0, createPacer())).toBeUndefined()
  expect(
    await shiftedSolve(Float64Array.of(1, 0, 0, 1), modelOf(Float64Array.of(Number.NaN, 1)), 0, createPacer()),
  ).toBeUndefined()
  const n = 40
  const H = matrix(n, n)
  for (let k = 0; k < n; k++) H.data[k * n + k] = 1
  const busy = { ...pacerOfTurns(0), breathe: () => Promise.resolve() }
  expect(await shiftedSolve(H.data, modelOf(new Float64Array(n).fill(1)), 0, busy)).toBeUndefined()
})
