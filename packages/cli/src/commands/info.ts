import { availableParallelism } from 'node:os'
import { createProblem, type Model } from '@relucent/core'
import {
  cellText,
  collect,
  columnKind,
  decodeText,
  formatOfName,
  headOf,
  isNumberColumn,
  numericColumns,
  parseNumber,
  type Table,
} from '@relucent/io'
import type { Command } from 'commander'
import type { Action } from '../action.ts'
import { chosenBackend } from '../backend.ts'
import { labelsBeside, tableFrom } from '../data.ts'
import { exitCodes } from '../exit-codes.ts'
import { displayName, fileSource } from '../files.ts'
import { proofFigures } from '../fit/figures.ts'
import { counted, formatGap, formatValue } from '../format.ts'
import { parseModelText } from '../model-file.ts'
import { createMeter } from '../meter.ts'
import { addOutputOptions, addTableOptions, type OutputFlags, type TableFlags } from '../options.ts'
import { finiteOrNull, schemaVersion } from '../output.ts'
import type { ColumnSummary, DataRecord, ModelRecord, ProgramRecord } from '../records.ts'
import { openSession, type Session, version } from '../session.ts'
import { defaultThreads } from '../threads.ts'

type InfoFlags = TableFlags & OutputFlags

export function addInfo(program: Command, action: Action): void {
  const command = program
    .command('info')
    .description('Describes a data file or a model; without a file, this installation.')
    .argument('[file]', 'data file in any format, - for standard input, or model.json')
  addOutputOptions(addTableOptions(command))
    .addHelpText('after', '\nExamples:\n  relucent info data.csv\n  relucent info model.json')
    .action((file: string | undefined, flags: InfoFlags) => action(() => info(file, flags)))
}

async function info(path: string | undefined, flags: InfoFlags): Promise<number> {
  const session = openSession(flags)
  if (path === undefined) await aboutProgram(session)
  else await aboutFile(path, flags, session)
  return exitCodes.done
}

const common = { command: 'info', schemaVersion, version, exitCode: exitCodes.done } as const

async function aboutProgram(session: Session): Promise<void> {
  const { inUse, others } = await chosenBackend()
  const record: ProgramRecord = {
    ...common,
    subject: 'program',
    node: process.version,
    backend: inUse,
    otherBackends: others,
    threads: defaultThreads(),
  }
  session.result(
    record,
    [
      `relucent ${version}`,
      `node     ${process.version} on ${process.platform} ${process.arch}`,
      `backend  ${inUse}`,
      ...others.map(({ name, reason }) => `         not ${name}: ${reason}`),
      `threads  ${record.threads} of ${availableParallelism()}`,
    ].join('\n'),
  )
}

async function aboutFile(path: string, flags: InfoFlags, session: Session): Promise<void> {
  const meter = createMeter(`reading ${displayName(path)}`, { screen: process.stderr, quiet: flags.quiet })
  const source = await fileSource(path, meter.update)
  const head = new TextDecoder().decode(await headOf(source, 64)).trimStart()
  const isModel = head.startsWith('{') && flags.dataFormat === undefined && formatOfName(path)?.name !== 'jsonl'
  if (isModel) {
    const text = decodeText(await collect(source, Number.POSITIVE_INFINITY), { file: displayName(path) })
    aboutModel(path, parseModelText(text, path), session)
    return
  }
  const labels = flags.labels ?? (await labelsBeside(path))
  const table = await tableFrom(source, { ...flags, labels }).finally(meter.stop)
  aboutTable(table, session)
}

