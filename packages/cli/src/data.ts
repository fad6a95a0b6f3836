import { totalmem } from 'node:os'
import {
  applyEncoding,
  encodeClasses,
  type Encoding,
  fitEncoding,
  isPlain,
  type MissingPolicy,
  type RawTable,
  type Weighting,
} from '@relucent/core'
import {
  cellText,
  type ClassLabel,
  classIndices,
  classLabels,
  columnIndex,
  columnKind,
  DataError,
  distinctClasses,
  type LabelKind,
  labelKind,
  listed,
  missingCell,
  mixedTarget,
  nearest,
  type Numbers,
  numericCells,
  numericColumns,
  type FormatName,
  labelsNameFor,
  parseCsv,
  quoted,
  readTable as readAnyTable,
  rowNumber,
  type Source,
  type Table,
  textCells,
  type TableFile,
} from '@relucent/io'
import { inputError, usageError } from './errors.ts'
import { displayName, exists, fileSource } from './files.ts'
import { isClassLoss } from './fit/loss.ts'
import { createMeter } from './meter.ts'

export type Task = 'regression' | 'classification'

export interface TableOptions {
  /** False for `--no-header`. */
  readonly header: boolean
  readonly delimiter?: string
  /** Told from the file when absent. */
  readonly dataFormat?: FormatName
  /** A file of labels, for images that keep them apart. */
  readonly labels?: string
  /** Bytes that the table may take. */
  readonly memoryLimit?: number
  readonly quiet?: boolean
}

/** A table in any format. `textColumns` stay as they are written, even where every cell is a number. */
export async function readTable(
  path: string,
  options: TableOptions,
  textColumns?: readonly string[],
): Promise<TableFile> {
  const meter = createMeter(`reading ${displayName(path)}`, { screen: process.stderr, quiet: options.quiet })
  try {
    const source = await fileSource(path, meter.update)
    return await tableFrom(source, { ...options, labels: options.labels ?? (await labelsBeside(path)) }, textColumns)
  } finally {
    meter.stop()
  }
}

/** The same from a source that is open already: standard input can be read only once. */
export async function tableFrom(
  source: Source,
  { header, delimiter, dataFormat: format, labels, memoryLimit = defaultMemory() }: TableOptions,
  textColumns?: readonly string[],
): Promise<TableFile> {
  const labelSource = labels === undefined ? undefined : await fileSource(labels)
  return readAnyTable(source, { header, delimiter, format, labels: labelSource, memoryLimit, textColumns })
}

/** The file of labels that lies beside images by the custom of MNIST. */
export async function labelsBeside(path: string): Promise<string | undefined> {
  const beside = labelsNameFor(path)
  return beside !== undefined && (await exists(beside)) ? beside : undefined
}

/** Half of the memory that this process may use: what is read is not all that has to fit. */
export function defaultMemory(): number {
  const allowed = process.constrainedMemory()
  return Math.floor((allowed > 0 ? Math.min(allowed, totalmem()) : totalmem()) / 2)
}

export interface ColumnChoice {
  readonly target: string
  readonly features?: string
  readonly exclude?: string
  readonly task: Task | 'auto'
  /** As `lossFrom` of core reads it; squared where a command has no such option. */
  readonly lossName?: string
  readonly weightColumn?: string
  /** Feature columns that hold categories. */
  readonly oneHot?: string
  readonly missing?: MissingPolicy['fill']
  readonly missingIndicator?: boolean
}

/** Numbers to train on: features, targets, and the classes the targets stand for. */
export interface TrainingData {
  readonly X: Numbers
  /** The target columns, or classes as the loss wants them. */
  readonly Y: Numbers
  readonly features: readonly string[]
  /** The feature columns as read, where they are not simply numbers; X is then made of them once the rows are known. */
  readonly raw?: RawTable
  readonly targets: readonly string[]
  readonly task: Task
  readonly classes: readonly ClassLabel[] | null
  /** Position of each row's class among `classes`. */
  readonly labels: readonly number[] | null
  /** How often each row counts by --weight-column; absent where all count once. */
  readonly weights?: Float64Array | undefined
  readonly weightColumn?: string | undefined
}

