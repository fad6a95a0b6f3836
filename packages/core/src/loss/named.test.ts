import { expect, test } from 'vitest'
import { lossFrom, lossNames, targetKind } from './named.ts'

test('the name of every loss gives it back, with its parameter', () => {
  for (const name of lossNames) expect(lossFrom(lossFrom(name).name).name).toBe(lossFrom(name).name)
  for (const name of ['huber:1.5', 'pinball:0.9', 'epsilon-insensitive:0']) expect(lossFrom(name).name).toBe(name)
})

test('targets: numbers, counts, signs or one column per class', () => {
  expect(['pinball:0.2', 'poisson', 'hinge', 'softmax'].map(targetKind)).toEqual(['real', 'count', 'sign', 'one-hot'])
})

test.each(['mse', '', 'constructor', 'squared:2', 'huber:', 'logistic:1'])(
  '%j is no loss: the error lists those there are',
  (name) => {
    expect(() => lossFrom(name)).toThrow('expected one of squared, huber')
  },
)

test('a parameter out of range is an error of the loss', () => {
  expect(() => lossFrom('pinball:2')).toThrow('quantile must be between 0 and 1, got 2')
  expect(() => lossFrom('huber:x')).toThrow('delta must be a positive finite number, got NaN')
})
