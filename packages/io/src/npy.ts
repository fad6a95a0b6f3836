import { type ByteReader, createByteReader, shownBytes, utf8OrUndefined } from './bytes.ts'
import { DataError, quoted } from './errors.ts'
import { type NumberType, numberBytes, readNumbers } from './number-type.ts'

/** An array of any shape, last axis fastest (C order) however it was stored. */
export interface NpyArray {
  readonly shape: readonly number[]
  readonly data: Float64Array
  /** As numpy writes it: `<f8`, `|u1`. */
  readonly dtype: string
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] // \x93NUMPY

export function isNpy(head: Uint8Array): boolean {
  return magic.every((byte, k) => head[k] === byte)
}

/** Kind and size of numpy's type strings; the byte order stands before them. */
const numberTypes: Readonly<Record<string, NumberType>> = {
  b1: 'bool',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
}

/** What the kinds of numpy's other types are called in a refusal. */
const otherKinds: Readonly<Record<string, string>> = {
  c: 'complex numbers',
  O: 'Python objects, which can only be unpickled',
  S: 'byte strings',
  a: 'byte strings',
  U: 'strings',
  V: 'records or raw bytes',
  M: 'dates',
  m: 'time differences',
  f: 'floating point numbers of this size',
}

/** numpy itself reads 10,000 bytes at most unless told otherwise; a simple type never comes near. */
const longestHeader = 0xffff

/** As in numpy 2. */
const mostAxes = 64

interface Header {
  readonly descr: string
  readonly fortran: boolean
  readonly shape: readonly number[]
}

/**
 * Reads numpy's NPY format (versions 1 to 3): booleans, integers and floats in either byte order, C or Fortran order.
 *
 * Integers beyond 2^53 that a float64 does not hold exactly are refused, and so are structured, object and text types.
 * Format: numpy/lib/format.py, "Format Version 1.0" to "3.0".
 *
 * @throws DataError naming the byte, for anything else
 */
export function readNpy(bytes: Uint8Array, { file }: { readonly file?: string } = {}): NpyArray {
  const reader = createByteReader(bytes, file)
  const found = reader.take(magic.length, 'the NPY signature')
  if (!isNpy(found)) throw reader.damaged(`expected the NPY signature, found ${shownBytes(found)}`)
  const header = readHeader(reader)
  const { descr, shape, fortran } = header
  const type = typeOf(descr, reader)
  const count = shape.reduce((product, size) => product * size, 1)
  const start = reader.position()
  const stored = reader.take(count * numberBytes[type], `${shape.join(' × ') || 'one'} numbers of ${descr}`)
  if (reader.remaining() > 0) throw reader.damaged(`expected the end of the file after ${stored.length} bytes of data`)
  const littleEndian = !descr.startsWith('>')
  const data = readNumbers(reader.view, { type, offset: start, count, littleEndian }, { file })
  return { shape, data: fortran ? fromFortran(data, shape) : data, dtype: descr }
}

function readHeader(reader: ByteReader): Header {
  const major = reader.uint8('the NPY version')
  if (!(major >= 1 && major <= 3)) throw reader.damaged(`expected NPY version 1, 2 or 3, found ${major}`)
  reader.uint8('the NPY version')
  const length = major === 1 ? reader.uint16('the header length') : reader.uint32('the header length')
  const at = reader.position()
  if (length > longestHeader)
    throw reader.damaged(`expected a header of at most ${longestHeader} bytes, found ${length}`)
  const text = utf8OrUndefined(reader.take(length, 'the NPY header'))
  const parsed = text === undefined ? undefined : parseHeader(text)
  if (parsed) return parsed
  const what = "expected a header like {'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }"
  throw reader.damaged(`${what}, found ${text === undefined ? 'bytes that are no text' : quoted(text.trim())}`, at)
}

/** The header is a Python literal, but numpy writes only these three keys, each in one form. */
function parseHeader(text: string): Header | undefined {
  const descr = /'descr':\s*(?:'([^']*)'|(\[.*\]))\s*,/.exec(text)
  const fortran = /'fortran_order':\s*(True|False)\s*,/.exec(text)
  const shape = /'shape':\s*\(([\d, L]*)\)/.exec(text)
  if (!descr || !fortran || !shape) return undefined
  const sizes = shape[1].split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size.replace('L', ''))]))
  if (sizes.length > mostAxes || !sizes.every((size) => Number.isSafeInteger(size))) return undefined
  return { descr: descr[1] ?? descr[2], fortran: fortran[1] === 'True', shape: sizes }
}

function typeOf(descr: string, reader: ByteReader): NumberType {
  const [, order = '', name = ''] = /^([<>|=])(\w+)/.exec(descr) ?? []
  const type =
    descr.length !== order.length + name.length || !Object.hasOwn(numberTypes, name) ? undefined : numberTypes[name]
  if (type !== undefined) return type
  const kind = descr.startsWith('[') ? 'a structured type' : (otherKinds[name[0]] ?? 'an unknown type')
  throw new DataError('unsupported', `expected numbers or booleans, found dtype ${quoted(descr)}: ${kind}`, {
    file: reader.file,
    byte: 10,
    hint: 'save one plain numeric array, for example with astype(float)',
  })
}

/** Column-major to row-major, for any number of axes. */
function fromFortran(data: Float64Array, shape: readonly number[]): Float64Array {
  if (shape.length < 2) return data
  const out = new Float64Array(data.length)
  const index = shape.map(() => 0)
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1))
  let from = 0
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]
      if (++index[axis] < shape[axis]) break
      from -= strides[axis] * shape[axis]
      index[axis] = 0
    }
  }
  return out
}

/**
 * Writes an array as numpy's `np.save` does: version 1, C order, little endian, `<f8` or rounded to `<f4`.
 *
 * @throws DataError when the shape does not fit the number of values
 */
export function writeNpy(
  { shape, data }: Pick<NpyArray, 'shape' | 'data'>,
  { dtype = '<f8' }: { readonly dtype?: '<f8' | '<f4' } = {},
): Uint8Array<ArrayBuffer> {
  if (shape.reduce((product, size) => product * size, 1) !== data.length) {
    throw new DataError('not-writable', `expected ${shape.join(' × ')} numbers, got ${data.length}`)
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const header = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`
  const unpadded = 10 + header.length + 1
  const start = Math.ceil(unpadded / 64) * 64 // numpy aligns the data, so that they can be mapped into memory
  const width = dtype === '<f8' ? 8 : 4
  const out = new Uint8Array(start + data.length * width)
  const view = new DataView(out.buffer)
  out.set(magic)
  out.set([1, 0], magic.length)
  view.setUint16(8, start - 10, true)
  out.set(new TextEncoder().encode(`${header.padEnd(start - 11)}\n`), 10)
  for (let k = 0; k < data.length; k++) {
    if (width === 8) view.setFloat64(start + 8 * k, data[k], true)
    else view.setFloat32(start + 4 * k, data[k], true)
  }
  return out
}
