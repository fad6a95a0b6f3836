import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combine } from './certificate.ts'
import { ModelFormatError } from './errors.ts'
import { fromRows, toRows } from './linalg/matrix.ts'
import { foldWhitening, type Model, modelOutputs, parseModel, serializeModel, tableOutputs } from './model.ts'
import { predict } from './network.ts'
import { fitPreprocessing } from './preprocessing.ts'
import { createProblem } from './problem.ts'
import { planarFixture, randomMatrix, randomNetwork } from './problem.fixtures.ts'
import { seededRandom } from './random.ts'

function modelOf(changes: Partial<Model> = {}): Model {
  const problem = createProblem({ ...planarFixture, beta: 0.1, bias: true })
  const network = randomNetwork(seededRandom(1), 3, 2, 3)
  return {
    version: '0.1.0',
    task: 'classification',
    featureNames: ['width', 'a "quoted" [1] {name}'],
    targetNames: ['species'],
    classes: ['a', 'b'],
    preprocessing: { kind: 'standardize', shift: [0.1, 1e-300], scale: [2, 3] },
    bias: true,
    beta: 0.1,
    betaRatio: 0.01,
    status: 'optimal',
    certificate: combine(problem, network, 7, null),
    settings: { seed: 0, solver: 'column-generation', oracle: 'sweep', tolerance: 1e-6 },
    network,
    ...changes,
  }
}

/** The file with one entry replaced; `undefined` removes it. */
function edited(path: string, value: unknown): string {
  const root = JSON.parse(serializeModel(modelOf()))
  const keys = path.split('.')
  const last = keys.pop()!
  const target = keys.reduce((node, key) => node[key], root)
  if (value === undefined) delete target[last]
  else target[last] = value
  return JSON.stringify(root)
}

describe('model file', () => {
  test('what is written is read back, to the last bit', () => {
    expect(parseModel(serializeModel(modelOf()))).toEqual(modelOf())
    const regression = modelOf({ task: 'regression', classes: null, targetNames: ['y', 'z'], betaRatio: null })
    expect(parseModel(serializeModel(regression))).toEqual(regression)
    const numbered = modelOf({ classes: [-1, 7] })
    expect(parseModel(serializeModel(numbered))).toEqual(numbered)
  })

  test.each(['whiten', 'whiten-rows', 'whiten-columns'] as const)('%s survives, and predicts the same', (kind) => {
    const random = seededRandom(2)
    for (const [n, d] of [
      [3, 8],
      [9, 3],
    ]) {
      const preprocessing = fitPreprocessing(kind, randomMatrix(random, n, d))
      const featureNames = Array.from({ length: d }, (_, k) => `x${k}`)
      const problem = createProblem({ X: randomMatrix(random, 4, d), Y: randomMatrix(random, 4, 2), beta: 0.1 })
      const network = randomNetwork(random, d, 2, 3)
      const certificate = combine(problem, network, 7, null)
      const model = modelOf({ preprocessing, featureNames, bias: false, network, certificate })
      const text = serializeModel(model)
      expect(parseModel(text)).toEqual(model)
      expect(modelOutputs(parseModel(text), problem.X)).toEqual(modelOutputs(model, problem.X))
      const folded = foldWhitening({ ...model, preprocessing })
      const [own, other] = [modelOutputs(model, problem.X), modelOutputs(folded, problem.X)]
      own.data.forEach((value, k) => expect(other.data[k]).toBeCloseTo(value, 9))
      const damaged = text.replace(`"left": {\n      "rows": ${d}`, `"left": {\n      "rows": ${d + 1}`)
      expect(() => parseModel(damaged)).toThrow(/preprocessing.left must be/)
    }
  })

  test('every double survives', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        fc.pre(!Object.is(value, -0))
        const neurons = [{ u: Float64Array.of(value, 1, 2), v: Float64Array.of(3, value) }]
        const model = modelOf({ network: { inputs: 3, outputs: 2, neurons } })
        expect(parseModel(serializeModel(model)).network).toEqual(model.network)
      }),
    )
  })

  test('is the same text for the same model, with one line per vector', () => {
    const text = serializeModel(modelOf())
    expect(serializeModel(parseModel(text))).toBe(text)
    expect(text.split('\n').filter((line) => line.includes('"u": ['))).toHaveLength(3)
    expect(text.startsWith('{\n  "format": "relucent-model",\n  "formatVersion": 1,\n  "version": "0.1.0"')).toBe(true)
  })

  test('predicts on raw features: preprocessing, then the column of ones, then the network', () => {
    const model = modelOf()
    const inputs = fromRows([[(3 - 0.1) / 2, (4 - 1e-300) / 3, 1]])
    expect(toRows(modelOutputs(model, fromRows([[3, 4]])))).toEqual(toRows(predict(model.network, inputs)))
    expect(() => modelOutputs(model, fromRows([[3, 4, 1]]))).toThrow('predict: X must have 2 columns, got 3')
  })

  const broken: readonly [string, unknown, string][] = [
    ['format', 'onnx', 'model: format must be one of relucent-model, got "onnx"'],
    ['formatVersion', 2, 'model: written by a newer Relucent (format 2); this one reads up to 1: upgrade'],
    ['formatVersion', 0, 'model: formatVersion must be at least 1, got 0'],
    ['formatVersion', '1', 'model: formatVersion must be a finite number, got "1"'],
    ['network', undefined, 'model: network is missing'],
    ['network', [1], 'model: network must be an object, got a list of 1'],
    ['network.neurons.1.u', [1, 2], 'model: network.neurons[1].u must be 3 numbers, got a list of 2'],
    ['network.neurons.2.v.0', null, 'model: network.neurons[2].v[0] must be a finite number, got null'],
    ['network.inputs', 4, 'model: network.neurons[0].u must be 4 numbers, got a list of 3'],
    ['network.neurons', {}, 'model: network.neurons must be a list, got an object'],
    ['task', 'clustering', 'model: task must be one of regression, classification, got "clustering"'],
    ['featureNames', ['x'], 'model: preprocessing.shift must be 1 numbers, got a list of 2'],
    ['featureNames.0', 3, 'model: featureNames[0] must be text, got 3'],
    ['classes', ['a'], 'model: classes must be at least two different classes, got a list of 1'],
    ['classes', ['a', 'a'], 'model: classes must be at least two different classes, got a list of 2'],
    ['classes', ['a', 1], 'model: classes must be all text or all integers, got a list of 2'],
    ['classes', ['a', 'b', 'c'], 'model: network.outputs must be 3, as the classes, got 2'],
    ['classes', null, 'model: classes must be a list of classes, got null'],
    ['classes.1', 1.5, 'model: classes[1] must be an integer, got 1.5'],
    [
      'preprocessing.kind',
      'bleach',
      'model: preprocessing.kind must be one of none, standardize, minmax, whiten, whiten-rows, whiten-columns, got "bleach"',
    ],
    ['preprocessing.scale.1', 0, 'model: preprocessing.scale[1] must be a positive number, got 0'],
    ['preprocessing.scale', [1], 'model: preprocessing.scale must be 2 numbers, got a list of 1'],
    ['bias', 'yes', 'model: bias must be true or false, got "yes"'],
    ['bias', false, 'model: network.inputs must be 2, as the features, got 3'],
    ['beta', -1, 'model: beta must be a positive number, got -1'],
    ['beta', 0.2, 'model: certificate.problem.beta must be 0.2, as the model, got 0.1'],
    ['status', 'converged', 'model: status must be one of optimal, '],
    ['certificate.lowerBound', -1, 'model: certificate.lowerBound must be a number of at least 0, got -1'],
    [
      'certificate.scope',
      'everything',
      'model: certificate.scope must be one of all-networks, given-patterns, gated, got',
    ],
    ['certificate.problem.d', 2, 'model: certificate.problem.d must be 3, as the network, got 2'],
    ['settings.seed', 0.5, 'model: settings.seed must be an integer, got 0.5'],
  ]
  test.each(broken)('%s = %j is refused, naming the field', (path, value, message) => {
    expect(() => parseModel(edited(path, value))).toThrow(ModelFormatError)
    expect(() => parseModel(edited(path, value))).toThrow(message)
  })

  test('a model for regression with classes is refused', () => {
    expect(() => parseModel(edited('task', 'regression'))).toThrow('model: classes must be null for regression')
  })

  test('text that is not a JSON object is refused as such', () => {
    for (const text of ['', '{', '\u0000\u0001']) expect(() => parseModel(text)).toThrow('model: must be JSON, got')
    for (const text of ['null', '[]', '3', '"model"'])
      expect(() => parseModel(text)).toThrow('model must be an object, got')
  })

  test('figures that are not finite are written as null and read back as they were', () => {
    const certificate = { ...modelOf().certificate, objective: Number.NaN, gap: Number.NaN, relativeGap: null }
    const model = modelOf({ certificate, status: 'numerical-error' })
    expect(model.certificate.polarBound).toBe(Number.POSITIVE_INFINITY)
    expect(parseModel(serializeModel(model))).toEqual(model)
  })
})

