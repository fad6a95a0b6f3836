import { describe, expect, test } from 'vitest'
import { forward } from './forward.ts'
import {
  type AttributeSketch,
  type ModelSketch,
  type NodeSketch,
  rowsOf,
  runtimeOutputs,
  sketchedModel,
  type TensorSketch,
  type ValueSketch,
} from './onnx.fixtures.ts'
import { readOnnx } from './read.ts'

/** Numbers on a grid of eighths: exact in every type, and sums of products of them too. */
function grid(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, k) => (((k + 1) * (7 * seed + 3) * 2654435761) % 33) / 8 - 2)
}

const tensor = (name: string, dims: number[], seed: number, more: Partial<TensorSketch> = {}): TensorSketch => ({
  name,
  dims,
  values: grid(
    dims.reduce((product, size) => product * size, 1),
    seed,
  ),
  ...more,
})

interface Pattern {
  readonly nodes: readonly NodeSketch[]
  readonly constants?: readonly TensorSketch[]
  /** Of one sample, or of everything where the samples are columns. */
  readonly shape: readonly number[]
  readonly columns?: boolean
  /** Kinds of the layers read, after folding. */
  readonly kinds: string
  readonly outputs: number
  readonly opset?: number
  readonly type?: ValueSketch['type']
}

const samples = 3

const attributes = (values: Record<string, AttributeSketch>): Pick<NodeSketch, 'attributes'> => ({ attributes: values })
const node = (
  op: string,
  inputs: string,
  outputs: string,
  values: Record<string, AttributeSketch> = {},
): NodeSketch => ({
  op,
  name: `${op} of ${outputs}`,
  inputs: inputs.split(' '),
  outputs: [outputs],
  ...attributes(values),
})

const image = [2, 5, 6]
const conv = (values: Record<string, AttributeSketch>, dims: number[], shape: number[], outputs: number): Pattern => ({
  nodes: [node('Conv', 'x w b', 'y', values)],
  constants: [tensor('w', dims, 1), tensor('b', [dims[0]], 2)],
  shape,
  kinds: 'convolution',
  outputs,
})
const pool = (op: string, values: Record<string, AttributeSketch>, shape: number[], outputs: number): Pattern => ({
  nodes: [node(op, 'x', 'y', values)],
  shape,
  kinds: op === 'MaxPool' ? 'max-pool' : 'average-pool',
  outputs,
  opset: 19,
})
const dense = (w: number[], values: Record<string, AttributeSketch>, more: Partial<Pattern> = {}): Pattern => ({
  nodes: [node('Gemm', 'x w b', 'y', values)],
  constants: [tensor('w', w, 1), tensor('b', [3], 2)],
  shape: [4],
  kinds: 'dense',
  outputs: 3,
  ...more,
})
const half = { float: 0.5 }
const normal = ['scale', 'shift', 'mean'].map((name, k) => tensor(name, [2], k + 4))
const variance: TensorSketch = { name: 'var', dims: [2], values: [0.5, 2] }
const normalized = [...normal, variance]
const normalize = (from: string, to: string): NodeSketch =>
  node('BatchNormalization', `${from} scale shift mean var`, to, { epsilon: { float: 1e-3 } })

