import { expect, test } from 'vitest'
import { type NamedArray, weightsFromArrays } from './named-weights.ts'

/** W₁ is 2 × 3, W₂ is 3 × 1; both also as outputs × inputs. */
const hidden = array([2, 3], [1, 2, 3, 4, 5, 6])
const hiddenTurned = array([3, 2], [1, 4, 2, 5, 3, 6])
const output = array([3, 1], [7, 8, 9])
const outputTurned = array([1, 3], [7, 8, 9])
const hiddenBias = array([3], [0.1, 0.2, 0.3])
const outputBias = array([1], [0.4])
const sizes = { inputs: 2, outputs: 1 }

function array(shape: readonly number[], values: readonly number[]): NamedArray {
  return { shape, data: Float64Array.from(values) }
}

function read(arrays: Record<string, NamedArray>, context = {}): ReturnType<typeof weightsFromArrays> {
  return weightsFromArrays(new Map(Object.entries(arrays)), context)
}

const all = {
  hidden: { rows: 2, cols: 3, data: hidden.data },
  hiddenBias: hiddenBias.data,
  output: { rows: 3, cols: 1, data: output.data },
  outputBias: outputBias.data,
}

test.each([
  ['PyTorch', { '0.weight': hiddenTurned, '0.bias': hiddenBias, '2.weight': outputTurned, '2.bias': outputBias }],
  [
    'PyTorch, any order',
    { 'fc2.bias': outputBias, 'fc2.weight': outputTurned, 'fc10.bias': outputBias, 'fc10.weight': outputTurned },
  ],
  [
    'Keras',
    { 'dense/kernel:0': hidden, 'dense/bias:0': hiddenBias, 'dense_1/kernel:0': output, 'dense_1/bias:0': outputBias },
  ],
  ['scikit-learn', { coefs_0: hidden, coefs_1: output, intercepts_0: hiddenBias, intercepts_1: outputBias }],
])('names as in %s', (name, arrays) => {
  if (name.endsWith('any order')) {
    const renamed = { ...arrays, 'fc2.weight': hiddenTurned, 'fc2.bias': hiddenBias }
    expect(read(renamed)).toMatchObject(all)
  } else expect(read(arrays)).toMatchObject(all)
})

test('the layer that a shape says comes first is the hidden one, whatever the names sort like', () => {
  const arrays = { 'b.weight': hiddenTurned, 'a.weight': outputTurned }
  expect(read(arrays)).toMatchObject({ hidden: all.hidden, hiddenBias: null, output: all.output, outputBias: null })
})

test('unknown names: the one reading that fits the data, with a notice', () => {
  const { notices, ...weights } = read({ W1: hidden, b1: hiddenBias, W2: output, b2: outputBias }, sizes)
  expect(weights).toEqual(all)
  expect(notices.join()).toMatch(/the names are unknown.*hidden layer "W1", its bias "b1"/)
  expect(read({ a: hiddenTurned, b: outputTurned }, sizes)).toMatchObject({ hidden: all.hidden, output: all.output })
})

test('two readings are refused rather than guessed', () => {
  const square = array([2, 2], [1, 2, 3, 4])
  expect(() => read({ a: square, b: square }, { inputs: 2, outputs: 2 })).toThrow(
    'more than one way; the file has a (2 × 2)',
  )
  expect(() => read({ a: hidden, b: output })).toThrow('more than one way')
})

test.each([
  ['nothing', {}, 'the file has no arrays at all'],
  [
    'three layers',
    { '0.weight': hiddenTurned, '2.weight': hiddenTurned, '4.weight': outputTurned },
    'found 3, named as in PyTorch',
  ],
  [
    'an array too many',
    { '0.weight': hiddenTurned, '2.weight': outputTurned, '1.running_mean': hiddenBias },
    '1.running_mean (3) do not belong',
  ],
  [
    'layers that do not meet',
    { '0.weight': hiddenTurned, '2.weight': array([1, 2], [1, 2]) },
    'do not follow one another',
  ],
  [
    'a bias of another length',
    { '0.weight': hiddenTurned, '0.bias': outputBias, '2.weight': outputTurned },
    'do not belong to two dense layers',
  ],
  [
    'other sizes than the data',
    { W1: hidden, W2: array([3, 2], [1, 2, 3, 4, 5, 6]) },
    'with the 2 inputs and 1 outputs of the data',
  ],
  [
    'weights that are not finite',
    { '0.weight': array([1, 1], [Number.NaN]), '2.weight': array([1, 1], [1]) },
    'found NaN in "0.weight"',
  ],
])('%s: an error that lists what was found', (_, arrays, message) => {
  expect(() => read(arrays as Record<string, NamedArray>, sizes)).toThrow(message)
})
