import {
  applyPreprocessing,
  applyEncoding,
  type ClassWeight,
  classWeights,
  createProblem,
  encodedNames,
  type Encoding,
  fitPreprocessing,
  lossFrom,
  type Network,
  networkInputs,
  plainEncoding,
  type Preprocessing,
  type Problem,
  type Weighting,
} from '@relucent/core'
import { biasWarning, scaleWarning } from '../advice.ts'
import {
  type ColumnChoice,
  encoded,
  type Expectation,
  matchingFeatures,
  matchingTargets,
  readTable,
  type TableOptions,
  textTargets,
  type TrainingData,
  trainingData,
} from '../data.ts'
import { inputError, usageError } from '../errors.ts'
import type { Scored } from '../metrics.ts'
import { readModel } from '../model-file.ts'
import type { PreprocessingName } from '../records.ts'
import { splitRows } from '../split.ts'
import type { Terminal } from '../terminal.ts'
import type { ClassWeightFlag } from './loss.ts'

export interface PrepareOptions extends TableOptions, ColumnChoice {
  readonly bias?: boolean
  readonly preprocess: PreprocessingName
  readonly explainedVariance?: number
  readonly init?: string
  readonly test?: string
  readonly testFraction?: number
  readonly seed: number
  readonly outputBias?: boolean
  readonly skip?: boolean
  readonly classWeight?: ClassWeightFlag
}

/** Everything that is known before β is. */
export interface Prepared {
  /** The training rows as read. */
  readonly data: TrainingData
  /** How columns become numbers, where they are not all numbers. */
  readonly encoding?: Encoding | undefined
  readonly preprocessing: Preprocessing
  /** At β = 1 until the real one is resolved. */
  readonly problem: Problem
  readonly train: Scored
  readonly test: Scored | undefined
  readonly init: Network | undefined
  /** How rows are weighted; undefined where all count once. */
  readonly weighting: Weighting | undefined
}

export async function prepare(path: string, options: PrepareOptions, terminal: Terminal): Promise<Prepared> {
  const table = await readTable(path, options)
  if (table.headerLooksLikeData) {
    terminal.warn('the header row consists of numbers; if it is data, use --no-header')
  }
  const all = trainingData(table, options)
  const { testFraction } = options
  const split = testFraction === undefined ? undefined : splitRows(all, testFraction, options.seed)
  const { data, encoding } = encoded(split?.train ?? all, options)
  const columns = encoding ? encodedNames(encoding, data.features) : data.features
  if (options.preprocess === 'none') warnAll(terminal, scaleWarning(data.X, columns))
  if (!options.bias && !options.outputBias && data.task === 'regression') {
    warnAll(terminal, biasWarning(data.Y, data.targets))
  }
  const expected = { ...data, encoding }
  const fromFile = options.test === undefined ? undefined : await testData(options.test, expected, options)
  const held = split ? encodedBy(encoding, split.test) : fromFile
  const init = await readInit(data, columns.length, options)
  return { ...assemble(data, options, held), ...(encoding && { encoding }), init }
}

/** Preprocesses, appends the bias column and states the problem. */
export function assemble(
  data: TrainingData,
  options: AssembleOptions,
  held?: Pick<TrainingData, 'X' | 'Y' | 'labels'>,
): Omit<Prepared, 'init'> {
  const { bias = false, preprocess, explainedVariance, outputBias = false, skip = false } = options
  const { lossName = 'squared', classWeight } = options
  checkWhitens(preprocess, explainedVariance)
  const preprocessing = fitPreprocessing(preprocess, data.X, { explainedVariance })
  const X = applyPreprocessing(preprocessing, data.X)
  if (!X.data.every((value) => Number.isFinite(value))) {
    const hint = 'rescale the features: their differences are too large for floating point'
    throw inputError('not-finite', `after --preprocess ${preprocess} a feature is not a finite number`, { hint })
  }
  if (X.data.every((value) => value === 0)) {
    const hint = 'every column is constant: choose others with --features'
    throw inputError('zero-features', `after --preprocess ${preprocess} every feature is 0 in every row`, { hint })
  }
  const scored = ({ X, Y, labels }: Pick<TrainingData, 'X' | 'Y' | 'labels'>): Scored => {
    return { X: networkInputs({ preprocessing, bias }, X), Y, labels, loss: lossName }
  }
  const { weighting, weights } = weightsOf(data, classWeight)
  return {
    data,
    preprocessing,
    problem: createProblem({
      X,
      Y: data.Y,
      beta: 1,
      bias,
      outputBias,
      skip,
      loss: lossFrom(lossName),
      ...(weights && { weights }),
    }),
    weighting,
    train: scored(data),
    test: held ? scored(held) : undefined,
  }
}