const patterns: Record<string, Pattern> = {
  Gemm: dense([4, 3], {}),
  'Gemm with transB, alpha and beta': dense([3, 4], { transB: 1, alpha: half, beta: { float: 2 } }),
  'Gemm with a bias of one row': dense([4, 3], {}, { constants: [tensor('w', [4, 3], 1), tensor('b', [1, 3], 2)] }),
  'Gemm with one number as bias': dense([4, 3], {}, { constants: [tensor('w', [4, 3], 1), tensor('b', [1], 2)] }),
  'Gemm without bias': dense([4, 3], {}, { nodes: [node('Gemm', 'x w', 'y')], constants: [tensor('w', [4, 3], 1)] }),
  'Gemm with transA, from columns to rows': dense([4, 3], { transA: 1 }, { columns: true }),
  'Gemm on the right of its weights': {
    ...dense([3, 4], {}, { columns: true, constants: [tensor('w', [3, 4], 1), tensor('b', [3, 1], 2)] }),
    nodes: [node('Gemm', 'w x b', 'y')],
  },
  'Gemm on the right of transposed weights': {
    ...dense([4, 3], {}, { columns: true, constants: [tensor('w', [4, 3], 1), tensor('b', [3, 1], 2)] }),
    nodes: [node('Gemm', 'w x b', 'y', { transA: 1, alpha: half })],
  },
  'two layers in columns': {
    nodes: [node('MatMul', 'w x', 'a'), node('Add', 'a b', 'h'), node('Relu', 'h', 'r'), node('MatMul', 'v r', 'y')],
    constants: [tensor('w', [5, 4], 1), tensor('b', [5, 1], 2), tensor('v', [3, 5], 3)],
    shape: [4],
    columns: true,
    kinds: 'dense relu dense',
    outputs: 3,
  },
  'MatMul and Add': {
    nodes: [node('MatMul', 'x w', 'h'), node('Add', 'h b', 'y')],
    constants: [tensor('w', [4, 3], 1), tensor('b', [3], 2)],
    shape: [4],
    kinds: 'dense',
    outputs: 3,
  },
  'Add with the constant first': {
    nodes: [node('MatMul', 'x w', 'h'), node('Add', 'b h', 'y')],
    constants: [tensor('w', [4, 3], 1), tensor('b', [1, 3], 2)],
    shape: [4],
    kinds: 'dense',
    outputs: 3,
  },
  'MatMul with weights the other way round, as linear layers without bias are exported': {
    nodes: [
      node('Transpose', 'w', 't', { perm: [1, 0] }),
      node('MatMul', 'x t', 'h'),
      node('Transpose', 'v', 'u', { perm: [1, 0] }),
      node('Identity', 'u', 'i'),
      node('Transpose', 'i', 's', { perm: [1, 0] }),
      node('MatMul', 'h s', 'y'),
    ],
    constants: [tensor('w', [5, 4], 1), tensor('v', [5, 3], 2)],
    shape: [4],
    kinds: 'dense dense',
    outputs: 3,
  },
  'Sub, Div and Mul before a layer, as scalers do it': {
    nodes: [node('Sub', 'x m', 'a'), node('Div', 'a s', 'b'), node('Mul', 'b two', 'c'), node('Gemm', 'c w', 'y')],
    constants: [
      tensor('m', [4], 1),
      { name: 's', dims: [1, 4], values: [0.5, 2, 4, 0.25] },
      { name: 'two', dims: [], values: [2] },
      tensor('w', [4, 3], 2),
    ],
    shape: [4],
    kinds: 'dense',
    outputs: 3,
  },
  'Sub from a constant, with a layer neither before nor after': {
    nodes: [node('Relu', 'x', 'r'), node('Sub', 'm r', 'y')],
    constants: [tensor('m', [4], 1)],
    shape: [4],
    kinds: 'relu scale',
    outputs: 4,
  },
  'a scaling of channels through Flatten into the layer after it': {
    nodes: [node('Relu', 'x', 'r'), node('Mul', 'r c', 'm'), node('Flatten', 'm', 'f'), node('Gemm', 'f w b', 'y')],
    constants: [tensor('c', [2, 1, 1], 1), tensor('w', [60, 3], 2), tensor('b', [3], 3)],
    shape: image,
    kinds: 'relu reshape dense',
    outputs: 3,
  },
  'constants that stretch along rows, columns and both': {
    nodes: [node('Add', 'x a', 'p'), node('Mul', 'p b', 'q'), node('Add', 'q c', 'y')],
    constants: [tensor('a', [5, 1], 1), tensor('b', [6], 2), tensor('c', [1, 5, 6], 3)],
    shape: image,
    kinds: 'scale scale scale',
    outputs: 60,
  },
  'Relu and Identity': {
    nodes: [node('Identity', 'x', 'i'), node('Relu', 'i', 'r'), node('Identity', 'r', 'y')],
    shape: [4],
    kinds: 'relu',
    outputs: 4,
  },
  'Reshape to a vector and back to channels': {
    nodes: [node('Reshape', 'x s', 'v'), node('Relu', 'v', 'r'), node('Reshape', 'r t', 'y')],
    constants: [
      { name: 's', dims: [2], values: [0, -1], type: 'int64' },
      { name: 't', dims: [4], values: [-1, 5, 2, 6], type: 'int64', storage: 'packed' },
    ],
    shape: image,
    kinds: 'reshape relu reshape',
    outputs: 60,
  },
  'Flatten with its last axis': {
    nodes: [node('Flatten', 'x', 'y', { axis: -3 })],
    shape: image,
    kinds: 'reshape',
    outputs: 60,
  },
  'Constant nodes of every kind, and an Identity of one': {
    nodes: [
      node('Constant', '', 'w', { value: { tensor: tensor('', [4, 3], 1) } }),
      node('Constant', '', 'one', { value_float: { float: 1.5 } }),
      node('Constant', '', 'm', { value_floats: { floats: [1, 2, 3] } }),
      node('Constant', '', 's', { value_ints: [0, 3] }),
      node('Identity', 'm', 'n'),
      node('Gemm', 'x w', 'a'),
      node('Mul', 'a one', 'b'),
      node('Add', 'b n', 'c'),
      node('Reshape', 'c s', 'y'),
    ].map((each) => ({ ...each, inputs: each.inputs.filter((name) => name !== '') })),
    shape: [4],
    kinds: 'dense reshape',
    outputs: 3,
  },
  Conv: conv({}, [4, 2, 3, 2], image, 60),
  'Conv with pads, strides and dilations': conv(
    { kernel_shape: [3, 2], pads: [1, 2, 3, 0], strides: [2, 1], dilations: [2, 3] },
    [4, 2, 3, 2],
    image,
    4 * 3 * 5,
  ),
  'Conv in groups': conv({ group: 2, pads: [1, 1, 1, 1] }, [4, 1, 3, 3], image, 120),
  'Conv of each channel': conv({ group: 2 }, [2, 1, 2, 2], image, 40),
  'Conv with SAME_UPPER': conv({ auto_pad: 'SAME_UPPER', strides: [2, 2] }, [3, 2, 2, 4], image, 27),
  'Conv with SAME_LOWER': conv({ auto_pad: 'SAME_LOWER', strides: [2, 3] }, [3, 2, 2, 4], image, 18),
  'Conv with VALID': conv({ auto_pad: 'VALID' }, [3, 2, 2, 4], image, 36),
  'Conv of a series': conv({ pads: [2, 1], strides: [2], dilations: [2] }, [4, 3, 2], [3, 7], 16),
  'Conv of a series in groups': conv({ group: 3, auto_pad: 'SAME_UPPER' }, [6, 1, 4], [3, 7], 42),
  'BatchNormalization after Conv': {
    nodes: [node('Conv', 'x w b', 'h', { pads: [1, 1, 1, 1] }), normalize('h', 'y')],
    constants: [tensor('w', [2, 2, 3, 3], 1), tensor('b', [2], 2), ...normalized],
    shape: image,
    kinds: 'convolution',
    outputs: 60,
  },
  'BatchNormalization before Conv without padding': {
    nodes: [normalize('x', 'h'), node('Conv', 'h w', 'y', { group: 2 })],
    constants: [tensor('w', [4, 1, 3, 3], 1), ...normalized],
    shape: image,
    kinds: 'convolution',
    outputs: 48,
  },
  'BatchNormalization before Conv with padding stays a layer': {
    nodes: [normalize('x', 'h'), node('Conv', 'h w', 'y', { pads: [1, 1, 1, 1] })],
    constants: [tensor('w', [2, 2, 3, 3], 1), ...normalized],
    shape: image,
    kinds: 'scale convolution',
    outputs: 60,
  },
  'a factor before Conv with padding': {
    nodes: [node('Mul', 'x c', 'h'), node('Conv', 'h w', 'y', { pads: [1, 1, 1, 1] })],
    constants: [tensor('c', [2, 1, 1], 3), tensor('w', [2, 2, 3, 3], 1)],
    shape: image,
    kinds: 'convolution',
    outputs: 60,
  },
  'BatchNormalization after a dense layer': {
    nodes: [node('Gemm', 'x w', 'h'), normalize('h', 'y')],
    constants: [tensor('w', [4, 2], 1), ...normalized],
    shape: [4],
    kinds: 'dense',
    outputs: 2,
  },
  'BatchNormalization before a dense layer, after a ReLU': {
    nodes: [node('Gemm', 'x w', 'h'), node('Relu', 'h', 'r'), normalize('r', 'n'), node('Gemm', 'n v b', 'y')],
    constants: [tensor('w', [4, 2], 1), tensor('v', [2, 3], 2), tensor('b', [3], 3), ...normalized],
    shape: [4],
    kinds: 'dense relu dense',
    outputs: 3,
  },
  MaxPool: pool('MaxPool', { kernel_shape: [2, 3] }, image, 32),
  'MaxPool with everything': pool(
    'MaxPool',
    { kernel_shape: [2, 2], pads: [1, 0, 1, 1], strides: [2, 2], dilations: [2, 3], ceil_mode: 1 },
    image,
    18,
  ),
  'MaxPool with SAME_LOWER': pool(
    'MaxPool',
    { kernel_shape: [2, 2], auto_pad: 'SAME_LOWER', strides: [2, 2] },
    image,
    18,
  ),
  'MaxPool of a series': pool('MaxPool', { kernel_shape: [3], strides: [2], ceil_mode: 1 }, [2, 6], 6),
  'AveragePool without padding in the average': pool(
    'AveragePool',
    { kernel_shape: [3, 2], pads: [1, 1, 1, 0], strides: [2, 2] },
    image,
    18,
  ),
  'AveragePool with padding in the average': pool(
    'AveragePool',
    { kernel_shape: [3, 2], pads: [1, 1, 1, 0], strides: [2, 2], count_include_pad: 1 },
    image,
    18,
  ),
  'AveragePool that rounds up': pool('AveragePool', { kernel_shape: [2, 4], strides: [2, 3], ceil_mode: 1 }, image, 12),
  'AveragePool that rounds up, with padding in the average': pool(
    'AveragePool',
    { kernel_shape: [2, 4], pads: [0, 1, 0, 1], strides: [2, 3], ceil_mode: 1, count_include_pad: 1 },
    image,
    18,
  ),
  'AveragePool with dilations': pool(
    'AveragePool',
    { kernel_shape: [2, 2], dilations: [2, 3], pads: [1, 1, 1, 1] },
    image,
    50,
  ),
  'AveragePool with SAME_UPPER': pool(
    'AveragePool',
    { kernel_shape: [2, 3], auto_pad: 'SAME_UPPER', strides: [2, 2], count_include_pad: 1 },
    image,
    18,
  ),
  'AveragePool of a series': pool('AveragePool', { kernel_shape: [3], pads: [1, 1] }, [2, 6], 12),
  GlobalAveragePool: pool('GlobalAveragePool', {}, image, 2),
  'GlobalAveragePool of a series': pool('GlobalAveragePool', {}, [2, 6], 2),
  'a convolutional classifier': {
    nodes: [
      node('Conv', 'x w b', 'c', { pads: [1, 1, 1, 1] }),
      normalize('c', 'n'),
      node('Relu', 'n', 'r'),
      node('MaxPool', 'r', 'p', { kernel_shape: [2, 2], strides: [2, 2] }),
      node('Flatten', 'p', 'f'),
      node('Gemm', 'f v a', 'h', { transB: 1 }),
      node('Relu', 'h', 'g'),
      node('MatMul', 'g u', 'y'),
    ],
    constants: [
      tensor('w', [2, 2, 3, 3], 1),
      tensor('b', [2], 2),
      ...normalized,
      tensor('v', [4, 12], 3),
      tensor('a', [4], 4),
      tensor('u', [4, 3], 5),
    ],
    shape: image,
    kinds: 'convolution relu max-pool reshape dense relu dense',
    outputs: 3,
  },
  'float16, in raw bytes': {
    ...dense([4, 3], { transB: 0 }),
    constants: [tensor('w', [4, 3], 1, { type: 'float16' }), tensor('b', [3], 2, { type: 'float16' })],
    type: 'float16',
  },
  'float16, in the field for it': {
    ...dense([4, 3], {}),
    constants: [
      tensor('w', [4, 3], 1, { type: 'float16', storage: 'packed' }),
      tensor('b', [3], 2, { type: 'float16', storage: 'single' }),
    ],
    type: 'float16',
  },
  'double, in raw bytes': {
    ...dense([4, 3], {}),
    constants: [tensor('w', [4, 3], 1, { type: 'double' }), tensor('b', [3], 2, { type: 'double' })],
    type: 'double',
  },
  'double, in the field for it': {
    ...dense([4, 3], {}),
    constants: [
      tensor('w', [4, 3], 1, { type: 'double', storage: 'packed' }),
      tensor('b', [3], 2, { type: 'double', storage: 'single' }),
    ],
    type: 'double',
  },
  'float, in the field for it': {
    ...dense([4, 3], {}),
    constants: [tensor('w', [4, 3], 1, { storage: 'packed' }), tensor('b', [3], 2, { storage: 'single' })],
  },
  'the oldest operators': { ...dense([4, 3], {}), opset: 7 },
  'the newest operators': { ...dense([4, 3], {}), opset: 26 },
}

