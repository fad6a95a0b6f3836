import { gzipSync } from 'fflate'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { describeFormat } from '../format.conformance.ts'
import { bytesSource } from '../source.ts'
import { isNumberColumn } from '../table.ts'
import { parquet } from './parquet.ts'

const memoryLimit = 2 ** 24
type Written = Parameters<typeof parquetWriteBuffer>[0]

const written = (options: Written): Uint8Array => new Uint8Array(parquetWriteBuffer(options))
const columnData: Written['columnData'] = [
  { name: 'x', data: [0.1, -0, 3e300], type: 'DOUBLE' },
  { name: 'n', data: [1, 2, -3], type: 'INT32' },
  { name: 'big', data: [1n, 2n ** 53n, -5n], type: 'INT64' },
  { name: 'ok', data: [true, false, true], type: 'BOOLEAN' },
  { name: 'kind', data: ['rot', 'ß', 'rot'], type: 'STRING' },
  { name: 'gap', data: [1.5, null, 2.5], type: 'DOUBLE', nullable: true },
]
const names = ['x', 'n', 'big', 'ok', 'kind', 'gap']
const rows = [
  ['0.1', '1', '1', '1', 'rot', '1.5'],
  ['-0', '2', '9007199254740992', '0', 'ß', ''],
  ['3e+300', '-3', '-5', '1', 'rot', '2.5'],
]

/** Repeated text is stored as runs of places in a dictionary, gaps as runs of levels: lengths inside the data themselves. */
const runs = Array.from({ length: 40 }, (_, i) => ({ kind: `class ${i % 3}`, gap: i % 5 === 0 ? null : i }))
const runColumns: Written['columnData'] = [
  { name: 'kind', data: runs.map(({ kind }) => kind), type: 'STRING' },
  { name: 'gap', data: runs.map(({ gap }) => gap), type: 'INT32', nullable: true },
]

describeFormat({
  format: parquet,
  samples: [
    { what: 'an uncompressed file', bytes: written({ columnData, codec: 'UNCOMPRESSED' }), names, rows },
    { what: 'a file compressed with snappy', bytes: written({ columnData, codec: 'SNAPPY' }), names, rows },
    {
      what: 'a file compressed with gzip',
      bytes: written({ columnData, codec: 'GZIP', compressors: { GZIP: (bytes) => gzipSync(bytes) } }),
      names,
      rows,
    },
    {
      what: 'runs in a dictionary and in gaps',
      bytes: written({ columnData: runColumns, codec: 'UNCOMPRESSED', rowGroupSize: 15 }),
      names: ['kind', 'gap'],
      rows: runs.map(({ kind, gap }) => [kind, gap === null ? '' : String(gap)]),
    },
    { what: 'several groups of rows', bytes: written({ columnData, rowGroupSize: 1 }), names, rows },
  ],
})

describe('Parquet', () => {
  const read = (bytes: Uint8Array) => parquet.read(bytesSource(bytes, 'd.parquet'), { memoryLimit })

  test('numbers and flags are number columns, text and gaps are not', async () => {
    const table = await read(written({ columnData }))
    expect(table.columns.map(isNumberColumn)).toEqual([true, true, true, true, false, false])
  })

  test.each([
    [
      'dates',
      { name: 'when', data: [new Date(0)], type: 'TIMESTAMP' },
      /column "when": expected numbers, booleans or text, found values of the type TIMESTAMP/,
    ],
    ['lists', { name: 'l', data: [[1, 2]] }, /column "l": expected numbers, booleans or text, found /],
    [
      'JSON',
      { name: 'j', data: [{ a: 1 }], type: 'JSON' },
      /column "j": expected numbers, booleans or text, found values of the type JSON/,
    ],
    [
      'integers beyond float64',
      { name: 'i', data: [2n ** 53n + 1n], type: 'INT64' },
      /row 1, column "i": expected integers that a float64 holds, found 9007199254740993/,
    ],
  ] as const)('%s are refused by name', async (_what, column, message) => {
    await expect(read(written({ columnData: [column] as unknown as Written['columnData'] }))).rejects.toThrow(message)
  })

  test('a compression that cannot be unpacked is named', async () => {
    const bytes = written({ columnData, codec: 'ZSTD', compressors: { ZSTD: (data) => data } })
    await expect(read(bytes)).rejects.toThrow(
      'column "x": the column is compressed with ZSTD, expected UNCOMPRESSED, SNAPPY, GZIP',
    )
  })
})
