import { parquetHeader } from 'hyparquet/src/column.js'
import type { ColumnMetaData, FileMetaData, SchemaElement } from 'hyparquet/src/types.js'
import { DataError, type DataErrorPlace, quoted } from './errors.ts'
import { sizeText } from './memory.ts'
import { checkPage } from './parquet-page.ts'

/**
 * hyparquet trusts the lengths in a file: it makes arrays of as many elements as a header says. What is here looks at every
 * such length first, and refuses those that the bytes of the file cannot hold.
 */

const magic = [0x50, 0x41, 0x52, 0x31] // PAR1

export function isParquet(head: Uint8Array): boolean {
  return magic.every((byte, k) => head[k] === byte)
}

function refusal(what: string, place: DataErrorPlace): DataError {
  return new DataError('damaged', what, {
    ...place,
    hint: 'the file may be damaged or cut off: copy or write it again',
  })
}

export interface Range {
  readonly start: number
  readonly end: number
}

/** Where the metadata are: before the last eight bytes, which are their length and PAR1 once more. */
export function footerOf(bytes: Uint8Array, file: string | undefined): Range {
  const end = bytes.length - 8
  if (end < 4 || !isParquet(bytes) || !isParquet(bytes.subarray(-4))) {
    throw refusal('expected PAR1 at both ends of the file', { file, byte: Math.max(0, bytes.length - 4) })
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset + end).getUint32(0, true)
  if (length <= end - 4) return { start: end - length, end }
  throw refusal(`expected metadata before byte ${end}, found a length of ${length}`, { file, byte: end })
}

const deepest = 32

/**
 * Walks a structure in Thrift's compact protocol without building it: every list has at least a byte for each element.
 * (Apache Thrift, "Thrift compact protocol encoding".)
 */
export function checkStructure(bytes: Uint8Array, { start, end }: Range, file: string | undefined): void {
  let at = start
  const fail = (what: string): DataError => refusal(what, { file, byte: Math.min(at, bytes.length) })
  const byte = (): number => {
    if (at >= end) throw fail('expected more metadata, they end here')
    return bytes[at++]
  }
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const next = byte()
      value += (next & 0x7f) * 2 ** shift
      if (next < 0x80) return value
    }
    throw fail('expected a number of at most ten bytes')
  }
  const skip = (count: number): void => {
    if (!(count <= end - at)) throw fail(`expected ${count} bytes, ${end - at} are left`)
    at += count
  }
  const list = (depth: number): void => {
    const head = byte()
    const size = head >> 4 === 15 ? varint() : head >> 4
    if (!(size <= end - at)) throw fail(`expected a list of ${size} elements, ${end - at} bytes are left`)
    const isFlag = (head & 15) === 1 || (head & 15) === 2
    for (let k = 0; k < size; k++) element(isFlag ? 3 : head & 15, depth)
  }
  const element = (type: number, depth: number): void => {
    if (depth > deepest) throw fail('expected simpler metadata')
    if (type === 3) skip(1)
    else if (type >= 4 && type <= 6) varint()
    else if (type === 7) skip(8)
    else if (type === 8) skip(varint())
    else if (type === 9) list(depth + 1)
    else if (type === 12) structure(depth + 1)
    else if (type !== 1 && type !== 2) throw fail(`expected a Thrift type, found ${type}`)
  }
  const structure = (depth: number): void => {
    for (;;) {
      const head = byte()
      if ((head & 15) === 0) return
      if (head >> 4 === 0) varint()
      element(head & 15, depth)
    }
  }
  structure(0)
}

interface Limits {
  readonly file: string | undefined
  readonly memoryLimit: number
  readonly columns: readonly SchemaElement[]
}

/** Compressions that can be unpacked, and how many times larger their data may become; more is no data of that kind. */
const growth: Readonly<Record<string, number>> = { UNCOMPRESSED: 1, SNAPPY: 64, GZIP: 1040 }

