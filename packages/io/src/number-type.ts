import { DataError, type DataErrorPlace } from './errors.ts'

/** How a stored number is laid out, whatever a format calls it. */
export type NumberType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'

export const numberBytes: Readonly<Record<NumberType, number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
}

/**
 * Decodes `count` stored numbers from `offset`. The caller has made sure that the bytes are there.
 *
 * A 64-bit integer that no double holds exactly throws with its byte offset: rounding it would be a silent change of data.
 */
export function readNumbers(
  view: DataView,
  { type, offset, count, littleEndian }: { type: NumberType; offset: number; count: number; littleEndian: boolean },
  place: DataErrorPlace,
): Float64Array<ArrayBuffer> {
  const out = new Float64Array(count)
  const width = numberBytes[type]
  const read = reader(view, type, littleEndian)
  for (let k = 0; k < count; k++) {
    const at = offset + k * width
    const value = read(at)
    if (Number.isNaN(value) && width === 8 && type !== 'float64') {
      const what = `expected integers up to 2^53, found one that a float64 does not hold exactly`
      throw new DataError('not-exact', what, { ...place, byte: at, hint: 'store the numbers as float64' })
    }
    out[k] = value
  }
  return out
}

function reader(view: DataView, type: NumberType, little: boolean): (at: number) => number {
  switch (type) {
    case 'bool':
      return (at) => (view.getUint8(at) === 0 ? 0 : 1)
    case 'int8':
      return (at) => view.getInt8(at)
    case 'uint8':
      return (at) => view.getUint8(at)
    case 'int16':
      return (at) => view.getInt16(at, little)
    case 'uint16':
      return (at) => view.getUint16(at, little)
    case 'int32':
      return (at) => view.getInt32(at, little)
    case 'uint32':
      return (at) => view.getUint32(at, little)
    case 'int64':
      return (at) => exactly(view.getBigInt64(at, little))
    case 'uint64':
      return (at) => exactly(view.getBigUint64(at, little))
    case 'float16':
      return (at) => float16(view.getUint16(at, little))
    case 'bfloat16':
      return (at) => bfloat16(view.getUint16(at, little))
    case 'float32':
      return (at) => view.getFloat32(at, little)
    case 'float64':
      return (at) => view.getFloat64(at, little)
  }
}

/** NaN, which no integer is, stands for one that a double does not hold. */
function exactly(value: bigint): number {
  const number = Number(value)
  return BigInt(number) === value ? number : Number.NaN
}

/** IEEE 754 half precision: 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

const scratch = new DataView(new ArrayBuffer(4))

/** The upper half of a float32. */
function bfloat16(bits: number): number {
  scratch.setUint32(0, bits * 0x10000)
  return scratch.getFloat32(0)
}
