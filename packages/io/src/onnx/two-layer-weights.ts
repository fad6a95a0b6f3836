import { DataError } from '../errors.ts'
import type { DenseLayer, ImportedLayer, ImportedNetwork } from '../onnx.ts'
import type { Numbers } from '../table.ts'
import type { TwoLayerWeights } from '../two-layer.ts'

/**
 * The weights of a network of two dense layers with a ReLU between them.
 *
 * Reshapes are passed over, since they move no values, and dense layers without a ReLU between them are multiplied into
 * one, with a notice. Any other network throws a `DataError` that says what it is instead.
 */
export function twoLayerWeights(network: ImportedNetwork): TwoLayerWeights {
  const layers = network.layers.filter(({ kind }) => kind !== 'reshape').filter(isNoSecondRelu)
  const first = layers.findIndex(({ kind }) => kind === 'relu')
  const [before, after] = [layers.slice(0, first), layers.slice(first + 1)]
  if (!(first > 0 && isDenseRun(before) && isDenseRun(after))) {
    const what = `expected two dense layers with a ReLU between them, found ${description(layers)}`
    throw new DataError('not-two-layer', what, { file: network.file })
  }
  const notices = [...network.notices, ...[before, after].flatMap(productNotice)]
  const [hidden, output] = [before, after].map((run) => run.reduce((a, b) => productOf(a, b, network.file)))
  return {
    hidden: hidden.weights,
    hiddenBias: hidden.bias,
    output: output.weights,
    outputBias: output.bias,
    notices,
  }
}

/** A ReLU of a ReLU changes nothing. */
function isNoSecondRelu(layer: ImportedLayer, k: number, layers: readonly ImportedLayer[]): boolean {
  return !(layer.kind === 'relu' && layers[k - 1]?.kind === 'relu')
}

function isDenseRun(layers: readonly ImportedLayer[]): layers is DenseLayer[] {
  return layers.length > 0 && layers.every(({ kind }) => kind === 'dense')
}

function productNotice(run: readonly DenseLayer[]): string[] {
  if (run.length < 2) return []
  return [`multiplied ${run.map(({ node }) => node).join(' and ')} into one layer: there is no ReLU between them`]
}

/** More weights than a layer here can have: a product of two small matrices can be very large. */
const largestProduct = 2 ** 26

/** x ↦ (xᵀA + a)ᵀB + b as one layer. */
function productOf(first: DenseLayer, second: DenseLayer, file: string | undefined): DenseLayer {
  const [{ rows, cols: inner, data: A }, { cols, data: B }] = [first.weights, second.weights]
  if (!(rows * cols <= largestProduct)) {
    const what = `${first.node} and ${second.node} multiply to ${rows} × ${cols} weights, more than ${largestProduct}`
    throw new DataError('unsupported-network', what, { file })
  }
  const data = new Float64Array(rows * cols)
  for (let i = 0; i < rows; i++)
    addRowInto(A.subarray(i * inner, (i + 1) * inner), B, data.subarray(i * cols, (i + 1) * cols))
  const bias = second.bias?.slice() ?? new Float64Array(cols)
  if (first.bias) addRowInto(first.bias, B, bias)
  const weights: Numbers = { rows, cols, data }
  return { kind: 'dense', weights, bias: first.bias || second.bias ? bias : null, node: second.node }
}

/** y += aᵀB. */
function addRowInto(a: Float64Array, B: Float64Array, y: Float64Array): void {
  const cols = y.length
  a.forEach((value, k) => {
    for (let j = 0; j < cols; j++) y[j] += value * B[k * cols + j]
  })
}

/** What the network is, for a person who expected something else of it. */
function description(layers: readonly ImportedLayer[]): string {
  const convolutional = layers.filter(({ kind }) => kind !== 'dense' && kind !== 'relu' && kind !== 'scale')
  if (convolutional.length > 0) return `a convolutional network (it begins with ${convolutional[0].node})`
  const dense = layers.filter(({ kind }) => kind === 'dense').length
  const relus = layers.filter(({ kind }) => kind === 'relu').length
  if (relus === 0) return dense === 0 ? 'no dense layer at all' : 'a linear network: there is no ReLU in it'
  const scale = layers.find(({ kind }) => kind === 'scale')
  if (scale) return `a network with a scaling that belongs to no dense layer (${scale.node})`
  const end =
    layers[0].kind === 'relu'
      ? ', one of them on its inputs'
      : layers.at(-1)?.kind === 'relu'
        ? ', one of them on its outputs'
        : ''
  return `a network of ${named(dense)} dense ${dense === 1 ? 'layer' : 'layers'} and ${named(relus)} ${relus === 1 ? 'ReLU' : 'ReLUs'}${end}`
}

function named(count: number): string {
  return ['no', 'one', 'two', 'three', 'four', 'five', 'six'][count] ?? String(count)
}
