import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sortedBy } from './sorted-by.ts'

test('is a stable sort: the permutation the comparator sort gives', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 70 }), (values) => {
      const keys = Float64Array.from(values)
      const indices = Int32Array.from(keys, (_, i) => i)
      const expected = Array.from(indices).sort((i, j) => keys[i] - keys[j])
      expect(Array.from(sortedBy(keys, indices))).toEqual(expected)
    }),
  )
})
