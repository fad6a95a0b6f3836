import type { Certificate } from './certificate.ts'
import { InvalidProblemError } from './errors.ts'
import { fromRows, type Matrix, matrix, toRows } from './linalg/matrix.ts'
import { readFacts, readFigures } from './model/certificate-file.ts'
import { readEncoding } from './model/encoding-file.ts'
import { type Field, format, openFile } from './model/fields.ts'
import { type Network, type Neuron, network, predict } from './network.ts'
import { applyPreprocessing, type ColumnScaling, type Preprocessing, type PreprocessingKind } from './preprocessing.ts'
import { rawWeights, type Whitening } from './preprocessing/whitening.ts'
import {
  applyEncoding,
  type Encoding,
  encodedNames,
  encodedWidth,
  plainEncoding,
  type RawTable,
} from './preprocessing/encoding.ts'
import { withOnes } from './problem.ts'
import type { Status } from './train.ts'

const fileFormat = 'relucent-model'
const formatVersion = 1

export type Task = 'regression' | 'classification'
export type ClassLabel = string | number

/** A trained network with all that is needed to use it on new data, and what is proven about it. */
export interface Model {
  /** Of the Relucent that trained it. */
  readonly version: string
  readonly task: Task
  readonly featureNames: readonly string[]
  readonly targetNames: readonly string[]
  /** For classification, one per network output, or two for a single output that is positive for the second; null for regression. */
  readonly classes: readonly ClassLabel[] | null
  /** How columns become numbers, where they are not all numbers; absent where they are. */
  readonly encoding?: Encoding | undefined
  readonly preprocessing: Preprocessing
  readonly bias: boolean
  readonly beta: number
  /** β/βmax where β was asked for that way. */
  readonly betaRatio: number | null
  readonly status: Status
  readonly certificate: Certificate
  readonly settings: ModelSettings
  readonly network: Network
  /** How rows were weighted; undefined where all counted once. */
  readonly weighting?: Weighting | undefined
}

/** The weight of a row: its entry in a column of the data times the weight of its class. */
export interface Weighting {
  /** Null where it does not depend on a column, or on one that has no name. */
  readonly column: string | null
  /** In the order of the classes; null where all count the same. */
  readonly classes: readonly number[] | null
}

export interface ModelSettings {
  readonly seed: number
  readonly solver: string
  readonly oracle: string
  readonly tolerance: number
}

/** Encoded features as the network wants them: preprocessed, then with the column of ones where there is a bias. */
export function networkInputs(model: Pick<Model, 'preprocessing' | 'bias'>, X: Matrix): Matrix {
  const features = applyPreprocessing(model.preprocessing, X)
  return model.bias ? withOnes(features) : features
}

/** Network outputs on raw features, n × c. */
export function modelOutputs(model: Model, X: Matrix): Matrix {
  const features = model.network.inputs - (model.bias ? 1 : 0)
  if (X.cols !== features) throw new InvalidProblemError(`predict: X must have ${features} columns, got ${X.cols}`)
  return predict(model.network, networkInputs(model, X))
}

/** Network outputs on raw cells, n × c: encoded as the model says, or copied where all its columns are numbers. */
export function tableOutputs(model: Model, table: RawTable): Matrix {
  return modelOutputs(model, applyEncoding(model.encoding ?? plainEncoding(model.featureNames.length), table))
}

/** The same network as a function of encoded columns: for readers that know numbers only. */
export function encodedModel(model: Model): Model {
  const { encoding, ...rest } = model
  return encoding ? { ...rest, featureNames: encodedNames(encoding, model.featureNames) } : model
}

/** The same predictions without whitening, which is linear: its matrix goes into the first layer. For formats that have no matrices. */
export function foldWhitening<T extends Pick<Model, 'preprocessing' | 'network'>>(
  model: T,
): T & { readonly preprocessing: ColumnScaling } {
  const { preprocessing, network: net } = model
  if (!('left' in preprocessing)) return { ...model, preprocessing }
  const features = preprocessing.left.rows
  const neurons = net.neurons.map(({ u, v }) => {
    const weights = rawWeights(preprocessing, u.subarray(0, features))
    return { u: Float64Array.of(...weights, ...u.subarray(features)), v }
  })
  const { kind, shift } = preprocessing
  const scaling: ColumnScaling = {
    kind: 'standardize',
    shift: kind === 'whiten-columns' ? shift : new Array<number>(features).fill(0),
    scale: new Array<number>(features).fill(1),
  }
  const skip = net.skip && { ...net, skip: rawSkip(preprocessing, net.skip, features) }
  return { ...model, preprocessing: scaling, network: network(net.inputs, net.outputs, neurons, skip ?? net) }
}

