import { type ColumnBuilder, createColumnBuilder } from '../column-builder.ts'
import { emptyFile } from '../csv.ts'
import { DataError, type DataErrorPlace, listed, quoted } from '../errors.ts'
import type { Format, ReadOptions } from '../format.ts'
import { checkMemory } from '../memory.ts'
import { inPieces } from '../pieces.ts'
import type { Source } from '../source.ts'
import { isNumberColumn, numberText, type Table } from '../table.ts'
import { textLines } from '../text-lines.ts'

type Row = Readonly<Record<string, unknown>>

/** JSON lines: one object per line, the same keys in each. */
export const jsonl: Format = { name: 'jsonl', title: 'JSON lines', extensions: ['.jsonl', '.ndjson'], read, write }

async function read(source: Source, { memoryLimit, textColumns = [] }: ReadOptions): Promise<Table> {
  const { file } = source
  const lines: number[] = []
  let names: readonly string[] = []
  let builders: ColumnBuilder[] = []
  for await (const block of textLines(source)) {
    for (const { text, line } of block) {
      const row = parsedRow(text, { file, row: line })
      if (lines.length === 0) {
        names = namesOf(row, { file, row: line })
        builders = names.map(() => createColumnBuilder())
      }
      checkKeys(row, names, { file, row: line })
      names.forEach((name, k) =>
        append(builders[k], row[name], textColumns.includes(name), { file, row: line, column: name }),
      )
      lines.push(line)
    }
    checkMemory({ rows: lines.length, cols: names.length }, memoryLimit, { file, row: lines.at(-1) })
  }
  if (lines.length === 0) throw emptyFile(file)
  const columns = builders.map((builder) => builder.finish())
  return { file, names, named: true, columns, rows: lines.length, lines, headerLooksLikeData: false }
}

function parsedRow(text: string, place: DataErrorPlace): Row {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const hint = 'each line must be a JSON object of its own, such as {"x": 1, "y": 2}'
    throw new DataError('damaged', `expected a JSON object, found ${quoted(text)}`, { ...place, hint })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row
  const hint = 'write the columns of each row by name, such as {"x": 1, "y": 2}'
  throw new DataError('damaged', `expected a JSON object, found ${quoted(text)}`, { ...place, hint })
}

function namesOf(row: Row, place: DataErrorPlace): string[] {
  const names = Object.keys(row)
  if (names.length > 0 && !names.includes('')) return names
  const what = names.length === 0 ? 'the object is empty' : 'a key is empty'
  throw new DataError('empty-column-name', `expected the columns by name, ${what}`, {
    ...place,
    hint: 'name every column',
  })
}

function checkKeys(row: Row, names: readonly string[], place: DataErrorPlace): void {
  const keys = Object.keys(row)
  const missing = names.filter((name) => !Object.hasOwn(row, name))
  const more = keys.length + missing.length > names.length ? keys.filter((key) => !names.includes(key)) : []
  if (missing.length === 0 && more.length === 0) return
  const what =
    missing.length > 0 ? `the columns ${listed(missing)} are missing` : `the first row has no ${listed(more)}`
  const hint = 'every row needs the same columns; write null for a missing value'
  throw new DataError('ragged-row', what, { ...place, hint })
}

function append(builder: ColumnBuilder, value: unknown, asText: boolean, place: DataErrorPlace): void {
  if (value === null) builder.pushText('')
  else if (typeof value === 'string') builder.pushText(value)
  else if (typeof value === 'number' || typeof value === 'boolean') {
    if (asText) builder.pushText(typeof value === 'number' ? numberText(value) : String(value))
    else builder.pushNumber(Number(value))
  } else {
    const hint = 'only flat rows can be read: take it apart into columns'
    const found = Array.isArray(value) ? 'an array' : 'an object'
    throw new DataError('unsupported', `expected a number, text, true, false or null, found ${found}`, {
      ...place,
      hint,
    })
  }
}

/** Integers as keys of an object would be sorted first, so the text of a row is put together by hand. */
function* write({ names, columns, rows }: Table): Generator<Uint8Array> {
  const keys = names.map((name) => JSON.stringify(name))
  const cell = (k: number, row: number): string => {
    const column = columns[k]
    if (!isNumberColumn(column)) return JSON.stringify(column[row])
    const value = column[row]
    if (!Number.isFinite(value)) return 'null'
    return numberText(value)
  }
  yield* inPieces(function* () {
    for (let row = 0; row < rows; row++) yield `{${keys.map((key, k) => `${key}:${cell(k, row)}`).join(',')}}`
  })
}
