import { DataError, quoted } from '../errors.ts'
import { foldedWeights, type Precision, type TrainedNetwork } from './fold-preprocessing.ts'
import {
  attributeField,
  attributeType,
  dimensionField,
  elementTypes,
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
import { bytesField, integerField, joined, messageField, textField } from './wire-writer.ts'

/** What is written: a network, the columns it is about, and what is proven of it. The `Model` of @relucent/core is one. */
export interface OnnxSource extends TrainedNetwork {
  /** Of the Relucent that trained it. */
  readonly version: string
  readonly task: string
  readonly featureNames: readonly string[]
  readonly targetNames: readonly string[]
  /** One for each output of a classifier. */
  readonly classes: readonly (string | number)[] | null
  readonly certificate: {
    readonly objective: number
    readonly lowerBound: number
    readonly gap: number
    readonly relativeGap: number | null
    readonly scope: string
    readonly boundFrom: string
    readonly problem: {
      readonly beta: number
      readonly loss: string
      readonly formula: string
      readonly dataHash: string
    }
  }
}

export interface WriteOnnxOptions {
  /** Of inputs, weights and outputs; `float` is what ONNX models usually have. */
  readonly precision?: Precision
}

/** Operators as of ONNX 1.8, which every runtime in use reads. */
export const writtenOpset = 13
const irVersion = 7

/**
 * A network as ONNX: Gemm, Relu, Gemm on the raw features, preprocessing and bias folded into the first layer,
 *
 *     (x − shift) / scale · u + u₀ = x · (u / scale) + (u₀ − Σ_k shift_k u_k / scale_k).
 *
 * Input `features` is samples × features with any number of samples; the output is `predictions`, or `scores` with one
 * column for each class. The certificate, the names of the columns and the classes are in metadata_props, their keys
 * beginning with `relucent.`, all but names of methods as JSON.
 *
 * Throws `DataError` where a weight exceeds what single precision can hold, and for a model with a skip connection.
 */
export function writeOnnx(source: OnnxSource, { precision = 'float' }: WriteOnnxOptions = {}): Uint8Array<ArrayBuffer> {
  const features = source.featureNames.length
  const { inputs, outputs, neurons, outputBias, skip } = source.network
  if (skip) {
    throw new DataError('unsupported', 'a model with a skip connection cannot be written as ONNX', {
      hint: 'fit without --skip',
    })
  }
  if (inputs !== features + (source.bias ? 1 : 0)) {
    throw new RangeError(`writeOnnx: the network must have an input for each of ${features} features, got ${inputs}`)
  }
  const { hidden, hiddenBias } = foldedWeights(source, precision)
  const width = Math.max(1, neurons.length) // runtimes need not support matrices without rows
  const output = new Float64Array(outputs * width)
  neurons.forEach(({ v }, j) => v.forEach((value, k) => (output[k * width + j] = value)))
  const tensor = (name: string, dims: readonly number[], values: Float64Array): Uint8Array =>
    messageField(graphField.initializer, tensorFields(name, dims, values, precision))
  const answer = source.classes === null ? 'predictions' : 'scores'
  const biased = hiddenBias === null ? [] : ['hidden.bias']
  const graph = [
    node('Gemm', 'hidden', ['features', 'hidden.weight', ...biased], 'hidden.sums', true),
    node('Relu', 'relu', ['hidden.sums'], 'hidden.values', false),
    node('Gemm', 'output', ['hidden.values', 'output.weight', ...(outputBias ? ['output.bias'] : [])], answer, true),
    textField(graphField.name, 'relucent'),
    tensor('hidden.weight', [width, features], hidden),
    ...(hiddenBias === null ? [] : [tensor('hidden.bias', [width], hiddenBias)]),
    tensor('output.weight', [outputs, width], output),
    ...(outputBias ? [tensor('output.bias', [outputs], outputBias)] : []),
    messageField(graphField.input, matrixValue('features', features, precision)),
    messageField(graphField.output, matrixValue(answer, outputs, precision)),
  ]
  return modelBytes(graph, source)
}

function modelBytes(graph: readonly Uint8Array[], source: OnnxSource): Uint8Array<ArrayBuffer> {
  return joined([
    integerField(modelField.irVersion, irVersion),
    textField(modelField.producerName, 'relucent'),
    textField(modelField.producerVersion, source.version),
    messageField(modelField.graph, graph),
    messageField(modelField.opsetImport, [
      textField(opsetField.domain, ''),
      integerField(opsetField.version, writtenOpset),
    ]),
    ...Object.entries(metadataOf(source)).map(([key, value]) =>
      messageField(modelField.metadata, [
        textField(entryField.key, `relucent.${key}`),
        textField(entryField.value, value),
      ]),
    ),
  ])
}

function metadataOf(source: OnnxSource): Record<string, string> {
  const { objective, lowerBound, gap, relativeGap, scope, boundFrom, problem } = source.certificate
  return {
    version: source.version,
    task: source.task,
    features: JSON.stringify(source.featureNames),
    targets: JSON.stringify(source.targetNames),
    classes: JSON.stringify(source.classes),
    formula: problem.formula,
    loss: problem.loss,
    beta: JSON.stringify(problem.beta),
    objective: JSON.stringify(objective),
    lowerBound: JSON.stringify(lowerBound),
    gap: JSON.stringify(gap),
    relativeGap: JSON.stringify(relativeGap),
    scope,
    boundFrom,
    dataHash: problem.dataHash,
  }
}

/** Weights are outputs × inputs, as PyTorch has them, so a product takes them transposed. */
function node(
  operator: string,
  name: string,
  inputs: readonly string[],
  output: string,
  transposed: boolean,
): Uint8Array {
  const transB = messageField(nodeField.attribute, [
    textField(attributeField.name, 'transB'),
    integerField(attributeField.integer, 1),
    integerField(attributeField.type, attributeType.integer),
  ])
  return messageField(graphField.node, [
    ...inputs.map((input) => textField(nodeField.input, input)),
    textField(nodeField.output, output),
    textField(nodeField.name, name),
    textField(nodeField.operator, operator),
    ...(transposed ? [transB] : []),
  ])
}

function tensorFields(
  name: string,
  dims: readonly number[],
  values: Float64Array,
  precision: Precision,
): readonly Uint8Array[] {
  return [
    ...dims.map((size) => integerField(tensorField.dimension, size)),
    integerField(tensorField.elementType, elementTypes.indexOf(precision)),
    textField(tensorField.name, name),
    bytesField(tensorField.raw, littleEndian(name, values, precision)),
  ]
}

function littleEndian(name: string, values: Float64Array, precision: Precision): Uint8Array {
  const size = precision === 'float' ? 4 : 8
  const view = new DataView(new ArrayBuffer(size * values.length))
  values.forEach((value, k) => {
    if (size === 8) return view.setFloat64(8 * k, value, true)
    if (!Number.isFinite(Math.fround(value))) {
      const what = `single precision cannot hold the weight ${value} of ${quoted(name)}`
      throw new DataError('not-representable', what, { hint: 'write it in double precision' })
    }
    view.setFloat32(4 * k, value, true)
  })
  return new Uint8Array(view.buffer)
}

/** Any number of samples × `cols`. */
function matrixValue(name: string, cols: number, precision: Precision): readonly Uint8Array[] {
  const shape = [
    messageField(shapeField.dimension, [textField(dimensionField.name, 'samples')]),
    messageField(shapeField.dimension, [integerField(dimensionField.value, cols)]),
  ]
  const tensor = [
    integerField(tensorTypeField.elementType, elementTypes.indexOf(precision)),
    messageField(tensorTypeField.shape, shape),
  ]
  return [textField(valueField.name, name), messageField(valueField.type, [messageField(typeField.tensor, tensor)])]
}
