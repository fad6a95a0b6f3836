import { describe, expect, test } from 'vitest'
import type { CvData } from './cross-validation/fold-task.ts'
import { makeFolds } from './cross-validation/folds.ts'
import { learningCurve, partialDependence, permutationImportance, pickData } from './inspection.ts'
import { matrix } from './linalg/matrix.ts'
import type { RawTable } from './preprocessing/encoding.ts'
import { gaussian, seededRandom } from './random.ts'

const random = seededRandom(5)
const rows = 60
const used = Array.from({ length: rows }, () => gaussian(random))
const unused = Array.from({ length: rows }, () => gaussian(random))
const target = Float64Array.from(used, Math.abs)
const data: CvData = {
  table: { rows, names: ['used', 'unused'], columns: [used, unused] },
  Y: matrix(rows, 1, target),
  labels: null,
}
const outputs = ({ columns, rows: count }: RawTable) =>
  matrix(
    count,
    1,
    Float64Array.from(columns[0], (cell) => Math.abs(Number(cell))),
  )

test('a column that is not used has importance 0; shuffling the used one costs more than the metric can spare', () => {
  const [first, second] = permutationImportance({ data, outputs }, 'r2')
  expect(second).toEqual({ name: 'unused', mean: 0, deviation: 0 })
  expect(first.mean).toBeGreaterThan(1) // r2 of independent values of one distribution is −1 on average
  expect(permutationImportance({ data, outputs }, 'rmse')[0].mean).toBeGreaterThan(0)
})

describe('partial dependence', () => {
  test('of a function of one column is that function', () => {
    const { at, outputs: means } = partialDependence({ data, outputs }, 'used', { points: 7 })
    expect(at).toHaveLength(7)
    expect(at[0]).toBe(Math.min(...used))
    at.forEach((value, k) => expect(means[0][k]).toBeCloseTo(Math.abs(Number(value)), 12))
  })

  test('of a column that is not used is constant; categories are taken one by one', () => {
    const { outputs: means } = partialDependence({ data, outputs }, 'unused')
    for (const mean of means[0]) expect(mean).toBeCloseTo(means[0][0], 12)
    const text = { ...data, table: { ...data.table, columns: [used, used.map((_, i) => (i % 2 ? 'b' : 'a'))] } }
    expect(partialDependence({ data: text, outputs }, 'unused').at).toEqual(['a', 'b'])
    expect(() => partialDependence({ data, outputs }, 'other')).toThrow('must be one of used, unused, got other')
  })
})

test('the learning curve rises with the rows trained on, to the score of cross-validation', async () => {
  const folds = makeFolds(rows, { folds: 3 })
  const curve = await learningCurve(pickData(data, [...used.keys()]), 0.003, {
    folds,
    shares: [0.1, 1],
    tolerance: 1e-4,
  })
  expect(curve.map((point) => point.rows)).toEqual([4, 40])
  expect(curve[1].test).toBeLessThan(curve[0].test)
  await expect(learningCurve(data, 0.1, { folds, shares: [0] })).rejects.toThrow('above 0 and at most 1, got 0')
})
