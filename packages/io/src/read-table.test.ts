import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { gzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { DataError } from './errors.ts'
import { cellsOf } from './format.conformance.ts'
import { oddNumbers, tableOf, utf8 } from './format.fixtures.ts'
import { concatenated } from './inflate.ts'
import { detectFormat, formatNamed, formats, labelsNameFor, readTable, writeTable } from './read-table.ts'
import { bytesSource } from './source.ts'

const numbers = tableOf({
  label: oddNumbers,
  x1: Float64Array.of(1, 2, 3, 4, 5, 6),
  x2: Uint8Array.of(0, 0, 9, 0, 0, 1),
})
const writable = formats.filter((format) => format.write !== undefined)

describe('telling the format', () => {
  test.each(writable)(
    '$name is told from its name, and packed with gzip all the same',
    async ({ name, extensions }) => {
      for (const file of [`a${extensions[0]}`, `A${extensions[0].toUpperCase()}`, `a${extensions[0]}.gz`]) {
        const bytes = concatenated([...writeTable(numbers, { file })])
        expect(bytes[0] === 0x1f).toBe(file.endsWith('.gz'))
        const table = await readTable(bytes, { file })
        expect([table.format, table.file]).toEqual([name, file])
        expect(cellsOf(table)).toEqual(cellsOf(numbers))
      }
    },
  )

  test.each(writable.filter(({ name }) => name !== 'tsv'))('$name is told from its bytes alone', async ({ name }) => {
    const bytes = concatenated([...writeTable(numbers, { format: name })])
    const table = await readTable(bytes)
    expect(table.format).toBe(name)
    expect(cellsOf(table)).toEqual(cellsOf(numbers))
  })

  test.each([
    ['d.csv', '1 1:2\n', 'csv'],
    ['d.txt', '1 1:2 3:4\n-1 2:1\n', 'libsvm'],
    ['d.txt', 'a,b\n1,2\n', 'csv'],
    ['a9a', '-1 3:1 11:1\n', 'libsvm'],
    ['times', '12:30 a\n12:31 b\n', 'csv'],
    ['d', '{"a":1}\n', 'jsonl'],
    ['d.tab', 'a\n', 'tsv'],
  ])('%s beginning with %j is %s', (file, text, name) => {
    expect(detectFormat(utf8(text), { file }).name).toBe(name)
  })

  test('CIFAR is told from the length; what fits both or neither has to be named', () => {
    const named = (size?: number) => detectFormat(new Uint8Array(64), { file: 'data.bin', size }).name
    expect(named(3073 * 2)).toBe('cifar10')
    expect(named(3074 * 3)).toBe('cifar100')
    expect(() => named(3073 * 3074)).toThrow('could be CIFAR-10 or CIFAR-100')
    expect(() => named(100)).toThrow('data.bin, byte 0: a .bin file of images has a multiple of 3073 bytes')
    expect(() => named()).toThrow('found no length')
  })

  test('a format that is named wins over the name, and a misspelt one is answered with the nearest', async () => {
    expect((await readTable(utf8('a,b\n1,2\n'), { file: 'a.npy', format: 'csv' })).rows).toBe(1)
    expect(() => formatNamed('parket')).toThrow('there is no format "parket"')
    try {
      formatNamed('parket')
    } catch (error) {
      expect((error as DataError).hint).toContain('did you mean parquet?')
    }
  })

  test('labels lie beside images by the custom of MNIST', () => {
    expect(labelsNameFor('a/train-images-idx3-ubyte.gz')).toBe('a/train-labels-idx1-ubyte.gz')
    expect(labelsNameFor('images/t10k-images.idx3-ubyte')).toBe('images/t10k-labels.idx1-ubyte')
    expect(labelsNameFor('images.csv')).toBeUndefined()
    expect(labelsNameFor('images-idx3/x')).toBeUndefined()
  })
})

describe('reading', () => {
  test('a stream that can be read only once is enough', async () => {
    async function* once(): AsyncGenerator<Uint8Array> {
      yield utf8('a,b\n1,')
      yield utf8('2\n')
    }
    expect(cellsOf(await readTable(once(), { file: 's.csv' }))).toEqual([['1', '2']])
  })

  test('gzip that is cut off, flipped or of another length is refused with its place', async () => {
    const packed = gzipSync(utf8(`a,b\n${'1,2\n'.repeat(50)}`))
    const refusal = (bytes: Uint8Array): Promise<unknown> => {
      return readTable(bytes, { file: 'a.csv.gz' }).catch((error: unknown) => error)
    }
    const whole = await readTable(packed, { file: 'a.csv.gz' })
    expect(await refusal(packed.with(packed.length - 5, packed[packed.length - 5] ^ 1))).toMatchObject({
      code: 'damaged',
    })
    for (let end = 20; end < packed.length; end++) {
      expect(await refusal(packed.subarray(0, end))).toBeInstanceOf(DataError)
    }
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 10, max: packed.length - 1 }), fc.nat(7), async (at, bit) => {
        const found = await refusal(packed.with(at, packed[at] ^ (1 << bit)))
        if (!(found instanceof DataError)) expect(found).toEqual(whole) // other codes for the very same bytes
      }),
    )
  })

  test('a gzip bomb is stopped at the memory limit', async () => {
    const bomb = gzipSync(new Uint8Array(2 ** 25).fill(0x31))
    expect(bomb.length).toBeLessThan(2 ** 16)
    await expect(readTable(bomb, { format: 'npy', memoryLimit: 2 ** 20 })).rejects.toMatchObject({ code: 'too-large' })
  })

  test('labels given to a format that has none are refused', async () => {
    const labels = bytesSource(utf8('x'))
    await expect(readTable(utf8('a\n1\n'), { file: 'a.csv', labels })).rejects.toThrow('a CSV file takes no labels')
  })

  test('a spreadsheet is named for what it is', async () => {
    const sheet = concatenated([utf8('PK\u0003\u0004'), new Uint8Array(60)])
    await expect(readTable(sheet, { file: 'a.xlsx' })).rejects.toBeInstanceOf(DataError)
  })

  test('what cannot be written is said before anything is', () => {
    expect(() => writeTable(numbers, { file: 'a.parquet' })).toThrow('a Parquet file can be read, not written')
    expect(() => writeTable(numbers, { file: 'a.docx' })).toThrow('the name "a.docx" tells no format')
  })
})

