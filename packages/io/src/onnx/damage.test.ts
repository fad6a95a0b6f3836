import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import type { ImportedNetwork } from '../onnx.ts'
import { forward } from './forward.ts'
import { sketchedModel } from './onnx.fixtures.ts'
import { sizeOf } from './operator.ts'
import { readOnnx } from './read.ts'
import { graphField, tensorField } from './schema.ts'
import { twoLayerWeights } from './two-layer-weights.ts'
import { bytesField, integerField, messageField, textField, varint } from './wire-writer.ts'

const weights = (name: string, ...dims: number[]) => ({
  name,
  dims,
  values: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, k) => (k % 7) - 3),
})

/** A file with something of everything: nodes, attributes of each type, tensors in each form, shapes, metadata. */
const rich = sketchedModel({
  input: { name: 'x', dims: [null, 2, 5, 6] },
  nodes: [
    { op: 'Conv', name: 'c', inputs: ['x', 'k', 'b'], outputs: ['1'], attributes: { pads: [1, 1, 1, 1], group: 1 } },
    {
      op: 'BatchNormalization',
      inputs: ['1', 'b', 'b', 'b', 's'],
      outputs: ['2'],
      attributes: { epsilon: { float: 0.5 } },
    },
    { op: 'Relu', inputs: ['2'], outputs: ['3'] },
    { op: 'MaxPool', inputs: ['3'], outputs: ['4'], attributes: { kernel_shape: [2, 2], auto_pad: 'SAME_UPPER' } },
    {
      op: 'Constant',
      inputs: [],
      outputs: ['t'],
      attributes: { value: { tensor: { dims: [2], values: [0, -1], type: 'int64' } } },
    },
    { op: 'Reshape', inputs: ['4', 't'], outputs: ['5'] },
    { op: 'Gemm', inputs: ['5', 'w', 'h'], outputs: ['6'], attributes: { transB: 1 } },
    { op: 'Softmax', inputs: ['6'], outputs: ['y'] },
  ],
  constants: [
    weights('k', 2, 2, 3, 3),
    { ...weights('b', 2), type: 'double', storage: 'packed' },
    { name: 's', dims: [2], values: [1, 2], storage: 'single' },
    { ...weights('w', 3, 60), type: 'float16' },
    { ...weights('h', 3), type: 'float16', storage: 'packed' },
  ],
  metadata: { made: 'by hand' },
})

const small = sketchedModel({
  input: { name: 'x', dims: [null, 2] },
  nodes: [
    { op: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['1'] },
    { op: 'Relu', inputs: ['1'], outputs: ['2'] },
    { op: 'MatMul', inputs: ['2', 'v'], outputs: ['y'] },
  ],
  constants: [weights('w', 2, 3), weights('b', 3), weights('v', 3, 1)],
})

/** A network that can be used, or a `DataError` that says something; whatever else happens fails the test. */
function readOrRefused(bytes: Uint8Array): ImportedNetwork | DataError {
  try {
    const network = readOnnx(bytes, { file: 'net.onnx' })
    const inputs = sizeOf(network.inputShape) ?? 0
    if (inputs <= 1000) {
      const { data } = forward(network, { rows: 1, cols: inputs, data: new Float64Array(inputs) })
      expect(data.length).toBe(sizeOf(network.outputShape))
    }
    return network
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    expect(error.message).toMatch(/^net\.onnx.*: ./)
    expect(error.message.length).toBeLessThan(500)
    return error
  }
}

describe('a damaged file', () => {
  test('cut off anywhere is refused, with the place, until only metadata are missing', () => {
    const whole = readOrRefused(rich)
    expect(whole).not.toBeInstanceOf(DataError)
    const metadata = 2 + 2 + 'made'.length + 2 + 'by hand'.length
    for (let length = 0; length < rich.length - metadata; length++) {
      const error = readOrRefused(rich.subarray(0, length))
      expect(error, `${length} bytes`).toBeInstanceOf(DataError)
      if ((error as DataError).code === 'damaged-onnx') expect((error as DataError).byte).toBeLessThanOrEqual(length)
    }
  })

  test.each([
    ['any', small, 1],
    ['every fifth', rich, 5],
  ])('with %s bit changed is read or refused', (_, file, step) => {
    let refused = 0
    for (let bit = 0; bit < 8 * file.length; bit += step) {
      const bytes = file.slice()
      bytes[bit >> 3] ^= 1 << (bit & 7)
      if (readOrRefused(bytes) instanceof DataError) refused++
    }
    expect(refused).toBeGreaterThan(file.length / step) // weights may be any number, names may be any name
  })

  test('with bytes changed, inserted and removed is read or refused', () => {
    const edit = fc.record({
      at: fc.nat(rich.length - 1),
      remove: fc.nat(4),
      insert: fc.oneof(fc.uint8Array({ maxLength: 4 }), fc.constant(varint(2 ** 40)), fc.constant(varint(-1))),
    })
    fc.assert(
      fc.property(fc.constantFrom(rich, small), fc.array(edit, { minLength: 1, maxLength: 3 }), (file, edits) => {
        let bytes = Array.from(file)
        for (const { at, remove, insert } of edits) bytes = bytes.toSpliced(at, remove, ...insert)
        const result = readOrRefused(Uint8Array.from(bytes))
        if (!(result instanceof DataError) && result.layers.length === 3) twoLayerOrRefused(result)
      }),
      { numRuns: 3000 },
    )
  })

  test('of arbitrary bytes is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readOrRefused(bytes)).toBeInstanceOf(DataError)
      }),
      { numRuns: 3000 },
    )
  })
})

