import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCsv } from './csv.ts'
import { DataError } from './errors.ts'
import { columnIndex, columnKind, mixedTarget, numericColumns } from './table.ts'
import { writeCsv } from './write.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function errorOf(run: () => unknown): DataError {
  try {
    run()
  } catch (error) {
    if (error instanceof DataError) return error
    throw error
  }
  throw new Error('expected a DataError')
}

describe('reading', () => {
  test('a byte order mark, CRLF, quotes, an escaped quote and a line break inside a cell are all understood', () => {
    const table = parseCsv(bytes('\ufeffa,"b, c"\r\n1,"x ""y""\r\nz"\r\n2,w\r\n'))
    expect(table.names).toEqual(['a', 'b, c'])
    expect(table.columns).toEqual([
      ['1', '2'],
      ['x "y"\nz', 'w'],
    ])
    expect(table.lines).toEqual([2, 4])
  })

  test.each([',', ';', '\t', '|'])('the delimiter %j is guessed', (delimiter) => {
    const table = parseCsv(`a${delimiter}b\n1${delimiter}2\n3${delimiter}4\n`)
    expect(table.delimiter).toBe(delimiter)
    expect(numericColumns(table, [0, 1]).data).toEqual(Float64Array.of(1, 2, 3, 4))
  })

  test('any one character can be named as delimiter', () => {
    expect(parseCsv('a b\n1 2\n', { delimiter: ' ' }).names).toEqual(['a', 'b'])
    expect(errorOf(() => parseCsv('a,b\n1,2\n', { delimiter: ', ' })).code).toBe('bad-delimiter')
  })

  test('without a header the columns are numbered from 1', () => {
    const table = parseCsv('1,2\n3,4\n', { header: false })
    expect(table.names).toEqual(['c1', 'c2'])
    expect(table.rows).toBe(2)
    expect(table.lines).toEqual([1, 2])
  })

  test('line endings may be mixed and the last may be missing', () => {
    expect(parseCsv('a,b\r\n1,2\n3,4\r5,6').rows).toBe(3)
  })

  test('blank lines are skipped, but not in the middle of a one-column table', () => {
    expect(parseCsv('a,b\n\n1,2\n  \n3,4\n\n\n').lines).toEqual([3, 5])
    expect(parseCsv('a\n1\n\n3\n\n').columns).toEqual([['1', '', '3']])
  })

  test('a header made of numbers is recognised as probably missing', () => {
    expect(parseCsv('1,2\n3,4\n').headerLooksLikeData).toBe(true)
    expect(parseCsv('a,2\n3,4\n').headerLooksLikeData).toBe(false)
  })
})

