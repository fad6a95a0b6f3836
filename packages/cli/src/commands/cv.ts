import {
  type CvData,
  type CvOptions,
  type CvResult,
  type CvSettings,
  crossValidate,
  cvSettings,
  type Fold,
  gridOfRatios,
  hasProbabilities,
  learningCurve,
  makeFolds,
  type Progress,
  type Weighting,
} from '@relucent/core'
import { listed, type Table } from '@relucent/io'
import { type Command, Option } from 'commander'
import type { Action } from '../action.ts'
import { biasWarning } from '../advice.ts'
import { finishedOrNone, foldProgress } from '../cv/course.ts'
import type { CvFlags, CvOutputs, NamedCvFlags } from '../cv/flags.ts'
import { dependenceOn, fitRows, importanceOver, type Refit } from '../cv/inspect.ts'
import { type CvParts, cvRecord, cvWords } from '../cv/record.ts'
import { writeRefit } from '../cv/refit.ts'
import { type FoldThreads, foldThreads } from '../cv/threads.ts'
import { columnNamesOf, groupsOf, rawOf, readTable, type TrainingData, trainingData } from '../data.ts'
import { CliError, usageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { openOutput } from '../files.ts'
import { lossName } from '../fit/loss.ts'
import { checkWhitens, weightsOf } from '../fit/prepare.ts'
import { type Interrupts, listenForInterrupts } from '../interrupt.ts'
import { addOutputOptions, count, fraction, groups, notNegative, seed, threadsOption, timeLimit } from '../options.ts'
import { openSession, type Session } from '../session.ts'
import { addColumnOptions, addFreeOptions, addNetworkOptions, missingTarget } from './fit.ts'

export function addCv(program: Command, action: Action): void {
  const command = program
    .command('cv')
    .description('Chooses β by the score on rows left out, and trains on all rows with it.')
    .usage('<data> --target <columns> [options]')
    .argument('<data>', 'CSV file, or - for standard input')
  addColumnOptions(command.optionsGroup(groups.data))
  command
    .option('--group-by <columns>', 'rows alike in these columns stay together; they are no features')
    .optionsGroup(groups.problem)
  addNetworkOptions(command)
  addFreeOptions(command)
  command
    .option('--folds <k>', 'parts the rows are divided into', count, 5)
    .option('--repeats <k>', 'times they are divided anew', count, 1)
    .option('--no-stratify', 'divide classes at random, not evenly over the folds')
    .option('--points <k>', 'values of β', count, 20)
    .addOption(
      new Option('--smallest-ratio <r>', 'the last β as a share of βmax').argParser(fraction).default(1e-4, '1e-4'),
    )
    .addOption(
      new Option('--metric <metric>', 'what decides (default: accuracy for classes, rmse for numbers)').choices([
        'accuracy',
        'balanced-accuracy',
        'log-loss',
        'auc',
        'r2',
        'rmse',
        'mae',
      ]),
    )
    .addOption(
      new Option('--rule <rule>', 'one-se: the largest β within one standard error of the best')
        .choices(['one-se', 'best'])
        .default('one-se'),
    )
    .optionsGroup(groups.search)
    .addOption(
      new Option('--tolerance <e>', 'relative gap at which a fit is done').argParser(notNegative).default(1e-4, '1e-4'),
    )
    .option('--fit-time-limit <s>', 'seconds for one fit, or none for no limit', timeLimit, 10)
    .option('--time-limit <s>', 'seconds for the fit on all rows, or none for no limit', timeLimit, 300)
    .option('--seed <k>', 'of the folds and of the random starts', seed, 0)
    .addOption(threadsOption('folds at work at a time; 1 starts no threads'))
    .option('--learning-curve', 'score with a part of the training rows as well')
    .option('--importance', 'how much the score loses when a column is shuffled')
    .option('--dependence <columns>', 'mean outputs as a function of these feature columns')
    .optionsGroup(groups.files)
    .option('--resume <file>', 'keep finished folds in this file, and go on from it')
    .option('--out <file>', 'where the model trained on all rows goes', 'model.json')
    .option('--no-refit', 'train no model on all rows')
    .option('--figure <file>', 'draw the score against β, as SVG')
    .option('--force', 'overwrite existing files')
  addOutputOptions(command)
  command.addHelpText('after', examples)
  command.action((data: string, flags: CvFlags) => action(() => cv(data, flags)))
}

const examples = `
Examples:
  relucent cv data.csv --target y --folds 3 --points 6 --fit-time-limit 2
  relucent cv iris.csv --target species --bias --folds 3 --points 6 --fit-time-limit 2 --out chosen.json --figure cv.svg
  relucent cv iris.csv --target species --loss softmax --output-bias --class-weight balanced --metric log-loss --folds 3 --points 3 --smallest-ratio 0.1 --fit-time-limit 2 --out classes.json`

async function cv(path: string, { target, ...others }: CvFlags): Promise<number> {
  if (target === undefined) throw await missingTarget(path, others)
  const flags = { ...others, target, lossName: lossName(others) }
  const session = openSession(flags, flags.tolerance)
  const outputs = await openOutputs(flags)
  const table = await readTable(path, flags)
  const grouped = flags.groupBy === undefined ? [] : columnNamesOf(table, flags.groupBy, 'group-by')
  const exclude = [flags.exclude, flags.groupBy].filter((list) => list !== undefined).join(',')
  const columns = flags.features === undefined && exclude !== '' ? { ...flags, exclude } : flags
  const data = trainingData(table, columns)
  const warning =
    flags.bias || flags.outputBias || data.task === 'classification' ? undefined : biasWarning(data.Y, data.targets)
  if (warning !== undefined) session.terminal.warn(warning)
  const groupKeys = grouped.length > 0 ? groupsOf(table, grouped) : null
  const dependence = dependenceColumns(table, data, flags)
  return validated(data, flags, { groupKeys, dependence, session, outputs, path })
}

/** Looked up before anything is trained. */
function dependenceColumns(table: Table, { features }: TrainingData, flags: CvFlags): string[] | undefined {
  if (flags.dependence === undefined) return undefined
  if (!flags.refit) throw usageError('--dependence is about the network trained on all rows', 'leave out --no-refit')
  const names = columnNamesOf(table, flags.dependence, 'dependence')
  const stranger = names.find((name) => !features.includes(name))
  if (stranger === undefined) return names
  throw usageError(`--dependence names ${stranger}, which is not a feature`, `the features are ${listed(features)}`)
}

async function openOutputs({ refit, out, figure, resume, force = false }: CvFlags): Promise<CvOutputs> {
  const named = [refit ? out : undefined, figure, resume].filter((name) => name !== undefined)
  if (new Set(named).size < named.length) throw usageError('--out, --figure and --resume must name different files')
  return {
    model: refit ? await openOutput(out, { force }) : undefined,
    figure: figure === undefined ? undefined : await openOutput(figure, { force }),
  }
}

interface Surroundings {
  readonly groupKeys: readonly string[] | null
  readonly dependence: readonly string[] | undefined
  readonly session: Session
  readonly outputs: CvOutputs
  readonly path: string
}

async function validated(data: TrainingData, flags: NamedCvFlags, around: Surroundings): Promise<number> {
  const { session, outputs } = around
  const { terminal } = session
  const { Y, labels, weights } = data
  const given: CvData = { table: rawOf(data), Y, labels, ...(weights && { weights }) }
  const { weighting } = weightsOf(data, flags.classWeight)
  const settings = settingsOf(given, flags, weighting)
  checkMetric(flags, settings, data.task)
  const strata = flags.stratify ? data.labels : null
  const { folds: k, repeats, seed: first } = flags
  const folds = makeFolds(data.X.rows, { folds: k, repeats, seed: first, strata, groups: around.groupKeys })
  const finished = await finishedOrNone(flags.resume, { data: given, folds, settings })
  const start = performance.now()
  const interrupts = listenForInterrupts(() => terminal.note('stopping: the folds that are done are reported'))
  const onProgress = foldProgress(folds, terminal)
  const threads = foldThreads({ signal: interrupts.signal, onProgress })
  try {
    terminal.start('cross-validation')
    const options = optionsOf({ settings, folds, flags, threads, onProgress, signal: interrupts.signal })
    const onFold = finished ? { finished: finished.results, onFold: finished.add } : {}
    const result = await crossValidate(given, { ...options, ...onFold }).catch((error: unknown) => {
      throw interrupts.exitCode() === undefined ? error : interrupted(interrupts)
    })
    const parts = await inspected(given, { result, settings, options, flags, around, interrupts })
    terminal.stop()
    const { ratio } = result.rows[result.chosen]
    if (parts.refit && outputs.model)
      await writeRefit(outputs.model, data, flags, { refit: parts.refit, ratio, weighting })
    const seconds = (performance.now() - start) / 1000
    const exitCode = interrupts.exitCode() ?? exitCodes.done
    const record = cvRecord(data, flags, parts, { outputs, seconds, exitCode, warnings: terminal.warnings })
    if (outputs.figure) {
      // The library of figures is loaded only where one is drawn.
      const { cvFigure } = await import('../cv/figure.ts')
      await outputs.figure.write(cvFigure(record, record.metric))
    }
    session.result(record, cvWords(record, around.path))
    return exitCode
  } finally {
    terminal.stop()
    threads.close()
    interrupts.dispose()
  }
}

interface Course {
  readonly settings: CvSettings
  readonly folds: readonly Fold[]
  readonly flags: CvFlags
  readonly threads: FoldThreads
  readonly onProgress: NonNullable<CvOptions['onProgress']>
  readonly signal: AbortSignal
}

function optionsOf({ settings, folds, flags, threads, onProgress, signal }: Course): CvOptions {
  const { metric, rule } = flags
  const concurrency = Math.min(flags.threads, folds.length)
  const run: CvOptions['run'] = (data, task, how) => threads.run(data, task, how)
  const common = { ...settings, folds, rule, concurrency, signal, onProgress }
  return { ...common, ...(metric !== undefined && { metric }), ...(concurrency > 1 && { run }) }
}

/** What comes after the choice; nothing where it was interrupted. */
async function inspected(
  data: CvData,
  run: {
    readonly result: CvResult
    readonly settings: CvSettings
    readonly options: CvOptions
    readonly flags: CvFlags
    readonly around: Surroundings
    readonly interrupts: Interrupts
  },
): Promise<CvParts> {
  const { result, settings, options, flags, around, interrupts } = run
  const { signal } = interrupts
  const { ratio } = result.rows[result.chosen]
  const at = { settings, ratio, signal }
  const goes = (): boolean => result.complete && !signal.aborted
  const curve =
    goes() && flags.learningCurve
      ? await learningCurve(data, ratio, options).catch((error: unknown) => {
          if (signal.aborted) return null
          throw error
        })
      : null
  const importance = goes() && flags.importance ? await importanceOver(data, options.folds, result.metric, at) : null
  const refit = goes() && around.outputs.model ? await refitted(data, at, flags, around.session) : undefined
  const dependence = refit && around.dependence ? dependenceOn(data, around.dependence, refit, settings) : null
  return { result, curve: signal.aborted ? null : curve, importance, dependence, refit, settings }
}

function checkMetric({ metric }: CvFlags, { metrics, loss }: CvSettings, task: string): void {
  if (metric === undefined || metrics.includes(metric)) return
  if (metric === 'log-loss' && task === 'classification' && !hasProbabilities(loss)) {
    const hint = 'choose --loss softmax or --loss logistic, or another --metric'
    throw usageError(`--metric log-loss needs probabilities, which --loss ${loss} does not give`, hint)
  }
  throw usageError(`--metric ${metric} is not for ${task}`, `choose one of ${listed(metrics)}`)
}

function settingsOf(data: CvData, flags: NamedCvFlags, weighting: Weighting | undefined): CvSettings {
  const {
    missing: fill = 'error',
    missingIndicator: indicator = false,
    bias = false,
    lossName: loss,
    classWeight,
    outputBias = false,
    skip = false,
    preprocess,
    explainedVariance,
  } = flags
  checkWhitens(preprocess, explainedVariance)
  const { tolerance, seed: first, fitTimeLimit: pointTimeLimitSeconds } = flags
  return cvSettings(data, {
    ratios: gridOfRatios(flags.points, flags.smallestRatio),
    missing: { fill, indicator },
    bias,
    loss,
    // Balanced weights are made of the rows of each fold.
    classWeight: classWeight === 'balanced' ? classWeight : (weighting?.classes ?? undefined),
    outputBias,
    skip,
    preprocess,
    explainedVariance,
    tolerance,
    pointTimeLimitSeconds,
    seed: first,
  })
}

function refitted(
  data: CvData,
  inspected: Parameters<typeof fitRows>[2],
  { timeLimit: timeLimitSeconds }: CvFlags,
  { terminal }: Session,
): Promise<Refit | undefined> {
  const rows = Array.from({ length: data.table.rows }, (_, i) => i)
  const onProgress = (progress: Progress): void =>
    terminal.progress({ ...progress, phase: `on all rows: ${progress.phase}` })
  return fitRows(data, rows, inspected, { timeLimitSeconds, onProgress })
}

function interrupted(interrupts: Interrupts): CliError {
  const what = 'interrupted before a fold was done'
  return new CliError(interrupts.exitCode() ?? exitCodes.interrupted, 'interrupted', what)
}
