import type { Operator } from './operator.ts'
import { convolution } from './operators/convolution.ts'
import { gemm, matMul } from './operators/dense.ts'
import { add, divide, multiply, relu, subtract } from './operators/elementwise.ts'
import { batchNormalization } from './operators/normalization.ts'
import { averagePool, globalAveragePool, maxPool } from './operators/pool.ts'
import { flatten, reshape } from './operators/shape.ts'

/** What is understood, by the name ONNX has for it. `Constant` and `Identity` are resolved before. */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ['Add', add],
  ['AveragePool', averagePool],
  ['BatchNormalization', batchNormalization],
  ['Conv', convolution],
  ['Div', divide],
  ['Flatten', flatten],
  ['Gemm', gemm],
  ['GlobalAveragePool', globalAveragePool],
  ['MatMul', matMul],
  ['MaxPool', maxPool],
  ['Mul', multiply],
  ['Relu', relu],
  ['Reshape', reshape],
  ['Sub', subtract],
])

/** Left out at the end of a network: they turn its outputs into probabilities, without changing which is the largest. */
export const finalOperators: ReadonlySet<string> = new Set(['LogSoftmax', 'Sigmoid', 'Softmax'])