function aboutTable(table: Table, session: Session): void {
  const columns = table.names.map((name, k) => summarise(table, name, k))
  const usable = columns.flatMap(({ kind, missing }, k) => (kind === 'numeric' && missing === 0 ? [k] : []))
  const record: DataRecord = { ...common, subject: 'data', n: table.rows, columns, rank: rankOf(table, usable) }
  const rows = columns.map(({ name, kind, missing, distinct, min, max }) => [
    name,
    kind,
    counted(distinct, 'value'),
    kind === 'numeric' ? `${formatValue(min ?? Number.NaN)} … ${formatValue(max ?? Number.NaN)}` : '',
    missing > 0 ? `${missing} missing` : '',
  ])
  const over = `over the ${counted(usable.length, 'numeric column')}`
  const rank = record.rank === null ? '' : `, rank ${record.rank} ${over}`
  const more = rows.length - mostListed
  const listed =
    more > 0
      ? [...aligned(rows.slice(0, mostListed)), `  … and ${counted(more, 'column')} more; --json lists all`]
      : aligned(rows)
  session.result(
    record,
    [`${counted(table.rows, 'row')} of ${counted(rows.length, 'column')}${rank}`, '', ...listed].join('\n'),
  )
}

function summarise(table: Table, name: string, k: number): ColumnSummary {
  const cells = table.columns[k]
  const { kind } = columnKind(table, k)
  let missing = 0
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < table.rows; i++) {
    const cell = isNumberColumn(cells) && Number.isFinite(cells[i]) ? cells[i] : cellText(cells, i)
    const parsed = typeof cell === 'number' ? { kind: 'number' as const, value: cell } : parseNumber(cell)
    if (parsed.kind === 'number') {
      min = Math.min(min, parsed.value)
      max = Math.max(max, parsed.value)
    } else if (isMissing(parsed.kind, kind, String(cell))) missing++
  }
  return {
    name,
    kind,
    missing,
    distinct: isNumberColumn(cells) ? new Set(cells).size : new Set(cells.map((cell) => cell.trim())).size,
    min: kind === 'numeric' ? finiteOrNull(min) : null,
    max: kind === 'numeric' ? finiteOrNull(max) : null,
  }
}

/** "none" is a missing number, but may well be a label. */
function isMissing(cell: string, column: string, text: string): boolean {
  if (column === 'text') return text.trim() === ''
  return cell === 'missing' || cell === 'not-finite' || cell === 'overflow'
}

/** What fits on a screen: images have a column for each pixel. */
const mostListed = 40

/** Multiplications that finding the rank may take: some seconds of them. */
const mostForRank = 2e9

/** Null where there is nothing to find it of, or so much that `info` would no longer be quick. */
function rankOf(table: Table, columns: readonly number[]): number | null {
  if (columns.length === 0 || table.rows * columns.length * Math.min(table.rows, columns.length) > mostForRank)
    return null
  const X = numericColumns(table, columns)
  return createProblem({ X, Y: new Array<number>(X.rows).fill(0), beta: 1 }).reduction.rank
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, k) => rows.reduce((most, row) => Math.max(most, row[k].length), 0))
  return rows.map((row) => `  ${row.map((cell, k) => cell.padEnd(widths[k])).join('  ')}`.trimEnd())
}

function aboutModel(path: string, model: Model, session: Session): void {
  const { network, task, classes, featureNames, targetNames, preprocessing, bias, certificate } = model
  const proof = { status: model.status, ...proofFigures(certificate), ...certificate.problem }
  const record: ModelRecord = {
    ...common,
    subject: 'model',
    neurons: network.neurons.length,
    task,
    classes,
    features: featureNames,
    targets: targetNames,
    preprocessing: preprocessing.kind,
    bias,
    proof,
  }
  const kind = classes === null ? 'regression' : `classification into ${classes.join(', ')}`
  session.result(
    record,
    [
      `${path}: ${kind}`,
      `network    ${network.inputs} inputs${bias ? ' with the bias' : ''}, ${counted(record.neurons, 'neuron')}, ${network.outputs} outputs`,
      `features   ${featureNames.join(', ')}`,
      `targets    ${targetNames.join(', ')}`,
      `prepared   ${preprocessing.kind}`,
      `trained    ${model.status}: objective ${formatValue(certificate.objective)}, lower bound ` +
        `${formatValue(certificate.lowerBound)}, relative gap ${formatGap(certificate.relativeGap)}`,
      `problem    β = ${proof.beta}, n = ${proof.n}, d = ${proof.d}, c = ${proof.c}, rank ${proof.rank}, data ${proof.dataHash}`,
    ].join('\n'),
  )
}