/** Column by column as the weights of a neuron: A multiplies features too. */
function rawSkip(preprocessing: Whitening, skip: Matrix, features: number): Matrix {
  const out = matrix(skip.rows, skip.cols, skip.data.slice())
  for (let k = 0; k < skip.cols; k++) {
    const column = Float64Array.from({ length: features }, (_, i) => skip.data[i * skip.cols + k])
    rawWeights(preprocessing, column).forEach((weight, i) => (out.data[i * skip.cols + k] = weight))
  }
  return out
}

/** Versioned JSON in a stable order, numbers to the last bit. */
export function serializeModel(model: Model): string {
  const { inputs, outputs, neurons } = model.network
  const { outputBias, skip } = model.network
  const plain = neurons.map(({ u, v }) => ({ u: Array.from(u), v: Array.from(v) }))
  return format({
    format: fileFormat,
    formatVersion,
    version: model.version,
    task: model.task,
    featureNames: model.featureNames,
    targetNames: model.targetNames,
    classes: model.classes,
    ...(model.encoding && { encoding: model.encoding }),
    preprocessing: plainPreprocessing(model.preprocessing),
    bias: model.bias,
    beta: model.beta,
    betaRatio: model.betaRatio,
    status: model.status,
    certificate: model.certificate,
    settings: model.settings,
    ...(model.weighting && { weighting: model.weighting }),
    network: {
      inputs,
      outputs,
      ...(outputBias && { outputBias: Array.from(outputBias) }),
      ...(skip && { skip: toRows(skip) }),
      neurons: plain,
    },
  })
}

/** Throws `ModelFormatError` naming the field, what was expected and what was found. */
export function parseModel(text: string): Model {
  const root = openFile('model', fileFormat, formatVersion, text)
  const featureNames = root
    .get('featureNames')
    .list()
    .map((name) => name.text())
  const encoding = root.optional('encoding')
  const encoded = encoding && readEncoding(encoding, featureNames.length)
  const weighting = root.optional('weighting')
  const model: Model = {
    version: root.get('version').text(),
    task: root.get('task').oneOf(['regression', 'classification']),
    featureNames,
    targetNames: root
      .get('targetNames')
      .list()
      .map((name) => name.text()),
    classes: root.get('classes').orNull(readClasses, null),
    ...(encoded && { encoding: encoded }),
    preprocessing: readPreprocessing(root.get('preprocessing'), encoded ? encodedWidth(encoded) : featureNames.length),
    bias: root.get('bias').flag(),
    beta: root.get('beta').positive(),
    betaRatio: root.get('betaRatio').orNull((ratio) => ratio.positive(), null),
    status: root.get('status').oneOf(statuses),
    certificate: readCertificate(root.get('certificate')),
    settings: readSettings(root.get('settings')),
    network: readNetwork(root.get('network')),
    ...(weighting && { weighting: readWeighting(weighting) }),
  }
  checkSizes(model, root)
  return model
}

/** The parts of a model each have a shape; together they must describe one network. */
function checkSizes(model: Model, root: Field): void {
  const { classes, bias, beta, network: net } = model
  const facts = model.certificate.problem
  const classifies = model.task === 'classification'
  root.get('classes').check((classes !== null) === classifies, classifies ? 'a list of classes' : 'null for regression')
  const { encoding, featureNames } = model
  const inputs = (encoding ? encodedWidth(encoding) : featureNames.length) + (bias ? 1 : 0)
  // With two classes one output may stand for both.
  const outputs = classes?.length === 2 && net.outputs === 1 ? 1 : (classes?.length ?? model.targetNames.length)
  const agree = (path: readonly string[], got: number | boolean, expected: number | boolean, as: string): void =>
    path.reduce((field, key) => field.get(key), root).check(got === expected, `${expected}, as the ${as}`)
  agree(['network', 'inputs'], net.inputs, inputs, bias ? 'features and the bias' : 'features')
  agree(['network', 'outputs'], net.outputs, outputs, classes ? 'classes' : 'targets')
  agree(['certificate', 'problem', 'd'], facts.d, inputs, 'network')
  agree(['certificate', 'problem', 'c'], facts.c, outputs, 'network')
  agree(['certificate', 'problem', 'bias'], facts.bias, bias, 'model')
  agree(['certificate', 'problem', 'beta'], facts.beta, beta, 'model')
}

