import {
  createProblem,
  type Model,
  type Network,
  networkFromLayers,
  type Preprocessing,
  type Problem,
} from '@relucent/core'
import { counted } from '../format.ts'
import {
  listed,
  type NamedArray,
  readNpz,
  readOnnx,
  readSafetensors,
  type Table,
  type TwoLayerWeights,
  twoLayerWeights,
  weightsFromArrays,
} from '@relucent/io'
import { type ColumnChoice, readTable, type TableOptions, type TrainingData, trainingData } from '../data.ts'
import { inputError, usageError } from '../errors.ts'
import { displayName, readInput } from '../files.ts'
import { parseModelText, readProblem } from '../model-file.ts'
import type { AuditRecord } from '../records.ts'

export type SubjectFormat = AuditRecord['format']

/** A network to be audited, on the data it is audited on. */
export interface Subject {
  readonly format: SubjectFormat
  readonly network: Network
  /** At β = 1 for a network from elsewhere, at its own for a model; `withBeta` sets another. */
  readonly problem: Problem
  readonly biases: AuditRecord['biases']
  /** b₂, which the last neuron of the network stands for. */
  readonly outputBias: Float64Array | null
  /** Hidden neurons in the file. */
  readonly neurons: number
  readonly columns: Pick<Model, 'task' | 'classes' | 'featureNames' | 'targetNames'>
  readonly preprocessing: Preprocessing
  /** The β the network was trained with, where the file says so. */
  readonly beta: number | null
  readonly notices: readonly string[]
}

export interface SubjectOptions extends TableOptions, Omit<ColumnChoice, 'target'> {
  readonly target?: string
}

export async function readSubject(path: string, dataPath: string, options: SubjectOptions): Promise<Subject> {
  const bytes = await readInput(path)
  const format = formatOf(path, bytes)
  return format === 'model'
    ? ownSubject(path, bytes, dataPath, options)
    : foreignSubject(path, bytes, format, dataPath, options)
}

/** By the first bytes where they tell, else by the name. */
function formatOf(path: string, bytes: Uint8Array): SubjectFormat {
  const [first, second] = bytes
  if (first === 0x7b) return 'model' // {
  if (first === 0x50 && second === 0x4b) return 'npz' // PK, as every zip file
  if (/\.safetensors$/i.test(path)) return 'safetensors'
  if (/\.onnx$/i.test(path)) return 'onnx'
  throw inputError('unknown-format', 'expected a network, found neither .onnx, .npz, .safetensors nor a model.json', {
    file: displayName(path),
    hint: 'export the network to ONNX, or its weights with numpy.savez or safetensors',
  })
}

async function ownSubject(
  path: string,
  bytes: Uint8Array,
  dataPath: string,
  options: SubjectOptions,
): Promise<Subject> {
  if (options.target !== undefined || options.features !== undefined || options.exclude !== undefined) {
    throw usageError('a model.json names its own columns', 'leave out --target, --features and --exclude')
  }
  const model = parseModelText(new TextDecoder().decode(bytes), path)
  const { network, bias, beta, preprocessing, task, classes, featureNames, targetNames } = model
  return {
    format: 'model',
    network,
    problem: await readProblem(model, dataPath, options),
    biases: bias ? ['hidden'] : [],
    outputBias: null,
    neurons: network.neurons.length,
    columns: { task, classes, featureNames, targetNames },
    preprocessing,
    beta,
    notices:
      preprocessing.kind === 'none' ? [] : [`features are preprocessed as the model says: ${preprocessing.kind}`],
  }
}

async function foreignSubject(
  path: string,
  bytes: Uint8Array,
  format: Exclude<SubjectFormat, 'model'>,
  dataPath: string,
  { target, ...options }: SubjectOptions,
): Promise<Subject> {
  const table = await readTable(dataPath, options)
  if (target === undefined) {
    const what = '--target is missing: a network from elsewhere does not name its columns'
    throw usageError(what, `name one or more of the columns: ${listed(table.names)}`)
  }
  const data = trainingData(table, { ...options, target })
  const weights = withoutZeroBiases(readWeights(path, bytes, format, data))
  requireSizes(weights, data, { path, table })
  const { network, bias } = networkFromLayers(weights)
  const { hiddenBias, outputBias, notices } = weights
  return {
    format,
    network,
    problem: createProblem({ X: data.X, Y: data.Y, beta: 1, bias }),
    biases: [...(hiddenBias === null ? [] : ['hidden' as const]), ...(outputBias === null ? [] : ['output' as const])],
    outputBias,
    neurons: weights.hidden.cols,
    columns: { task: data.task, classes: data.classes, featureNames: data.features, targetNames: data.targets },
    preprocessing: { kind: 'none', shift: [], scale: [] },
    beta: null,
    notices,
  }
}

function readWeights(
  path: string,
  bytes: Uint8Array,
  format: Exclude<SubjectFormat, 'model'>,
  { X, Y }: TrainingData,
): TwoLayerWeights {
  const file = displayName(path)
  if (format === 'onnx') return twoLayerWeights(readOnnx(bytes, { file }))
  const arrays: ReadonlyMap<string, NamedArray> =
    format === 'npz' ? readNpz(bytes, { file }) : readSafetensors(bytes, { file })
  return weightsFromArrays(arrays, { file, inputs: X.cols, outputs: Y.cols })
}

/** A bias of zeros is what a tool writes for a layer without one; the same function belongs to the networks without biases. */
function withoutZeroBiases(weights: TwoLayerWeights): TwoLayerWeights {
  const isZero = (bias: Float64Array | null): boolean => bias !== null && bias.every((value) => value === 0)
  const zero = [isZero(weights.hiddenBias) ? 'hidden' : '', isZero(weights.outputBias) ? 'output' : ''].filter(Boolean)
  if (zero.length === 0) return weights
  return {
    ...weights,
    hiddenBias: isZero(weights.hiddenBias) ? null : weights.hiddenBias,
    outputBias: isZero(weights.outputBias) ? null : weights.outputBias,
    notices: [...weights.notices, `the ${zero.join(' and the ')} bias is 0 throughout and counts as none`],
  }
}

function requireSizes(
  { hidden, output }: TwoLayerWeights,
  { X, Y, features, classes }: TrainingData,
  { path, table }: { path: string; table: Table },
): void {
  const file = displayName(path)
  if (hidden.rows !== X.cols) {
    const hint = `name the columns it was trained on, in that order, with --features; the data have ${table.names.join(', ')}`
    const found = `the network has ${counted(hidden.rows, 'input')}, the data ${counted(X.cols, 'feature')} (${features.join(', ')})`
    throw inputError('size-mismatch', found, { file, hint })
  }
  if (output.cols === Y.cols) return
  const hint =
    classes === null
      ? 'name all targets with --target a,b, or use --task classification for one class an output'
      : 'a classifier is audited with one output a class; code two classes as numbers and use --task regression for one output'
  const found = `the network has ${counted(output.cols, 'output')}, the targets ${counted(Y.cols, classes === null ? 'column' : 'class')}`
  throw inputError('size-mismatch', found, { file, hint })
}
