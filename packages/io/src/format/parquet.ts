import { parquetMetadata } from 'hyparquet/src/metadata.js'
import { parquetRead } from 'hyparquet/src/read.js'
import type { FileMetaData, SchemaElement } from 'hyparquet/src/types.js'
import { copied } from '../bytes.ts'
import { createColumnBuilder } from '../column-builder.ts'
import { columnNames } from '../csv.ts'
import { DataError, type DataErrorPlace } from '../errors.ts'
import type { Format, ReadOptions } from '../format.ts'
import { gunzip } from '../inflate.ts'
import { checkMemory } from '../memory.ts'
import { checkPages, checkStructure, footerOf, isParquet } from '../parquet-guard.ts'
import { collect, type Source } from '../source.ts'
import type { Column, Table } from '../table.ts'

/** Columns of numbers, booleans and text; nested ones, dates and binary values are refused by name. */
export const parquet: Format = {
  name: 'parquet',
  title: 'a Parquet file',
  extensions: ['.parquet', '.pq'],
  isCertain: isParquet,
  read,
}

async function read(source: Source, { memoryLimit, textColumns = [] }: ReadOptions): Promise<Table> {
  const { file } = source
  const bytes = await collect(source, memoryLimit)
  const metadata = metadataOf(bytes, file)
  const columns = flatColumns(metadata.schema, file)
  const names = columnNames(
    columns.map(({ name }) => name),
    { file },
  )
  const rows = Number(metadata.num_rows)
  checkMemory({ rows, cols: names.length }, memoryLimit, { file })
  checkPages(bytes, metadata, { file, memoryLimit, columns })
  if (rows === 0) throw new DataError('empty-file', 'the file has no rows', { file, byte: 0 })
  const read: Column[] = []
  for (const name of names)
    read.push(await readColumn(bytes, metadata, { file, name, asText: textColumns.includes(name) }))
  return { file, names, named: true, columns: read, rows, lines: null, headerLooksLikeData: false }
}

/** What the library throws on damaged files are plain errors of many kinds: each means that the file is damaged. */
function damaged(error: unknown, place: DataErrorPlace): DataError {
  if (error instanceof DataError) return error
  const reason = error instanceof Error ? error.message : String(error)
  const hint = 'the file may be damaged: write it again'
  return new DataError('damaged', `the Parquet file cannot be read (${reason})`, { ...place, hint })
}

function metadataOf(bytes: Uint8Array, file: string | undefined): FileMetaData {
  const { start, end } = footerOf(bytes, file)
  checkStructure(bytes, { start, end }, file)
  try {
    return parquetMetadata(copied(bytes, start).buffer, { geoparquet: false })
  } catch (error) {
    throw damaged(error, { file, byte: start })
  }
}

/** Converted or logical types whose values are numbers or text. */
const plainTypes = new Set([
  'UTF8',
  'STRING',
  'ENUM',
  'DECIMAL',
  'FLOAT16',
  'INTEGER',
  'INT_8',
  'INT_16',
  'INT_32',
  'INT_64',
  'UINT_8',
  'UINT_16',
  'UINT_32',
  'UINT_64',
])

const storedTypes = new Set(['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY'])

function flatColumns([root, ...columns]: readonly SchemaElement[], file: string | undefined): readonly SchemaElement[] {
  const refuse = (column: string, what: string): DataError => {
    const hint = 'keep only flat columns of numbers, booleans and text'
    return new DataError('unsupported', `expected numbers, booleans or text, found ${what}`, { file, column, hint })
  }
  if (columns.some(({ name }) => typeof name !== 'string')) {
    throw new DataError('damaged', 'expected a name for each column', { file, byte: 0, hint: 'write the file again' })
  }
  for (const { name, type, num_children: children, repetition_type: repetition, ...element } of columns) {
    if (type === undefined || (children ?? 0) > 0) throw refuse(name, 'a nested column')
    if (repetition === 'REPEATED') throw refuse(name, 'lists')
    const kind = element.logical_type?.type ?? element.converted_type
    const isHalf = type === 'FIXED_LEN_BYTE_ARRAY' && kind === 'FLOAT16' && element.type_length === 2
    const isBinaryDecimal = kind === 'DECIMAL' && type === 'BYTE_ARRAY'
    if (kind !== undefined && !plainTypes.has(kind)) throw refuse(name, `values of the type ${kind}`)
    if (isBinaryDecimal || (!storedTypes.has(type) && !isHalf)) throw refuse(name, `values stored as ${type}`)
  }
  if (root !== undefined && columns.length > 0 && root.num_children === columns.length) return columns
  throw new DataError('damaged', 'expected a schema of flat columns', { file, byte: 0 })
}

interface ColumnPlace {
  readonly file: string | undefined
  readonly name: string
  readonly asText: boolean
}

async function readColumn(
  bytes: Uint8Array,
  metadata: FileMetaData,
  { file, name, asText }: ColumnPlace,
): Promise<Column> {
  const place = { file, column: name }
  const chunks: { readonly start: number; readonly cells: ArrayLike<unknown> }[] = []
  try {
    await parquetRead({
      file: { byteLength: bytes.length, slice: (start, end) => copied(bytes, start, end).buffer },
      metadata,
      columns: [name],
      compressors: { GZIP: (packed, size) => gunzip(packed, size, place) },
      parsers: { stringFromBytes: textOf },
      onChunk: ({ rowStart, columnData }) => chunks.push({ start: rowStart, cells: columnData }),
    })
  } catch (error) {
    throw damaged(error, place)
  }
  const rows = Number(metadata.num_rows)
  const builder = createColumnBuilder(Math.max(1, rows))
  for (const { cells } of chunks.toSorted((a, b) => a.start - b.start)) {
    for (let k = 0; k < cells.length; k++) {
      const cell = cellOf(cells[k], { ...place, row: builder.length() + 1 })
      if (typeof cell === 'number' && !asText) builder.pushNumber(cell)
      else builder.pushText(String(cell))
    }
  }
  if (builder.length() === rows) return builder.finish()
  throw damaged(new Error(`${rows} values are announced, ${builder.length()} are there`), place)
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

function cellOf(value: unknown, place: DataErrorPlace): number | string {
  if (typeof value === 'number' || typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === null || value === undefined) return ''
  if (typeof value !== 'bigint') throw new DataError('unsupported', 'expected a number or text, found an object', place)
  const number = Number(value)
  if (BigInt(number) === value) return number
  const what = `expected integers that a float64 holds, found ${value}`
  throw new DataError('not-exact', what, { ...place, hint: 'store the numbers as float64' })
}
