import {
  type Applied,
  type Call,
  type Flow,
  integerAttribute,
  nodeTitle,
  refuseAttributes,
  requireDataFirst,
  sizeOf,
} from '../operator.ts'
import { shapeText } from '../tensor.ts'

/** Everything after the first axis in one row: the batch stays, the rest becomes a vector. */
export function flatten(call: Call): Applied {
  requireDataFirst(call)
  refuseAttributes(call, ['axis'])
  const { flow, fail } = call
  const axis = integerAttribute(call, 'axis', 1)
  const ranks = flow.shape.length + 1
  if ((axis < 0 ? axis + ranks : axis) !== 1) throw fail(`expected axis = 1, which keeps samples apart, found ${axis}`)
  return reshaped(call, [sizeOf(flow.shape) ?? null])
}

export function reshape(call: Call): Applied {
  requireDataFirst(call)
  refuseAttributes(call, ['allowzero'])
  const { flow, fail } = call
  const target = call.constant(1)?.values
  if (target === undefined) throw fail('expected the shape as a constant, found none')
  if (integerAttribute(call, 'allowzero', 0) !== 0 && target.includes(0)) throw fail('it asks for an empty result')
  const shape = sampleShape(Array.from(target), flow)
  if (shape === undefined) {
    const hint = 'only reshapes that keep samples apart are supported: [-1, …] or [0, …], as nn.Flatten() makes them'
    throw fail(`it makes ${shapeText(Array.from(target))} of samples of shape ${shapeText(flow.shape)}`, hint)
  }
  return reshaped(call, shape)
}

/**
 * The shape of one sample after a reshape, where its first axis is still the batch; undefined where it is not.
 * 0 copies the size that the data have at that place, −1 is what is left over.
 */
function sampleShape([first, ...rest]: readonly number[], flow: Flow): (number | null)[] | undefined {
  const keepsBatch = first === 0 || first === flow.batch
  const size = sizeOf(flow.shape)
  if (size === undefined) return keepsBatch && rest.length === 1 && rest[0] === -1 ? [null] : undefined
  const sizes = rest.map((value, k) => (value === 0 ? (flow.shape[k] ?? -2) : value))
  const free = sizes.filter((value) => value === -1).length
  const others = sizes.reduce((product, value) => (value === -1 ? product : product * value), 1)
  if (rest.length === 0 || free > 1 || sizes.some((value) => value < -1)) return undefined
  if (free === 0) return others === size && (keepsBatch || first === -1 || first === 1) ? sizes : undefined
  if (!keepsBatch || !(others > 0) || size % others !== 0) return undefined
  return sizes.map((value) => (value === -1 ? size / others : value))
}

function reshaped(call: Call, shape: readonly (number | null)[]): Applied {
  const known = shape.filter((size) => size !== null)
  const layers =
    known.length === shape.length ? [{ kind: 'reshape', shape: known, node: nodeTitle(call.node) } as const] : []
  return { layers, flow: { ...call.flow, shape } }
}
