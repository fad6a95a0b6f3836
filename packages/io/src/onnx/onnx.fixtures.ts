import { env, InferenceSession, Tensor } from 'onnxruntime-web'
import type { Numbers } from '../table.ts'
import {
  attributeField,
  attributeType,
  dimensionField,
  entryField,
  graphField,
  modelField,
  nodeField,
  opsetField,
  shapeField,
  tensorField,
  tensorTypeField,
  typeField,
  valueField,
} from './schema.ts'
import { bytesField, floatField, integerField, joined, messageField, textField, varint } from './wire-writer.ts'

env.wasm.numThreads = 1

/** Models as tests write them down; everything that other tools may do and our own writer does not. */
export interface ModelSketch {
  readonly nodes: readonly NodeSketch[]
  readonly constants?: readonly TensorSketch[]
  readonly input?: ValueSketch
  readonly output?: ValueSketch
  readonly opset?: number
  readonly metadata?: Readonly<Record<string, string>>
  /** Further fields of the graph. */
  readonly more?: readonly Uint8Array[]
}

export interface NodeSketch {
  readonly op: string
  readonly name?: string
  readonly domain?: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, AttributeSketch>>
}

/** Integers are INT and INTS; `{ float }` and the like say what else is meant. */
export type AttributeSketch = number | readonly number[] | string | AttributeObject

interface AttributeObject {
  readonly float?: number
  readonly floats?: readonly number[]
  readonly tensor?: TensorSketch
}

export interface TensorSketch {
  readonly name?: string
  readonly dims: readonly number[]
  readonly values: readonly number[]
  readonly type?: 'float' | 'double' | 'float16' | 'int64'
  /** Raw bytes, the field of the type packed, or the field one number at a time. */
  readonly storage?: 'raw' | 'packed' | 'single'
}

export interface ValueSketch {
  readonly name: string
  /** null is a size that is not fixed; without any nothing is said about the shape. */
  readonly dims?: readonly (number | null)[]
  readonly type?: 'float' | 'double' | 'float16' | 'int64'
}

const typeNumber = { float: 1, double: 11, float16: 10, int64: 7 } as const

/** The bytes of a model from `x` to `y`, unless it says otherwise. */
export function sketchedModel(sketch: ModelSketch): Uint8Array {
  const {
    nodes,
    constants = [],
    input = { name: 'x' },
    output = { name: 'y' },
    opset = 17,
    metadata = {},
    more = [],
  } = sketch
  const graph = [
    ...nodes.map((node) => messageField(graphField.node, nodeFields(node))),
    textField(graphField.name, 'test'),
    ...constants.map((tensor) => messageField(graphField.initializer, tensorFields(tensor))),
    messageField(graphField.input, valueFields(input)),
    messageField(graphField.output, valueFields({ type: input.type, ...output })),
    ...more,
  ]
  return joined([
    integerField(modelField.irVersion, 8),
    messageField(modelField.opsetImport, [textField(opsetField.domain, ''), integerField(opsetField.version, opset)]),
    messageField(modelField.graph, graph),
    ...Object.entries(metadata).map(([key, value]) =>
      messageField(modelField.metadata, [textField(entryField.key, key), textField(entryField.value, value)]),
    ),
  ])
}

function nodeFields({ op, name = '', domain = '', inputs, outputs, attributes = {} }: NodeSketch): Uint8Array[] {
  return [
    ...inputs.map((text) => textField(nodeField.input, text)),
    ...outputs.map((text) => textField(nodeField.output, text)),
    textField(nodeField.name, name),
    textField(nodeField.operator, op),
    textField(nodeField.domain, domain),
    ...Object.entries(attributes).map(([key, value]) =>
      messageField(nodeField.attribute, [textField(attributeField.name, key), ...attributeFields(value)]),
    ),
  ]
}

function attributeFields(value: AttributeSketch): Uint8Array[] {
  const typed = (type: number, ...fields: Uint8Array[]): Uint8Array[] => [
    ...fields,
    integerField(attributeField.type, type),
  ]
  if (typeof value === 'number') return typed(attributeType.integer, integerField(attributeField.integer, value))
  if (typeof value === 'string') return typed(attributeType.text, textField(attributeField.text, value))
  if (Array.isArray(value)) {
    return typed(attributeType.integers, ...value.map((k: number) => integerField(attributeField.integers, k)))
  }
  const { float, floats = [], tensor } = value as AttributeObject
  if (tensor) return typed(attributeType.tensor, messageField(attributeField.tensor, tensorFields(tensor)))
  if (float !== undefined) return typed(attributeType.float, floatField(attributeField.float, float))
  return typed(attributeType.floats, ...floats.map((k) => floatField(attributeField.floats, k)))
}

