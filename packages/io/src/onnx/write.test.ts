import { describe, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { forward } from './forward.ts'
import { rowsOf, runtimeOutputs } from './onnx.fixtures.ts'
import { readOnnx } from './read.ts'
import { twoLayerWeights } from './two-layer-weights.ts'
import { type OnnxSource, writeOnnx } from './write.ts'

/** Numbers in [−1, 1) from a seed: Park and Miller's generator. */
function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return (2 * state) / 2147483647 - 1
  }
}

interface Size {
  readonly features: number
  readonly neurons: number
  readonly outputs: number
  readonly bias: boolean
  /** Sizes of shift and scale; undefined for no preprocessing. */
  readonly spread?: { readonly shift: number; readonly scale: number }
}

function randomSource(seed: number, { features, neurons, outputs, bias, spread }: Size): OnnxSource {
  const next = uniform(seed)
  const inputs = features + (bias ? 1 : 0)
  const vector = (length: number): Float64Array => Float64Array.from({ length }, next)
  const list = (size: number): number[] => Array.from({ length: features }, () => size * (1 + next() / 2))
  return {
    version: '0.1.0',
    task: 'regression',
    featureNames: list(0).map((_, k) => `feature ${k + 1}`),
    targetNames: ['größe'],
    classes: null,
    bias,
    preprocessing: { shift: spread ? list(spread.shift) : [], scale: spread ? list(spread.scale) : [] },
    network: {
      inputs,
      outputs,
      neurons: Array.from({ length: neurons }, () => ({ u: vector(inputs), v: vector(outputs) })),
    },
    certificate: {
      objective: 2.5,
      lowerBound: 2.4375,
      gap: 0.0625,
      relativeGap: 0.025,
      scope: 'all-networks',
      boundFrom: 'sweep',
      problem: { beta: 0.1, loss: 'squared', formula: '½‖F − Y‖²', dataHash: 'abc' },
    },
  }
}

/** Σ_j (zᵀu_j)₊ v_j with z = (x − shift) / scale and a 1, straight from its definition. */
function outputsOf({ network, bias, preprocessing: { shift, scale } }: OnnxSource, x: readonly number[]): number[] {
  const z = x.map((value, k) => (value - (shift[k] ?? 0)) / (scale[k] ?? 1))
  const full = bias ? [...z, 1] : z
  const y = new Array<number>(network.outputs).fill(0)
  for (const { u, v } of network.neurons) {
    const sum = full.reduce((total, value, k) => total + value * u[k], 0)
    for (let k = 0; k < y.length; k++) y[k] += Math.max(sum, 0) * v[k]
  }
  return y
}

/** Features around their shifts, on a grid that single precision holds exactly. */
function randomRows(
  seed: number,
  { preprocessing: { shift, scale }, featureNames }: OnnxSource,
  rows: number,
): number[][] {
  const next = uniform(seed)
  return Array.from({ length: rows }, () =>
    featureNames.map((_, k) => Math.fround((shift[k] ?? 0) + 2 * (scale[k] ?? 1) * next())),
  )
}

const sizes: Record<string, Size> = {
  'one neuron': { features: 1, neurons: 1, outputs: 1, bias: false },
  'no neurons': { features: 3, neurons: 0, outputs: 2, bias: false },
  'no neurons, with a bias': { features: 3, neurons: 0, outputs: 2, bias: true },
  'several outputs': { features: 5, neurons: 7, outputs: 3, bias: false },
  'a bias': { features: 5, neurons: 7, outputs: 3, bias: true },
  standardised: { features: 4, neurons: 6, outputs: 2, bias: false, spread: { shift: 2, scale: 0.5 } },
  'standardised, with a bias': { features: 4, neurons: 6, outputs: 2, bias: true, spread: { shift: 2, scale: 3 } },
  'tiny columns': { features: 4, neurons: 6, outputs: 2, bias: true, spread: { shift: 1e-9, scale: 1e-9 } },
}

