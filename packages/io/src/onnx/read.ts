import { DataError, quoted } from '../errors.ts'
import type { ImportedLayer, ImportedNetwork } from '../onnx.ts'
import { foldScales } from './fold.ts'
import { type Chain, chainOf, type Step } from './graph.ts'
import { readModel } from './model.ts'
import { type Applied, type Call, type Flow, nodeTitle, operatorTitle, requireModest, sizeOf } from './operator.ts'
import { finalOperators, operators } from './operators.ts'
import { contractedAxis } from './operators/dense.ts'
import { elementTypes } from './schema.ts'
import { refuseOtherFormats } from './signature.ts'
import { openSource } from './wire.ts'

export interface ReadOnnxOptions {
  /** Name used in error messages. */
  readonly file?: string
}

/** Standard operators changed their meaning before; after the newest one they may change it again. */
const opsets = { oldest: 7, newest: 26 }

/**
 * Reads the network of an ONNX file: a chain of dense layers, convolutions, poolings and ReLUs, with normalisation and
 * constant scalings folded into their neighbours and a final Softmax, LogSoftmax or Sigmoid left out, each with a notice.
 *
 * Nothing is guessed: another operator, a branch, weights outside the file, an unknown size each throw a `DataError` with
 * the node's name and its position in the file. Sizes that a file declares are held against the bytes it has.
 *
 * Format: ONNX IR version 3 and later, operator sets 7 to 26 (onnx.ai/onnx/repo-docs/IR.html).
 */
export function readOnnx(bytes: Uint8Array, { file }: ReadOnnxOptions = {}): ImportedNetwork {
  refuseOtherFormats(bytes, file)
  const model = readModel(openSource(bytes, file))
  const { opset } = model
  if (!(opset !== undefined && opset >= opsets.oldest && opset <= opsets.newest)) {
    const what = `expected the operators of version ${opsets.oldest} to ${opsets.newest}, found ${opset ?? 'none'}`
    throw new DataError('unsupported-network', what, {
      file,
      hint: 'export it again, for instance with opset_version=17',
    })
  }
  const chain = chainOf(model, bytes.length, file)
  const imported = applyAll(chain, opset, file)
  const { layers, notices } = foldScales(imported.layers)
  requireFinite(layers, file)
  return { file, ...imported, layers, metadata: model.metadata, notices: [...imported.notices, ...notices] }
}

/** Stored numbers are finite; products of them need not be. */
function requireFinite(layers: readonly ImportedLayer[], file: string | undefined): void {
  for (const layer of layers) {
    const weights = 'weights' in layer ? layer.weights : new Float64Array()
    const bias = 'bias' in layer ? layer.bias : null
    const scaling = layer.kind === 'scale' ? [layer.factor, layer.offset] : []
    const numbers = [weights instanceof Float64Array ? weights : weights.data, bias ?? [], ...scaling]
    if (numbers.every((values) => values.every(Number.isFinite))) continue
    throw new DataError('unsupported-network', `${layer.node}: its weights overflow where scalings are folded in`, {
      file,
    })
  }
}

interface Imported {
  readonly inputShape: readonly number[]
  readonly outputShape: readonly number[]
  readonly layers: readonly ImportedLayer[]
  readonly notices: readonly string[]
}

function applyAll(chain: Chain, opset: number, file: string | undefined): Imported {
  const layers: ImportedLayer[] = []
  const notices: string[] = []
  let final: string | undefined
  let flow = startOf(chain, file)
  const inputShape = flow.shape
  if (flow.samples === 'second') notices.push('the file takes one sample a column; here samples are rows')
  let inputSize = sizeOf(inputShape)
  for (const step of chain.steps) {
    if (step.node.operator === 'Identity') continue
    const call = callOf(step, chain, { opset, flow, file })
    if (final !== undefined) throw call.fail(`it follows ${final}, which is supported at the end of a network only`)
    if (finalOperators.has(step.node.operator)) {
      final = nodeTitle(step.node)
      notices.push(`left out the final ${final}: the outputs are what it is applied to`)
      continue
    }
    const applied = apply(call)
    requireModest(applied.flow.shape, call)
    inputSize ??= inputSizeFrom(applied)
    layers.push(...applied.layers)
    flow = applied.flow
  }
  if (flow.samples === 'second') notices.push('the file answers one sample a column; here samples are rows')
  return {
    layers,
    notices,
    inputShape: known(inputShape, inputSize, file),
    outputShape: known(flow.shape, undefined, file),
  }
}

function apply(call: Call): Applied {
  const { node, opset, fail } = call
  const operator = operators.get(node.operator)
  if (operator) return operator(call)
  const names = [...operators.keys(), ...finalOperators, 'Constant', 'Identity'].sort().join(', ')
  throw fail(
    `the operator ${operatorTitle(node.operator)} (version ${opset}) is not supported`,
    `supported are ${names}`,
  )
}

function callOf(step: Step, { constants }: Chain, at: { opset: number; flow: Flow; file: string | undefined }): Call {
  const { node, position } = step
  const { file, ...rest } = at
  return {
    node,
    position,
    ...rest,
    constant: (k) => (node.inputs[k] ? constants.get(node.inputs[k]) : undefined),
    fail: (what, hint) =>
      new DataError('unsupported-network', `${nodeTitle(node)}: ${what}`, { file, byte: node.at, hint }),
  }
}

/** The first axis is the batch, unless the first product sums over the first axis of a matrix: then samples are columns. */
function startOf({ input, steps }: Chain, file: string | undefined): Flow {
  const { dims = [null, null], elementType } = input
  const title = `the input ${quoted(input.name)}`
  const fail = (what: string, hint?: string): DataError =>
    new DataError('unsupported-network', `${title}: ${what}`, { file, hint })
  const type = elementTypes[elementType] ?? `number ${elementType}`
  if (!['float', 'float16', 'double', 'undefined'].includes(type)) {
    throw fail(`expected float16, float or double numbers, found ${type}`)
  }
  if (dims.length < 2) {
    throw fail(
      `expected a batch of samples, found ${dims.length} axes`,
      'export the network with a batch axis in front',
    )
  }
  const product = steps.find(({ node }) => node.operator === 'Gemm' || node.operator === 'MatMul')
  const columns = dims.length === 2 && product !== undefined && sumsOverFirst(product)
  const [batch, shape] = columns ? [dims[1], [dims[0]]] : [dims[0], dims.slice(1)]
  requireModest(shape, { fail })
  return { shape, batch, samples: columns ? 'second' : 'first' }
}

function sumsOverFirst({ node, position }: Step): boolean {
  const transposed = node.operator === 'Gemm' ? node.attributes.get(position === 0 ? 'transA' : 'transB') : undefined
  return contractedAxis(position, (transposed?.integer ?? 0) !== 0) === 0
}

/** Where the file leaves the inputs open, the first layer tells how many there are. */
function inputSizeFrom({ layers, flow }: Applied): number | undefined {
  const [layer] = layers
  return layer?.kind === 'dense' ? layer.weights.rows : sizeOf(flow.shape)
}

function known(shape: readonly (number | null)[], size: number | undefined, file: string | undefined): number[] {
  const sizes = shape.filter((value) => value !== null)
  if (sizes.length === shape.length) return sizes
  if (size !== undefined) return [size]
  throw new DataError('unsupported-network', 'expected inputs of a known size, and nothing in the file tells it', {
    file,
  })
}
