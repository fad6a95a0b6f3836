import type { ConvolutionLayer, DenseLayer, ImportedLayer, ScaleLayer } from '../onnx.ts'

export interface Folded {
  readonly layers: readonly ImportedLayer[]
  readonly notices: readonly string[]
}

/**
 * Folds scalings into the dense layer or convolution before them, or else after them: W' and b' with the same function.
 * A scaling stays a layer where it has no such neighbour, or where a convolution pads what it would shift.
 */
export function foldScales(layers: readonly ImportedLayer[]): Folded {
  const notices: string[] = []
  const note = (scale: ScaleLayer, into: ImportedLayer): void => {
    if (into.kind !== 'dense' || into.bias !== null || scale.factor.some((value) => value !== 1)) {
      notices.push(`folded ${scale.node} into ${into.node}`)
    }
  }
  const before = foldInto(layers, intoPreceding, note)
  const after = foldInto(before.toReversed(), intoFollowing, note).toReversed()
  return { layers: after, notices }
}

/** The layer with the scaling in it, or undefined where that cannot be. */
type Merge = (scale: ScaleLayer, layer: ImportedLayer) => ImportedLayer | undefined

/** Reshapes do not move values, so a scaling passes through them. */
function foldInto(
  layers: readonly ImportedLayer[],
  merge: Merge,
  note: (scale: ScaleLayer, into: ImportedLayer) => void,
): ImportedLayer[] {
  const done: ImportedLayer[] = []
  for (const layer of layers) {
    const target = layer.kind === 'scale' ? done.findLastIndex(({ kind }) => kind !== 'reshape') : -1
    const merged = layer.kind === 'scale' && target >= 0 ? merge(layer, done[target]) : undefined
    if (layer.kind === 'scale' && merged) {
      note(layer, done[target])
      done[target] = merged
    } else done.push(layer)
  }
  return done
}

function intoPreceding(scale: ScaleLayer, layer: ImportedLayer): ImportedLayer | undefined {
  if (layer.kind === 'dense') return scaledOutputs(scale, layer, layer.weights.cols)
  if (layer.kind !== 'convolution' || !isPerChannel(scale, layer.outputChannels, layer.window.output)) return undefined
  const each = layer.weights.length / layer.outputChannels
  const { factor, offset } = scale
  return {
    ...layer,
    weights: layer.weights.map((value, k) => value * pick(factor, Math.floor(k / each))),
    bias: shifted(layer.bias, layer.outputChannels, factor, offset),
  }
}

function scaledOutputs({ factor, offset, inner }: ScaleLayer, layer: DenseLayer, outputs: number): DenseLayer {
  const each = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: outputs }, (_, k) => pick(values, Math.floor(k / inner)))
  const factors = each(factor)
  const data = layer.weights.data.map((value, k) => value * factors[k % outputs])
  return { ...layer, weights: { ...layer.weights, data }, bias: shifted(layer.bias, outputs, factors, each(offset)) }
}

function shifted(
  bias: Float64Array | null,
  length: number,
  factor: Float64Array,
  offset: Float64Array,
): Float64Array | null {
  if (bias === null && offset.every((value) => value === 0)) return null
  return Float64Array.from({ length }, (_, k) => (bias?.[k] ?? 0) * pick(factor, k) + pick(offset, k))
}

function intoFollowing(scale: ScaleLayer, layer: ImportedLayer): ImportedLayer | undefined {
  if (layer.kind === 'dense') return scaledInputs(scale, layer)
  if (layer.kind !== 'convolution') return undefined
  return scaledChannels(scale, layer)
}

function scaledInputs({ factor, offset, inner }: ScaleLayer, layer: DenseLayer): DenseLayer {
  const { rows, cols, data } = layer.weights
  const bias = Float64Array.from({ length: cols }, (_, k) => layer.bias?.[k] ?? 0)
  const scaled = new Float64Array(data.length)
  for (let e = 0; e < rows; e++) {
    const channel = Math.floor(e / inner)
    for (let k = 0; k < cols; k++) {
      scaled[e * cols + k] = pick(factor, channel) * data[e * cols + k]
      bias[k] += pick(offset, channel) * data[e * cols + k]
    }
  }
  const shifts = offset.some((value) => value !== 0)
  return { ...layer, weights: { rows, cols, data: scaled }, bias: layer.bias || shifts ? bias : null }
}

/** Padding is zero after the scaling, so a convolution that pads can take a factor in, but no offset. */
function scaledChannels(scale: ScaleLayer, layer: ConvolutionLayer): ConvolutionLayer | undefined {
  const { inputChannels, outputChannels, groups, weights, window } = layer
  const pads = [...window.before, ...window.after].some((size) => size !== 0)
  if (pads && scale.offset.some((value) => value !== 0)) return undefined
  if (!isPerChannel(scale, inputChannels, window.input)) return undefined
  const perGroup = inputChannels / groups
  const [taps, perOutput] = [window.kernel[0] * window.kernel[1], weights.length / outputChannels]
  const scaled = new Float64Array(weights.length)
  const offset = new Float64Array(outputChannels)
  weights.forEach((value, k) => {
    const output = Math.floor(k / perOutput)
    const group = Math.floor(output / (outputChannels / groups))
    const channel = group * perGroup + (Math.floor(k / taps) % perGroup)
    scaled[k] = value * pick(scale.factor, channel)
    offset[output] += value * pick(scale.offset, channel)
  })
  return { ...layer, weights: scaled, bias: shifted(layer.bias, outputChannels, Float64Array.of(1), offset) }
}

function isPerChannel({ factor, inner }: ScaleLayer, channels: number, [height, width]: readonly number[]): boolean {
  return factor.length === 1 || (factor.length === channels && inner === height * width)
}

function pick(values: Float64Array, k: number): number {
  return values[k % values.length]
}