function modelOf({ nodes, constants, shape, columns = false, opset, type }: Pattern): Uint8Array {
  const input = { name: 'x', dims: columns ? [shape[0], null] : [null, ...shape], type }
  const sketch: ModelSketch = { nodes, constants, input, output: { name: 'y' }, opset }
  return sketchedModel(sketch)
}

describe('what is read computes what onnxruntime computes', () => {
  test.each(Object.entries(patterns))('%s', async (_name, pattern) => {
    const size = pattern.shape.reduce((product, each) => product * each, 1)
    const rows = rowsOf(samples, size, grid(samples * size, 9))
    const values = pattern.columns ? transposed([...rows.data], samples, size) : [...rows.data]
    const dims = pattern.columns ? [size, samples] : [samples, ...pattern.shape]
    const bytes = modelOf(pattern)
    const theirs = await runtimeOutputs(bytes, {
      dims,
      values,
      type: pattern.type === 'int64' ? undefined : pattern.type,
    })
    const network = readOnnx(bytes, { file: 'pattern.onnx' })
    const ours = forward(network, rows)
    expect(network.layers.map(({ kind }) => kind).join(' ')).toBe(pattern.kinds)
    expect(ours.cols).toBe(pattern.outputs)
    const inColumns = network.notices.some((notice) => notice.includes('answers one sample a column'))
    const expected = inColumns ? transposed(theirs.data, pattern.outputs, samples) : theirs.data
    if (pattern.type === 'float16') return expectClose(ours.data, expected, 1e-3) // sums are rounded to 11 bits
    expectClose(ours.data, expected, 1e-6)
  })
})

function transposed(values: readonly number[], rows: number, cols: number): number[] {
  return Array.from({ length: values.length }, (_, k) => values[(k % rows) * cols + Math.floor(k / rows)])
}

function expectClose(found: Float64Array, expected: readonly number[], tolerance: number): void {
  expect(found).toHaveLength(expected.length)
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
  const apart = expected.map((value, k) => Math.abs(value - found[k]))
  expect(Math.max(...apart)).toBeLessThanOrEqual(tolerance * scale)
}
