import type { ScaleLayer } from '../../onnx.ts'
import {
  type Applied,
  type Call,
  floatAttribute,
  integerAttribute,
  nodeTitle,
  refuseAttributes,
  requireDataFirst,
  requiredConstant,
} from '../operator.ts'
import { shapeText } from '../tensor.ts'

/** scale · (x − mean) / √(var + ε) + B with stored mean and variance, a pair of numbers for each channel. */
export function batchNormalization(call: Call): Applied {
  requireDataFirst(call)
  refuseAttributes(call, ['epsilon', 'momentum', 'training_mode', 'spatial'])
  const { node, flow, fail } = call
  if (integerAttribute(call, 'training_mode', 0) !== 0 || node.outputs.slice(1).some((name) => name !== '')) {
    throw fail('it is in training mode', 'export the network for inference: model.eval() in PyTorch')
  }
  if (integerAttribute(call, 'spatial', 1) !== 1) throw fail('the attribute spatial = 0 is not supported')
  const [scale, shift, mean, variance] = ['the scale', 'the shift', 'the mean', 'the variance'].map(
    (what, k) => requiredConstant(call, k + 1, what).values,
  )
  const channels = flow.shape[0] ?? scale.length
  if ([scale, shift, mean, variance].some(({ length }) => length !== channels)) {
    throw fail(`expected ${channels} numbers each, one for each channel`)
  }
  const inner = flow.shape.slice(1).reduce<number | null>((a, b) => (a === null || b === null ? null : a * b), 1)
  if (inner === null) throw fail(`the size of its data is not known: ${shapeText(flow.shape)}`)
  const epsilon = floatAttribute(call, 'epsilon', 1e-5)
  const factor = scale.map((value, k) => value / Math.sqrt(variance[k] + epsilon))
  const offset = factor.map((value, k) => shift[k] - value * mean[k])
  if (!factor.every(Number.isFinite)) throw fail('a variance is negative, or zero without an epsilon')
  const layer: ScaleLayer = { kind: 'scale', factor, offset, inner, node: nodeTitle(node) }
  return { layers: [layer], flow: { ...flow, shape: [channels, ...flow.shape.slice(1)] } }
}
