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
  if (data === undefined) {
    unpacked(stored, header.uncompressed_page_size, codec, place) // a dictionary, whose number of values is known to fit
    return
  }
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
  checkSnappy(stored, size, place)
  const out = new Uint8Array(size)
  try {
    snappyUncompress(stored, out)
  } catch (error) {
    throw refusal(`the page cannot be unpacked (${error instanceof Error ? error.message : String(error)})`, place)
  }
  return out
}

/**
 * Adds up what the elements of a Snappy stream would write, each by its tag: hyparquet reads a four-byte length as signed, and
 * one that is negative takes it back in the stream again and again. (Google, "Snappy compressed format description", section 2.)
 */
function checkSnappy(bytes: Uint8Array, size: number, place: DataErrorPlace): void {
  let at = 0
  while (at < bytes.length && bytes[at] >= 0x80) at++
  at++
  let written = 0
  while (at < bytes.length) {
    const tag = bytes[at++]
    const kind = tag & 3
    let length = (tag >> 2) + 1
    if (kind === 0) {
      const lengthBytes = Math.max(0, length - 60)
      if (lengthBytes > 0) length = 1
      for (let k = 0; k < lengthBytes; k++) length += bytes[at + k] * 2 ** (8 * k)
      at += lengthBytes + length
    } else {
      if (kind === 1) length = ((tag >> 2) & 7) + 4
      at += kind === 3 ? 4 : kind
    }
    written += length
    if (!(written <= size && at <= bytes.length)) break
  }
  if (written === size && at === bytes.length) return
  throw refusal(`the page cannot be unpacked: expected Snappy data that become ${size} bytes`, place)
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
      if (byte < 0x80) break
      if (shift >= 28) throw refusal('expected a run of a length of at most 32 bits', place)
    }
    const isPacked = header % 2 === 1
    const run = isPacked ? 8 * Math.floor(header / 2) : header / 2
    if (!(run <= count - seen + filling))
      throw refusal(`expected a run within ${count} values, found one of ${run}`, place)
    at += isPacked ? (run / 8) * width : Math.ceil(width / 8)
    seen += run
  }
}
