import { Gunzip, Gzip, Inflate } from 'fflate'
import { copied } from './bytes.ts'
import { DataError, type DataErrorPlace } from './errors.ts'

/** Bytes are fed to the decompressor in pieces, so that one that grows too far is stopped early. */
const piece = 1 << 16

/** Compressed bytes by themselves, at most `limit` of them; growing further throws before the memory is taken. */
export function inflateRaw(bytes: Uint8Array, limit: number, place: DataErrorPlace): Uint8Array<ArrayBuffer> {
  const parts = createCollector(limit, place)
  const inflate = new Inflate((data) => parts.add(data))
  feed(bytes, (data, final) => inflate.push(data, final), place)
  return parts.joined()
}

/** A whole gzip file, its checksum verified where it has one member. */
export function gunzip(bytes: Uint8Array, limit: number, place: DataErrorPlace): Uint8Array<ArrayBuffer> {
  const parts = createCollector(limit, place)
  const inflate = createGunzip((data) => parts.add(data), place)
  feed(bytes, inflate.push, place)
  return parts.joined()
}

/** Decompresses gzip piece by piece and checks the checksum and length at its end. */
export function createGunzip(
  onData: (data: Uint8Array<ArrayBuffer>) => void,
  place: DataErrorPlace,
): { readonly push: (data: Uint8Array, final: boolean) => void } {
  let sum = startOfSum
  let length = 0
  let members = 0
  let tail: Uint8Array = new Uint8Array()
  const stream = new Gunzip((data) => {
    sum = addToSum(sum, data)
    length += data.length
    onData(data)
  })
  stream.onmember = () => {
    members++
  }
  let read = 0
  const push = (data: Uint8Array, final: boolean): void => {
    tail = lastBytes(tail, data, 8)
    read += data.length
    named(() => stream.push(data, final), { byte: read, ...place })
    if (!final || members > 1) return
    const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
    const holds =
      tail.length === 8 && view.getUint32(0, true) === checksum(sum) && view.getUint32(4, true) === length >>> 0
    if (!holds)
      throw damagedStream('the checksum at the end of the gzip data does not match them', { byte: read, ...place })
  }
  return { push }
}

/** The same bytes as one gzip member; no time is written, so that the same data give the same file. */
export function* gzipped(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  const ready: Uint8Array[] = []
  const gzip = new Gzip({ mtime: 0 }, (data) => ready.push(data))
  for (const piece of pieces) {
    gzip.push(copied(piece))
    yield* ready.splice(0)
  }
  gzip.push(new Uint8Array(), true)
  yield* ready.splice(0)
}

function lastBytes(before: Uint8Array, data: Uint8Array, count: number): Uint8Array {
  if (data.length >= count) return copied(data, data.length - count)
  return Uint8Array.from([...before, ...data]).slice(-count)
}

function feed(bytes: Uint8Array, push: (data: Uint8Array, final: boolean) => void, place: DataErrorPlace): void {
  named(() => {
    let at = 0
    do {
      const end = Math.min(at + piece, bytes.length)
      push(bytes.subarray(at, end), end === bytes.length)
      at = end
    } while (at < bytes.length)
  }, place)
}

/** The library throws plain errors with a word or two; whoever called knows which file it was. */
function named(run: () => void, place: DataErrorPlace): void {
  try {
    run()
  } catch (error) {
    if (error instanceof DataError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw damagedStream(`the compressed data cannot be unpacked (${reason})`, place)
  }
}

function damagedStream(what: string, place: DataErrorPlace): DataError {
  return new DataError('damaged', what, { hint: 'the file may be damaged or cut off: copy or make it again', ...place })
}

interface Collector {
  add(data: Uint8Array): void
  joined(): Uint8Array<ArrayBuffer>
}

function createCollector(limit: number, place: DataErrorPlace): Collector {
  const parts: Uint8Array[] = []
  let length = 0
  return {
    add(data) {
      length += data.length
      if (length > limit) {
        const hint = 'raise the memory limit, or unpack the file first'
        throw new DataError('too-large', `unpacked, the data take more than ${limit} bytes`, { hint, ...place })
      }
      parts.push(data)
    },
    joined: () => concatenated(parts, length),
  }
}

export function concatenated(
  parts: readonly Uint8Array[],
  length: number = parts.reduce((sum, part) => sum + part.length, 0),
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value
})

const startOfSum = 0xffffffff

function addToSum(sum: number, data: Uint8Array): number {
  let value = sum
  for (let k = 0; k < data.length; k++) value = table[(value ^ data[k]) & 0xff] ^ (value >>> 8)
  return value
}

function checksum(sum: number): number {
  return ~sum >>> 0
}

/** CRC-32 as in zip and gzip (polynomial 0xEDB88320, reflected): a single flipped bit never goes unnoticed. */
export function crc32(data: Uint8Array): number {
  return checksum(addToSum(startOfSum, data))
}