describe('a model that encodes its columns', () => {
  const encoding = {
    columns: [
      { kind: 'number', fill: 0.25, indicator: false },
      { kind: 'category', categories: ['a', 'b'], allowsMissing: true, indicator: true },
    ],
  } as const
  const problem = createProblem({ X: [[1, 2, 3, 4]], Y: [[1, 2]], beta: 0.1, bias: true })
  const network = randomNetwork(seededRandom(1), 5, 2, 3)
  const model = modelOf({
    encoding,
    network,
    preprocessing: { kind: 'none', shift: [], scale: [] },
    certificate: combine(problem, network, 7, null),
  })

  test('is read back as written, and predicts from raw cells what it predicts from the encoded ones', () => {
    const again = parseModel(serializeModel(model))
    expect(again).toEqual(model)
    const table = {
      rows: 2,
      names: model.featureNames,
      columns: [
        [3, null],
        ['b', null],
      ],
    }
    const F = modelOutputs(
      model,
      fromRows([
        [3, 0, 1, 0],
        [0.25, 0, 0, 1],
      ]),
    )
    expect(tableOutputs(again, table)).toEqual(F)
    expect(() =>
      tableOutputs(modelOf(), {
        ...table,
        columns: [
          [1, 1],
          [1, null],
        ],
      }),
    ).toThrow('must have a value in every row')
  })

  test('with another number of columns than the network takes it is refused', () => {
    const text = serializeModel({ ...model, encoding: { columns: encoding.columns.slice(0, 1) } })
    expect(() => parseModel(text)).toThrow(
      'model: encoding.columns must be 2 columns, as the features, got a list of 1',
    )
    expect(() =>
      parseModel(serializeModel({ ...model, encoding: { columns: [encoding.columns[0], encoding.columns[0]] } })),
    ).toThrow('network.inputs')
  })
})
