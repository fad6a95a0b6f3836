import { type ByteReader, createByteReader, utf8OrUndefined } from './bytes.ts'
import { DataError, type DataErrorPlace, quoted } from './errors.ts'
import { type NumberType, numberBytes, readNumbers } from './number-type.ts'

/** An array of any shape, last axis fastest. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: Float64Array
  /** As the file calls it: `F32`, `BF16`. */
  readonly dtype: string
}

const numberTypes: Readonly<Record<string, NumberType>> = {
  BOOL: 'bool',
  I8: 'int8',
  I16: 'int16',
  I32: 'int32',
  I64: 'int64',
  U8: 'uint8',
  U16: 'uint16',
  U32: 'uint32',
  U64: 'uint64',
  F16: 'float16',
  BF16: 'bfloat16',
  F32: 'float32',
  F64: 'float64',
}

interface Entry {
  readonly name: string
  readonly dtype: string
  readonly type: NumberType
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
}

/**
 * Reads tensors by name, in the order of the header; every number becomes a float64.
 *
 * As the format demands, the tensors must cover the data without holes and without overlap: a file that hides bytes is
 * refused. Layout: 8 bytes of header length, a JSON header `{ name: { dtype, shape, data_offsets } }`, the data, all
 * little endian (the format's own description, huggingface/safetensors).
 *
 * @throws DataError naming the byte
 */
export function readSafetensors(bytes: Uint8Array, { file }: { readonly file?: string } = {}): Map<string, Tensor> {
  const reader = createByteReader(bytes, file)
  const { entries, dataStart } = readHeader(reader)
  const tensors = new Map<string, Tensor>()
  let reached = 0
  for (const entry of entries.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== reached)
      throw reader.damaged(`expected a tensor at ${reached} of the data, ${quoted(entry.name)} is at ${entry.start}`, 8)
    reached = entry.end
  }
  if (reached !== reader.remaining()) {
    const what = `expected ${reached} bytes of data as the header says, found ${reader.remaining()}`
    const code = reached > reader.remaining() ? 'truncated' : 'damaged'
    throw new DataError(code, what, { file, byte: dataStart, hint: 'the file may be cut off: copy it again' })
  }
  for (const { name, dtype, type, shape, start, end } of entries) {
    const count = (end - start) / numberBytes[type]
    const layout = { type, offset: dataStart + start, count, littleEndian: true }
    tensors.set(name, { shape, dtype, data: readNumbers(reader.view, layout, { file }) })
  }
  return tensors
}

function readHeader(reader: ByteReader): { entries: Entry[]; dataStart: number } {
  const length = reader.length64('the header length')
  const text = utf8OrUndefined(reader.take(length, 'the header'))
  const header = text === undefined ? undefined : parsedObject(text)
  if (!header) throw reader.damaged('expected a header in JSON, { name: { dtype, shape, data_offsets } }', 8)
  const named = Object.entries(header).filter(([name]) => name !== '__metadata__')
  const place = { file: reader.file, byte: 8 }
  return { entries: named.map(([name, value]) => entryOf(name, value, place)), dataStart: reader.position() }
}

function parsedObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function entryOf(name: string, value: unknown, place: DataErrorPlace): Entry {
  const damaged = (what: string): DataError => new DataError('damaged', `tensor ${quoted(name)}: ${what}`, place)
  if (typeof value !== 'object' || value === null) throw damaged('expected { dtype, shape, data_offsets }')
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>
  if (typeof dtype !== 'string') throw damaged('expected a dtype')
  if (!isSizes(shape)) throw damaged('expected a shape of whole numbers')
  if (!isSizes(offsets) || offsets.length !== 2) throw damaged('expected data_offsets of two whole numbers')
  const type = Object.hasOwn(numberTypes, dtype) ? numberTypes[dtype] : undefined
  if (type === undefined) {
    const what = `tensor ${quoted(name)} has the dtype ${quoted(dtype)}, which is not supported`
    throw new DataError('unsupported', what, {
      ...place,
      hint: `expected one of ${Object.keys(numberTypes).join(', ')}`,
    })
  }
  const [start, end] = offsets
  const needed = shape.reduce((product, size) => product * size, numberBytes[type])
  if (end - start !== needed) throw damaged(`${shape.join(' × ')} ${dtype} take ${needed} bytes, not ${end - start}`)
  return { name, dtype, type, shape, start, end }
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
}

/**
 * Writes tensors as float64, or rounded to float32, in the order of the map.
 *
 * @throws DataError when a shape does not fit its number of values, or for the reserved name `__metadata__`
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Pick<Tensor, 'shape' | 'data'>>,
  {
    dtype = 'F64',
    metadata,
  }: { readonly dtype?: 'F64' | 'F32'; readonly metadata?: Readonly<Record<string, string>> } = {},
): Uint8Array<ArrayBuffer> {
  const width = dtype === 'F64' ? 8 : 4
  let end = 0
  const header: [string, unknown][] = metadata ? [['__metadata__', metadata]] : []
  for (const [name, { shape, data }] of tensors) {
    const fits = shape.reduce((product, size) => product * size, 1) === data.length
    if (!fits) throw new DataError('not-writable', `tensor ${quoted(name)}: ${shape.join(' × ')} is not ${data.length}`)
    if (name === '__metadata__') throw new DataError('not-writable', 'a tensor cannot be called __metadata__')
    const start = end
    end += width * data.length
    header.push([name, { dtype, shape, data_offsets: [start, end] }])
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const dataStart = 8 + Math.ceil(text.length / 8) * 8 // the header is padded with spaces, so that the data are aligned
  const out = new Uint8Array(dataStart + end)
  const view = new DataView(out.buffer)
  out.fill(0x20, 8, dataStart)
  out.set(text, 8)
  view.setUint32(0, dataStart - 8, true)
  let at = dataStart
  for (const { data } of tensors.values()) {
    for (let k = 0; k < data.length; k++, at += width) {
      if (width === 8) view.setFloat64(at, data[k], true)
      else view.setFloat32(at, data[k], true)
    }
  }
  return out
}