/** Picks the columns the options name and checks everything about them that needs no other file. */
export function trainingData(table: Table, choice: ColumnChoice): TrainingData {
  const { lossName: loss = 'squared' } = choice
  const targets = columnList(table, choice.target, 'target')
  const weighting = choice.weightColumn === undefined ? undefined : weightColumn(table, choice.weightColumn, targets)
  const features = featureColumns(table, choice, weighting ? [...targets, weighting.index] : targets)
  const task = taskOf(table, targets, wantedTask(choice.task, loss))
  const raw = rawColumns(table, features, choice)
  const X = raw ? { rows: table.rows, cols: 0, data: new Float64Array(0) } : numericColumns(table, features)
  if (!raw && X.data.every((value) => value === 0)) {
    const hint = 'choose other columns with --features: on these every network computes 0'
    throw inputError('zero-features', 'every feature is 0 in every row', { file: table.file, hint })
  }
  const names = (indices: readonly number[]): string[] => indices.map((k) => table.names[k])
  const weights = weighting && { weights: weighting.weights, weightColumn: table.names[weighting.index] }
  const common = { X, ...(raw && { raw }), features: names(features), targets: names(targets), task, ...weights }
  if (task === 'regression') return { ...common, Y: numericColumns(table, targets), classes: null, labels: null }
  const labels = classLabels(table, targets[0], labelKind(table, targets[0]))
  const classes = distinctClasses(labels)
  if (classes.length < 2) {
    throw new DataError('one-class', `every row has the class ${quoted(String(classes[0]))}`, {
      file: table.file,
      column: table.names[targets[0]],
      hint: 'a classifier needs two classes or more',
    })
  }
  const positions = classIndices(labels, classes, { table, column: targets[0] })
  return { ...common, Y: encodeClasses(loss, positions, classes.length), classes, labels: positions }
}

/** Losses of classes make classes of integers too; those of numbers want numbers. */
function wantedTask(task: Task | 'auto', loss: string): Task | 'auto' {
  if (isClassLoss(loss)) {
    if (task === 'regression') throw usageError(`--loss ${loss} is for classes`, 'leave out --task regression')
    return 'classification'
  }
  if (loss === 'squared' || task === 'regression') return task
  if (task === 'auto') return 'regression'
  const classy = 'use squared, softmax, logistic, hinge or squared-hinge for classes'
  throw usageError(`--loss ${loss} is for numbers, not for classes`, classy)
}

function weightColumn(
  table: Table,
  selector: string,
  targets: readonly number[],
): { readonly index: number; readonly weights: Float64Array } {
  const [index] = columnList(table, selector, 'weight-column')
  const place = { file: table.file, column: table.names[index] }
  if (targets.includes(index)) {
    const hint = 'weights say how much a row counts, targets what is to be predicted'
    throw inputError('target-as-weight', 'the target is also named as --weight-column', { ...place, hint })
  }
  return { index, weights: weightsIn(table, index) }
}

/** Every row must have a positive weight. */
function weightsIn(table: Table, index: number): Float64Array {
  const { data } = numericColumns(table, [index])
  const row = data.findIndex((weight) => !(weight > 0))
  if (row < 0) return data
  throw inputError('bad-weight', `expected a positive weight, found ${data[row]}`, {
    file: table.file,
    row: rowNumber(table, row),
    column: table.names[index],
    hint: 'rows that are not to count must be left out of the file',
  })
}

/** What a model was weighted by, on these rows. */
export function matchingWeights(
  table: Table,
  weighting: Weighting | undefined,
  labels: readonly number[] | null,
): Float64Array | undefined {
  if (weighting === undefined) return undefined
  const { column, classes } = weighting
  const index = column === null ? -1 : table.names.indexOf(column)
  if (column !== null && index < 0) {
    const hint = `the model was trained with --weight-column ${column}; the data have ${listed(table.names)}`
    throw inputError('missing-columns', `the weights ${quoted(column)} cannot be found`, { file: table.file, hint })
  }
  const rows = index < 0 ? new Float64Array(table.rows).fill(1) : weightsIn(table, index)
  return classes === null || labels === null ? rows : rows.map((weight, i) => weight * classes[labels[i]])
}

