import type { ScaleLayer } from '../../onnx.ts'
import { type Applied, type Call, nodeTitle, type Operator, refuseAttributes, requiredConstant } from '../operator.ts'
import { repeatedOver, shapeAfter } from './broadcast.ts'

export function relu(call: Call): Applied {
  refuseAttributes(call, [])
  return { layers: [{ kind: 'relu', node: nodeTitle(call.node) }], flow: call.flow }
}

/** y = factor · x + offset for one number c of the constant. */
type Line = (c: number) => readonly [factor: number, offset: number]

export const add: Operator = withConstant({ first: (c) => [1, c], second: (c) => [1, c] })
export const subtract: Operator = withConstant({ first: (c) => [1, -c], second: (c) => [-1, c] })
export const multiply: Operator = withConstant({ first: (c) => [c, 0], second: (c) => [c, 0] })
export const divide: Operator = withConstant({ first: (c) => [1 / c, 0], second: undefined })

/** An operator on the data and a constant, by which of the two inputs the data are. */
function withConstant({ first, second }: { first: Line; second: Line | undefined }): Operator {
  return (call) => {
    refuseAttributes(call, [])
    const line = call.position === 0 ? first : second
    if (line === undefined) throw call.fail('it divides by the data, which no layer here can do')
    const repeated = repeatedOver(requiredConstant(call, 1 - call.position, 'a constant'), call.flow, call)
    const lines = Array.from(repeated.values, line)
    if (lines.some(([factor]) => !Number.isFinite(factor))) throw call.fail('it divides by zero')
    const layer: ScaleLayer = {
      kind: 'scale',
      factor: Float64Array.from(lines, ([factor]) => factor),
      offset: Float64Array.from(lines, ([, offset]) => offset),
      inner: repeated.inner,
      node: nodeTitle(call.node),
    }
    return { layers: [layer], flow: { ...call.flow, shape: shapeAfter(call.flow, repeated) } }
  }
}
