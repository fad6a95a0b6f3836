import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Matrix, type Model, modelOutputs, parseModel } from '@relucent/core'
import { forward, numericColumns, parseCsv, readOnnx, twoLayerWeights } from '@relucent/io'
import { beforeAll, describe, expect, test } from 'vitest'
import { rowsOf, runtimeOutputs } from '../packages/io/src/onnx/onnx.fixtures.ts'
import { cloudsCsv, expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string) => relucent(line.split(' '), { cwd: scratch.path() })
const bytes = (name: string) => readFileSync(join(scratch.path(), name))
const model = (name: string) => parseModel(bytes(name).toString())

beforeAll(async () => {
  scratch.write('planted.csv', plantedCsv(1, { n: 40, d: 2, c: 2 }))
  scratch.write('clouds.csv', cloudsCsv(3))
  scratch.write('years.csv', 'year,y\n2001,1\n2002,3\n2003,2\n2004,5\n2005,4\n')
  const flags = '--bias --beta 0.5'
  expectExit(await run(`fit planted.csv --target y1,y2 --preprocess standardize ${flags} --out planted.json`), 0)
  expectExit(await run(`fit clouds.csv --target color --preprocess minmax ${flags} --out clouds.json`), 0)
  expectExit(await run('fit planted.csv --target y1 --exclude y2 --beta 0.5 --out plain.json'), 0)
  expectExit(await run('fit years.csv --target y --preprocess standardize --bias --beta 0.01 --out years.json'), 0)
})

/** The features of the model in a table, and what the model answers to them. */
function expected(name: string, table: string): { X: Matrix; Y: Matrix; model: Model } {
  const read = parseCsv(bytes(table))
  const trained = model(name)
  const X = numericColumns(
    read,
    trained.featureNames.map((feature) => read.names.indexOf(feature)),
  )
  return { X, Y: modelOutputs(trained, X), model: trained }
}

describe('export', () => {
  test.each([
    ['planted.json', 'planted.csv'],
    ['clouds.json', 'clouds.csv'],
    ['plain.json', 'planted.csv'],
  ])('%s predicts in onnxruntime what it predicts here', async (name, table) => {
    const { X, Y } = expected(name, table)
    expectExit(await run(`export ${name} ${name}.onnx --force`), 0)
    expectExit(await run(`export ${name} ${name}-double.onnx --double --force`), 0)
    const input = { dims: [X.rows, X.cols], values: [...X.data] }
    const single = await runtimeOutputs(bytes(`${name}.onnx`), input)
    const double = await runtimeOutputs(bytes(`${name}-double.onnx`), { ...input, type: 'double' })
    expect(single.dims).toEqual([Y.rows, Y.cols])
    expect(apart(single.data, Y)).toBeLessThanOrEqual(1e-6)
    expect(apart(double.data, Y)).toBeLessThanOrEqual(1e-13)
    const network = readOnnx(bytes(`${name}-double.onnx`))
    expect(apart(forward(network, rowsOf(X.rows, X.cols, [...X.data])).data, Y)).toBeLessThanOrEqual(1e-13)
    expect(twoLayerWeights(network).output.rows).toBe(model(name).network.neurons.length)
  })

  test('--json says what was written, and the metadata hold the certificate', async () => {
    const outcome = await run('export clouds.json scores.onnx --json')
    expectExit(outcome, 0)
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      command: 'export',
      status: 'done',
      file: 'scores.onnx',
      bytes: bytes('scores.onnx').length,
      precision: 'single',
      neurons: model('clouds.json').network.neurons.length,
      classes: ['lime', 'red', 'teal'],
      warnings: [],
    })
    const { metadata } = readOnnx(bytes('scores.onnx'))
    const { certificate } = model('clouds.json')
    expect(JSON.parse(metadata.get('relucent.lowerBound') ?? '')).toBe(certificate.lowerBound)
    expect(JSON.parse(metadata.get('relucent.objective') ?? '')).toBe(certificate.objective)
    expect(metadata.get('relucent.dataHash')).toBe(certificate.problem.dataHash)
  })

  test('a column that single precision cannot tell apart well is named, with the remedy', async () => {
    const outcome = await run('export years.json years.onnx')
    expectExit(outcome, 0)
    expect(outcome.stderr).toContain('"year" varies little around 2003: single precision keeps about 4 digits')
    expect(outcome.stderr).toContain('--double')
    expect((await run('export years.json years-double.onnx --double')).stderr).toBe('')
    const { X, Y } = expected('years.json', 'years.csv')
    const { data } = await runtimeOutputs(bytes('years.onnx'), { dims: [X.rows, X.cols], values: [...X.data] })
    expect(apart(data, Y)).toBeLessThanOrEqual(1e-3)
  })

  test('an existing file, another ending, and a file that is no model are refused', async () => {
    scratch.write('there.onnx', 'x')
    expectExit(await run('export clouds.json there.onnx'), 4)
    expect(bytes('there.onnx').toString()).toBe('x')
    const ending = await run('export clouds.json clouds.bin')
    expectExit(ending, 2)
    expect(ending.stderr).toContain('expected a file to write that ends in .onnx, got clouds.bin')
    expectExit(await run('export clouds.csv new.onnx'), 4)
  })
})

/** The largest difference, relative to the largest prediction or 1. */
function apart(found: ArrayLike<number>, { data }: Matrix): number {
  expect(found.length).toBe(data.length)
  const scale = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
  return data.reduce((most, value, k) => Math.max(most, Math.abs(value - found[k])), 0) / scale
}