type AssembleOptions = Pick<
  PrepareOptions,
  'bias' | 'preprocess' | 'explainedVariance' | 'outputBias' | 'skip' | 'lossName' | 'classWeight'
>

/** The weight of every training row, and where it comes from. */
export function weightsOf(
  { weights, weightColumn, labels, classes }: TrainingData,
  classWeight: ClassWeightFlag | undefined,
): { readonly weighting: Weighting | undefined; readonly weights: Float64Array | undefined } {
  if (classWeight !== undefined && (labels === null || classes === null)) {
    throw usageError('--class-weight is for classes, the targets are numbers', 'use --weight-column for rows')
  }
  if (classWeight === undefined || labels === null || classes === null) {
    return { weights, weighting: weightColumn === undefined ? undefined : { column: weightColumn, classes: null } }
  }
  const perClass = classWeights(labelled(classWeight, classes), classes, labels)
  const rows = Float64Array.from(labels, (k, i) => perClass[k] * (weights?.[i] ?? 1))
  return { weights: rows, weighting: { column: weightColumn ?? null, classes: perClass } }
}

/** Labels as the command line has them, as the data have them: 1 is an integer there. */
function labelled(flag: ClassWeightFlag, classes: readonly (string | number)[]): ClassWeight {
  if (flag === 'balanced') return flag
  return new Map(
    [...flag].map(([text, weight]) => {
      const label = classes.find((known) => String(known) === text)
      if (label !== undefined) return [label, weight]
      const hint = `the classes are ${classes.join(', ')}`
      throw usageError(`--class-weight names the class ${text}, which no row has`, hint)
    }),
  )
}

/** Only whitening has directions to leave out. */
export function checkWhitens(preprocess: PreprocessingName, explainedVariance: number | undefined): void {
  if (explainedVariance === undefined || preprocess.startsWith('whiten')) return
  throw usageError('--explained-variance is for whitening', 'choose --preprocess whiten-columns, or leave it out')
}

function encodedBy(encoding: Encoding | undefined, data: TrainingData): TrainingData {
  if (!data.raw) return data
  return { ...data, X: applyEncoding(encoding ?? plainEncoding(data.features.length), data.raw) }
}

async function testData(
  path: string,
  expected: Expectation,
  options: TableOptions & Pick<ColumnChoice, 'lossName'>,
): Promise<Pick<TrainingData, 'X' | 'Y' | 'labels'>> {
  const table = await readTable(path, options, textTargets(expected))
  return {
    X: matchingFeatures(table, expected, options),
    ...matchingTargets(table, { ...expected, loss: options.lossName }),
  }
}

async function readInit(
  data: TrainingData,
  width: number,
  { init, bias = false }: PrepareOptions,
): Promise<Network | undefined> {
  if (init === undefined) return undefined
  const model = await readModel(init)
  const differs = (what: string): Error => {
    const hint = 'start from a model of the same columns and the same --bias, or without --init'
    return inputError('init-mismatch', `the model has other ${what} than this fit`, { file: init, hint })
  }
  if (model.featureNames.join('\n') !== data.features.join('\n')) throw differs('features')
  if (model.bias !== bias) throw differs('bias')
  if (model.network.inputs !== width + (bias ? 1 : 0)) throw differs('encoded columns')
  if (model.network.outputs !== data.Y.cols) throw differs('outputs')
  return model.network
}

function warnAll(terminal: Terminal, warning: string | undefined): void {
  if (warning !== undefined) terminal.warn(warning)
}
