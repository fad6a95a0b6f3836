import { DataError } from '../errors.ts'
import {
  attributeField,
  dimensionField,
  entryField,
  graphField,
  isStandardDomain,
  modelField,
  nodeField,
  opsetField,
  shapeField,
  tensorTypeField,
  typeField,
  valueField,
} from './schema.ts'
import { readTensor, type Tensor } from './tensor.ts'
import { type Field, fieldsOf, floatOf, floatsOf, integerOf, integersOf, messageOf, type Span, textOf } from './wire.ts'

/** What an ONNX file holds, as far as networks are concerned. */
export interface OnnxModel {
  /** Version of the standard operators; undefined where the file imports none. */
  readonly opset: number | undefined
  readonly metadata: ReadonlyMap<string, string>
  readonly graph: OnnxGraph
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly Tensor[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly sparse: boolean
}

export interface OnnxNode {
  readonly name: string
  readonly operator: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, OnnxAttribute>
  readonly at: number
}

export interface OnnxAttribute {
  /** A number of AttributeProto.AttributeType; 0 in the oldest files. */
  readonly type: number
  /** Zero is not written by all tools, so an absent number is 0. */
  readonly float: number
  readonly integer: number
  readonly text: string
  readonly tensor: Tensor | undefined
  readonly floats: readonly number[]
  readonly integers: readonly number[]
}

export interface OnnxValue {
  readonly name: string
  readonly elementType: number
  /** null for a size that is not fixed; undefined where the file does not even say how many dimensions there are. */
  readonly dims: readonly (number | null)[] | undefined
}

export function readModel(span: Span): OnnxModel {
  const graphs: OnnxGraph[] = []
  const metadata = new Map<string, string>()
  let opset: number | undefined
  for (const field of fieldsOf(span)) {
    if (field.number === modelField.graph) graphs.push(readGraph(messageOf(field)))
    else if (field.number === modelField.metadata) metadata.set(...readEntry(messageOf(field)))
    else if (field.number === modelField.opsetImport) opset = readOpset(messageOf(field)) ?? opset
  }
  if (graphs.length !== 1) {
    const what = `expected an ONNX model with one graph, found ${graphs.length === 0 ? 'none' : graphs.length}`
    throw new DataError('not-onnx', what, { file: span.source.file, hint: 'export the network to ONNX first' })
  }
  return { opset, metadata, graph: graphs[0] }
}

function readEntry(span: Span): [key: string, value: string] {
  const entry: [string, string] = ['', '']
  for (const field of fieldsOf(span)) {
    if (field.number === entryField.key) entry[0] = textOf(field)
    else if (field.number === entryField.value) entry[1] = textOf(field)
  }
  return entry
}

/** The version, where these are the standard operators. */
function readOpset(span: Span): number | undefined {
  let domain = ''
  let version = 0
  for (const field of fieldsOf(span)) {
    if (field.number === opsetField.domain) domain = textOf(field)
    else if (field.number === opsetField.version) version = integerOf(field)
  }
  return isStandardDomain(domain) ? version : undefined
}

function readGraph(span: Span): OnnxGraph {
  const graph = {
    nodes: [] as OnnxNode[],
    initializers: [] as Tensor[],
    inputs: [] as OnnxValue[],
    outputs: [] as OnnxValue[],
    sparse: false,
  }
  for (const field of fieldsOf(span)) {
    if (field.number === graphField.node) graph.nodes.push(readNode(field))
    else if (field.number === graphField.initializer) graph.initializers.push(readTensor(messageOf(field)))
    else if (field.number === graphField.input) graph.inputs.push(readValue(messageOf(field)))
    else if (field.number === graphField.output) graph.outputs.push(readValue(messageOf(field)))
    else if (field.number === graphField.sparseInitializer) graph.sparse = true
  }
  return graph
}

function readNode(node: Field): OnnxNode {
  const found = { name: '', operator: '', domain: '' }
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes = new Map<string, OnnxAttribute>()
  for (const field of fieldsOf(messageOf(node))) {
    if (field.number === nodeField.input) inputs.push(textOf(field))
    else if (field.number === nodeField.output) outputs.push(textOf(field))
    else if (field.number === nodeField.name) found.name = textOf(field)
    else if (field.number === nodeField.operator) found.operator = textOf(field)
    else if (field.number === nodeField.domain) found.domain = textOf(field)
    else if (field.number === nodeField.attribute) attributes.set(...readAttribute(messageOf(field)))
  }
  return { ...found, inputs, outputs, attributes, at: node.at }
}

function readAttribute(span: Span): [name: string, attribute: OnnxAttribute] {
  const found = { type: 0, float: 0, integer: 0, text: '' }
  const floats: number[] = []
  const integers: number[] = []
  let name = ''
  let tensor: Tensor | undefined
  for (const field of fieldsOf(span)) {
    if (field.number === attributeField.name) name = textOf(field)
    else if (field.number === attributeField.type) found.type = integerOf(field)
    else if (field.number === attributeField.float) found.float = floatOf(field)
    else if (field.number === attributeField.integer) found.integer = integerOf(field)
    else if (field.number === attributeField.text) found.text = textOf(field)
    else if (field.number === attributeField.tensor) tensor = readTensor(messageOf(field))
    else if (field.number === attributeField.floats) for (const value of floatsOf(field, 'fixed32')) floats.push(value)
    else if (field.number === attributeField.integers) for (const value of integersOf(field)) integers.push(value)
  }
  return [name, { ...found, floats, integers, tensor }]
}

function readValue(span: Span): OnnxValue {
  let name = ''
  let type: Pick<OnnxValue, 'elementType' | 'dims'> = { elementType: 0, dims: undefined }
  for (const field of fieldsOf(span)) {
    if (field.number === valueField.name) name = textOf(field)
    else if (field.number === valueField.type) type = readType(messageOf(field))
  }
  return { name, ...type }
}

function readType(span: Span): Pick<OnnxValue, 'elementType' | 'dims'> {
  let elementType = 0
  let dims: (number | null)[] | undefined
  for (const tensor of fieldsOf(span)) {
    if (tensor.number !== typeField.tensor) continue
    for (const field of fieldsOf(messageOf(tensor))) {
      if (field.number === tensorTypeField.elementType) elementType = integerOf(field)
      else if (field.number === tensorTypeField.shape) dims = readShape(messageOf(field))
    }
  }
  return { elementType, dims }
}

function readShape(span: Span): (number | null)[] {
  const dims: (number | null)[] = []
  for (const field of fieldsOf(span)) {
    if (field.number === shapeField.dimension) dims.push(readDimension(messageOf(field)))
  }
  return dims
}

/** Tools write a size that is not fixed as a name, as nothing, as 0 or as −1. */
function readDimension(span: Span): number | null {
  let size: number | null = null
  for (const field of fieldsOf(span)) {
    if (field.number === dimensionField.value) size = integerOf(field)
    else if (field.number === dimensionField.name) size = null
  }
  return size !== null && size > 0 ? size : null
}
