import { fromRows } from '@relucent/core'
import { expect, test } from 'vitest'
import { accuraciesOf } from './protocol.ts'

test('argmax takes the largest output, the original protocol the threshold that the test rows like best', () => {
  // At 0.5 two rows have their class alone above the threshold, at 0.25 all but the last.
  const F = fromRows([[0.6, 0.1], [0.2, 0.9], [0.4, 0.1], [0.3, 0.35]]) // biome-ignore format: a matrix
  expect(accuraciesOf(F, [0, 1, 0, 1])).toEqual({ argmax: 1, original: 1 })
  expect(accuraciesOf(F, [0, 1, 0, 0])).toEqual({ argmax: 0.75, original: 0.75 })
})

test('a row with two classes above every useful threshold is wrong by the original protocol, and may be right by argmax', () => {
  const F = fromRows([[2, 1.5], [1.5, 2]]) // biome-ignore format: a matrix
  expect(accuraciesOf(F, [0, 1])).toEqual({ argmax: 1, original: 0 })
})
