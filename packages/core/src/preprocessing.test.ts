import { describe, expect, test } from 'vitest'
import { fromRows, toRows } from './linalg/matrix.ts'
import { applyPreprocessing, fitPreprocessing } from './preprocessing.ts'
import { randomMatrix } from './problem.fixtures.ts'
import { seededRandom } from './random.ts'

const X = fromRows([
  [1, 10, 7],
  [2, 20, 7],
  [3, 60, 7],
])

describe('preprocessing', () => {
  test('standardize gives columns of mean 0 and deviation 1', () => {
    const Z = applyPreprocessing(fitPreprocessing('standardize', X), X)
    for (const k of [0, 1]) {
      const column = toRows(Z).map((values) => values[k])
      expect(column.reduce((a, b) => a + b)).toBeCloseTo(0, 13)
      expect(column.reduce((a, b) => a + b * b, 0) / 3).toBeCloseTo(1, 13)
    }
  })

  test('minmax maps the training range to [0, 1], and other data linearly beyond it', () => {
    const fitted = fitPreprocessing('minmax', X)
    expect(toRows(applyPreprocessing(fitted, X)).map((values) => values[1])).toEqual([0, 0.2, 1])
    expect(toRows(applyPreprocessing(fitted, fromRows([[5, 110, 8]])))).toEqual([[2, 2, 1]])
  })

  test.each(['standardize', 'minmax'] as const)('%s: a constant column becomes 0, by scale 1', (kind) => {
    expect(fitPreprocessing(kind, X).scale[2]).toBe(1)
    const rounded = fromRows([[0.1], [0.1], [0.1], [0.1], [0.1], [0.1]])
    expect(fitPreprocessing(kind, rounded).scale).toEqual([1])
    expect(
      applyPreprocessing(fitPreprocessing(kind, rounded), rounded).data.every((value) => Math.abs(value) < 1e-15),
    ).toBe(true)
  })

  test('does not depend on the unit or the origin of a column', () => {
    const Z = randomMatrix(seededRandom(4), 9, 2)
    const moved = { ...Z, data: Z.data.map((value) => 1e6 * value + 3e5) }
    for (const kind of ['standardize', 'minmax'] as const) {
      const [a, b] = [Z, moved].map((given) => applyPreprocessing(fitPreprocessing(kind, given), given))
      a.data.forEach((value, k) => expect(b.data[k]).toBeCloseTo(value, 9))
    }
  })

  test('none leaves the data alone, and another number of columns is named', () => {
    expect(applyPreprocessing(fitPreprocessing('none', X), X)).toBe(X)
    const wrong = fromRows([[1]])
    expect(() => applyPreprocessing(fitPreprocessing('minmax', X), wrong)).toThrow('X must have 3 columns, got 1')
  })
})
