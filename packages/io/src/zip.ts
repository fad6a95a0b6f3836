import { type ByteReader, createByteReader, utf8OrUndefined } from './bytes.ts'
import { DataError, quoted } from './errors.ts'
import { crc32, inflateRaw } from './inflate.ts'

export interface ZipOptions {
  readonly file?: string
  /** Most bytes that all entries together may unpack to. */
  readonly limit: number
}

export interface ZipEntry {
  readonly name: string
  readonly bytes: Uint8Array
}

interface Listed {
  readonly name: string
  readonly method: number
  readonly sum: number
  readonly packed: number
  readonly size: number
  readonly header: number
  /** Where the entry stands in the directory, for messages. */
  readonly at: number
}

const endSignature = 0x06054b50
const end64Signature = 0x06064b50
const listSignature = 0x02014b50
const localSignature = 0x04034b50

/**
 * The entries of a zip archive, stored or deflated, checksums verified.
 *
 * Written for hostile input: sizes in the directory are compared with the bytes that are there, an entry grows no further
 * than the size it states, and all of them together no further than the limit. (APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.)
 */
export function* zipEntries(bytes: Uint8Array, { file, limit }: ZipOptions): Generator<ZipEntry> {
  const reader = createByteReader(bytes, file)
  let left = limit
  for (const entry of directory(reader, bytes.length)) {
    const content = unpack(reader, entry, left)
    left -= content.length
    yield { name: entry.name, bytes: content }
  }
}

/** The directory is found from its end, which at most a comment of 65,535 bytes follows. */
function directory(reader: ByteReader, length: number): Listed[] {
  let at = length - 22
  const least = Math.max(0, at - 0xffff)
  while (at >= least && reader.view.getUint32(at, true) !== endSignature) at--
  if (!(at >= least)) throw reader.damaged('expected the end of a zip archive, found none', length)
  reader.seek(at + 10, 'the zip directory')
  let count = reader.uint16('the number of entries')
  reader.uint32('the size of the directory')
  let start = reader.uint32('the start of the directory')
  if (count === 0xffff || start === 0xffffffff) ({ count, start } = directory64(reader, at))
  reader.seek(start, 'the zip directory')
  const entries: Listed[] = []
  for (let k = 0; k < count; k++) entries.push(listed(reader)) // each reads 46 bytes or throws, so a false count ends soon
  return entries
}

function directory64(reader: ByteReader, end: number): { count: number; start: number } {
  reader.seek(end - 20 + 8, 'the zip64 locator')
  reader.seek(reader.length64('the zip64 end'), 'the zip64 end')
  if (reader.uint32('the zip64 end') !== end64Signature) throw reader.damaged('expected the zip64 end of the directory')
  reader.take(28, 'the zip64 end')
  const count = reader.length64('the number of entries')
  reader.length64('the size of the directory')
  return { count, start: reader.length64('the start of the directory') }
}

function listed(reader: ByteReader): Listed {
  const at = reader.position()
  if (reader.uint32('a directory entry') !== listSignature)
    throw reader.damaged('expected an entry of the zip directory')
  reader.take(4, 'a directory entry')
  const flags = reader.uint16('the flags')
  const method = reader.uint16('the method')
  reader.take(4, 'the time')
  const sum = reader.uint32('the checksum')
  let packed = reader.uint32('the packed size')
  let size = reader.uint32('the size')
  const nameLength = reader.uint16('the name length')
  const extraLength = reader.uint16('the extra length')
  const commentLength = reader.uint16('the comment length')
  reader.take(8, 'the attributes')
  let header = reader.uint32('the entry offset')
  const name = utf8OrUndefined(reader.take(nameLength, 'the name'))
  if (name === undefined) throw reader.damaged('expected the name of an entry in UTF-8')
  const extra = createByteReader(reader.take(extraLength, 'the extra fields'), reader.file)
  reader.take(commentLength, 'the comment')
  ;[size, packed, header] = zip64Sizes(extra, [size, packed, header])
  if (flags & 1) {
    const what = `the entry ${quoted(name)} is encrypted`
    throw new DataError('unsupported', what, { file: reader.file, byte: at, hint: 'save it without a password' })
  }
  return { name, method, sum, packed, size, header, at }
}

/** Sizes that do not fit 32 bits are written as 0xffffffff and follow in an extra field, in this order. */
function zip64Sizes(extra: ByteReader, sizes: readonly [number, number, number]): [number, number, number] {
  if (!sizes.includes(0xffffffff)) return [...sizes]
  while (extra.remaining() > 0) {
    const id = extra.uint16('an extra field')
    const length = extra.uint16('an extra field')
    if (id !== 1) extra.take(length, 'an extra field')
    else return sizes.map((s) => (s === 0xffffffff ? extra.length64('a size') : s)) as [number, number, number]
  }
  return [...sizes]
}

function unpack(reader: ByteReader, { name, method, sum, packed, size, header, at }: Listed, left: number): Uint8Array {
  const place = { file: reader.file, byte: header }
  if (size > left) {
    const hint = 'raise the memory limit, or take arrays out of the archive'
    throw new DataError('too-large', `the entry ${quoted(name)} states a size of ${size} bytes`, { ...place, hint })
  }
  reader.seek(header, `the entry ${quoted(name)}`)
  if (reader.uint32('an entry') !== localSignature) throw reader.damaged(`expected the entry ${quoted(name)}`)
  reader.take(22, 'an entry')
  const skip = reader.uint16('the name length') + reader.uint16('the extra length')
  reader.take(skip, 'the name')
  const stored = reader.take(packed, `the entry ${quoted(name)}`)
  if (method !== 0 && method !== 8) {
    const what = `the entry ${quoted(name)} is compressed by method ${method}, expected 0 (stored) or 8 (deflate)`
    throw new DataError('unsupported', what, {
      ...place,
      byte: at,
      hint: 'save it with np.savez or np.savez_compressed',
    })
  }
  const content = method === 0 ? stored : inflateRaw(stored, size, place)
  if (content.length === size && crc32(content) === sum) return content
  throw reader.damaged(`the entry ${quoted(name)} does not match its size and checksum`, header)
}