describe('refusing, with the place', () => {
  test.each([
    ['', 'empty-file', undefined],
    ['\ufeff \r\n\n', 'empty-file', undefined],
    ['a,b\n', 'header-only', undefined],
    ['a,b\n1,2\n3\n', 'ragged-row', 3],
    ['a,b\n"1\n",2\n3,4,5\n', 'ragged-row', 4],
    ['a,,c\n1,2,3\n', 'empty-column-name', 1],
    ['a,b,a\n1,2,3\n', 'duplicate-column', 1],
    ['a,b\n1,2\n"3,4\n5,6\n', 'bad-quotes', 3],
    ['a,b\n1,2\0\n', 'not-text', 2],
  ])('%j is refused as %s in row %s', (text, code, row) => {
    const error = errorOf(() => parseCsv(text, { file: 'x.csv' }))
    expect(error.code).toBe(code)
    expect(error.row).toBe(row)
    expect(error.message).toMatch(/^x\.csv/)
  })

  test('bytes that are not UTF-8 are found by line', () => {
    const error = errorOf(() => parseCsv(Uint8Array.of(...bytes('a,b\n1,2\n'), 0xe9, 0x2c, 0x31)))
    expect(error.code).toBe('not-text')
    expect(error.row).toBe(3)
  })

  test.each([
    [[0x50, 0x4b, 3, 4, 0], 'spreadsheet'],
    [[0x1f, 0x8b, 8], 'gzip'],
    [[0xff, 0xfe, 0x61, 0], 'UTF-16'],
  ])('a file that is no text at all is named for what it is', (start, what) => {
    expect(errorOf(() => parseCsv(Uint8Array.from(start))).message).toContain(what)
  })

  test('arbitrary bytes give a rectangular table or a DataError, never anything else', () => {
    const source = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ unit: fc.constantFrom('a', '1', ',', ';', '"', '\n', '\r', ' ', '\t', '\ufeff'), maxLength: 80 }),
    )
    const options = fc.record({ header: fc.boolean(), delimiter: fc.constantFrom(undefined, ',', ';', '|', '\\', '1') })
    fc.assert(
      fc.property(source, options, (input, settings) => {
        try {
          const table = parseCsv(input, settings)
          expect(table.rows).toBeGreaterThan(0)
          expect(new Set(table.names).size).toBe(table.names.length)
          for (const column of table.columns) expect(column).toHaveLength(table.rows)
        } catch (error) {
          if (!(error instanceof DataError)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })

  test.each(['"', '"a,', '1'.repeat(50), ',', '""'])('repeating %j a hundred thousand times does not hang', (piece) => {
    const start = performance.now()
    try {
      numericColumns(parseCsv(`a\n${piece.repeat(100_000)}x`), [0])
    } catch (error) {
      if (!(error instanceof DataError)) throw error
    }
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})

describe('numeric columns', () => {
  test('every way to write a decimal number is read exactly', () => {
    const table = parseCsv('a\n1\n-2.5\n+.5\n3.\n1e-3\n 4 \n0.1\n-0\n')
    expect([...numericColumns(table, [0]).data]).toEqual([1, -2.5, 0.5, 3, 1e-3, 4, 0.1, -0])
  })

  test.each([
    ['abc', 'not-a-number', 'expected a number, found "abc"'],
    ['1,5', 'not-a-number', 'expected a number, found "1,5"'],
    ['0x10', 'not-a-number', 'found "0x10"'],
    ['12 kg', 'not-a-number', 'found "12 kg"'],
    ['', 'missing-value', 'the cell is empty'],
    ['n/a', 'missing-value', 'found "n/a"'],
    ['?', 'missing-value', 'found "?"'],
    ['NaN', 'not-finite', 'expected a finite number, found "NaN"'],
    ['-Infinity', 'not-finite', 'found "-Infinity"'],
    ['1e999', 'not-finite', '"1e999" is too large'],
  ])('%j is refused as %s', (cell, code, words) => {
    const table = parseCsv(`id;age\n1;30\n2;${cell}\n`, { file: 'ages.csv', delimiter: ';' })
    const error = errorOf(() => numericColumns(table, [0, 1]))
    expect(error.code).toBe(code)
    expect(error.message).toBe(`ages.csv, row 3, column "age": ${error.message.split(': ').slice(1).join(': ')}`)
    expect(error.message).toContain(words)
    expect(error.hint).toBeTruthy()
  })

  test('numbers survive being written and read, to the last bit', () => {
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 })
    fc.assert(
      fc.property(numbers, (values) => {
        const text = writeCsv(
          ['x', 'y'],
          values.map((value) => [value, 1]),
        )
        expect(numericColumns(parseCsv(text, { delimiter: ',' }), [0]).data).toEqual(Float64Array.from(values))
      }),
    )
  })
})

describe('columns', () => {
  const table = parseCsv('sepal_width,2,species\n1,2,a\n', { file: 'iris.csv' })

  test('a column is found by name, then by number from 1', () => {
    expect(columnIndex(table, 'species')).toBe(2)
    expect(columnIndex(table, '3')).toBe(2)
    expect(columnIndex(table, '2')).toBe(1) // a name first
    expect(columnIndex(table, '1')).toBe(0)
  })

  test('an unknown column is answered with the nearest name and the list', () => {
    const error = errorOf(() => columnIndex(table, 'specis'))
    expect(error.message).toBe('iris.csv, column "specis": there is no such column')
    expect(error.hint).toContain('did you mean "species"?')
    expect(error.hint).toContain('"sepal_width"')
    expect(errorOf(() => columnIndex(table, '4')).code).toBe('unknown-column')
    expect(errorOf(() => columnIndex(table, '0')).code).toBe('unknown-column')
  })

  test('a column is numeric, text, mixed or empty; missing cells do not decide', () => {
    const kind = (...cells: string[]): string =>
      columnKind(parseCsv(`a,b\n${cells.map((c) => `${c},1\n`).join('')}`), 0).kind
    expect(kind('1', '', '2')).toBe('numeric')
    expect(kind('a', '?', 'b')).toBe('text')
    expect(kind('', 'NA')).toBe('empty')
    expect(kind('1', 'a')).toBe('mixed')
  })

  test('a mixed target is reported with one row of either kind', () => {
    const mixed = parseCsv('y,b\n1,1\n2,1\ncat,1\n', { file: 'm.csv' })
    const error = mixedTarget(mixed, 0, columnKind(mixed, 0))
    expect(error.message).toContain('m.csv, row 4, column "y"')
    expect(error.message).toContain('the number 1 in row 2 and the text "cat" in row 4')
  })
})
