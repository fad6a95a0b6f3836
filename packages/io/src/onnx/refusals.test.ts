import { describe, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { type ModelSketch, type NodeSketch, sketchedModel, tensorFields, type TensorSketch } from './onnx.fixtures.ts'
import { readOnnx } from './read.ts'
import { graphField, tensorField } from './schema.ts'
import { integerField, messageField, textField } from './wire-writer.ts'

function errorOf(run: () => unknown): DataError {
  try {
    run()
  } catch (error) {
    if (error instanceof DataError) return error
    throw error
  }
  throw new Error('expected a DataError')
}

const node = (op: string, inputs: string[], more: Partial<NodeSketch> = {}): NodeSketch => ({
  op,
  name: 'it',
  inputs,
  outputs: ['y'],
  ...more,
})
const zeros = (name: string, dims: number[], more: Partial<TensorSketch> = {}): TensorSketch => ({
  name,
  dims,
  values: new Array<number>(dims.reduce((product, size) => product * size, 1)).fill(0),
  ...more,
})
const vectors = { name: 'x', dims: [null, 4] }
const images = { name: 'x', dims: [null, 2, 5, 6] }
const w = zeros('w', [4, 3])

const refusals: Record<string, { sketch: ModelSketch; says: string; hint?: string }> = {
  'an unknown operator': {
    sketch: { nodes: [node('Tanh', ['x'])], input: vectors },
    says: 'Tanh "it": the operator Tanh (version 17) is not supported',
    hint: 'supported are Add, AveragePool, BatchNormalization, Constant, Conv,',
  },
  'an operator of another domain': {
    sketch: { nodes: [node('Scaler', ['x'], { domain: 'ai.onnx.ml' })], input: vectors },
    says: 'Scaler "it": operators of the domain "ai.onnx.ml" are not supported',
  },
  'a node without a name, by what it computes': {
    sketch: { nodes: [node('Erf', ['x'], { name: '' })], input: vectors },
    says: 'Erf (computing "y"): the operator Erf',
  },
  'operators older than 7': {
    sketch: { nodes: [node('Relu', ['x'])], input: vectors, opset: 6 },
    says: 'expected the operators of version 7 to 26, found 6',
    hint: 'opset_version=17',
  },
  'operators that are newer than known': {
    sketch: { nodes: [node('Relu', ['x'])], input: vectors, opset: 27 },
    says: 'expected the operators of version 7 to 26, found 27',
  },
  'a skip connection': {
    sketch: {
      nodes: [node('Relu', ['x'], { outputs: ['r'] }), node('Add', ['r', 'x'])],
      input: vectors,
    },
    says: 'Add "it": it combines several computed values: the network branches',
  },
  'two branches from one value': {
    sketch: {
      nodes: [
        node('Relu', ['x'], { outputs: ['a'] }),
        node('Mul', ['x', 'c'], { outputs: ['b'] }),
        node('Add', ['a', 'b'], { name: 'sum' }),
      ],
      constants: [zeros('c', [4])],
      input: vectors,
    },
    says: 'Mul "it": it works on "x" instead of "a": the network branches',
  },
  'two constants of one name': {
    sketch: { nodes: [node('MatMul', ['x', 'w'])], constants: [w, w], input: vectors },
    says: 'two constants are called "w"',
  },
  'a value that nothing computes': {
    sketch: { nodes: [node('Relu', ['z'])], input: vectors },
    says: 'Relu "it": it works on "z" instead of "x"',
  },
  'a value computed twice': {
    sketch: { nodes: [node('Relu', ['x']), node('Identity', ['x'])], input: vectors },
    says: 'Identity "it": the value "y" already has another source',
  },
  'an output that is a constant': {
    sketch: { nodes: [node('Relu', ['x'], { outputs: ['z'] })], constants: [zeros('y', [3])], input: vectors },
    says: 'the output "y" does not depend on the input',
  },
  'operators on constants': {
    sketch: {
      nodes: [node('Relu', ['w'], { outputs: ['v'] }), node('MatMul', ['x', 'v'])],
      constants: [w],
      input: vectors,
    },
    says: 'Relu "it": it works on constants only',
  },
  'a transposed constant that is no matrix': {
    sketch: {
      nodes: [
        node('Transpose', ['k'], { outputs: ['t'], attributes: { perm: [1, 0] } }),
        node('MatMul', ['x', 't'], { name: 'fc' }),
      ],
      constants: [zeros('k', [4, 3, 1])],
      input: vectors,
    },
    says: 'the constant "t": expected a matrix to transpose, found [4, 3, 1]',
  },
  'a constant with more axes than the data': {
    sketch: { nodes: [node('Mul', ['x', 'c'])], constants: [zeros('c', [1, 1, 1])], input: vectors },
    says: 'Mul "it": a constant of shape [1, 1, 1] cannot be applied to each sample of shape [4]',
  },
  'inputs that are no floating-point numbers': {
    sketch: { nodes: [node('Relu', ['x'])], input: { ...vectors, type: 'int64' } },
    says: 'the input "x": expected float16, float or double numbers, found int64',
  },
  'an input without a batch axis': {
    sketch: { nodes: [node('Relu', ['x'])], input: { name: 'x', dims: [4] } },
    says: 'the input "x": expected a batch of samples, found 1 axes',
  },
  'inputs of unknown size': {
    sketch: { nodes: [node('Relu', ['x'])] },
    says: 'expected inputs of a known size, and nothing in the file tells it',
  },
  'images of unknown size': {
    sketch: {
      nodes: [node('Conv', ['x', 'k'])],
      constants: [zeros('k', [1, 2, 3, 3])],
      input: { name: 'x', dims: [null, 2, null, null] },
    },
    says: 'Conv "it": expected data of a known size, found [2, ?, ?]',
    hint: 'export the network for inputs of a fixed size',
  },
  'weights that do not fit the inputs': {
    sketch: { nodes: [node('MatMul', ['x', 'w'])], constants: [zeros('w', [5, 3])], input: vectors },
    says: 'MatMul "it": expected weights for 4 inputs, found weights for 5',
  },
  'a product along the samples': {
    sketch: {
      nodes: [node('MatMul', ['x', 'w'], { outputs: ['h'] }), node('Gemm', ['h', 'w'], { attributes: { transA: 1 } })],
      constants: [w],
      input: vectors,
    },
    says: 'Gemm "it": it multiplies along the samples instead of along their features',
  },
  'a product of images that are not flattened': {
    sketch: { nodes: [node('MatMul', ['x', 'w'])], constants: [zeros('w', [6, 3])], input: images },
    says: 'MatMul "it": expected a vector for each sample, found the shape [2, 5, 6]',
    hint: 'flatten it first',
  },
  'a bias for each sample': {
    sketch: {
      nodes: [node('Gemm', ['x', 'w', 'b'])],
      constants: [w, zeros('b', [2, 3])],
      input: vectors,
    },
    says: 'Gemm "it": a constant of shape [2, 3] cannot be applied to each sample of shape [3]',
  },
  'a constant that belongs to every other axis': {
    sketch: { nodes: [node('Mul', ['x', 'c'])], constants: [zeros('c', [2, 1, 6])], input: images },
    says: 'a constant of shape [2, 1, 6] cannot be applied to each sample of shape [2, 5, 6]',
  },
  'division by the data': {
    sketch: { nodes: [node('Div', ['c', 'x'])], constants: [zeros('c', [4])], input: vectors },
    says: 'Div "it": it divides by the data',
  },
  'division by zero': {
    sketch: { nodes: [node('Div', ['x', 'c'])], constants: [zeros('c', [4])], input: vectors },
    says: 'Div "it": it divides by zero',
  },
  'a Softmax inside the network': {
    sketch: {
      nodes: [node('Softmax', ['x'], { name: 'soft', outputs: ['s'] }), node('MatMul', ['s', 'w'])],
      constants: [w],
      input: vectors,
    },
    says: 'MatMul "it": it follows Softmax "soft", which is supported at the end of a network only',
  },
  'normalisation in training mode': {
    sketch: {
      nodes: [node('BatchNormalization', ['x', 'c', 'c', 'c', 'c'], { attributes: { training_mode: 1 } })],
      constants: [zeros('c', [4])],
      input: vectors,
    },
    says: 'BatchNormalization "it": it is in training mode',
    hint: 'model.eval()',
  },
  'a negative variance': {
    sketch: {
      nodes: [node('BatchNormalization', ['x', 'c', 'c', 'c', 'v'])],
      constants: [zeros('c', [4]), { name: 'v', dims: [4], values: [1, 1, -1, 1] }],
      input: vectors,
    },
    says: 'a variance is negative',
  },
  'a flattening that mixes samples': {
    sketch: { nodes: [node('Flatten', ['x'], { attributes: { axis: 0 } })], input: images },
    says: 'Flatten "it": expected axis = 1, which keeps samples apart, found 0',
  },
  'a reshape that mixes samples': {
    sketch: {
      nodes: [node('Reshape', ['x', 's'])],
      constants: [{ name: 's', dims: [2], values: [-1, 30], type: 'int64' }],
      input: images,
    },
    says: 'Reshape "it": it makes [-1, 30] of samples of shape [2, 5, 6]',
    hint: 'only reshapes that keep samples apart',
  },
  'a convolution over three axes': {
    sketch: {
      nodes: [node('Conv', ['x', 'k'])],
      constants: [zeros('k', [1, 2, 1, 1, 1])],
      input: { name: 'x', dims: [null, 2, 3, 3, 3] },
    },
    says: 'Conv "it": expected channels × length or channels × height × width, found [2, 3, 3, 3]',
  },
  'a kernel larger than the data': {
    sketch: {
      nodes: [node('MaxPool', ['x'], { attributes: { kernel_shape: [6, 1] } })],
      input: images,
    },
    says: 'MaxPool "it": its kernel, 6 × 1 wide, does not fit into its padded data',
  },
  'a pooling of padding alone': {
    sketch: {
      nodes: [node('MaxPool', ['x'], { attributes: { kernel_shape: [1, 1], pads: [1, 0, 0, 0] } })],
      input: images,
    },
    says: 'MaxPool "it": it pools padding alone at some places',
  },
  'places of maxima': {
    sketch: {
      nodes: [node('MaxPool', ['x'], { attributes: { kernel_shape: [1, 1] }, outputs: ['y', 'places'] })],
      input: images,
    },
    says: 'MaxPool "it": its second output is not supported',
  },
  'an attribute of another type': {
    sketch: {
      nodes: [node('Gemm', ['x', 'w'], { attributes: { transB: { float: 1 } } })],
      constants: [w],
      input: vectors,
    },
    says: 'Gemm "it": expected the attribute "transB" to have type 2, found 1',
  },
  'an attribute nobody knows': {
    sketch: { nodes: [node('Relu', ['x'], { attributes: { alpha: 1 } })], input: vectors },
    says: 'Relu "it": the attribute "alpha" is not supported',
  },
  'weights that are not finite': {
    sketch: {
      nodes: [node('MatMul', ['x', 'w'])],
      constants: [{ name: 'w', dims: [4, 1], values: [0, 0, Number.NaN, 0] }],
      input: vectors,
    },
    says: 'the tensor "w" of shape [4, 1]: expected finite numbers, found NaN at place 2',
  },
  'weights that overflow when they are folded': {
    sketch: {
      nodes: [node('MatMul', ['x', 'w'], { outputs: ['h'] }), node('Mul', ['h', 'c'])],
      constants: [
        { name: 'w', dims: [4, 1], values: [1e300, 0, 0, 0], type: 'double' },
        { name: 'c', dims: [], values: [1e300], type: 'double' },
      ],
      input: vectors,
    },
    says: 'MatMul "it": its weights overflow where scalings are folded in',
  },
  'an empty matrix with many columns': {
    sketch: {
      nodes: [node('Gemm', ['x', 'w'])],
      constants: [{ name: 'w', dims: [0, 1e12], values: [] }],
      input: vectors,
    },
    says: 'the tensor "w" of shape [0, 1000000000000]: it is empty',
  },
}

describe('refused, naming the node and what to do', () => {
  test.each(Object.entries(refusals))('%s', (_, { sketch, says, hint }) => {
    const error = errorOf(() => readOnnx(sketchedModel(sketch), { file: 'net.onnx' }))
    expect(error.message).toMatch(/^net\.onnx/)
    expect(error.message).toContain(says)
    expect(error.code).toBe('unsupported-network')
    expect(error.hint ?? '').toContain(hint ?? '')
  })

  test('weights in another file, with the way to put them into this one', () => {
    const tensor = [...tensorFields(w).slice(0, -1), integerField(tensorField.dataLocation, 1)]
    const more = [messageField(graphField.initializer, tensor)]
    const bytes = sketchedModel({ nodes: [node('MatMul', ['x', 'w'])], input: vectors, more })
    const error = errorOf(() => readOnnx(bytes))
    expect(error.message).toContain('the tensor "w" of shape [4, 3]: its numbers are in another file')
    expect(error.hint).toContain('save_as_external_data=False')
  })

  test.each([
    [16, 'bfloat16'],
    [3, 'int8'],
    [99, 'number 99'],
  ])('weights of type %i, which is %s', (type, name) => {
    const tensor = [integerField(tensorField.elementType, type), textField(tensorField.name, 'w')]
    const more = [messageField(graphField.initializer, tensor)]
    const bytes = sketchedModel({ nodes: [node('MatMul', ['x', 'w'])], input: vectors, more })
    expect(errorOf(() => readOnnx(bytes)).message).toContain(`found the type ${name}`)
  })

  test('sparse weights', () => {
    const bytes = sketchedModel({
      nodes: [node('Relu', ['x'])],
      input: vectors,
      more: [messageField(graphField.sparseInitializer, [])],
    })
    expect(errorOf(() => readOnnx(bytes)).message).toContain('found a sparse initializer')
  })

  test('a second input or output, with their names', () => {
    const value = (field: number, name: string): Uint8Array => messageField(field, [textField(1, name)])
    const refused = (more: Uint8Array): string =>
      errorOf(() => readOnnx(sketchedModel({ nodes: [node('Relu', ['x'])], input: vectors, more: [more] }))).message
    expect(refused(value(graphField.input, 'mask'))).toBe('expected a network with one input, found "x", "mask"')
    expect(refused(value(graphField.output, 'label'))).toBe('expected a network with one output, found "y", "label"')
  })

  test.each([
    [[], 'empty-file', 'the file is empty'],
    [[0x50, 0x4b, 3, 4], 'not-onnx', 'found a zip archive, as PyTorch and NumPy write them'],
    [[0x89, 0x48, 0x44, 0x46], 'not-onnx', 'found an HDF5 file, as Keras writes them'],
    [[...new TextEncoder().encode('{"format": "relucent-model"}')], 'not-onnx', 'found JSON'],
    [[8, 8], 'not-onnx', 'expected an ONNX model with one graph, found none'],
    [[...new TextEncoder().encode('a,b\n1,2\n')], 'damaged-onnx', 'byte 1: expected 8 more bytes, found 7'],
  ])('%j, a file of another kind', (bytes, code, says) => {
    const error = errorOf(() => readOnnx(Uint8Array.from(bytes)))
    expect(error.code).toBe(code)
    expect(error.message).toContain(says)
    expect(error.message.length).toBeLessThan(200)
  })
})

describe('left out or folded in, with a notice', () => {
  test.each(['Softmax', 'LogSoftmax', 'Sigmoid'])('a final %s', (op) => {
    const nodes = [
      node('MatMul', ['x', 'w'], { name: 'fc', outputs: ['h'] }),
      node(op, ['h'], { outputs: ['s'] }),
      node('Identity', ['s']),
    ]
    const network = readOnnx(sketchedModel({ nodes, constants: [w], input: vectors }))
    expect(network.layers.map(({ kind }) => kind)).toEqual(['dense'])
    expect(network.notices).toEqual([`left out the final ${op} "it": the outputs are what it is applied to`])
  })

  test('a normalisation, and a scaling of the inputs; a bias needs none', () => {
    const nodes = [
      node('Mul', ['x', 'c'], { name: 'scaler', outputs: ['s'] }),
      node('MatMul', ['s', 'w'], { name: 'fc', outputs: ['h'] }),
      node('Add', ['h', 'b'], { name: 'bias', outputs: ['a'] }),
      node('BatchNormalization', ['a', 'one', 'b', 'b', 'one'], { name: 'bn' }),
    ]
    const constants = [zeros('c', [4]), w, zeros('b', [3]), { name: 'one', dims: [3], values: [1, 1, 1] }]
    expect(readOnnx(sketchedModel({ nodes, constants, input: vectors })).notices).toEqual([
      'folded BatchNormalization "bn" into MatMul "fc"',
      'folded Mul "scaler" into MatMul "fc"',
    ])
  })

  test('nodes that the output does not depend on are not looked at', () => {
    const nodes = [node('Relu', ['x']), node('ArgMax', ['y'], { name: 'label', outputs: ['label'] })]
    expect(readOnnx(sketchedModel({ nodes, input: vectors })).layers).toHaveLength(1)
  })

  test('what the file says about itself', () => {
    const metadata = { author: 'somebody', größe: 'groß' }
    const network = readOnnx(sketchedModel({ nodes: [node('Relu', ['x'])], input: vectors, metadata }))
    expect(Object.fromEntries(network.metadata)).toEqual(metadata)
  })
})