function twoLayerOrRefused(network: ImportedNetwork): void {
  try {
    twoLayerWeights(network)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
  }
}

describe('a declared size is held against the bytes that are there', () => {
  const tensorOf = (dims: number[], field: Uint8Array): Uint8Array =>
    messageField(graphField.initializer, [
      ...dims.map((size) => integerField(tensorField.dimension, size)),
      integerField(tensorField.elementType, 1),
      textField(tensorField.name, 'w'),
      field,
    ])
  const model = (tensor: Uint8Array): Uint8Array =>
    sketchedModel({
      input: { name: 'x', dims: [null, 2] },
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
      more: [tensor],
    })

  test.each([
    [[2, 2 ** 40], bytesField(tensorField.raw, new Uint8Array(8)), 'far more numbers'],
    [[2 ** 40, 2 ** 40], bytesField(tensorField.floats, new Uint8Array(8)), 'far more numbers'],
    [[2, 3], bytesField(tensorField.raw, new Uint8Array(20)), 'needs 24 bytes, found 20'],
    [[2, 3], bytesField(tensorField.floats, new Uint8Array(28)), 'needs 6 numbers, found 7'],
    [[2, 3], bytesField(tensorField.raw, new Uint8Array(0)), 'needs 24 bytes, found 0'],
    [[2, -3], bytesField(tensorField.raw, new Uint8Array(24)), 'has a negative dimension'],
    [[2, 2 ** 60], bytesField(tensorField.raw, new Uint8Array(24)), 'is too large'],
  ])('a tensor of shape %j', (dims, field, says) => {
    const result = readOrRefused(model(tensorOf(dims, field)))
    expect(result).toBeInstanceOf(DataError)
    expect((result as DataError).message).toContain(says)
    expect((result as DataError).byte).toBeGreaterThan(0)
  })

  test('a field that says it is longer than the file', () => {
    const huge = Uint8Array.of(...varint(7 * 8 + 2), ...varint(2 ** 45))
    expect(() => readOnnx(huge)).toThrow('byte 1: expected 35184372088832 more bytes, found 0')
  })

  test.each([
    [{ kernel_shape: [1, 1], pads: [1e6, 0, 0, 1e6] }, 'its padding is wider than its kernel and its data together'],
    [{ kernel_shape: [2 ** 20, 2 ** 20], pads: [2 ** 20, 2 ** 20, 2 ** 20, 2 ** 20] }, 'values for a sample'],
    [{ kernel_shape: [1, 1], pads: [2 ** 40, 0, 0, 0] }, 'expected pads between 0 and 1048576'],
    [{ kernel_shape: [2 ** 30, 1] }, 'expected the kernel between 1 and 1048576'],
    [{ kernel_shape: [1, 1], strides: [0, 1] }, 'expected strides between 1 and 1048576'],
  ])('a window of %j', (attributes, says) => {
    const bytes = sketchedModel({
      input: { name: 'x', dims: [null, 2, 5, 6] },
      nodes: [{ op: 'MaxPool', inputs: ['x'], outputs: ['y'], attributes }],
    })
    expect(() => readOnnx(bytes)).toThrow(says)
  })

  test('nodes with more inputs than a stack holds', () => {
    const inputs = ['x', ...new Array<string>(300_000).fill('z')]
    const bytes = sketchedModel({
      nodes: [{ op: 'Relu', inputs, outputs: ['y'] }],
      input: { name: 'x', dims: [null, 2] },
    })
    expect(() => readOnnx(bytes)).toThrow('it combines several computed values')
  })

  test('inputs larger than any network here has', () => {
    const dims = [null, 2 ** 30, 2 ** 30]
    const bytes = sketchedModel({ input: { name: 'x', dims }, nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }] })
    expect(() => readOnnx(bytes)).toThrow('expected at most 67108864 values for a sample')
  })

  test('weights that thousands of nodes share, and chains of thousands of nodes', () => {
    const count = 1200
    const name = (k: number): string => (k === 0 ? 'x' : k === count ? 'y' : `h${k}`)
    const model = (op: string, constant: string[]): Uint8Array =>
      sketchedModel({
        input: { name: 'x', dims: [null, 200] },
        nodes: Array.from({ length: count }, (_, k) => ({
          op,
          inputs: [name(k), ...constant],
          outputs: [name(k + 1)],
        })),
        constants: [weights('w', 200, 200)],
      })
    expect(() => readOnnx(model('MatMul', ['w']))).toThrow('expected at most 1000 nodes')
    expect(() => readOnnx(model('Relu', []))).toThrow('expected at most 1000 nodes')
    const shared = sketchedModel({
      input: { name: 'x', dims: [null, 200] },
      nodes: Array.from({ length: 900 }, (_, k) => ({
        op: 'MatMul',
        inputs: [name(k), 'w'],
        outputs: [k === 899 ? 'y' : name(k + 1)],
      })),
      constants: [weights('w', 200, 200)],
    })
    expect(() => readOnnx(shared)).toThrow('its layers need far more numbers than its')
  })
})
