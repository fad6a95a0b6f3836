import { describe, expect, test } from 'vitest'
import { fromRows, toRows } from './linalg/matrix.ts'
import { classProbabilities, classWeights, decidedClass, encodeClasses, outputsFor, responses } from './targets.ts'

describe('classes as targets', () => {
  test('one-hot, or ±1: in one column for two classes, one against the rest for more', () => {
    expect(toRows(encodeClasses('softmax', [0, 1], 2))).toEqual([[1, 0], [0, 1]]) // biome-ignore format: short
    expect(toRows(encodeClasses('squared', [1], 3))).toEqual([[0, 1, 0]])
    expect(toRows(encodeClasses('logistic', [0, 1], 2))).toEqual([[-1], [1]])
    expect(toRows(encodeClasses('hinge', [2], 3))).toEqual([[-1, -1, 1]])
    expect([outputsFor('hinge', 2), outputsFor('hinge', 3), outputsFor('softmax', 2)]).toEqual([1, 3, 2])
  })

  test('counts are not classes', () => {
    expect(() => encodeClasses('poisson', [0], 2)).toThrow('use softmax or logistic')
  })

  test('the largest output decides, or the sign of a single one', () => {
    expect(decidedClass(Float64Array.of(0.1, 3, 2))).toBe(1)
    expect([0.2, 0, -1].map((f) => decidedClass(Float64Array.of(f)))).toEqual([1, 0, 0])
  })
})

describe('probabilities', () => {
  test('softmax and logistic: nonnegative, sum 1, without overflow', () => {
    for (const [loss, F] of [
      [
        'softmax',
        fromRows([
          [1, 2, 3],
          [800, -800, 0],
        ]),
      ],
      [
        'logistic',
        fromRows([
          [1, -2, 0.5],
          [-800, -700, -900],
        ]),
      ],
      ['logistic', fromRows([[2], [-800], [800]])],
    ] as const) {
      // biome-ignore format: a table
      for (const row of toRows(classProbabilities(loss, F)!)) {
        expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
        expect(row.every((p) => p >= 0 && p <= 1)).toBe(true)
      }
    }
  })

  test('a single output f is the log-odds of the second class', () => {
    const [[p0, p1]] = toRows(classProbabilities('logistic', fromRows([[1.5]]))!)
    expect(Math.log(p1 / p0)).toBeCloseTo(1.5, 12)
  })

  test('other losses have none', () => {
    expect(classProbabilities('hinge', fromRows([[1]]))).toBeUndefined()
  })
})

test('responses of a Poisson model are means, of others the outputs', () => {
  const F = fromRows([[Math.log(3)]])
  expect(responses('poisson', F).data[0]).toBeCloseTo(3, 12)
  expect(responses('huber:1', F)).toBe(F)
})

describe('class weights', () => {
  test('balanced: every class counts the same, and a row counts 1 on average', () => {
    const weights = classWeights('balanced', ['a', 'b'], [0, 0, 0, 1])
    expect(3 * weights[0]).toBeCloseTo(weights[1], 12)
    expect(3 * weights[0] + weights[1]).toBeCloseTo(4, 12)
  })

  test('as given; classes that are not named count once', () => {
    expect(classWeights(new Map([['b', 2]]), ['a', 'b'], [])).toEqual([1, 2])
  })

  test('a class that is none, and a weight that is not positive, are errors', () => {
    expect(() => classWeights(new Map([['c', 2]]), ['a', 'b'], [])).toThrow('no class "c" among ["a","b"]')
    expect(() => classWeights(new Map([['a', 0]]), ['a', 'b'], [])).toThrow('positive finite number, got 0')
  })
})
