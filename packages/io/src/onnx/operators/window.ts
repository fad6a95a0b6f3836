import { quoted } from '../../errors.ts'
import type { Pair, Window } from '../../onnx.ts'
import { type Call, integersAttribute, requireModest, textAttribute } from '../operator.ts'
import { shapeText } from '../tensor.ts'

/** Channels and plane of the data; a series is a plane of height 1. */
export interface Plane {
  readonly channels: number
  readonly size: Pair
  /** Number of axes besides the channels. */
  readonly axes: 1 | 2
}

export function planeOf({ flow, fail }: Call): Plane {
  const { shape } = flow
  if (shape.length !== 2 && shape.length !== 3) {
    throw fail(`expected channels × length or channels × height × width, found ${shapeText(shape)}`)
  }
  const [channels, ...size] = shape.map((value) => {
    if (value !== null) return value
    const hint = 'export the network for inputs of a fixed size; only the number of samples may be left open'
    throw fail(`expected data of a known size, found ${shapeText(shape)}`, hint)
  })
  return { channels, size: size.length === 1 ? [1, size[0]] : [size[0], size[1]], axes: size.length === 1 ? 1 : 2 }
}

/** The shape of a sample that fills such a plane. */
export function shapeOf(channels: number, [height, width]: Pair, { axes }: Plane): number[] {
  return axes === 1 ? [channels, width] : [channels, height, width]
}

/**
 * How a kernel moves, from the attributes of a convolution or a pooling: along each axis
 *
 *     outputs = ⌊(size + before + after − extent) / stride⌋ + 1,   extent = (kernel − 1) · dilation + 1,
 *
 * with ⌈⌉ instead of ⌊⌋ where `roundUp`, but never an output whose kernel begins in the padding after the data.
 */
export function windowOf(call: Call, plane: Plane, kernelSizes: readonly number[], roundUp = false): Window {
  const { axes, size } = plane
  const kernel = pair(call, 'the kernel', kernelSizes, axes, 1, 1)
  const stride = pair(call, 'strides', integersAttribute(call, 'strides') ?? [], axes, 1, 1)
  const dilation = pair(call, 'dilations', integersAttribute(call, 'dilations') ?? [], axes, 1, 1)
  const extent = [0, 1].map((k) => (kernel[k] - 1) * dilation[k] + 1)
  const mode = textAttribute(call, 'auto_pad', 'NOTSET')
  requireClear(call, mode, dilation, roundUp)
  const same = mode.startsWith('SAME')
  const { before, after } = same ? samePadding(mode, size, extent, stride) : explicitPadding(call, mode, axes)
  const rounded = roundUp && !same
  if ([0, 1].some((k) => Math.max(before[k], after[k]) > extent[k] + size[k])) {
    throw call.fail('its padding is wider than its kernel and its data together')
  }
  const output = [0, 1].map((k) => steps(size[k], before[k], after[k], extent[k], stride[k], rounded))
  if (!output.every((count) => count >= 1)) {
    throw call.fail(`its kernel, ${extent.slice(2 - axes).join(' × ')} wide, does not fit into its padded data`)
  }
  requireModest(output, call)
  return { input: size, output: [output[0], output[1]], kernel, stride, dilation, before, after }
}

function steps(size: number, before: number, after: number, extent: number, stride: number, up: boolean): number {
  const exact = (size + before + after - extent) / stride + 1
  if (!up) return Math.floor(exact)
  const count = Math.ceil(exact)
  return (count - 1) * stride >= size + before ? count - 1 : count
}

interface Padding {
  readonly before: Pair
  readonly after: Pair
}

function explicitPadding(call: Call, mode: string, axes: 1 | 2): Padding {
  const pads = mode === 'VALID' ? [] : (integersAttribute(call, 'pads') ?? [])
  if (pads.length !== 0 && pads.length !== 2 * axes) {
    throw call.fail(`expected ${2 * axes} pads, found ${pads.length}`)
  }
  return {
    before: pair(call, 'pads', pads.slice(0, axes), axes, 0, 0),
    after: pair(call, 'pads', pads.slice(axes), axes, 0, 0),
  }
}

/** SAME keeps ⌈size / stride⌉ outputs and puts an odd one out after the data (UPPER) or before them (LOWER). */
function samePadding(mode: string, size: Pair, extent: readonly number[], stride: Pair): Padding {
  const total = [0, 1].map((k) => Math.max(0, (Math.ceil(size[k] / stride[k]) - 1) * stride[k] + extent[k] - size[k]))
  const less: Pair = [Math.floor(total[0] / 2), Math.floor(total[1] / 2)]
  const more: Pair = [total[0] - less[0], total[1] - less[1]]
  return mode === 'SAME_UPPER' ? { before: less, after: more } : { before: more, after: less }
}

/** The standard and onnxruntime differ on what automatic padding means together with some other attributes. */
function requireClear(call: Call, mode: string, dilation: Pair, roundUp: boolean): void {
  if (!['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(mode)) {
    throw call.fail(`the padding ${quoted(mode)} is not known`)
  }
  const dilated = mode.startsWith('SAME') && dilation.some((step) => step !== 1)
  if (!dilated && !(mode === 'VALID' && roundUp)) return
  const other = dilated ? 'dilations' : 'ceil_mode'
  throw call.fail(`${mode} together with ${other} means different things to different programs`, 'export it with pads')
}

/** One or two integers as [height, width]. */
function pair(
  call: Call,
  what: string,
  values: readonly number[],
  axes: 1 | 2,
  byDefault: number,
  least: number,
): Pair {
  if (values.length !== 0 && values.length !== axes) {
    throw call.fail(`expected ${axes} numbers for ${what}, found ${values.length}`)
  }
  if (!values.every((value) => value >= least && value <= largest)) {
    throw call.fail(`expected ${what} between ${least} and ${largest}, found ${values.join(', ')}`)
  }
  const last = values.at(-1) ?? byDefault
  return axes === 1 ? [byDefault, last] : [values[0] ?? byDefault, last]
}

/** Products of such numbers are still exact. */
const largest = 2 ** 20
