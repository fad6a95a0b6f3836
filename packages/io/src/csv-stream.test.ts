import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCsv } from './csv.ts'
import { simpleNumber } from './csv-number.ts'
import { readCsv } from './csv-stream.ts'
import { DataError } from './errors.ts'
import { bytesSource, type Source } from './source.ts'
import { cellText, columnKind, isNumberColumn, numericColumns, type Table } from './table.ts'

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** The same bytes in pieces of a few bytes each, all in one buffer that is written over, as a file reader does it. */
function inPieces(bytes: Uint8Array, pieceSize: number, size?: number): Source {
  return {
    file: 'p.csv',
    size,
    async *open() {
      const buffer = Buffer.alloc(pieceSize)
      for (let at = 0; at < bytes.length; at += pieceSize) {
        const piece = bytes.subarray(at, at + pieceSize)
        buffer.set(piece)
        yield buffer.subarray(0, piece.length)
        buffer.fill(0x3f)
      }
    },
  }
}

const outcome = async (read: () => Table | Promise<Table>): Promise<Table | DataError> => {
  try {
    return await read()
  } catch (error) {
    if (error instanceof DataError) return error
    throw error
  }
}

const textOf = (table: Table): string[][] =>
  table.columns.map((column) => Array.from({ length: table.rows }, (_, i) => cellText(column, i)))