/** Goes from page to page of every column, looking at every length before anything is made of it. */
export function checkPages(bytes: Uint8Array, metadata: FileMetaData, limits: Limits): void {
  const { file, columns } = limits
  let rows = 0
  for (const group of metadata.row_groups) {
    const groupRows = Number(group.num_rows)
    if (!(groupRows >= 0)) throw refusal(`expected a number of rows, found ${groupRows}`, { file, byte: 0 })
    rows += groupRows
    if (group.columns.length !== columns.length) {
      throw refusal(`expected ${columns.length} columns in each group of rows, found ${group.columns.length}`, {
        file,
        byte: 0,
      })
    }
    group.columns.forEach((chunk, k) => {
      const place = { file, column: columns[k].name }
      const meta = chunk.meta_data
      if (chunk.file_path) throw new DataError('unsupported', 'the column is in another file', place)
      if (
        !meta ||
        meta.path_in_schema.length !== 1 ||
        meta.path_in_schema[0] !== columns[k].name ||
        meta.type !== columns[k].type
      ) {
        throw refusal('expected the columns of every group in the order of the schema', place)
      }
      checkChunk(bytes, meta, { rows: groupRows, memoryLimit: limits.memoryLimit, element: columns[k], place })
    })
  }
  if (rows === Number(metadata.num_rows)) return
  throw refusal(`expected ${metadata.num_rows} rows in all groups together, found ${rows}`, { file, byte: 0 })
}

interface Chunk {
  readonly rows: number
  readonly memoryLimit: number
  readonly element: SchemaElement
  readonly place: DataErrorPlace
}

function checkChunk(bytes: Uint8Array, meta: ColumnMetaData, { rows, memoryLimit, element, place }: Chunk): void {
  const { codec } = meta
  if (!Object.hasOwn(growth, codec)) {
    const what = `the column is compressed with ${codec}, expected ${Object.keys(growth).join(', ')}`
    throw new DataError('unsupported', what, { ...place, hint: 'write the file with the compression snappy or gzip' })
  }
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset)
  const end = start + Number(meta.total_compressed_size)
  if (!(start >= 0 && end >= start && end <= bytes.length)) {
    throw refusal(`expected the column within the file, found it from byte ${start} to ${end}`, {
      ...place,
      byte: bytes.length,
    })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start)
  const reader = { view, offset: 0 }
  let values = 0
  while (values < rows) {
    const at = start + reader.offset
    if (reader.offset >= view.byteLength - 1)
      throw refusal(`expected ${rows} values, found ${values}`, { ...place, byte: at })
    checkStructure(bytes, { start: at, end }, place.file)
    const header = parquetHeader(reader)
    const packed = header.compressed_page_size
    const size = header.uncompressed_page_size
    const left = view.byteLength - reader.offset
    if (!(packed >= 0 && packed <= left)) {
      throw refusal(`expected a page of ${packed} bytes, ${left} are left`, { ...place, byte: at })
    }
    if (!(size >= 0 && size <= growth[codec] * (packed + 64))) {
      throw refusal(`expected data in ${codec}, ${packed} bytes cannot become ${size}`, { ...place, byte: at })
    }
    if (size > memoryLimit) {
      const hint = 'raise it with --memory-limit'
      throw new DataError('too-large', `a page takes ${sizeText(size)}, more than the memory limit`, {
        ...place,
        byte: at,
        hint,
      })
    }
    values += valuesOf(header, { packed, size, left: rows - values }, { ...place, byte: at })
    const stored = bytes.subarray(start + reader.offset, start + reader.offset + packed)
    checkPage(stored, { header, codec, element, place: { ...place, byte: at } })
    reader.offset += packed
  }
}

/** How many cells a page has; a dictionary has none. */
function valuesOf(
  header: ReturnType<typeof parquetHeader>,
  { packed, size, left }: { packed: number; size: number; left: number },
  place: DataErrorPlace,
): number {
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header
  const isCount = (value: number, most: number): boolean => Number.isInteger(value) && value >= 0 && value <= most
  if (header.type === 'DICTIONARY_PAGE' && dictionary && isCount(dictionary.num_values, size)) return 0
  if (header.type === 'DATA_PAGE' && v1 && isCount(v1.num_values, left)) return v1.num_values
  if (header.type === 'DATA_PAGE_V2' && v2 && isCount(v2.num_values, left)) {
    const levels = v2.definition_levels_byte_length + v2.repetition_levels_byte_length
    const holds = isCount(v2.num_nulls, v2.num_values) && v2.num_rows === v2.num_values && isCount(levels, packed)
    if (holds && v2.repetition_levels_byte_length === 0 && levels <= size) return v2.num_values
  }
  throw refusal(`expected a page of data, found ${quoted(String(header.type))} with lengths that do not fit`, place)
}