/** Undefined where every feature is to be a number in every row. */
function rawColumns(
  table: Table,
  features: readonly number[],
  { oneHot: list, missing = 'error' }: Pick<ColumnChoice, 'oneHot' | 'missing'>,
): RawTable | undefined {
  if (list === undefined && missing === 'error') return undefined
  const categories = list === undefined ? [] : columnList(table, list, 'one-hot')
  const stranger = categories.find((k) => !features.includes(k))
  if (stranger !== undefined) {
    const hint = 'name feature columns only'
    throw inputError('not-a-feature', '--one-hot names a column that is not a feature', {
      file: table.file,
      column: table.names[stranger],
      hint,
    })
  }
  return rawTable(
    table,
    features.map((column) => ({ column, category: categories.includes(column), mayMiss: missing !== 'error' })),
  )
}

interface RawChoice {
  readonly column: number
  readonly category: boolean
  readonly mayMiss: boolean
}

/** Cells as they are; a missing one that is not provided for throws with its row. */
function rawTable(table: Table, choices: readonly RawChoice[]): RawTable {
  const columns = choices.map(({ column, category, mayMiss }) => {
    const missing = mayMiss ? undefined : missingCell(table, column)
    if (missing) throw missing
    return category ? textCells(table, column) : numericCells(table, column)
  })
  return { rows: table.rows, names: choices.map(({ column }) => table.names[column]), columns }
}

/** Numbers for rows that are trained on: what they are encoded by is learnt from them. Other data stay as they are. */
export function encoded(
  data: TrainingData,
  { missing = 'error', missingIndicator = false }: Pick<ColumnChoice, 'missing' | 'missingIndicator'>,
): { readonly data: TrainingData; readonly encoding: Encoding | undefined } {
  if (!data.raw) return { data, encoding: undefined }
  const encoding = fitEncoding(data.raw, { fill: missing, indicator: missingIndicator })
  return { data: { ...data, X: applyEncoding(encoding, data.raw) }, encoding: isPlain(encoding) ? undefined : encoding }
}

/** The feature columns of data as cells, whether or not they are simply numbers. */
export function rawOf({ raw, X, features }: TrainingData): RawTable {
  if (raw) return raw
  const columns = features.map((_, k) => Array.from({ length: X.rows }, (_row, i) => X.data[i * X.cols + k]))
  return { rows: X.rows, names: features, columns }
}

/** The names of the columns a list selects. */
export function columnNamesOf(table: Table, list: string, option: string): string[] {
  return columnList(table, list, option).map((k) => table.names[k])
}

/** One text per row: rows alike in these columns have the same. */
export function groupsOf(table: Table, names: readonly string[]): string[] {
  const columns = names.map((name) => table.columns[table.names.indexOf(name)])
  return Array.from({ length: table.rows }, (_, i) =>
    JSON.stringify(columns.map((column) => cellText(column, i).trim())),
  )
}

function featureColumns(table: Table, choice: ColumnChoice, targets: readonly number[]): number[] {
  if (choice.features !== undefined) {
    const features = columnList(table, choice.features, 'features')
    const shared = features.find((k) => targets.includes(k))
    if (shared === undefined) return features
    throw inputError('target-among-features', 'the target is also listed as a feature', {
      file: table.file,
      column: table.names[shared],
      hint: 'remove it from --features: a network that sees its target learns nothing',
    })
  }
  const excluded = choice.exclude === undefined ? [] : columnList(table, choice.exclude, 'exclude')
  const features = table.names.map((_, k) => k).filter((k) => !targets.includes(k) && !excluded.includes(k))
  if (features.length > 0) return features
  const hint =
    table.names.length === 1 ? 'if the columns are separated by something unusual, use --delimiter' : undefined
  throw inputError('no-features', 'no feature columns are left', { file: table.file, hint })
}

/** `a,b`, `"odd, name",b` or `1,3`: names or numbers, separated as in the files themselves. */
export function columnList(table: Table, list: string, option: string): number[] {
  if (list.trim() === '') throw usageError(`--${option} needs at least one column`)
  const selectors = parseCsv(list, { header: false, delimiter: ',', file: `--${option}` }).columns.map(([cell]) => cell)
  const indices = selectors.map((selector) => columnIndex(table, selector))
  const repeated = indices.find((k, position) => indices.indexOf(k) !== position)
  if (repeated === undefined) return indices
  throw inputError('repeated-column', `--${option} names the column twice`, {
    file: table.file,
    column: table.names[repeated],
  })
}