describe('a network that is written', () => {
  test.each(Object.entries(sizes))('%s: computes in onnxruntime what it is, in both precisions', async (_, size) => {
    for (const seed of [1, 2, 3]) {
      const source = randomSource(seed, size)
      const rows = randomRows(seed + 10, source, 5)
      const expected = rows.flatMap((row) => outputsOf(source, row))
      const input = { dims: [rows.length, size.features], values: rows.flat() }
      expectClose((await runtimeOutputs(writeOnnx(source), input)).data, expected, 1e-6)
      const double = writeOnnx(source, { precision: 'double' })
      expectClose((await runtimeOutputs(double, { ...input, type: 'double' })).data, expected, 1e-13)
    }
  })

  test('an output bias is added by the last layer; a skip connection is refused', async () => {
    const size = { features: 3, neurons: 4, outputs: 2, bias: true }
    const source = randomSource(4, size)
    const biased = { ...source, network: { ...source.network, outputBias: Float64Array.of(2, -5) } }
    const rows = randomRows(5, source, 3)
    const expected = rows.flatMap((row) => outputsOf(source, row).map((value, k) => value + [2, -5][k]))
    const { data } = await runtimeOutputs(writeOnnx(biased), { dims: [3, 3], values: rows.flat() })
    expectClose(data, expected, 1e-6)
    const skipping = { ...source, network: { ...source.network, skip: {} } }
    expect(() => writeOnnx(skipping)).toThrow('a skip connection cannot be written as ONNX')
  })

  test('columns that vary little around a large number keep every digit in double precision', async () => {
    const size = { features: 3, neurons: 5, outputs: 2, bias: true, spread: { shift: 2000, scale: 1 } }
    const source = randomSource(5, size)
    const rows = randomRows(6, source, 5)
    const input = { dims: [rows.length, 3], values: rows.flat(), type: 'double' as const }
    const { data } = await runtimeOutputs(writeOnnx(source, { precision: 'double' }), input)
    expectClose(
      data,
      rows.flatMap((row) => outputsOf(source, row)),
      1e-11,
    )
  })

  test('is read back as two dense layers with the same function', () => {
    const size = { features: 4, neurons: 6, outputs: 2, bias: true, spread: { shift: 2, scale: 0.5 } }
    const source = randomSource(4, size)
    const network = readOnnx(writeOnnx(source, { precision: 'double' }))
    const rows = randomRows(7, source, 6)
    const outputs = forward(network, rowsOf(rows.length, 4, rows.flat()))
    const expected = rows.flatMap((row) => outputsOf(source, row))
    expectClose([...outputs.data], expected, 1e-13)
    const { hidden, hiddenBias, output, outputBias, notices } = twoLayerWeights(network)
    expect([hidden.rows, hidden.cols, hiddenBias?.length, output.rows, output.cols, outputBias]).toEqual([
      4,
      6,
      6,
      6,
      2,
      null,
    ])
    expect(notices).toEqual([])
    source.network.neurons.forEach(({ u, v }, j) => {
      const shifts = source.preprocessing.shift.reduce(
        (sum, shift, k) => sum + (shift * u[k]) / source.preprocessing.scale[k],
        0,
      )
      expect(hiddenBias?.[j]).toBeCloseTo(u[4] - shifts, 13)
      for (let k = 0; k < 4; k++) expect(hidden.data[k * 6 + j]).toBe(u[k] / source.preprocessing.scale[k])
      for (let k = 0; k < 2; k++) expect(output.data[j * 2 + k]).toBe(v[k])
    })
  })

  test('without preprocessing the weights survive the trip to the last bit', () => {
    const source = randomSource(8, { features: 3, neurons: 4, outputs: 1, bias: true })
    const { hidden, hiddenBias, output } = twoLayerWeights(readOnnx(writeOnnx(source, { precision: 'double' })))
    source.network.neurons.forEach(({ u, v }, j) => {
      expect([0, 1, 2].map((k) => hidden.data[k * 4 + j])).toEqual([...u.subarray(0, 3)])
      expect([hiddenBias?.[j], output.data[j]]).toEqual([u[3], v[0]])
    })
  })

  test('carries its certificate, its columns and its classes', () => {
    const source: OnnxSource = {
      ...randomSource(1, { features: 2, neurons: 2, outputs: 2, bias: true }),
      task: 'classification',
      classes: ['red', 'a "blue"'],
    }
    const { metadata, inputShape, outputShape } = readOnnx(writeOnnx(source))
    expect([inputShape, outputShape]).toEqual([[2], [2]])
    expect(Object.fromEntries(metadata)).toEqual({
      'relucent.version': '0.1.0',
      'relucent.task': 'classification',
      'relucent.features': '["feature 1","feature 2"]',
      'relucent.targets': '["größe"]',
      'relucent.classes': JSON.stringify(['red', 'a "blue"']),
      'relucent.formula': '½‖F − Y‖²',
      'relucent.loss': 'squared',
      'relucent.beta': '0.1',
      'relucent.objective': '2.5',
      'relucent.lowerBound': '2.4375',
      'relucent.gap': '0.0625',
      'relucent.relativeGap': '0.025',
      'relucent.scope': 'all-networks',
      'relucent.boundFrom': 'sweep',
      'relucent.dataHash': 'abc',
    })
  })

  test('is refused in single precision where a weight is too large for it, and written in double', () => {
    const source = randomSource(1, { features: 1, neurons: 1, outputs: 1, bias: false })
    source.network.neurons[0].v[0] = 1e39
    expect(() => writeOnnx(source)).toThrow('single precision cannot hold the weight 1e+39 of "output.weight"')
    expect(() => writeOnnx(source)).toThrow(DataError)
    expect(twoLayerWeights(readOnnx(writeOnnx(source, { precision: 'double' }))).output.data[0]).toBe(1e39)
  })

  test('with more or fewer names than inputs is refused', () => {
    const source = randomSource(1, { features: 2, neurons: 1, outputs: 1, bias: false })
    expect(() => writeOnnx({ ...source, featureNames: ['a'] })).toThrow(
      'must have an input for each of 1 features, got 2',
    )
  })
})

function expectClose(found: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(found).toHaveLength(expected.length)
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
  expect(Math.max(...expected.map((value, k) => Math.abs(value - found[k])))).toBeLessThanOrEqual(tolerance * scale)
}
