import { expect, test } from 'vitest'
import { matrix } from '../linalg/matrix.ts'
import { balance, predict } from '../network.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { withOnes } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { type Layers, networkFromLayers } from './layers.ts'

const random = seededRandom(2)
const X = randomMatrix(random, 12, 3)
const hidden = randomMatrix(random, 3, 5)
const output = randomMatrix(random, 5, 2)
const hiddenBias = randomMatrix(random, 1, 5).data
const outputBias = Float64Array.of(0.6, -0.8)

function byFormula({ hidden: W1, hiddenBias: b1, output: W2, outputBias: b2 }: Layers): number[] {
  return Array.from({ length: X.rows * W2.cols }, (_, at) => {
    const [i, k] = [Math.floor(at / W2.cols), at % W2.cols]
    let total = b2?.[k] ?? 0
    for (let j = 0; j < W1.cols; j++) {
      let activation = b1?.[j] ?? 0
      for (let q = 0; q < W1.rows; q++) activation += X.data[i * X.cols + q] * W1.data[q * W1.cols + j]
      total += Math.max(0, activation) * W2.data[j * W2.cols + k]
    }
    return total
  })
}

test.each([
  ['no bias', null, null],
  ['a hidden bias', hiddenBias, null],
  ['an output bias', null, outputBias],
  ['both biases', hiddenBias, outputBias],
])('%s: the network computes the function of the layers', (_, b1, b2) => {
  const layers = { hidden, hiddenBias: b1, output, outputBias: b2 }
  const { network, bias } = networkFromLayers(layers)
  expect(bias).toBe(b1 !== null || b2 !== null)
  const F = predict(network, bias ? withOnes(X) : X)
  byFormula(layers).forEach((value, at) => expect(F.data[at]).toBeCloseTo(value, 12))
})

test('an output bias is the last neuron, and costs ‖b₂‖ once balanced', () => {
  const { network } = networkFromLayers({ hidden, hiddenBias: null, output, outputBias })
  const last = balance(network).neurons.at(-1)
  expect(network.neurons).toHaveLength(6)
  expect(Math.hypot(...(last?.u ?? [])) * Math.hypot(...(last?.v ?? []))).toBeCloseTo(1, 14)
})

test('shapes that do not fit are refused by name', () => {
  const layers = { hidden, hiddenBias: null, output, outputBias: null }
  expect(() => networkFromLayers({ ...layers, output: matrix(4, 2) })).toThrow('output must have 5 rows')
  expect(() => networkFromLayers({ ...layers, hiddenBias: new Float64Array(2) })).toThrow(
    'hiddenBias must have 5 entries',
  )
  expect(() => networkFromLayers({ ...layers, outputBias: new Float64Array(3) })).toThrow(
    'outputBias must have 2 entries',
  )
})