describe('reading piece by piece', () => {
  test('any bytes, in pieces of any size, give the table that reading the whole gives, or are refused as it is', async () => {
    const cell = fc.oneof(
      fc.constantFrom(
        '',
        'a',
        '1',
        '-2.50',
        'NA',
        ' 3 ',
        '"x"',
        '"a,b"',
        '"a\nb"',
        '"q""q"',
        '"',
        'é',
        '1e3',
        '\0',
        '\r',
      ),
      fc.string({ maxLength: 4 }),
    )
    const line = fc.oneof(fc.array(cell, { minLength: 2, maxLength: 2 }), fc.array(cell, { maxLength: 3 }))
    const text = fc
      .tuple(fc.constantFrom('', '\ufeff'), fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n', '\r'))
      .map(([mark, lines, end]) => mark + lines.map((cells) => cells.join(',') + end).join(''))
    const source = fc.oneof(text.map(utf8), fc.uint8Array({ maxLength: 60 }))
    const options = fc.record({ header: fc.boolean(), delimiter: fc.constantFrom(undefined, ',', ';', '1', '§') })
    await fc.assert(
      fc.asyncProperty(source, options, fc.integer({ min: 1, max: 40 }), async (bytes, settings, size) => {
        const whole = await outcome(() => parseCsv(bytes, { ...settings, file: 'p.csv' }))
        const pieces = await outcome(() => readCsv(inPieces(bytes, size), settings))
        if (whole instanceof DataError || pieces instanceof DataError) {
          expect([whole, pieces].every((found) => found instanceof DataError)).toBe(true)
          return
        }
        expect(pieces.names).toEqual(whole.names)
        expect(pieces.lines && Array.from(pieces.lines)).toEqual(whole.lines)
        expect(pieces.headerLooksLikeData).toBe(whole.headerLooksLikeData)
        pieces.columns.forEach((column, k) => {
          expect(columnKind(pieces, k)).toEqual(columnKind(whole, k))
          if (!isNumberColumn(column)) expect(column).toEqual(whole.columns[k])
          else expect(numericColumns(pieces, [k])).toEqual(numericColumns(whole, [k]))
        })
      }),
      { numRuns: 1500 },
    )
  })

  test.each([
    ['', 'empty-file', undefined],
    ['a,b\n', 'header-only', undefined],
    ['a,b\n1,2\n3\n', 'ragged-row', 3],
    ['a,b\n"1\n",2\n3,4,5\n', 'ragged-row', 4],
    ['a,,c\n1,2,3\n', 'empty-column-name', 1],
    ['a,b,a\n1,2,3\n', 'duplicate-column', 1],
    ['a,b\n1,2\n"3,4\n5,6\n', 'bad-quotes', 3],
    ['a,b\n1,2\n"3"x,4\n5,6\n', 'bad-quotes', 3],
    ['a,b\n1,2\0\n', 'not-text', 2],
  ])('%j is refused with the same message as the whole', async (text, code, row) => {
    const whole = await outcome(() => parseCsv(text, { file: 'p.csv' }))
    const pieces = await outcome(() => readCsv(inPieces(utf8(text), 3)))
    expect(pieces).toMatchObject({ code, row })
    expect(pieces).toEqual(whole)
  })

  test('a number column that turns out to hold text is text throughout, as it was written', async () => {
    const rows = Array.from({ length: 400 }, (_, i) => `${i}.0,${i}.0`)
    const bytes = utf8(`a,b\n${rows.join('\n')}\nn/a,1\n`)
    const table = await readCsv(inPieces(bytes, 64, bytes.length))
    expect(table.columns.map(isNumberColumn)).toEqual([false, true])
    expect(textOf(table)[0].slice(398)).toEqual(['398.0', '399.0', 'n/a'])
    expect(() => numericColumns(table, [1, 0])).toThrow('p.csv, row 402, column "a": expected a number, found "n/a"')
  })

  test('a column can be asked for as text', async () => {
    const table = await readCsv(bytesSource(utf8('id,x\n007,1\n008,2\n')), { textColumns: ['id'] })
    expect(table.columns[0]).toEqual(['007', '008'])
    expect(table.columns[1]).toEqual(Float64Array.of(1, 2))
  })

  test('the estimate from the first rows never limits how many there may be', async () => {
    const bytes = utf8(`x,y\n1.000000000000000,2.000000000000000\n${'1,2\n'.repeat(100_000)}`)
    const table = await readCsv({ ...bytesSource(bytes), size: bytes.length })
    expect(table.rows).toBe(100_001)
    expect(numericColumns(table, [1]).data.at(-1)).toBe(2)
  })

  test('a table above the limit is refused from its size alone, with advice', async () => {
    const bytes = utf8(`x,y\n${'1.5,2.5\n'.repeat(50_000)}`)
    await expect(readCsv(bytesSource(bytes, 'big.csv'), { memoryLimit: 100_000 })).rejects.toThrow(
      /^big\.csv: about \d+ rows of 2 columns take \d+ kB as float64, the limit is 100 kB$/,
    )
    const unknown = { ...bytesSource(bytes, 'big.csv'), size: undefined }
    await expect(readCsv(unknown, { memoryLimit: 100_000 })).rejects.toMatchObject({ code: 'too-large' })
  })

  test('a row in many pieces is read in linear time', async () => {
    const cells = Array.from({ length: 20_000 }, (_, k) => k)
    const table = await readCsv(inPieces(utf8(`${cells.join(',')}\n`), 16), { header: false })
    expect(textOf(table).map(([cell]) => Number(cell))).toEqual(cells)
  })
})

describe('numbers from bytes', () => {
  const read = (text: string): number => {
    const bytes = utf8(`;${text};`)
    return simpleNumber(bytes, 1, bytes.length - 1)
  }

  test('every decimal is the number the host makes of it, to the last bit', () => {
    const digits = fc.string({ unit: fc.integer({ min: 0, max: 9 }).map(String), maxLength: 21 })
    const decimal = fc
      .tuple(fc.constantFrom('', '-', '+'), digits, digits, fc.integer({ min: -330, max: 310 }), fc.nat(3))
      .filter(([, whole, part]) => whole !== '' || part !== '')
      .map(
        ([sign, whole, part, exponent, form]) =>
          [
            `${sign}${whole}.${part}`,
            `${sign}${whole}${part}`,
            `${sign}${whole}.${part}e${exponent}`,
            `${sign}${whole}.${part}E+5`,
          ][form],
      )
    fc.assert(
      fc.property(fc.oneof(decimal, fc.double({ noDefaultInfinity: true, noNaN: true }).map(String)), (text) => {
        const value = Number(text)
        expect(read(text)).toBe(Number.isFinite(value) ? value : Number.NaN)
      }),
      { numRuns: 5000 },
    )
  })

  test('halfway between two numbers, ties go to the even one', () => {
    expect(read('9007199254740993')).toBe(9007199254740992)
    expect(read('9007199254740995')).toBe(9007199254740996)
    expect(read('4503599627370497.5')).toBe(4503599627370498)
    expect(read('900719925474099.25')).toBe(900719925474099.25)
  })

  test.each(['', ' ', '.', '+', '-', 'e5', '1e', '1e+', '1x', '0x10', '1,5', '--1', '1e99999', 'NaN', '1 2', '1e400'])(
    '%j is left to others',
    (text) => {
      expect(read(text)).toBeNaN()
    },
  )
})
