import { expect, test } from 'vitest'
import { halves, numpyPermutation } from './split.ts'

test('permutations are those that NumPy 2.4 printed', () => {
  expect(numpyPermutation(10, 42)).toEqual([8, 1, 5, 0, 7, 2, 9, 4, 3, 6])
  expect(numpyPermutation(7, 0)).toEqual([6, 2, 1, 3, 0, 5, 4])
  expect(numpyPermutation(150, 42).slice(0, 8)).toEqual([73, 18, 118, 78, 76, 31, 64, 141])
})

test('halves are a partition, the test half larger by one where the number is odd', () => {
  for (const [n, seed] of [
    [767, 42],
    [1371, 1],
    [2, 0],
  ]) {
    // biome-ignore format: a table
    const { train, test: other } = halves(n, seed)
    expect(other.length - train.length).toBe(n % 2)
    expect([...train, ...other].toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, k) => k))
  }
})
