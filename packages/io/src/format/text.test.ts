import { describe, expect, test } from 'vitest'
import { describeFormat } from '../format.conformance.ts'
import { oddNumbers, tableOf, utf8 } from '../format.fixtures.ts'
import { bytesSource } from '../source.ts'
import { isNumberColumn } from '../table.ts'
import { csv, tsv } from './csv.ts'
import { jsonl } from './jsonl.ts'
import { libsvm } from './libsvm.ts'

const memoryLimit = 2 ** 24
const mixed = tableOf({
  '2': oddNumbers,
  'a,b': ['x', 'say "hi"', '', 'line\nbreak', 'ß', ' edge '],
  '1': Uint8Array.of(0, 1, 2, 3, 4, 255),
})

describeFormat({
  format: csv,
  samples: [
    {
      what: 'a header, numbers and text',
      bytes: utf8('a,b\n1,x\n2.5,"y,z"\n'),
      names: ['a', 'b'],
      rows: [
        ['1', 'x'],
        ['2.5', 'y,z'],
      ],
    },
    {
      what: 'no header',
      bytes: utf8('1;2\r\n3;4'),
      names: ['c1', 'c2'],
      rows: [
        ['1', '2'],
        ['3', '4'],
      ],
      options: { header: false },
    },
  ],
  roundTrip: { table: mixed },
})

describeFormat({
  format: tsv,
  samples: [{ what: 'tabs', bytes: utf8('a\tb, c\n1\tx\n'), names: ['a', 'b, c'], rows: [['1', 'x']] }],
  roundTrip: { table: mixed },
})

describeFormat({
  format: jsonl,
  samples: [
    {
      what: 'numbers, text, flags and null',
      bytes: utf8('{"a":1.5,"b":"x","c":true,"d":null}\r\n\n{"d":2,"c":false,"b":"é","a":-0}'),
      names: ['a', 'b', 'c', 'd'],
      rows: [
        ['1.5', 'x', '1', ''],
        ['-0', 'é', '0', '2'],
      ],
    },
  ],
  roundTrip: { table: mixed },
})

describeFormat({
  format: libsvm,
  samples: [
    {
      what: 'sparse rows and a comment',
      bytes: utf8('# made by hand\n+1 1:0.5 3:2 # first\n-1 2:1e-3\n0\n'),
      names: ['label', 'x1', 'x2', 'x3'],
      rows: [
        ['1', '0.5', '0', '2'],
        ['-1', '0', '0.001', '0'],
        ['0', '0', '0', '0'],
      ],
    },
  ],
  roundTrip: {
    table: tableOf({
      label: Float64Array.of(1, -1, 3),
      a: Float64Array.of(0, -0, 1 / 3),
      b: Float64Array.of(5e-324, 0, 1),
      c: Float64Array.of(0, 0, 0),
    }),
    names: ['label', 'x1', 'x2', 'x3'],
  },
})

describe('JSON lines', () => {
  const read = (text: string, options = {}) =>
    jsonl.read(bytesSource(utf8(text), 'd.jsonl'), { memoryLimit, ...options })

  test.each([
    ['{"a":1}\n[1]', 'd.jsonl, row 2: expected a JSON object, found "[1]"'],
    ['{"a":1}\n{"a":', 'd.jsonl, row 2: expected a JSON object, found "{\\"a\\":"'],
    ['{"a":1}\n\n{"b":1}', 'd.jsonl, row 3: the columns "a" are missing'],
    ['{"a":1}\n{"a":1,"c":2}', 'd.jsonl, row 2: the first row has no "c"'],
    ['{"a":[1,2]}', 'd.jsonl, row 1, column "a": expected a number, text, true, false or null, found an array'],
    ['{}', 'd.jsonl, row 1: expected the columns by name, the object is empty'],
  ])('%j is refused with its place', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })

  test('a column is numbers only if every row has a number, unless it is asked for as text', async () => {
    const text = '{"a":1,"b":1,"c":7}\n{"a":2,"b":"x","c":8}'
    expect((await read(text)).columns.map(isNumberColumn)).toEqual([true, false, true])
    expect((await read(text, { textColumns: ['c'] })).columns[2]).toEqual(['7', '8'])
  })
})

describe('libsvm', () => {
  const read = (text: string) => libsvm.read(bytesSource(utf8(text), 'd.svm'), { memoryLimit })

  test.each([
    ['1 1:2\n1 0:2', 'd.svm, row 2: expected an index above 0, found "0:2"'],
    ['1 2:1 2:1', 'd.svm, row 1: expected an index above 2, found "2:1"'],
    ['1 qid:3 1:2', 'd.svm, row 1: expected index:value, found "qid:3"'],
    ['x 1:2', 'd.svm, row 1: expected a number as label, found "x"'],
    ['1 1:x', 'd.svm, row 1: expected index:number, found "x"'],
  ])('%j is refused with its place', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })

  test('a single huge index is refused before the table is made', async () => {
    await expect(read('1 1:1\n1 999999999999:1\n')).rejects.toThrow(
      /^d\.svm, row 2: 2 rows of 1000000000000 columns take/,
    )
  })

  test('without a label column, one has to be named', () => {
    const table = tableOf({ a: Float64Array.of(1), y: Float64Array.of(2) })
    expect(() => [...libsvm.write!(table)]).toThrow('a libsvm file needs a label for each row')
    expect(new TextDecoder().decode([...libsvm.write!(table, { target: 'y' })][0])).toBe('2 1:1\n')
  })
})
