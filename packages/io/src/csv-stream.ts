import {
  checkedDelimiter,
  columnNames,
  type CsvOptions,
  emptyFile,
  guessDelimiter,
  headerOnly,
  looksLikeData,
  parseCsv,
  raggedRow,
} from './csv.ts'
import { simpleNumber } from './csv-number.ts'
import { createRecordReader, type Record } from './csv-records.ts'
import { grown } from './column-builder.ts'
import { DataError } from './errors.ts'
import { checkMemory, defaultMemoryLimit } from './memory.ts'
import { parseNumber } from './number.ts'
import { collect, headOf, type Source } from './source.ts'
import type { Column, Table } from './table.ts'
import { checkTextSignature } from './text.ts'

export interface CsvStreamOptions extends Pick<CsvOptions, 'header' | 'delimiter'> {
  readonly memoryLimit?: number
  /** Columns to keep as they are written, even where every cell is a number. */
  readonly textColumns?: readonly string[]
}

/** Enough to see the delimiter, the width and which columns are text. */
const headBytes = 1 << 18

/**
 * Reads delimited text of any size: like `parseCsv`, with the same rules and the same errors, but piece by piece.
 *
 * A column whose every cell is a number is kept as float64 and never becomes strings. Which columns those are is guessed from
 * the beginning; where a cell further down proves the guess wrong, the file is read once more.
 *
 * @throws DataError, naming the row, for what `parseCsv` refuses, and for a table larger than `memoryLimit`
 */
export async function readCsv(source: Source, options: CsvStreamOptions = {}): Promise<Table> {
  const { file } = source
  const head = await headOf(source, headBytes)
  checkTextSignature(head, file)
  const delimiter = checkedDelimiter(options.delimiter, file) ?? guessDelimiter(headText(head))
  const memoryLimit = options.memoryLimit ?? defaultMemoryLimit
  if (delimiter.charCodeAt(0) >= 0x80)
    return parseCsv(await collect(source, memoryLimit), { ...options, delimiter, file })
  const settings: BuilderOptions = {
    file,
    header: options.header ?? true,
    delimiter,
    memoryLimit,
    textColumns: options.textColumns ?? [],
  }
  const begun = beginningOf(head, settings)
  let text = begun.textColumns
  for (;;) {
    const builder = createTableBuilder(settings, { ...begun, size: source.size, textColumns: text })
    for await (const piece of source.open()) builder.push(piece)
    const { table, surprises } = builder.end()
    if (surprises.size === 0) return table
    text = new Set([...text, ...surprises]) // grows each time, so this ends
  }
}

/** Up to the last whole line: the guess looks at 50 rows and must not be misled by half of one. */
function headText(head: Uint8Array): string {
  const end = head.length < headBytes ? head.length : head.lastIndexOf(0x0a) + 1 || head.length
  return new TextDecoder().decode(head.subarray(0, end)).replace(/\r\n?/g, '\n')
}

interface BuilderOptions {
  readonly file: string | undefined
  readonly header: boolean
  readonly delimiter: string
  readonly memoryLimit: number
  readonly textColumns: readonly string[]
}

interface Beginning {
  /** Bytes in a row, on average; NaN where there was none. */
  readonly rowBytes: number
  readonly textColumns: ReadonlySet<number>
  readonly size?: number
}

/** Reads the first rows for what they tell. Their faults are left to the reading of the whole. */
function beginningOf(head: Uint8Array, settings: BuilderOptions): Beginning {
  const builder = createTableBuilder(settings, { rowBytes: Number.NaN, textColumns: new Set() })
  try {
    builder.push(head)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
  }
  const { rows, surprises } = builder.soFar()
  return { rowBytes: head.length / rows, textColumns: surprises }
}

interface TableBuilder {
  push(piece: Uint8Array): void
  soFar(): { readonly rows: number; readonly surprises: ReadonlySet<number> }
  end(): { readonly table: Table; readonly surprises: ReadonlySet<number> }
}

interface Cells {
  readonly numbers: Float64Array<ArrayBuffer>
  readonly text: string[] | undefined
}

/** Room for a few per cent more rows than the beginning lets expect costs nothing: pages never written to are never taken. */
const reserve = 1.05

