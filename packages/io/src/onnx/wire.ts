import { DataError } from '../errors.ts'

/** The bytes of a file, and how it is called in messages. */
export interface Source {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly file: string | undefined
}

/** A stretch of the file: a whole message, or what one field holds. */
export interface Span {
  readonly source: Source
  readonly start: number
  readonly end: number
}

/** How a value is stored: variable-length integer, 8 bytes, length and bytes, 4 bytes. */
export type WireType = 'integer' | 'fixed64' | 'bytes' | 'fixed32'

/** One field of a message, still undecoded: its number and where its value is. */
export interface Field extends Span {
  readonly number: number
  readonly wire: WireType
  /** Where the field begins, for messages. */
  readonly at: number
}

/** The only place where a fault of the encoding becomes an error, always with its position. */
export function damaged({ file }: Source, byte: number, what: string): DataError {
  const hint = 'the file is damaged or no ONNX file: export or download it again'
  return new DataError('damaged-onnx', what, { file, byte, hint })
}

export function openSource(bytes: Uint8Array, file: string | undefined): Span {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { source: { bytes, view, file }, start: 0, end: bytes.length }
}

const wireTypes: Partial<Record<number, WireType>> = { 0: 'integer', 1: 'fixed64', 2: 'bytes', 5: 'fixed32' }

/**
 * The fields of a protobuf message in the order of the file. A length is held against the bytes that are there before
 * anything is done with it, so that no declared size is ever trusted.
 */
export function* fieldsOf({ source, start, end }: Span): Generator<Field> {
  let position = start
  while (position < end) {
    const at = position
    const key = readVarint(source, position, end)
    const wire = wireTypes[key.value % 8]
    const number = Math.floor(key.value / 8)
    if (wire === undefined || number < 1 || number >= 2 ** 29) {
      throw damaged(source, at, `expected a field of a protobuf message, found the key ${key.value}`)
    }
    const value = valueSpan(source, wire, key.end, end)
    yield { source, number, wire, at, ...value }
    position = value.end
  }
}

function valueSpan(source: Source, wire: WireType, position: number, end: number): { start: number; end: number } {
  if (wire === 'integer') return { start: position, end: readVarint(source, position, end).end }
  const size = wire === 'bytes' ? readVarint(source, position, end) : undefined
  const start = size?.end ?? position
  const length = size?.value ?? (wire === 'fixed64' ? 8 : 4)
  if (!(length >= 0 && length <= end - start)) {
    throw damaged(source, position, `expected ${length} more bytes, found ${end - start}`)
  }
  return { start, end: start + length }
}

interface Varint {
  /** As a signed 64-bit integer; beyond 2^53 rounded, which every use refuses as too large. */
  readonly value: number
  readonly end: number
}

function readVarint(source: Source, start: number, end: number): Varint {
  let low = 0
  let high = 0
  for (let k = 0; k < 10; k++) {
    if (start + k >= end) throw damaged(source, start, 'expected an integer, found the end of the data')
    const byte = source.bytes[start + k]
    if (k < 4) low += (byte & 127) * 2 ** (7 * k)
    else if (k === 4) {
      low += (byte & 15) * 2 ** 28
      high += (byte & 127) >> 4
    } else high += (byte & 127) * 2 ** (7 * k - 32)
    if (byte < 128) return { value: signed64(low, high % 2 ** 32), end: start + k + 1 }
  }
  throw damaged(source, start, 'expected an integer of at most 10 bytes, found a longer one')
}

function signed64(low: number, high: number): number {
  return (high >= 2 ** 31 ? high - 2 ** 32 : high) * 2 ** 32 + low
}

/** The value of an integer field, exact: sizes and settings beyond 2^53 are refused. */
export function integerOf(field: Field): number {
  expectWire(field, 'integer')
  const { value } = readVarint(field.source, field.start, field.end)
  if (!Number.isSafeInteger(value)) throw damaged(field.source, field.at, `the integer ${value} is too large`)
  return value
}

export function floatOf(field: Field): number {
  expectWire(field, 'fixed32')
  return field.source.view.getFloat32(field.start, true)
}

/** One for all texts: making one costs more than decoding a name. */
const utf8 = new TextDecoder('utf-8', { fatal: true })

export function textOf(field: Field): string {
  expectWire(field, 'bytes')
  try {
    return utf8.decode(field.source.bytes.subarray(field.start, field.end))
  } catch {
    throw damaged(field.source, field.at, 'expected UTF-8 text, found bytes that are not')
  }
}

/** The field as something with fields of its own. */
export function messageOf(field: Field): Span {
  expectWire(field, 'bytes')
  return field
}

/** Integers of a repeated field, which may stand one by one or packed into one stretch of bytes. */
export function* integersOf(field: Field): Generator<number> {
  if (field.wire !== 'integer') expectWire(field, 'bytes')
  for (let position = field.start; position < field.end; ) {
    const { value, end } = readVarint(field.source, position, field.end)
    if (!Number.isSafeInteger(value)) throw damaged(field.source, position, `the integer ${value} is too large`)
    yield value
    position = end
  }
}

/** Numbers of a repeated field of 4 or 8 bytes each, one by one or packed. */
export function* floatsOf(field: Field, wire: 'fixed32' | 'fixed64'): Generator<number> {
  if (field.wire !== wire) expectWire(field, 'bytes')
  const size = wire === 'fixed32' ? 4 : 8
  const { view } = field.source
  if ((field.end - field.start) % size !== 0) {
    throw damaged(field.source, field.at, `expected numbers of ${size} bytes, found ${field.end - field.start} bytes`)
  }
  for (let position = field.start; position < field.end; position += size) {
    yield size === 4 ? view.getFloat32(position, true) : view.getFloat64(position, true)
  }
}

function expectWire({ source, at, number, wire }: Field, expected: WireType): void {
  if (wire !== expected) throw damaged(source, at, `expected field ${number} to hold ${expected}, found ${wire}`)
}
