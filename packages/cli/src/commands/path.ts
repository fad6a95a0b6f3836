import { type Path, path, type PathPoint } from '@relucent/core'
import { writeCsv } from '@relucent/io'
import { type Command, Option } from 'commander'
import type { Action } from '../action.ts'
import { expectation } from '../advice.ts'
import { CliError, usageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { type OutputFile, openOutput } from '../files.ts'
import { columnsOf, problemFigures, proofFigures } from '../fit/figures.ts'
import { lossName } from '../fit/loss.ts'
import { type Prepared, prepare } from '../fit/prepare.ts'
import { counted, formatGap, formatScore, formatSeconds, formatValue } from '../format.ts'
import { type Interrupts, listenForInterrupts } from '../interrupt.ts'
import { metricNames, score } from '../metrics.ts'
import {
  addOutputOptions,
  count,
  fraction,
  groups,
  seed,
  threadsOption,
  timeLimit,
  toleranceOption,
} from '../options.ts'
import { finiteOrNull, schemaVersion } from '../output.ts'
import type { PathPointRecord, PathRecord } from '../records.ts'
import { openSession, type Session, version } from '../session.ts'
import { textTable } from '../text-table.ts'
import { nodeThreads } from '../threads.ts'
import {
  addColumnOptions,
  addFreeOptions,
  addNetworkOptions,
  type FitFlags,
  missingTarget,
  type TrainingFlags,
} from './fit.ts'

interface PathFlags extends TrainingFlags, Pick<FitFlags, 'test' | 'testFraction'> {
  readonly points: number
  readonly smallestRatio: number
  readonly maxNeurons?: number
  readonly explained?: number
  readonly table?: string
  readonly figure?: string
}

export function addPath(program: Command, action: Action): void {
  const command = program
    .command('path')
    .description('Trains along a grid of β from βmax down, each network with its own certificate.')
    .usage('<data> --target <columns> [options]')
    .argument('<data>', 'CSV file, or - for standard input')
  addColumnOptions(command.optionsGroup(groups.data))
  addNetworkOptions(command.optionsGroup(groups.problem))
  addFreeOptions(command)
  command
    .option('--points <k>', 'values of β', count, 100)
    .addOption(
      new Option('--smallest-ratio <r>', 'the last β as a share of βmax').argParser(fraction).default(1e-4, '1e-4'),
    )
    .optionsGroup(groups.search)
    .option('--max-neurons <m>', 'end after the first network with more neurons', count)
    .option('--explained <f>', 'end once this share of the loss of the zero network is explained', fraction)
    .addOption(toleranceOption('relative gap at which a β is done'))
    .option('--time-limit <s>', 'seconds for the whole path, or none for no limit', timeLimit, 300)
    .option('--seed <k>', 'of the random starts and of --test-fraction', seed, 0)
    .addOption(threadsOption())
    .optionsGroup(groups.files)
    .addOption(new Option('--test <file>', 'score on these rows as well').conflicts('testFraction'))
    .option('--test-fraction <f>', 'set this share of the rows aside and score on them', fraction)
    .option('--table <file>', 'write a row for each β, as CSV')
    .option('--figure <file>', 'draw objective, score, neurons and gap against β, as SVG')
    .option('--force', 'overwrite existing files')
  addOutputOptions(command)
  command.addHelpText('after', examples)
  command.action((data: string, flags: PathFlags) => action(() => run(data, flags)))
}

const examples = `
Examples:
  relucent path data.csv --target y --points 20
  relucent path iris.csv --target species --loss logistic --output-bias --points 5 --smallest-ratio 0.1
  relucent path iris.csv --target species --bias --points 10 --smallest-ratio 0.01 --figure path.svg --table path.csv`

interface Outputs {
  readonly table: OutputFile | undefined
  readonly figure: OutputFile | undefined
}

async function run(data: string, { target, ...others }: PathFlags): Promise<number> {
  if (target === undefined) throw await missingTarget(data, others)
  const flags = { ...others, target, lossName: lossName(others) }
  const session = openSession(flags, flags.tolerance)
  const { terminal } = session
  if (flags.table !== undefined && flags.table === flags.figure) {
    throw usageError('--table and --figure name the same file')
  }
  const open = async (name: string | undefined): Promise<OutputFile | undefined> =>
    name === undefined ? undefined : openOutput(name, { force: flags.force ?? false })
  const outputs: Outputs = { table: await open(flags.table), figure: await open(flags.figure) }
  const prepared = await prepare(data, flags, terminal)
  terminal.note(expectation(prepared.problem))
  const threads = nodeThreads(flags.threads)
  const interrupts = listenForInterrupts(() => terminal.note('stopping: the β that are done are reported'))
  try {
    terminal.start('looking for βmax')
    const solved = await path(prepared.problem, {
      points: flags.points,
      smallestRatio: flags.smallestRatio,
      seed: flags.seed,
      threads,
      tolerance: flags.tolerance,
      timeLimitSeconds: flags.timeLimit,
      signal: interrupts.signal,
      ...(flags.maxNeurons !== undefined && { maxNeurons: flags.maxNeurons }),
      ...(flags.explained !== undefined && { explainedShare: flags.explained }),
      onProgress: ({ point, points, beta, ...progress }) =>
        terminal.progress({
          ...progress,
          phase: `β ${point + 1} of ${points}, ${formatValue(beta)}: ${progress.phase}`,
        }),
    })
    terminal.stop()
    if (solved.points.length === 0) throw nothingSolved(solved, interrupts)
    const record = recordOf(prepared, flags, solved, { outputs, session, interrupts })
    await write(record, outputs)
    session.result(record, words(record, solved))
    return record.exitCode
  } finally {
    terminal.stop()
    threads.close()
    interrupts.dispose()
  }
}

function nothingSolved({ ended }: Path, interrupts: Interrupts): CliError {
  const code = interrupts.exitCode()
  if (code !== undefined) return new CliError(code, 'interrupted', 'interrupted before a network was found')
  return new CliError(exitCodes.open, ended, 'no β was solved within the time limit', { hint: 'raise --time-limit' })
}

async function write(record: PathRecord, { table, figure }: Outputs): Promise<void> {
  const names = [
    'beta',
    'ratio',
    'status',
    'objective',
    'lowerBound',
    'relativeGap',
    'boundFrom',
    'loss',
    'neurons',
    'train',
    'test',
    'seconds',
  ]
  const rows = record.points.map((point) => [
    point.beta,
    point.betaRatio ?? '',
    point.status,
    point.objective ?? '',
    point.lowerBound ?? '',
    point.relativeGap ?? '',
    point.boundFrom,
    point.loss ?? '',
    point.neurons,
    point.train ?? '',
    point.test ?? '',
    point.elapsedSeconds,
  ])
  await table?.write(writeCsv(names, rows))
  if (!figure) return
  // The library of figures is loaded only where one is drawn.
  const { pathFigure } = await import('../path/figure.ts')
  await figure.write(pathFigure(record, metricNames[record.metric]))
}

function recordOf(
  prepared: Prepared,
  flags: PathFlags,
  solved: Path,
  { outputs, session, interrupts }: { outputs: Outputs; session: Session; interrupts: Interrupts },
): PathRecord {
  const metric = prepared.data.task === 'classification' ? 'accuracy' : 'r2'
  const { beta: _, ...figures } = problemFigures(prepared.problem)
  const certified = solved.points.filter(({ status }) => status === 'optimal').length
  return {
    command: 'path',
    schemaVersion,
    version,
    status: solved.ended,
    certified,
    tolerance: flags.tolerance,
    points: solved.points.map((point) => pointRecord(point, prepared, metric)),
    metric,
    ...figures,
    betaMax: finiteOrNull(solved.betaMax.value),
    betaMaxBound: finiteOrNull(solved.betaMax.bound),
    ...columnsOf(prepared),
    solver: solved.points[0].solver,
    elapsedSeconds: solved.elapsedSeconds,
    seed: flags.seed,
    threads: flags.threads,
    table: outputs.table?.path ?? null,
    figure: outputs.figure?.path ?? null,
    warnings: session.terminal.warnings,
    exitCode: interrupts.exitCode() ?? exitCodeOf(solved, certified),
  }
}

function pointRecord(point: PathPoint, { train, test }: Prepared, metric: 'accuracy' | 'r2'): PathPointRecord {
  const { beta, ratio, status, certificate, loss, network, tracks, elapsedSeconds } = point
  return {
    beta,
    betaRatio: finiteOrNull(ratio),
    status,
    ...proofFigures(certificate),
    loss: finiteOrNull(loss),
    neurons: network.neurons.length,
    tracks,
    train: finiteOrNull(score(metric, network, train)),
    test: test === undefined ? null : finiteOrNull(score(metric, network, test)),
    elapsedSeconds,
  }
}

/** 0 where every β that was asked for, or needed by a stop rule, is certified. */
function exitCodeOf({ ended, points }: Path, certified: number): number {
  if (ended === 'numerical-error') return exitCodes.numerical
  return ended !== 'time-limit' && certified === points.length ? exitCodes.done : exitCodes.open
}

const endings: Readonly<Record<PathRecord['status'], string>> = {
  complete: '',
  'neuron-limit': ' The path ended at --max-neurons.',
  explained: ' The path ended where --explained is reached.',
  'time-limit': ' The time was up before the last β.',
  interrupted: ' It was interrupted.',
  'numerical-error': ' It ended in a numerical failure.',
}

function words(record: PathRecord, { points }: Path): string {
  const { certified, tolerance, metric, status, elapsedSeconds, table, figure } = record
  const tested = record.points.some(({ test }) => test !== null)
  const shown = [
    [
      'β',
      'β/βmax',
      'objective',
      'gap',
      'bound from',
      'neurons',
      metricNames[metric],
      ...(tested ? ['on test rows'] : []),
    ],
    ...record.points.map((point) => [
      formatValue(point.beta),
      formatScore(point.betaRatio ?? Number.NaN),
      formatValue(point.objective ?? Number.NaN),
      formatGap(point.relativeGap),
      point.boundFrom,
      String(point.neurons),
      formatScore(point.train ?? Number.NaN),
      ...(tested ? [formatScore(point.test ?? Number.NaN)] : []),
    ]),
  ]
  const files = [table, figure].filter((name) => name !== null)
  return [
    `${certified} of ${counted(points.length, 'network')} certified to a relative gap of ${tolerance}.${endings[status]}`,
    '',
    textTable(shown),
    '',
    `${formatSeconds(elapsedSeconds)}.${files.length > 0 ? ` Wrote ${files.join(' and ')}.` : ''}`,
  ].join('\n')
}
