import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DataError } from './errors.ts'
import type { Format, ReadOptions, WriteOptions } from './format.ts'
import { concatenated } from './inflate.ts'
import { bytesSource, type Source } from './source.ts'
import { cellText, type Table } from './table.ts'

export interface Sample {
  readonly what: string
  readonly bytes: Uint8Array
  readonly names: readonly string[]
  /** Cells as text, row by row. */
  readonly rows: readonly (readonly string[])[]
  readonly options?: Partial<ReadOptions>
}

/** What every format must do, whatever else is special to it. */
export interface FormatCase {
  readonly format: Format
  readonly samples: readonly Sample[]
  /** A table that the format can hold, and how it comes back where that is not as it went in. */
  readonly roundTrip?: { readonly table: Table; readonly names?: readonly string[]; readonly options?: WriteOptions }
}

/** Small, so that an allocation by a stated size would be seen as one that is too large. */
const memoryLimit = 2 ** 24

/** Where a fault is, unless it is about the file as a whole. */
const aboutTheWhole = new Set(['empty-file', 'header-only', 'too-large', 'not-text'])

/** Reading always ends in a table of the stated shape or in an error that says where. */
async function readOrRefuse(format: Format, source: Source, options: Partial<ReadOptions> = {}): Promise<void> {
  try {
    const table = await format.read(source, { memoryLimit, ...options })
    expect(table.rows).toBeGreaterThan(0)
    expect(table.columns).toHaveLength(table.names.length)
    expect(table.columns.every(({ length }) => length === table.rows)).toBe(true)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    const { row, byte, column, code, message } = error
    const isLocated = row !== undefined || byte !== undefined || column !== undefined || aboutTheWhole.has(code)
    expect(isLocated ? 'located' : message).toBe('located')
  }
}

/** The bytes in pieces of one size, in a buffer that is used again for each. */
function piecesOf(bytes: Uint8Array, size: number): Source {
  return {
    file: 'sample',
    async *open() {
      const buffer = Buffer.alloc(size)
      for (let at = 0; at < bytes.length; at += size) {
        const piece = bytes.subarray(at, at + size)
        buffer.set(piece)
        yield buffer.subarray(0, piece.length)
        buffer.fill(0)
      }
    },
  }
}

export function cellsOf(table: Table): string[][] {
  return Array.from({ length: table.rows }, (_, row) => table.columns.map((column) => cellText(column, row)))
}

export function describeFormat({ format, samples, roundTrip }: FormatCase): void {
  const read = (source: Source, options: Partial<ReadOptions> = {}): Promise<Table> =>
    format.read(source, { memoryLimit, ...options })

  describe(`${format.title}: what every format does`, () => {
    test.each(samples)('$what is read as it is', async ({ bytes, names, rows, options }) => {
      const table = await read(bytesSource(bytes, 'sample'), options)
      expect(table.names).toEqual(names)
      expect(cellsOf(table)).toEqual(rows)
    })

    test('the size of the pieces makes no difference', async () => {
      for (const { bytes, names, rows, options } of samples) {
        for (const size of [1, 7, 64]) {
          const table = await read(piecesOf(bytes, size), options)
          expect([table.names, cellsOf(table)]).toEqual([names, rows])
        }
      }
    })

    test('an empty file is refused', async () => {
      await expect(read(bytesSource(new Uint8Array(), 'sample'))).rejects.toBeInstanceOf(DataError)
    })

    test('a file cut off anywhere ends in a table or in an error that says where', async () => {
      for (const { bytes, options } of samples) {
        const step = Math.max(1, Math.floor(bytes.length / 300))
        for (let end = 0; end < bytes.length; end += step) {
          await readOrRefuse(format, bytesSource(bytes.subarray(0, end), 'sample'), options)
        }
      }
    })

    test('flipped bits end in a table or in an error that says where', async () => {
      const sample = fc.constantFrom(...samples)
      const flips = fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(7)), {
        minLength: 1,
        maxLength: 4,
      })
      await fc.assert(
        fc.asyncProperty(sample, flips, async ({ bytes, options }, places) => {
          const flipped = Uint8Array.from(bytes)
          for (const [at, bit] of places) flipped[Math.floor(at * bytes.length)] ^= 1 << bit
          await readOrRefuse(format, bytesSource(flipped, 'sample'), options)
        }),
        { numRuns: 600 },
      )
    })

    test('bytes that are replaced, and any bytes at all, end in a table or in an error that says where', async () => {
      const part = fc.uint8Array({ minLength: 1, maxLength: 12 })
      const extreme = fc.constantFrom(
        [0xff, 0xff, 0xff, 0xff],
        [0xff, 0xff, 0xff, 0x7f],
        [0, 0, 0, 0x80],
        [0x7f, 0xff, 0xff, 0xff],
      )
      const replacement = fc.oneof(
        part,
        extreme.map((bytes) => Uint8Array.from(bytes)),
      )
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...samples),
          fc.nat(),
          replacement,
          fc.boolean(),
          async ({ bytes, options }, at, other, alone) => {
            const mixed = Uint8Array.from(bytes)
            mixed.set(other.subarray(0, bytes.length), at % Math.max(1, bytes.length - other.length))
            await readOrRefuse(format, bytesSource(alone ? other : mixed, 'sample'), options)
          },
        ),
        { numRuns: 600 },
      )
    })

    test('a table larger than the limit is refused', async () => {
      for (const { bytes, options } of samples) {
        await expect(read(bytesSource(bytes, 'sample'), { ...options, memoryLimit: 8 })).rejects.toMatchObject({
          code: 'too-large',
        })
      }
    })

    test.skipIf(!roundTrip)(
      'a table that is written and read is the same (skipped: the format is only read)',
      async () => {
        const { table, names = table.names, options } = roundTrip!
        const bytes = concatenated([...format.write!(table, options)])
        const back = await read(bytesSource(bytes, 'sample'))
        expect(back.names).toEqual(names)
        expect(cellsOf(back)).toEqual(cellsOf(table))
        expect(concatenated([...format.write!(table, options)])).toEqual(bytes)
      },
    )
  })
}