export function tensorFields({ name = '', dims, values, type = 'float', storage = 'raw' }: TensorSketch): Uint8Array[] {
  return [
    ...dims.map((size) => integerField(tensorField.dimension, size)),
    integerField(tensorField.elementType, typeNumber[type]),
    textField(tensorField.name, name),
    ...valueBytes(values, type, storage),
  ]
}

function valueBytes(values: readonly number[], type: keyof typeof typeNumber, storage: string): Uint8Array[] {
  if (storage === 'raw') return [bytesField(tensorField.raw, joined(values.map((value) => rawBytes(value, type))))]
  const field = {
    float: tensorField.floats,
    double: tensorField.doubles,
    float16: tensorField.int32s,
    int64: tensorField.int64s,
  }[type]
  const wire = { float: 5, double: 1, float16: 0, int64: 0 }[type]
  const each = values.map((value) => {
    if (type === 'float16') return varint(halfBits(value))
    return type === 'int64' ? varint(value) : rawBytes(value, type)
  })
  if (storage === 'packed') return [bytesField(field, joined(each))]
  return each.map((bytes) => joined([varint(field * 8 + wire), bytes]))
}

function rawBytes(value: number, type: keyof typeof typeNumber): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  if (type === 'float') view.setFloat32(0, value, true)
  if (type === 'double') view.setFloat64(0, value, true)
  if (type === 'float16') view.setUint16(0, halfBits(value), true)
  if (type === 'int64') view.setBigInt64(0, BigInt(value), true)
  return new Uint8Array(view.buffer, 0, { float: 4, double: 8, float16: 2, int64: 8 }[type])
}

/** Tests only use numbers that are a float16 exactly: found by trying. */
export function halfBits(value: number): number {
  const exponent = value === 0 ? -15 : Math.max(-14, Math.floor(Math.log2(Math.abs(value))))
  const fraction = exponent === -15 ? 0 : Math.abs(value) / 2 ** (exponent - 10)
  if (!Number.isInteger(fraction) || fraction >= 2048) throw new Error(`${value} is not a float16`)
  const magnitude = exponent === -15 ? 0 : fraction < 1024 ? fraction : ((exponent + 15) << 10) | (fraction - 1024)
  return (value < 0 || Object.is(value, -0) ? 0x8000 : 0) | magnitude
}

/** The inverse of `halfBits`; what is no pattern of bits is a number already, where there is a Float16Array. */
function halfValue(bits: number): number {
  if (typeof Reflect.get(globalThis, 'Float16Array') === 'function') return bits
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25)
  return bits & 0x8000 ? -magnitude : magnitude
}

function valueFields({ name, dims, type = 'float' }: ValueSketch): Uint8Array[] {
  const shape = (dims ?? []).map((size) =>
    messageField(
      shapeField.dimension,
      size === null ? [textField(dimensionField.name, 'n')] : [integerField(dimensionField.value, size)],
    ),
  )
  const tensor = [
    integerField(tensorTypeField.elementType, typeNumber[type]),
    ...(dims ? [messageField(tensorTypeField.shape, shape)] : []),
  ]
  return [textField(valueField.name, name), messageField(valueField.type, [messageField(typeField.tensor, tensor)])]
}

/** What onnxruntime-web, which shares no code with us, computes: the only output on the only input. */
export async function runtimeOutputs(
  bytes: Uint8Array,
  input: RuntimeInput,
): Promise<{ dims: number[]; data: number[] }> {
  const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 3 })
  try {
    const { type = 'float', dims, values } = input
    const tensor =
      type === 'double'
        ? new Tensor('float64', Float64Array.from(values), dims)
        : type === 'float16'
          ? new Tensor('float16', Uint16Array.from(values, halfBits), dims)
          : new Tensor('float32', Float32Array.from(values), dims)
    const { [session.outputNames[0]]: output } = await session.run({ [session.inputNames[0]]: tensor })
    return {
      dims: [...output.dims],
      data: Array.from(output.data as Float32Array, type === 'float16' ? halfValue : Number),
    }
  } finally {
    await session.release()
  }
}

export interface RuntimeInput {
  readonly dims: readonly number[]
  readonly values: readonly number[]
  readonly type?: 'float' | 'double' | 'float16'
}

/** Rows of numbers. */
export function rowsOf(rows: number, cols: number, values: readonly number[]): Numbers {
  return { rows, cols, data: Float64Array.from(values) }
}