const shared = new URL('../../../../shared/data/', import.meta.url)
const has = (path: string): boolean => existsSync(new URL(path, shared))

describe('real files', () => {
  test.skipIf(!has('mnist'))('MNIST with its labels (skipped: needs ../shared/data/mnist)', async () => {
    const bytes = (name: string): Uint8Array => readFileSync(new URL(`mnist/${name}`, shared))
    const file = 't10k-images-idx3-ubyte.gz'
    const labels = bytesSource(bytes(labelsNameFor(file)!), labelsNameFor(file))
    const table = await readTable(bytes(file), { file, labels })
    expect([table.format, table.rows, table.names.length]).toEqual(['idx', 10_000, 785])
    expect(Array.from({ length: 5 }, (_, i) => table.columns[784][i])).toEqual([7, 2, 1, 0, 4])
  })

  test.skipIf(!has('cifar10'))('CIFAR-10, balanced classes (skipped: needs ../shared/data/cifar10)', async () => {
    const table = await readTable(readFileSync(new URL('cifar10/train_3000.bin', shared)), { file: 'train_3000.bin' })
    expect([table.format, table.rows, table.names.length]).toEqual(['cifar10', 3000, 3073])
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < table.rows; i++) counts[Number(table.columns[3072][i])]++
    expect(counts).toEqual(new Array(10).fill(300))
  })

  test.skipIf(!has('cifar100'))('CIFAR-100 (skipped: needs ../shared/data/cifar100)', async () => {
    const table = await readTable(readFileSync(new URL('cifar100/test_2000.bin', shared)), { file: 'test_2000.bin' })
    expect([table.format, table.rows, table.names.slice(-2)]).toEqual(['cifar100', 2000, ['coarse', 'label']])
  })
})
