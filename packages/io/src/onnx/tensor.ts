import { DataError, quoted } from '../errors.ts'
import { elementTypes, tensorField } from './schema.ts'
import { damaged, type Field, fieldsOf, floatsOf, integerOf, integersOf, type Span, textOf } from './wire.ts'

/** Where a tensor is and what it says of itself; its numbers stay in the file until they are asked for. */
export interface Tensor {
  readonly span: Span
  readonly name: string
  readonly dims: readonly number[]
  /** A number of TensorProto.DataType. */
  readonly elementType: number
  readonly raw: Field | undefined
  readonly external: boolean
  readonly segmented: boolean
}

/** A tensor whose numbers are known before the network runs. */
export interface Constant {
  readonly dims: readonly number[]
  readonly values: Float64Array
}

/** Everything but the numbers. */
export function readTensor(span: Span): Tensor {
  const dims: number[] = []
  const found = { name: '', elementType: 0, external: false, segmented: false }
  let raw: Field | undefined
  for (const field of fieldsOf(span)) {
    if (field.number === tensorField.dimension) for (const value of integersOf(field)) dims.push(value)
    else if (field.number === tensorField.elementType) found.elementType = integerOf(field)
    else if (field.number === tensorField.name) found.name = textOf(field)
    else if (field.number === tensorField.raw) raw = field
    else if (field.number === tensorField.segment) found.segmented = true
    else if (field.number === tensorField.dataLocation) found.external = integerOf(field) !== 0
  }
  return { span, dims, raw, ...found }
}

/** How a type of number is stored: in raw bytes, and in the field for its type where there are no raw bytes. */
interface Encoding {
  readonly bytes: number
  readonly at: (view: DataView, position: number) => number
  readonly field: number
  readonly values: (field: Field) => Iterable<number>
}

const encodings: Partial<Record<string, Encoding>> = {
  float: {
    bytes: 4,
    at: (view, position) => view.getFloat32(position, true),
    field: tensorField.floats,
    values: (field) => floatsOf(field, 'fixed32'),
  },
  double: {
    bytes: 8,
    at: (view, position) => view.getFloat64(position, true),
    field: tensorField.doubles,
    values: (field) => floatsOf(field, 'fixed64'),
  },
  float16: {
    bytes: 2,
    at: (view, position) => halfFloat(view.getUint16(position, true)),
    field: tensorField.int32s,
    values: halfFloats,
  },
  int64: {
    bytes: 8,
    at: (view, position) => Number(view.getBigInt64(position, true)),
    field: tensorField.int64s,
    values: integersOf,
  },
}

/**
 * The numbers of a tensor of float16, float, double or int64. The dimensions are only believed where the file holds that
 * many numbers.
 */
export function constantOf(tensor: Tensor): Constant {
  const { dims } = tensor
  const encoding = supportedEncoding(tensor)
  if (dims.includes(0)) throw refusal(tensor, 'it is empty')
  const values = tensor.raw ? rawValues(tensor, tensor.raw, encoding) : typedValues(tensor, encoding)
  const bad = values.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw refusal(tensor, `expected finite numbers, found ${values[bad]} at place ${bad}`)
  return { dims, values }
}

/** Rows of a matrix become columns. */
export function transposedMatrix({ dims, values }: Constant): Constant {
  const [rows, cols] = dims
  const turned = new Float64Array(values.length)
  for (let i = 0; i < rows; i++) for (let k = 0; k < cols; k++) turned[k * rows + i] = values[i * cols + k]
  return { dims: [cols, rows], values: turned }
}

/** How many numbers the dimensions ask for; not believed yet. */
export function declaredSize({ dims, span, name }: Tensor): number {
  if (dims.some((size) => size < 0)) {
    throw damaged(span.source, span.start, `the tensor ${quoted(name)} has a negative dimension`)
  }
  return dims.reduce((product, size) => product * size, 1)
}

function supportedEncoding(tensor: Tensor): Encoding {
  if (tensor.external) {
    const hint =
      'save the model with its weights inside: torch.onnx.export(…, external_data=False), or onnx.save_model(model, path, save_as_external_data=False)'
    throw refusal(tensor, 'its numbers are in another file (external data)', hint)
  }
  const type = elementTypes[tensor.elementType] ?? `number ${tensor.elementType}`
  const encoding = encodings[type]
  if (encoding === undefined) throw refusal(tensor, `expected float16, float, double or int64, found the type ${type}`)
  if (tensor.segmented) throw refusal(tensor, 'it is stored in segments, which is not supported')
  return encoding
}

function rawValues(tensor: Tensor, { source, start, end, at }: Field, encoding: Encoding): Float64Array {
  const size = declaredSize(tensor)
  if (size * encoding.bytes !== end - start) {
    throw damaged(source, at, `${titleOf(tensor)} needs ${size * encoding.bytes} bytes, found ${end - start}`)
  }
  const values = new Float64Array(size)
  for (let k = 0; k < size; k++) values[k] = encoding.at(source.view, start + k * encoding.bytes)
  return values
}

function typedValues(tensor: Tensor, encoding: Encoding): Float64Array {
  const { span } = tensor
  const size = declaredSize(tensor)
  const values = new Float64Array(Math.min(size, span.end - span.start)) // a number takes at least one byte
  let count = 0
  for (const field of fieldsOf(span)) {
    if (field.number !== encoding.field) continue
    for (const value of encoding.values(field)) {
      if (count < values.length) values[count] = value
      count++
    }
  }
  if (count !== size) throw damaged(span.source, span.start, `${titleOf(tensor)} needs ${size} numbers, found ${count}`)
  return values
}

function* halfFloats(field: Field): Generator<number> {
  for (const bits of integersOf(field)) {
    if (!(bits >= 0 && bits <= 0xffff)) {
      throw damaged(field.source, field.at, `expected a float16 as 16 bits, found ${bits}`)
    }
    yield halfFloat(bits)
  }
}

/** IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

function titleOf({ name, dims }: Tensor): string {
  return `the tensor ${quoted(name)} of shape ${shapeText(dims)}`
}

const longestShape = 8

/** `[3, ?, ?]`; a damaged file may have thousands of them. */
export function shapeText(shape: readonly (number | null)[]): string {
  const shown = shape.slice(0, longestShape).map((size) => size ?? '?')
  return `[${[...shown, ...(shape.length > longestShape ? ['…'] : [])].join(', ')}]`
}

function refusal(tensor: Tensor, what: string, hint?: string): DataError {
  const { source, start } = tensor.span
  return new DataError('unsupported-network', `${titleOf(tensor)}: ${what}`, { file: source.file, byte: start, hint })
}
