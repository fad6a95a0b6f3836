import type { parquetHeader } from 'hyparquet/src/column.js'
import { snappyUncompress } from 'hyparquet/src/snappy.js'
import type { SchemaElement } from 'hyparquet/src/types.js'
import { DataError, type DataErrorPlace } from './errors.ts'
import { gunzip } from './inflate.ts'

/** Encodings whose runs can be looked at before they are unrolled, or that have none. */
const encodings = new Set(['PLAIN', 'PLAIN_DICTIONARY', 'RLE_DICTIONARY', 'RLE', 'BYTE_STREAM_SPLIT'])

type Header = ReturnType<typeof parquetHeader>

interface Page {
  readonly header: Header
  readonly codec: string
  readonly element: SchemaElement
  readonly place: DataErrorPlace
}

/**
 * Refuses a page whose runs are longer than the page has values: hyparquet unrolls a run as far as it says.
 *
 * (Apache Parquet, "Encodings": the RLE / bit-packing hybrid. Definition levels come first where a column may have gaps, with
 * their length before them in version 1; then the values, with their bit width before them where they are dictionary indices.)
 */
export function checkPage(stored: Uint8Array, { header, codec, element, place }: Page): void {
  const v2 = header.type === 'DATA_PAGE_V2' ? header.data_page_header_v2 : undefined
  const data = header.type === 'DATA_PAGE' ? header.data_page_header : v2
  if (data === undefined) return // a dictionary, whose size is known
  const { encoding, num_values: count } = data
  if (!encodings.has(encoding)) {
    const hint = 'write the file with plain or dictionary encoding'
    throw new DataError('unsupported', `the column is encoded as ${encoding}`, { ...place, hint })
  }
  const hasGaps = element.repetition_type !== 'REQUIRED'
  const size = header.uncompressed_page_size
  let values: Uint8Array
  if (v2) {
    const levels = v2.definition_levels_byte_length
    if (hasGaps) checkRuns(stored.subarray(0, levels), { width: 1, count }, place)
    const rest = stored.subarray(levels)
    values = v2.is_compressed === false || size === levels ? rest : unpacked(rest, size - levels, codec, place)
  } else {
    values = unpacked(stored, size, codec, place)
    if (hasGaps) values = afterLengthOf(values, (levels) => checkRuns(levels, { width: 1, count }, place), place)
  }
  if (encoding.endsWith('_DICTIONARY')) {
    if (values.length > 0) checkRuns(values.subarray(1), { width: values[0], count }, place)
  } else if (encoding === 'RLE') checkRleValues(values, { element, count, isV2: v2 !== undefined }, place)
}

/** Booleans have a length before their runs; anything else in this encoding is read as dictionary indices. */
function checkRleValues(
  values: Uint8Array,
  { element, count, isV2 }: { element: SchemaElement; count: number; isV2: boolean },
  place: DataErrorPlace,
): void {
  if (element.type === 'BOOLEAN' || isV2) {
    afterLengthOf(values, (runs) => checkRuns(runs, { width: 1, count }, place), place)
  } else if (values.length > 0) checkRuns(values.subarray(1), { width: values[0], count }, place)
}

function refusal(what: string, place: DataErrorPlace): DataError {
  return new DataError('damaged', what, { ...place, hint: 'the file may be damaged: write it again' })
}

function unpacked(stored: Uint8Array, size: number, codec: string, place: DataErrorPlace): Uint8Array {
  if (codec === 'GZIP') return gunzip(stored, size, place)
  if (codec !== 'SNAPPY') return stored
  const out = new Uint8Array(size)
  try {
    snappyUncompress(stored, out)
  } catch (error) {
    throw refusal(`the page cannot be unpacked (${error instanceof Error ? error.message : String(error)})`, place)
  }
  return out
}

function afterLengthOf(bytes: Uint8Array, check: (part: Uint8Array) => void, place: DataErrorPlace): Uint8Array {
  if (bytes.length < 4) throw refusal('expected the length of the levels', place)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  if (length > bytes.length - 4)
    throw refusal(`expected levels of ${length} bytes, ${bytes.length - 4} are left`, place)
  check(bytes.subarray(4)) // to the end: the reader does not stop at the length either
  return bytes.subarray(4 + length)
}

/** The last group may be filled up with values that do not count, by some writers to 64 groups of 8. */
const filling = 512

function checkRuns(bytes: Uint8Array, { width, count }: { width: number; count: number }, place: DataErrorPlace): void {
  if (width > 32) throw refusal(`expected values of at most 32 bits, found ${width}`, place)
  let seen = 0
  let at = 0
  while (seen < count && at < bytes.length) {
    let header = 0
    for (let shift = 0; at < bytes.length; shift += 7) {
      const byte = bytes[at++]
      header += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80 || shift > 28) break
    }
    const isPacked = header % 2 === 1
    const run = isPacked ? 8 * Math.floor(header / 2) : header / 2
    if (!(run <= count - seen + filling))
      throw refusal(`expected a run within ${count} values, found one of ${run}`, place)
    at += isPacked ? (run / 8) * width : Math.ceil(width / 8)
    seen += run
  }
}
