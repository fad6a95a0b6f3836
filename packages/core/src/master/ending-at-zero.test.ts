import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dot, matrix, multiplyTransposed, multiplyVector } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { createPacer } from '../pacer.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { type CellModel, cellModel } from './cell-model.ts'
import { sizePart, wholeStep } from './cell-step.ts'
import { stepEndingAtZero } from './ending-at-zero.ts'
import { factorInPlace } from './factor.ts'
import { faceColumn, freeColumn, randomMaster } from './master.fixtures.ts'
import { residual } from './residual.ts'

interface System {
  readonly model: CellModel
  readonly A: Float64Array
  readonly g: Float64Array
}

/** Columns of all kinds, any definite A, and a gradient that wants to move them by `reach` times their length. */
const systems: fc.Arbitrary<System> = fc
  .record({
    seed: fc.integer(),
    r: fc.integer({ min: 2, max: 4 }),
    c: fc.integer({ min: 1, max: 3 }),
    reach: fc.constantFrom(0.01, 1, 3),
  })
  .map(({ seed, r, c, reach }) => {
    const random = seededRandom(seed)
    const problem = randomMaster(random, 9, r, c, 0.3)
    const columns = [0, 1, r - 1, r - 1, r - 1].map((count) =>
      count > 0 ? faceColumn(random, problem, count) : freeColumn(random, problem),
    )
    const drawn = cellModel(problem, columns, residual(problem, columns))
    const root = randomMatrix(random, drawn.size + 2, drawn.size)
    const A = multiplyTransposed(root, root)
    const g = multiplyVector(A, randomMatrix(random, 1, drawn.size).data.map((value) => reach * value)) // biome-ignore format: short
    return { model: { ...drawn, gradient: g }, A: A.data, g }
  })

async function stepOf({ model, A }: System): Promise<{ direction: Float64Array; held: number }> {
  const L = A.slice()
  expect(await factorInPlace(L, model.size, createPacer())).toBe(true)
  return stepEndingAtZero(L, model, createPacer())
}

test('KKT: columns held end at zero exactly, everything else is stationary: (g + Ap)_k = 0', async () => {
  let [some, none] = [0, 0]
  await fc.assert(
    fc.asyncProperty(systems, async (system) => {
      const { model, A, g } = system
      const { direction: p, held } = await stepOf(system)
      if (held > 0) some++
      else none++
      const slope = multiplyVector(matrix(model.size, model.size, A), p).map((value, k) => value + g[k])
      const ended = new Set<number>()
      for (const cell of model.cells) {
        const { x, at } = sizePart(cell)
        if (x.every((value, k) => p[at + k] === -value)) x.forEach((_, k) => ended.add(at + k))
      }
      expect(ended.size).toBe(held)
      slope.forEach((value, k) => {
        if (!ended.has(k)) expect(Math.abs(value)).toBeLessThan(1e-7 * norm2(g))
      })
    }),
  )
  expect(some).toBeGreaterThan(10)
  expect(none).toBeGreaterThan(10)
})

test('no column passes through zero, and those that end there are dropped by the whole step', async () => {
  await fc.assert(
    fc.asyncProperty(systems, async (system) => {
      const { direction } = await stepOf(system)
      let ending = 0
      for (const cell of system.model.cells) {
        const { x, at } = sizePart(cell)
        const after = x.map((value, k) => value + direction[at + k])
        if (norm2(after) === 0) ending++
        else expect(dot(x, after)).toBeGreaterThan(0)
      }
      expect(wholeStep(system.model, direction)).toHaveLength(system.model.cells.length - ending)
    }),
  )
})
