import type { ConvolutionLayer } from '../../onnx.ts'
import {
  type Applied,
  type Call,
  integerAttribute,
  integersAttribute,
  nodeTitle,
  refuseAttributes,
  requireDataFirst,
  requiredConstant,
} from '../operator.ts'
import { shapeText } from '../tensor.ts'
import { planeOf, shapeOf, windowOf } from './window.ts'

export function convolution(call: Call): Applied {
  requireDataFirst(call)
  refuseAttributes(call, ['kernel_shape', 'strides', 'dilations', 'pads', 'auto_pad', 'group'])
  const { node, flow, fail } = call
  const plane = planeOf(call)
  const weights = requiredConstant(call, 1, 'constant weights')
  const [outputChannels, perGroup, ...kernel] = weights.dims
  const groups = integerAttribute(call, 'group', 1)
  const declared = integersAttribute(call, 'kernel_shape') ?? kernel
  const fits =
    kernel.length === plane.axes &&
    kernel.every((size, k) => size === declared[k]) &&
    groups >= 1 &&
    perGroup * groups === plane.channels &&
    outputChannels % groups === 0
  if (!fits) {
    const data = `data of ${plane.channels} channels and ${plane.axes} further axes`
    throw fail(`its weights of shape ${shapeText(weights.dims)} in ${groups} groups do not fit ${data}`)
  }
  const bias = call.constant(2)?.values ?? null
  if (bias !== null && bias.length !== outputChannels) {
    throw fail(`expected ${outputChannels} biases, found ${bias.length}`)
  }
  const window = windowOf(call, plane, kernel)
  const layer: ConvolutionLayer = {
    kind: 'convolution',
    weights: weights.values,
    bias,
    inputChannels: plane.channels,
    outputChannels,
    groups,
    window,
    node: nodeTitle(node),
  }
  return { layers: [layer], flow: { ...flow, shape: shapeOf(outputChannels, window.output, plane) } }
}