function taskOf(table: Table, targets: readonly number[], wanted: Task | 'auto'): Task {
  if (wanted === 'classification') {
    if (targets.length > 1) throw usageError('--task classification takes one target column, got several')
    return 'classification'
  }
  if (wanted === 'regression') return 'regression'
  const kinds = targets.map((target) => columnKind(table, target))
  kinds.forEach((kind, k) => {
    if (kind.kind === 'mixed') throw mixedTarget(table, targets[k], kind)
  })
  if (!kinds.some(({ kind }) => kind === 'text')) return 'regression'
  if (targets.length === 1) return 'classification'
  const text = targets[kinds.findIndex(({ kind }) => kind === 'text')]
  throw inputError('mixed-target', 'several targets must all be numbers, this one is text', {
    file: table.file,
    column: table.names[text],
    hint: 'classes come from a single target column',
  })
}

/** What a model expects of the data it is used on. */
export interface Expectation {
  readonly features: readonly string[]
  readonly targets: readonly string[]
  readonly classes: readonly ClassLabel[] | null
  /** Squared where nothing is said. */
  readonly loss?: string
  readonly encoding?: Encoding | undefined
}

/** Targets that are text: "007" must not become 7 because every row of this file happens to look like a number. */
export function textTargets({ targets, classes }: Expectation): readonly string[] {
  return classes?.some((label) => typeof label === 'string') ? targets : []
}

/** The model's feature columns, found by name, or by position in a table that has no names. Extra columns are ignored. */
export function matchingFeatures(table: Table, expected: Expectation, options: TableOptions): Numbers {
  const columns = matchingColumns(table, expected, options)
  const { encoding } = expected
  if (!encoding) return numericColumns(table, columns)
  const choices = columns.map((column, k) => {
    const own = encoding.columns[k]
    const category = own.kind === 'category'
    return { column, category, mayMiss: category ? own.allowsMissing : own.fill !== null }
  })
  return applyEncoding(encoding, rawTable(table, choices))
}

function matchingColumns(table: Table, { features }: Expectation, { header }: TableOptions): number[] {
  const missing = features.filter((name) => !table.names.includes(name))
  if (missing.length === 0) return features.map((name) => table.names.indexOf(name))
  if (!(header && table.named) && table.names.length === features.length) return features.map((_, k) => k)
  const what = `the model needs ${missing.length === 1 ? 'the column' : 'the columns'} ${listed(missing)}`
  const first = table.headerLooksLikeData ? '; if the first row is data, use --no-header' : ''
  const count = table.named ? '' : `; without names in the file, it must have exactly the ${features.length} features`
  const spare = table.names.filter((name) => !features.includes(name))
  const close = missing.length === 1 ? nearest(missing[0], spare) : undefined
  const guess = close === undefined ? '' : `is it ${quoted(close)}? `
  const hint = `${guess}the data have ${listed(table.names)}${first}${count}`
  throw inputError('missing-columns', what, { file: table.file, hint })
}

/** The model's targets in a table: numbers, or the classes the model knows as its loss wants them. */
export function matchingTargets(table: Table, expected: Expectation): { Y: Numbers; labels: number[] | null } {
  const { targets, classes, loss = 'squared' } = expected
  const missing = targets.filter((name) => !table.names.includes(name))
  if (missing.length > 0) {
    const what = `the model's ${missing.length === 1 ? 'target' : 'targets'} ${listed(missing)} cannot be found`
    throw inputError('missing-columns', what, { file: table.file, hint: `the data have ${listed(table.names)}` })
  }
  const columns = targets.map((name) => table.names.indexOf(name))
  if (classes === null) return { Y: numericColumns(table, columns), labels: null }
  const kind: LabelKind = classes.every((label) => typeof label === 'number') ? 'integer' : 'text'
  const labels = classIndices(classLabels(table, columns[0], kind), classes, { table, column: columns[0] })
  return { Y: encodeClasses(loss, labels, classes.length), labels }
}
