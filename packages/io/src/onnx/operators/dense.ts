import type { DenseLayer } from '../../onnx.ts'
import type { Numbers } from '../../table.ts'
import {
  type Applied,
  type Call,
  floatAttribute,
  type Flow,
  integerAttribute,
  nodeTitle,
  refuseAttributes,
  requiredConstant,
} from '../operator.ts'
import { type Constant, shapeText, transposedMatrix } from '../tensor.ts'
import { repeatedOver } from './broadcast.ts'

/** alpha · A′B′ + beta · C, where one of A and B is the data and the other two inputs are constants. */
export function gemm(call: Call): Applied {
  refuseAttributes(call, ['transA', 'transB', 'alpha', 'beta'])
  if (call.position > 1) throw call.fail('expected the data as input 1 or 2, found them as input 3')
  const transposed = [integerAttribute(call, 'transA', 0) !== 0, integerAttribute(call, 'transB', 0) !== 0]
  const { weights, flow } = product(call, transposed)
  const alpha = floatAttribute(call, 'alpha', 1)
  const scaled = alpha === 1 ? weights : { ...weights, data: weights.data.map((value) => value * alpha) }
  const added = call.constant(2)
  const bias = added ? biasOf(added, floatAttribute(call, 'beta', 1), flow, call) : null
  return applied(call, scaled, bias, flow)
}

export function matMul(call: Call): Applied {
  refuseAttributes(call, [])
  const { weights, flow } = product(call, [false, false])
  return applied(call, weights, null, flow)
}

function applied(call: Call, weights: Numbers, bias: Float64Array | null, flow: Flow): Applied {
  const layer: DenseLayer = { kind: 'dense', weights, bias, node: nodeTitle(call.node) }
  return { layers: [layer], flow }
}

/** Which axis of the data a product sums over, by where the data stand and whether they are transposed. */
export function contractedAxis(position: number, transposed: boolean): 0 | 1 {
  return (position === 0) === transposed ? 0 : 1
}

function product(call: Call, transposed: readonly boolean[]): { weights: Numbers; flow: Flow } {
  const { flow, position, fail } = call
  if (flow.shape.length !== 1) {
    throw fail(`expected a vector for each sample, found the shape ${shapeText(flow.shape)}`, 'flatten it first')
  }
  const samples = contractedAxis(position, transposed[position]) === 1 ? 'first' : 'second'
  if (samples !== flow.samples) throw fail('it multiplies along the samples instead of along their features')
  const matrix = requiredConstant(call, 1 - position, 'a constant matrix')
  if (matrix.dims.length !== 2) throw fail(`expected a matrix of weights, found the shape ${shapeText(matrix.dims)}`)
  // As B the constant is inputs × outputs, as A it is outputs × inputs, and the other way round where it is transposed.
  const turned = (position === 1) !== transposed[1 - position] ? transposedMatrix(matrix) : matrix
  const weights: Numbers = { rows: turned.dims[0], cols: turned.dims[1], data: turned.values }
  const inputs = flow.shape[0]
  if (inputs !== null && weights.rows !== inputs) {
    throw fail(`expected weights for ${inputs} inputs, found weights for ${weights.rows}`)
  }
  return { weights, flow: { ...flow, shape: [weights.cols], samples: position === 0 ? 'first' : 'second' } }
}

function biasOf(constant: Constant, beta: number, flow: Flow, call: Call): Float64Array {
  const { values } = repeatedOver(constant, flow, call)
  const outputs = flow.shape[0] ?? values.length
  return Float64Array.from({ length: outputs }, (_, k) => beta * values[k % values.length])
}
