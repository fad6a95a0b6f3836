import {
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
  mixedTarget,
  nearest,
  type Numbers,
  numericColumns,
  parseCsv,
  quoted,
  type Table,
} from '@relucent/io'
import { inputError, usageError } from './errors.ts'
import { displayName, readInput } from './files.ts'

export type Task = 'regression' | 'classification'

export interface TableOptions {
  /** False for `--no-header`. */
  readonly header: boolean
  readonly delimiter?: string
}

export async function readTable(path: string, { header, delimiter }: TableOptions): Promise<Table> {
  return parseCsv(await readInput(path), { header, delimiter, file: displayName(path) })
}

export interface ColumnChoice {
  readonly target: string
  readonly features?: string
  readonly exclude?: string
  readonly task: Task | 'auto'
}

/** Numbers to train on: features, targets, and the classes the targets stand for. */
export interface TrainingData {
  readonly X: Numbers
  /** The target columns, or one-hot classes. */
  readonly Y: Numbers
  readonly features: readonly string[]
  readonly targets: readonly string[]
  readonly task: Task
  readonly classes: readonly ClassLabel[] | null
  /** Position of each row's class among `classes`. */
  readonly labels: readonly number[] | null
}

/** Picks the columns the options name and checks everything about them that needs no other file. */
export function trainingData(table: Table, choice: ColumnChoice): TrainingData {
  const targets = columnList(table, choice.target, 'target')
  const features = featureColumns(table, choice, targets)
  const task = taskOf(table, targets, choice.task)
  const X = numericColumns(table, features)
  if (X.data.every((value) => value === 0)) {
    const hint = 'choose other columns with --features: on these every network computes 0'
    throw inputError('zero-features', 'every feature is 0 in every row', { file: table.file, hint })
  }
  const names = (indices: readonly number[]): string[] => indices.map((k) => table.names[k])
  const common = { X, features: names(features), targets: names(targets), task }
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
  return { ...common, Y: oneHot(positions, classes.length), classes, labels: positions }
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
function columnList(table: Table, list: string, option: string): number[] {
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

export function oneHot(positions: readonly number[], classes: number): Numbers {
  const data = new Float64Array(positions.length * classes)
  positions.forEach((k, i) => {
    data[i * classes + k] = 1
  })
  return { rows: positions.length, cols: classes, data }
}

/** What a model expects of the data it is used on. */
export interface Expectation {
  readonly features: readonly string[]
  readonly targets: readonly string[]
  readonly classes: readonly ClassLabel[] | null
}

/** The model's feature columns, found by name, or by position in a table that has no names. Extra columns are ignored. */
export function matchingFeatures(table: Table, { features }: Expectation, { header }: TableOptions): Numbers {
  const missing = features.filter((name) => !table.names.includes(name))
  if (missing.length === 0) {
    return numericColumns(
      table,
      features.map((name) => table.names.indexOf(name)),
    )
  }
  if (!header && table.names.length === features.length)
    return numericColumns(
      table,
      features.map((_, k) => k),
    )
  const what = `the model needs ${missing.length === 1 ? 'the column' : 'the columns'} ${listed(missing)}`
  const first = table.headerLooksLikeData ? '; if the first row is data, use --no-header' : ''
  const spare = table.names.filter((name) => !features.includes(name))
  const close = missing.length === 1 ? nearest(missing[0], spare) : undefined
  const guess = close === undefined ? '' : `is it ${quoted(close)}? `
  const hint = `${guess}the data have ${listed(table.names)}${first}`
  throw inputError('missing-columns', what, { file: table.file, hint })
}

/** The model's targets in a table: numbers, or one-hot rows over the classes the model knows. */
export function matchingTargets(table: Table, expected: Expectation): { Y: Numbers; labels: number[] | null } {
  const { targets, classes } = expected
  const missing = targets.filter((name) => !table.names.includes(name))
  if (missing.length > 0) {
    const what = `the model's ${missing.length === 1 ? 'target' : 'targets'} ${listed(missing)} cannot be found`
    throw inputError('missing-columns', what, { file: table.file, hint: `the data have ${listed(table.names)}` })
  }
  const columns = targets.map((name) => table.names.indexOf(name))
  if (classes === null) return { Y: numericColumns(table, columns), labels: null }
  const kind: LabelKind = classes.every((label) => typeof label === 'number') ? 'integer' : 'text'
  const labels = classIndices(classLabels(table, columns[0], kind), classes, { table, column: columns[0] })
  return { Y: oneHot(labels, classes.length), labels }
}
