import type { PoolLayer, Window } from '../../onnx.ts'
import {
  type Applied,
  type Call,
  integerAttribute,
  integersAttribute,
  nodeTitle,
  refuseAttributes,
  requireDataFirst,
} from '../operator.ts'
import { type Plane, planeOf, shapeOf, windowOf } from './window.ts'

const attributes = ['kernel_shape', 'strides', 'dilations', 'pads', 'auto_pad', 'ceil_mode']

export function averagePool(call: Call): Applied {
  refuseAttributes(call, [...attributes, 'count_include_pad'])
  return pool(call, 'average-pool', integerAttribute(call, 'count_include_pad', 0) !== 0)
}

export function maxPool(call: Call): Applied {
  refuseAttributes(call, [...attributes, 'storage_order'])
  if (call.node.outputs.slice(1).some((name) => name !== '')) throw call.fail('its second output is not supported')
  return pool(call, 'max-pool', false)
}

export function globalAveragePool(call: Call): Applied {
  requireDataFirst(call)
  refuseAttributes(call, [])
  const plane = planeOf(call)
  const window: Window = {
    input: plane.size,
    output: [1, 1],
    kernel: plane.size,
    stride: [1, 1],
    dilation: [1, 1],
    before: [0, 0],
    after: [0, 0],
  }
  return pooled(call, plane, 'average-pool', false, window)
}

function pool(call: Call, kind: PoolLayer['kind'], countsPadding: boolean): Applied {
  requireDataFirst(call)
  const plane = planeOf(call)
  const kernel = integersAttribute(call, 'kernel_shape')
  if (kernel?.length !== plane.axes) {
    throw call.fail(`expected a kernel_shape of ${plane.axes} numbers, found ${kernel?.length ?? 'none'}`)
  }
  const window = windowOf(call, plane, kernel, integerAttribute(call, 'ceil_mode', 0) !== 0)
  if (hasEmptyPlace(window, 0) || hasEmptyPlace(window, 1)) throw call.fail('it pools padding alone at some places')
  return pooled(call, plane, kind, countsPadding, window)
}

function pooled(call: Call, plane: Plane, kind: PoolLayer['kind'], countsPadding: boolean, window: Window): Applied {
  const { channels } = plane
  const layer: PoolLayer = { kind, channels, countsPadding, window, node: nodeTitle(call.node) }
  return { layers: [layer], flow: { ...call.flow, shape: shapeOf(channels, window.output, plane) } }
}

/** Whether along this axis the kernel somewhere meets no data at all. */
function hasEmptyPlace({ input, output, kernel, stride, dilation, before }: Window, axis: 0 | 1): boolean {
  for (let place = 0; place < output[axis]; place++) {
    const start = place * stride[axis] - before[axis]
    const skipped = Math.max(0, Math.ceil(-start / dilation[axis]))
    if (skipped >= kernel[axis] || start + skipped * dilation[axis] >= input[axis]) return true
  }
  return false
}
