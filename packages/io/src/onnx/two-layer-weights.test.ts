import { describe, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import type { Numbers } from '../table.ts'
import type { TwoLayerWeights } from '../two-layer.ts'
import { forward } from './forward.ts'
import { type NodeSketch, rowsOf, sketchedModel, type TensorSketch } from './onnx.fixtures.ts'
import { readOnnx } from './read.ts'
import { twoLayerWeights } from './two-layer-weights.ts'

/** A chain of operators from x to y, each with the constants that follow it: `MatMul w`, `Add b`. */
function chain(text: string, dims: readonly number[]): Uint8Array {
  const steps = text.split(', ').map((step) => step.split(' '))
  const nodes = steps.map(([op, ...constants], k): NodeSketch => {
    const [from, to] = [k === 0 ? 'x' : `h${k}`, k === steps.length - 1 ? 'y' : `h${k + 1}`]
    return { op, name: `${op}${k + 1}`, inputs: [from, ...constants], outputs: [to] }
  })
  return sketchedModel({ nodes, constants, input: { name: 'x', dims: [null, ...dims] } })
}

const constant = (name: string, ...dims: number[]): TensorSketch => ({
  name,
  dims,
  values: Array.from(
    { length: dims.reduce((a, b) => a * b, 1) },
    (_, k) => ((k * 7 + name.charCodeAt(0) * 5) % 17) / 4 - 2,
  ),
})
const constants = [
  constant('w', 4, 3),
  constant('m', 3, 3),
  constant('v', 3, 2),
  constant('b', 3),
  constant('c', 2),
  constant('s', 4),
  constant('k', 1, 1, 1, 1),
]

/** (xᵀW + b)₊ᵀV + c by its definition. */
function evaluated({ hidden, hiddenBias, output, outputBias }: TwoLayerWeights, X: Numbers): number[] {
  return Array.from({ length: X.rows * output.cols }, (_, e) => {
    const [i, k] = [Math.floor(e / output.cols), e % output.cols]
    let sum = outputBias?.[k] ?? 0
    for (let j = 0; j < hidden.cols; j++) {
      let inner = hiddenBias?.[j] ?? 0
      for (let d = 0; d < hidden.rows; d++) inner += X.data[i * hidden.rows + d] * hidden.data[d * hidden.cols + j]
      sum += Math.max(inner, 0) * output.data[j * output.cols + k]
    }
    return sum
  })
}

const X = rowsOf(
  5,
  4,
  Array.from({ length: 20 }, (_, k) => ((k * 11) % 13) / 3 - 2),
)

describe('weights of two dense layers', () => {
  test.each([
    ['MatMul w, Relu, MatMul v', [4], 0],
    ['Gemm w b, Relu, Gemm v c', [4], 0],
    ['MatMul w, Add b, Relu, MatMul v, Add c', [4], 0],
    ['Flatten, Gemm w b, Identity, Relu, Flatten, Gemm v c', [2, 2, 1], 0],
    ['Gemm w b, Relu, Relu, Gemm v c', [4], 0],
    ['Sub s, Gemm w b, Relu, Mul b, Gemm v c, Sub c', [4], 3],
    ['Gemm w b, Gemm m, Relu, Gemm m b, Gemm m, Gemm v c', [4], 2],
    ['Gemm w b, Relu, Gemm v c, Softmax', [4], 1],
  ])('%s: the same function as the network', (text, dims, notices) => {
    const network = readOnnx(chain(text, dims))
    const weights = twoLayerWeights(network)
    const expected = forward(network, X).data
    const found = evaluated(weights, X)
    expect(found.length).toBe(expected.length)
    found.forEach((value, e) => expect(value).toBeCloseTo(expected[e], 9))
    expect(weights.notices).toHaveLength(notices)
  })

  test('weights are those of the file, and biases are null where it has none', () => {
    const weights = twoLayerWeights(readOnnx(chain('MatMul w, Relu, MatMul v', [4])))
    expect([...weights.hidden.data]).toEqual(constants[0].values)
    expect([...weights.output.data]).toEqual(constants[2].values)
    expect([weights.hiddenBias, weights.outputBias]).toEqual([null, null])
  })

  test('layers multiplied into one are named', () => {
    const { notices } = twoLayerWeights(readOnnx(chain('Gemm w b, Gemm m, Relu, Gemm v c', [4])))
    expect(notices).toEqual(['multiplied Gemm "Gemm1" and Gemm "Gemm2" into one layer: there is no ReLU between them'])
  })

  test.each([
    ['Gemm w b, Relu, Gemm m b, Relu, Gemm v c', [4], 'a network of three dense layers and two ReLUs'],
    ['Gemm w b, Gemm v c', [4], 'a linear network: there is no ReLU in it'],
    ['Gemm w b, Relu', [4], 'a network of one dense layer and one ReLU, one of them on its outputs'],
    ['Relu, Gemm w b, Gemm v c', [4], 'a network of two dense layers and one ReLU, one of them on its inputs'],
    ['Gemm w, Relu, Gemm v, Relu', [4], 'a network of two dense layers and two ReLUs, one of them on its outputs'],
    ['Conv k, Flatten, Gemm w b, Relu, Gemm v c', [1, 2, 2], 'a convolutional network (it begins with Conv "Conv1")'],
    ['Flatten', [2, 2], 'no dense layer at all'],
    ['Gemm w, Relu, Add b, Relu, Gemm v', [4], 'a scaling that belongs to no dense layer (Add "Add3")'],
  ])('%s is refused for what it is', (text, dims, what) => {
    const refused = (): unknown => twoLayerWeights(readOnnx(chain(text, dims), { file: 'net.onnx' }))
    expect(refused).toThrow(DataError)
    expect(refused).toThrow(`net.onnx: expected two dense layers with a ReLU between them, found`)
    expect(refused).toThrow(what)
  })

  test('a product that would be far larger than its factors is refused', () => {
    const dense = (rows: number, cols: number) => ({
      kind: 'dense' as const,
      weights: rowsOf(rows, cols, []),
      bias: null,
      node: `Gemm "${rows}"`,
    })
    const layers = [dense(1e6, 1), dense(1, 1e6), { kind: 'relu' as const, node: 'Relu' }, dense(1e6, 1)]
    const network = { ...readOnnx(chain('Relu', [4])), layers }
    expect(() => twoLayerWeights(network)).toThrow('multiply to 1000000 × 1000000 weights')
  })
})
