import { expect, test } from 'vitest'
import { readCifar } from './cifar.ts'
import { DataError } from './errors.ts'

function records(labels: readonly (readonly number[])[]): Uint8Array {
  const size = labels[0].length + 3072
  const bytes = new Uint8Array(labels.length * size)
  labels.forEach((label, i) => {
    bytes.set(label, i * size)
    for (let k = 0; k < 3072; k++) bytes[i * size + label.length + k] = (i + k) % 256
  })
  return bytes
}

test.each([
  ['cifar10', [[3], [9]], 10],
  [
    'cifar100',
    [
      [7, 3],
      [0, 99],
    ],
    100,
  ],
] as const)('%s: the last label byte is the class, the rest pixels in order', (kind, labels, classes) => {
  const images = readCifar(records(labels), kind)
  expect(images).toMatchObject({ classes, labels: labels.map((bytes) => bytes[bytes.length - 1]) })
  expect(images.X).toMatchObject({ rows: 2, cols: 3072 })
  expect(Array.from(images.X.data.subarray(3072, 3076))).toEqual([1, 2, 3, 4])
  expect(images.X.data[2 * 3072 - 1]).toBe((1 + 3071) % 256)
})

test('a limit takes the first records', () => {
  expect(readCifar(records([[1], [2], [3]]), 'cifar10', { limit: 2 }).labels).toEqual([1, 2])
})

test('what is not whole records, or has a class out of range, is refused', () => {
  expect(() => readCifar(records([[1, 2]]), 'cifar10')).toThrow(/expected records of 3073 bytes, found 3074/)
  expect(() => readCifar(new Uint8Array(), 'cifar100')).toThrow(DataError)
  expect(() => readCifar(records([[1], [10]]), 'cifar10')).toThrow('record 2: expected a class below 10, found 10')
})
