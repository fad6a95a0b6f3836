import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dot, multiplyVector, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { type CellModel, cellModel } from './cell-model.ts'
import { stepToFirstStop, stepWithinCells, wholeStep } from './cell-step.ts'
import { faceColumn, freeColumn, objectiveOf, randomMaster } from './master.fixtures.ts'
import { residual } from './residual.ts'

interface Setting {
  readonly problem: MasterProblem
  readonly columns: readonly Column[]
  readonly model: CellModel
  readonly step: Float64Array
}

const settings: fc.Arbitrary<Setting> = fc
  .record({
    seed: fc.integer(),
    r: fc.integer({ min: 1, max: 4 }),
    c: fc.integer({ min: 1, max: 3 }),
    size: fc.constantFrom(1e-3, 0.1, 1, 10),
  })
  .map((spec) => {
    const random = seededRandom(spec.seed)
    const problem = randomMaster(random, 9, spec.r, spec.c, 0.3)
    const columns = [0, 1, 2, 3].map((k) =>
      k % 2 === 1 && spec.r > 1 ? faceColumn(random, problem, 1) : freeColumn(random, problem),
    )
    const model = cellModel(problem, columns, residual(problem, columns))
    const step = randomMatrix(random, 1, model.size).data.map((value) => spec.size * value)
    return { problem, columns, model, step, [fc.toStringMethod]: () => JSON.stringify(spec) }
  })

/** Which closed cell: no sample may be on opposite sides, except those on whose hyperplanes one of the two lies. */
function expectSameClosedCell({ X }: MasterProblem, before: Column, after: Column): void {
  const [from, to] = [multiplyVector(X, before.u), multiplyVector(X, after.u)]
  for (let i = 0; i < X.rows; i++) {
    if (after.tight.includes(i)) {
      expect(Math.abs(to[i])).toBeLessThanOrEqual(1e-12 * norm2(row(X, i)) * norm2(after.u) + Number.MIN_VALUE)
    } else if (!before.tight.includes(i) && norm2(after.u) > 0) {
      expect(from[i] * to[i]).toBeGreaterThanOrEqual(-1e-12 * (norm2(row(X, i)) * norm2(after.u)) ** 2 - 1e-12)
    }
  }
}

describe('a step that stays in the cells', () => {
  test.each([
    ['each column as far as its own cell goes', stepWithinCells],
    ['all columns as far as the first of them can go', stepToFirstStop],
  ])('%s: no column leaves its closed cell, and one that stops lies exactly on a hyperplane', (_, attempt) => {
    let stopped = 0
    fc.assert(
      fc.property(settings, ({ problem, columns, model, step }) => {
        const after = attempt(model, step)
        if (!after) return
        // Columns may vanish, none is added; match by direction where all survive.
        expect(after.length).toBeLessThanOrEqual(columns.length)
        if (after.length < columns.length) return
        after.forEach((column, j) => {
          expectSameClosedCell(problem, columns[j], column)
          expect(column.tight).toEqual(expect.arrayContaining([...columns[j].tight]))
          if (column.tight.length > columns[j].tight.length) stopped++
        })
      }),
      { numRuns: 400 },
    )
    expect(stopped).toBeGreaterThan(20)
  })

  test('undefined when nothing is met: the whole step is then the step', () => {
    fc.assert(
      fc.property(settings, ({ model, step }) => {
        const tiny = step.map((value) => 1e-9 * value)
        const whole = wholeStep(model, tiny)
        const within = stepWithinCells(model, tiny)
        if (within === undefined) expect(whole).toHaveLength(model.cells.length)
      }),
    )
  })
})

describe('the whole step', () => {
  test('moves θ and v by the step, and keeps what is held', () => {
    fc.assert(
      fc.property(settings, ({ problem, model, step }) => {
        const small = step.map((value) => 1e-4 * value)
        const after = wholeStep(model, small)
        if (after.length < model.cells.length) return
        model.cells.forEach((cell, j) => {
          const [u, v] = [after[j].u, after[j].v]
          if (cell.thetaAt < 0) expect(norm2(u)).toBeCloseTo(1, 9)
          if (cell.vAt < 0) expect(norm2(v)).toBeCloseTo(1, 9)
          for (const i of after[j].tight) {
            expect(Math.abs(dot(row(problem.X, i), u))).toBeLessThanOrEqual(1e-12 * norm2(row(problem.X, i)) * norm2(u))
          }
        })
      }),
    )
  })

  test('a descent direction descends: for a short step against the gradient the objective falls', () => {
    fc.assert(
      fc.property(settings, ({ problem, columns, model }) => {
        const size = norm2(model.gradient)
        const step = model.gradient.map((value) => (-1e-7 * value) / size)
        const after = wholeStep(model, step)
        if (after.length < columns.length) return
        expect(objectiveOf(problem, after)).toBeLessThanOrEqual(objectiveOf(problem, columns) * (1 + 1e-13))
      }),
    )
  })

  test('a column that passes through zero ends there', () => {
    const random = seededRandom(1)
    const problem = randomMaster(random, 6, 2, 2, 0.3)
    const column = freeColumn(random, problem)
    const model = cellModel(problem, [column], residual(problem, [column]))
    const step = new Float64Array(model.size)
    const { v, vAt } = model.cells[0]
    v.forEach((value, k) => (step[vAt + k] = -1.5 * value))
    expect(wholeStep(model, step)).toEqual([])
    expect(stepToFirstStop(model, step)).toEqual([])
  })
})
