import { DataError } from '../errors.ts'
import type {
  ConvolutionLayer,
  DenseLayer,
  ImportedLayer,
  ImportedNetwork,
  PoolLayer,
  ScaleLayer,
  Window,
} from '../onnx.ts'
import type { Numbers } from '../table.ts'
import { sizeOf } from './operator.ts'

/**
 * The outputs of a network in double precision, one sample a row: plain loops that follow the definition of each layer,
 * to see what a file computes and to check faster code against. Throws `DataError` when X has the wrong width.
 */
export function forward({ file, layers, inputShape, outputShape }: ImportedNetwork, X: Numbers): Numbers {
  const inputs = sizeOf(inputShape)
  if (X.cols !== inputs) {
    throw new DataError('unsupported-network', `expected samples of ${inputs} values, found ${X.cols}`, { file })
  }
  const cols = sizeOf(outputShape) ?? 0
  const data = new Float64Array(X.rows * cols)
  for (let i = 0; i < X.rows; i++) {
    const sample = X.data.slice(i * X.cols, (i + 1) * X.cols)
    data.set(layers.reduce(applied, sample), i * cols)
  }
  return { rows: X.rows, cols, data }
}

function applied(x: Float64Array, layer: ImportedLayer): Float64Array {
  switch (layer.kind) {
    case 'dense':
      return dense(x, layer)
    case 'relu':
      return x.map((value) => Math.max(value, 0))
    case 'scale':
      return scale(x, layer)
    case 'reshape':
      return x
    case 'convolution':
      return convolution(x, layer)
    case 'average-pool':
    case 'max-pool':
      return pool(x, layer)
    default:
      return layer satisfies never
  }
}

function dense(x: Float64Array, { weights: { cols, data }, bias }: DenseLayer): Float64Array {
  const y = bias?.slice() ?? new Float64Array(cols)
  x.forEach((value, e) => {
    for (let k = 0; k < cols; k++) y[k] += value * data[e * cols + k]
  })
  return y
}

function scale(x: Float64Array, { factor, offset, inner }: ScaleLayer): Float64Array {
  return x.map((value, e) => {
    const k = Math.floor(e / inner) % factor.length
    return value * factor[k] + offset[k]
  })
}

function convolution(x: Float64Array, layer: ConvolutionLayer): Float64Array {
  const { weights, bias, inputChannels, outputChannels, groups, window } = layer
  const [taps, plane] = [window.kernel[0] * window.kernel[1], window.input[0] * window.input[1]]
  const perGroup = inputChannels / groups
  return overPlaces(outputChannels, window, (output, place) => {
    const firstChannel = Math.floor(output / (outputChannels / groups)) * perGroup
    let sum = bias?.[output] ?? 0
    eachTap(window, place, (tap, position) => {
      for (let c = 0; c < perGroup; c++) {
        sum += weights[(output * perGroup + c) * taps + tap] * x[(firstChannel + c) * plane + position]
      }
    })
    return sum
  })
}

function pool(x: Float64Array, { kind, channels, countsPadding, window }: PoolLayer): Float64Array {
  const plane = window.input[0] * window.input[1]
  return overPlaces(channels, window, (channel, place) => {
    let [sum, most, count] = [0, Number.NEGATIVE_INFINITY, 0]
    eachTap(window, place, (_, position) => {
      const value = x[channel * plane + position]
      sum += value
      most = Math.max(most, value)
      count++
    })
    if (kind === 'max-pool') return most
    return sum / (countsPadding ? paddedTaps(window, place) : count)
  })
}

type Place = readonly [row: number, column: number]

/** One value for each channel and each place of the kernel. */
function overPlaces(channels: number, { output }: Window, at: (channel: number, place: Place) => number): Float64Array {
  const [height, width] = output
  const y = new Float64Array(channels * height * width)
  for (let k = 0, e = 0; k < channels; k++) {
    for (let row = 0; row < height; row++) for (let column = 0; column < width; column++) y[e++] = at(k, [row, column])
  }
  return y
}

/** The taps of the kernel that fall on data: their number in the kernel, and where on the plane they are. */
function eachTap(window: Window, place: Place, visit: (tap: number, position: number) => void): void {
  const [, width] = window.input
  for (const i of tapsWithin(window, place, 0, 0)) {
    for (const j of tapsWithin(window, place, 1, 0)) {
      const row = place[0] * window.stride[0] - window.before[0] + i * window.dilation[0]
      const column = place[1] * window.stride[1] - window.before[1] + j * window.dilation[1]
      visit(i * window.kernel[1] + j, row * width + column)
    }
  }
}

/** How many taps fall on data or padding: all of them, but where rounding up lets the kernel hang over the end. */
function paddedTaps(window: Window, place: Place): number {
  return tapsWithin(window, place, 0, 1).length * tapsWithin(window, place, 1, 1).length
}

/** Taps along an axis that are not beyond the data, or not beyond the padding. */
function tapsWithin(
  { input, kernel, stride, dilation, before, after }: Window,
  place: Place,
  axis: 0 | 1,
  padding: 0 | 1,
): number[] {
  const start = place[axis] * stride[axis] - before[axis]
  const least = padding * -before[axis]
  const end = input[axis] + padding * after[axis]
  const first = Math.max(0, Math.ceil((least - start) / dilation[axis]))
  const last = Math.min(kernel[axis] - 1, Math.ceil((end - start) / dilation[axis]) - 1)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => first + k)
}