function createTableBuilder(options: BuilderOptions, begun: Beginning): TableBuilder {
  const { file, header, memoryLimit } = options
  const surprises = new Set<number>()
  let names: string[] | undefined
  let firstLine = 1
  let rows = 0
  let blanks: number[] = []
  let capacity = 0
  let columns: Cells[] = []
  let lines = new Uint32Array()
  const interned = new Map<string, string>()

  const start = (record: Record): void => {
    const cells = Array.from({ length: record.count() }, (_, k) => record.text(k))
    firstLine = record.line()
    names = header ? columnNames(cells, { file, row: firstLine }) : cells.map((_, k) => `c${k + 1}`)
    const expected = (reserve * (begun.size ?? 0)) / begun.rowBytes
    const cols = names.length
    if (expected > 0) checkMemory({ rows: expected / reserve, cols }, memoryLimit, { file, about: true })
    capacity = expected > 0 ? Math.ceil(expected) + 16 : 64
    const asked = new Set(options.textColumns)
    columns = names.map((name, k) => {
      const isText = begun.textColumns.has(k) || asked.has(name)
      return isText
        ? { numbers: new Float64Array(), text: [] }
        : { numbers: new Float64Array(capacity), text: undefined }
    })
    lines = new Uint32Array(capacity)
  }

  const makeRoom = (line: number): void => {
    const cols = columns.length
    checkMemory({ rows: rows + 1, cols }, memoryLimit, { file, row: line })
    capacity = Math.ceil(1.5 * capacity)
    const before = lines
    lines = new Uint32Array(capacity)
    lines.set(before)
    columns = columns.map((column) => (column.text ? column : { ...column, numbers: grown(column.numbers, capacity) }))
  }

  const append = (record: Record): void => {
    if (rows === capacity) makeRoom(record.line())
    const count = columns.length
    for (let k = 0; k < count; k++) {
      const { numbers, text } = columns[k]
      if (text) text.push(intern(interned, record.text(k)))
      else {
        let value = simpleNumber(record.bytes, record.start(k), record.end(k))
        if (Number.isNaN(value)) value = careful(record.text(k), k)
        numbers[rows] = value
      }
    }
    lines[rows++] = record.line()
  }

  const careful = (cell: string, k: number): number => {
    const parsed = parseNumber(cell)
    if (parsed.kind === 'number') return parsed.value
    surprises.add(k)
    return Number.NaN
  }

  const onRecord = (record: Record): void => {
    const isBlank = record.count() === 1 && record.text(0).trim() === ''
    if (isBlank && names?.length !== 1) return
    if (names === undefined) {
      start(record)
      if (header) return
    }
    if (isBlank) {
      blanks.push(record.line()) // in the middle it is a missing value, at the end nothing
      return
    }
    if (blanks.length > 0) blanks = appendBlanks(blanks)
    if (record.count() !== columns.length) {
      throw raggedRow(record.count(), { width: columns.length, first: firstLine }, { file, row: record.line() })
    }
    append(record)
  }

  const appendBlanks = (missing: readonly number[]): number[] => {
    for (const line of missing) {
      if (rows === capacity) makeRoom(line)
      const { text, numbers } = columns[0]
      if (text) text.push('')
      else {
        numbers[rows] = Number.NaN
        surprises.add(0)
      }
      lines[rows++] = line
    }
    return []
  }

  const reader = createRecordReader({ file, delimiter: options.delimiter, onRecord })
  return {
    push: (piece) => reader.push(piece),
    soFar: () => ({ rows, surprises }),
    end() {
      reader.end()
      if (names === undefined) throw emptyFile(file)
      if (rows === 0) throw headerOnly(file)
      const finished: Column[] = columns.map(({ numbers, text }) => text ?? numbers.subarray(0, rows))
      const headerLooksLikeData = header && looksLikeData(names)
      const table = {
        file,
        names,
        named: header,
        columns: finished,
        rows,
        lines: lines.subarray(0, rows),
        headerLooksLikeData,
      }
      return { table, surprises }
    },
  }
}

/** Classes repeat: one string for each of them instead of one for each row. */
const mostInterned = 10_000

function intern(known: Map<string, string>, cell: string): string {
  const same = known.get(cell)
  if (same !== undefined) return same
  if (known.size < mostInterned) known.set(cell, cell)
  return cell
}
