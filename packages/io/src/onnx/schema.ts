/** Field numbers of the messages of ONNX that are read or written here (onnx.proto3, IR version 3 and later). */

export const modelField = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  graph: 7,
  opsetImport: 8,
  metadata: 14,
} as const

export const opsetField = { domain: 1, version: 2 } as const

export const entryField = { key: 1, value: 2 } as const

export const graphField = {
  node: 1,
  name: 2,
  initializer: 5,
  documentation: 10,
  input: 11,
  output: 12,
  sparseInitializer: 15,
} as const

export const nodeField = { input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7 } as const

export const attributeField = {
  name: 1,
  float: 2,
  integer: 3,
  text: 4,
  tensor: 5,
  floats: 7,
  integers: 8,
  type: 20,
} as const

export const valueField = { name: 1, type: 2, documentation: 3 } as const
export const typeField = { tensor: 1 } as const
export const tensorTypeField = { elementType: 1, shape: 2 } as const
export const shapeField = { dimension: 1 } as const
export const dimensionField = { value: 1, name: 2 } as const

export const tensorField = {
  dimension: 1,
  elementType: 2,
  segment: 3,
  floats: 4,
  int32s: 5,
  int64s: 7,
  name: 8,
  raw: 9,
  doubles: 10,
  dataLocation: 14,
} as const

/** AttributeProto.AttributeType. */
export const attributeType = { float: 1, integer: 2, text: 3, tensor: 4, floats: 6, integers: 7 } as const

/** TensorProto.DataType, by number; what is missing here has no name in messages. */
export const elementTypes: readonly string[] = [
  'undefined',
  'float',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'double',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
]

/** The set of operators ONNX itself defines: written as nothing, or by its name. */
export function isStandardDomain(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx'
}
