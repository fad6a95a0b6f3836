import { describe, expect, test } from 'vitest'
import { describeFormat } from '../format.conformance.ts'
import { fromBase64, oddNumbers, tableOf } from '../format.fixtures.ts'
import { archives, arrays } from '../npy.fixtures.ts'
import { writeNpy } from '../npy.ts'
import { writeNpz } from '../npz.ts'
import { writeSafetensors } from '../safetensors.ts'
import { bytesSource } from '../source.ts'
import { npy } from './npy.ts'
import { npz } from './npz.ts'
import { safetensors } from './safetensors.ts'

const memoryLimit = 2 ** 24
const stored = (name: string): Uint8Array => fromBase64(arrays.find((array) => array.name === name)!.base64)
const numbers = tableOf({ x: oddNumbers, y: Uint8Array.of(1, 2, 3, 4, 5, 6) })
const together = new Map([
  ['X', { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }],
  ['y', { shape: [2], data: Float64Array.of(0, 1) }],
])
const expected = {
  names: ['X_1', 'X_2', 'y'],
  rows: [
    ['1', '2', '0'],
    ['3', '4', '1'],
  ],
}

describeFormat({
  format: npy,
  samples: [
    {
      what: 'a matrix',
      bytes: stored('<i2 C'),
      names: ['c1', 'c2', 'c3'],
      rows: [
        ['0', '1', '2'],
        ['3', '4', '250'],
      ],
    },
    {
      what: 'Fortran order',
      bytes: stored('>f8 Fortran'),
      names: ['c1', 'c2', 'c3'],
      rows: [
        ['0', '1', '2'],
        ['3', '4', '250'],
      ],
    },
    { what: 'a vector', bytes: stored('|b1'), names: ['c1'], rows: [['1'], ['0'], ['1']] },
  ],
  roundTrip: { table: numbers, names: ['c1', 'c2'] },
})

describeFormat({
  format: npz,
  samples: [
    ...archives.map(([what, base64]) => ({
      what,
      bytes: fromBase64(base64),
      names: ['X_1', 'X_2', 'y'],
      rows: [
        ['0', '1', '1'],
        ['2', '3', '0'],
        ['4', '5', '1'],
      ],
    })),
    { what: 'our own archive', bytes: writeNpz(together, { compress: true }), ...expected },
  ],
  roundTrip: { table: numbers },
})

describeFormat({
  format: safetensors,
  samples: [{ what: 'named tensors', bytes: writeSafetensors(together, { metadata: { a: 'b' } }), ...expected }],
  roundTrip: { table: numbers },
})

describe('arrays as tables', () => {
  test('images become one column per pixel', async () => {
    const bytes = writeNpy({ shape: [2, 2, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8) })
    const table = await npy.read(bytesSource(bytes), { memoryLimit })
    expect([table.rows, table.names, table.named]).toEqual([2, ['c1', 'c2', 'c3', 'c4'], false])
    expect(table.columns[3]).toEqual(Float64Array.of(4, 8))
  })

  test.each([
    [
      new Map([
        ['X', { shape: [2], data: Float64Array.of(1, 2) }],
        ['y', { shape: [1], data: Float64Array.of(1) }],
      ]),
      'a.npz, column "y": expected as many rows as "X" has, 2, found 1',
    ],
    [
      new Map([['s', { shape: [], data: Float64Array.of(1) }]]),
      'a.npz, byte 0: expected rows and columns, found a single number',
    ],
    [
      new Map([
        ['X', { shape: [1, 2], data: Float64Array.of(1, 2) }],
        ['X_1', { shape: [1], data: Float64Array.of(1) }],
      ]),
      'a.npz, column "X_1": two columns get the same name',
    ],
    [new Map(), 'a.npz, byte 0: the file has no arrays'],
  ])('%o is refused', async (content, message) => {
    await expect(npz.read(bytesSource(writeNpz(content), 'a.npz'), { memoryLimit })).rejects.toThrow(message)
  })

  test('text cannot be written as an array: the error names the cell', () => {
    const table = { ...tableOf({ x: Float64Array.of(1), kind: ['red'] }), file: 'd.csv' }
    expect(() => [...npy.write!(table)]).toThrow('d.csv, row 1, column "kind": expected a number, found "red"')
  })

  test('float32 is written where it is asked for', async () => {
    const [bytes] = npy.write!(numbers, { precision: 'float32' })
    const table = await npy.read(bytesSource(bytes), { memoryLimit })
    expect(table.columns[0][0]).toBe(Math.fround(0.1))
  })
})