function readNetwork(field: Field): Network {
  const inputs = field.get('inputs').count()
  const outputs = field.get('outputs').count()
  const neurons: Neuron[] = field
    .get('neurons')
    .list()
    .map((neuron) => ({ u: neuron.get('u').numbers(inputs), v: neuron.get('v').numbers(outputs) }))
  const outputBias = field.optional('outputBias')?.numbers(outputs)
  const free = field.optional('skip')
  const skip = free && readSkip(free, inputs, outputs)
  return network(inputs, outputs, neurons, { ...(outputBias && { outputBias }), ...(skip && { skip }) })
}

function readSkip(field: Field, inputs: number, outputs: number): Matrix {
  const rows = field.list()
  field.check(rows.length === inputs && inputs > 0, `${inputs} rows, one per input`)
  return fromRows(rows.map((row) => Array.from(row.numbers(outputs))))
}

function readWeighting(field: Field): Weighting {
  return {
    column: field.get('column').orNull((name) => name.text(), null),
    classes: field.get('classes').orNull((list) => list.list().map((weight) => weight.positive()), null),
  }
}

function plainPreprocessing(preprocessing: Preprocessing): object {
  if (!('left' in preprocessing)) return preprocessing
  const { kind, shift, left, right } = preprocessing
  return { kind, shift, left: plainMatrix(left), right: right && plainMatrix(right) }
}

function plainMatrix({ rows, cols, data }: Matrix): object {
  return { rows, cols, data: Array.from(data) }
}

function readPreprocessing(field: Field, features: number): Preprocessing {
  const kind = field.get('kind').oneOf(kinds)
  if (kind === 'whiten' || kind === 'whiten-rows' || kind === 'whiten-columns') {
    const right = field.get('right').orNull((value) => readMatrix(value, features), null)
    const left = readMatrix(field.get('left'), features, right ? right.cols : features)
    return {
      kind,
      shift: Array.from(field.get('shift').numbers(kind === 'whiten-columns' ? features : 0)),
      left,
      right,
    }
  }
  const length = kind === 'none' ? 0 : features
  const shift = Array.from(field.get('shift').numbers(length))
  const scale = field
    .get('scale')
    .list()
    .map((value) => value.positive())
  field.get('scale').check(scale.length === length, `${length} numbers`)
  return { kind, shift, scale }
}

function readMatrix(field: Field, rows: number, cols = field.get('cols').count()): Matrix {
  field.check(field.get('rows').count() === rows && field.get('cols').count() === cols, `${rows} × ${cols}`)
  return matrix(rows, cols, field.get('data').numbers(rows * cols))
}

/** At least two, all text or all integers, each once. */
function readClasses(field: Field): readonly ClassLabel[] {
  const labels = field.list().map((label) => label.label())
  const kind = typeof labels[0]
  field.check(labels.length >= 2 && new Set(labels).size === labels.length, 'at least two different classes')
  field.check(
    labels.every((label) => typeof label === kind),
    'all text or all integers',
  )
  return labels
}

function readCertificate(field: Field): Certificate {
  const { objective, lowerBound, ...dualSide } = readFigures(field)
  return {
    objective,
    lowerBound,
    gap: field.get('gap').orNull((gap) => gap.number(), Number.NaN),
    relativeGap: field.get('relativeGap').orNull((gap) => gap.nonnegative(), null),
    ...dualSide,
    crossed: field.get('crossed').flag(),
    problem: readFacts(field.get('problem')),
  }
}

function readSettings(field: Field): ModelSettings {
  return {
    seed: field.get('seed').integer(),
    solver: field.get('solver').text(),
    oracle: field.get('oracle').text(),
    tolerance: field.get('tolerance').nonnegative(),
  }
}

const kinds: readonly PreprocessingKind[] = ['none', 'standardize', 'minmax', 'whiten', 'whiten-rows', 'whiten-columns']

const statuses: readonly Status[] = [
  'optimal',
  'optimal-in-scope',
  'iteration-limit',
  'time-limit',
  'interrupted',
  'stalled',
  'numerical-error',
]
