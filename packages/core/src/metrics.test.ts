import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromRows, matrix } from './linalg/matrix.ts'
import { type Metric, scoreOf } from './metrics.ts'
import { randomMatrix } from './problem.fixtures.ts'
import { seededRandom } from './random.ts'

const classes = (F: number[][], labels: number[]) => ({ F: fromRows(F), Y: fromRows(F), labels })
const values = (F: number[], Y: number[]) => ({
  F: matrix(F.length, 1, Float64Array.from(F)),
  Y: matrix(Y.length, 1, Float64Array.from(Y)),
  labels: null,
})

describe('class metrics', () => {
  test('accuracy is the share of rows whose largest output is that of their class; a single output decides by its sign', () => {
    expect(
      scoreOf(
        'accuracy',
        classes(
          [
            [1, 0],
            [0, 1],
            [2, 3],
            [5, 4],
          ],
          [0, 1, 0, 0],
        ),
      ),
    ).toBe(0.75)
    expect(scoreOf('accuracy', classes([[-1], [2], [0]], [0, 1, 1]))).toBeCloseTo(2 / 3, 15)
  })

  test('balanced accuracy of a constant answer is 1 / classes, however unequal they are', () => {
    const F = Array.from({ length: 10 }, () => [1, 0])
    expect(scoreOf('balanced-accuracy', classes(F, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]))).toBe(0.5)
  })

  test('auc is the share of pairs in the right order, ties counting half', () => {
    const pairs = (scores: number[], labels: number[]) => {
      let [right, all] = [0, 0]
      scores.forEach((p, i) =>
        scores.forEach((q, j) => {
          if (labels[i] !== 1 || labels[j] !== 0) return
          all++
          right += p > q ? 1 : p === q ? 0.5 : 0
        }),
      )
      return right / all
    }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 1 })), {
          minLength: 2,
          maxLength: 30,
        }),
        (rows) => {
          const [scores, labels] = [rows.map(([score]) => score), rows.map(([, label]) => label)]
          const area = scoreOf(
            'auc',
            classes(
              scores.map((score) => [score]),
              labels,
            ),
          )
          const two = scoreOf(
            'auc',
            classes(
              scores.map((score) => [-score, score]),
              labels,
            ),
          )
          const expected = pairs(scores, labels)
          if (Number.isNaN(expected)) expect(area).toBeNaN()
          else expect(area).toBeCloseTo(expected, 12)
          expect(two).toEqual(area)
        },
      ),
    )
  })

  test('auc of a score that is not a number is not a number', () => {
    expect(scoreOf('auc', classes([[1], [Number.NaN], [2]], [0, 1, 1]))).toBeNaN()
  })

  test('log-loss of the uniform distribution is log(classes), and it needs probabilities', () => {
    const outcome = classes(
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      [0, 2],
    )
    expect(
      scoreOf('log-loss', {
        ...outcome,
        probabilities: fromRows([
          [1 / 3, 1 / 3, 1 / 3],
          [1 / 3, 1 / 3, 1 / 3],
        ]),
      }),
    ).toBeCloseTo(Math.log(3), 14)
    expect(() => scoreOf('log-loss', outcome)).toThrow('log-loss needs probabilities')
  })

  test.each<Metric>(['accuracy', 'balanced-accuracy', 'auc', 'log-loss'])(
    '%s without classes is refused, naming what would do',
    (metric) => {
      expect(() => scoreOf(metric, values([1], [1]))).toThrow('choose one of r2, rmse, mae')
    },
  )
})

describe('metrics of numbers', () => {
  test('r2 is 1 for exact predictions and 0 for the mean; rmse and mae are in units of the target', () => {
    expect(scoreOf('r2', values([1, 2, 4], [1, 2, 4]))).toBe(1)
    expect(scoreOf('r2', values([2, 2, 2], [1, 2, 3]))).toBe(0)
    expect(scoreOf('rmse', values([0, 0], [3, 4]))).toBeCloseTo(Math.sqrt(12.5), 14)
    expect(scoreOf('mae', values([0, 0], [3, -4]))).toBe(3.5)
  })

  test('r2 does not depend on the unit or the origin of the target; rmse and mae scale with it', () => {
    const [F, Y] = [randomMatrix(seededRandom(1), 9, 2), randomMatrix(seededRandom(2), 9, 2)]
    const moved = (A: typeof F) => ({ ...A, data: A.data.map((value) => 3 * value + 7) })
    const [before, after] = [
      { F, Y, labels: null },
      { F: moved(F), Y: moved(Y), labels: null },
    ]
    expect(scoreOf('r2', after)).toBeCloseTo(scoreOf('r2', before), 12)
    for (const metric of ['rmse', 'mae'] as const)
      expect(scoreOf(metric, after)).toBeCloseTo(3 * scoreOf(metric, before), 12)
  })

  test('r2 of a constant target is 1 where it is met exactly, otherwise not a number', () => {
    expect(scoreOf('r2', values([0.1, 0.1, 0.1], [0.1, 0.1, 0.1]))).toBe(1)
    expect(scoreOf('r2', values([0.1, 0.2, 0.1], [0.1, 0.1, 0.1]))).toBeNaN()
  })
})
