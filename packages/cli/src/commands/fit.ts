import { type LossName, lossNames } from '@relucent/core'
import { listed } from '@relucent/io'
import { type Command, Option } from 'commander'
import type { Action } from '../action.ts'
import { resolvedSettings } from '../config/settings.ts'
import { type ColumnChoice, readTable, type Task } from '../data.ts'
import { usageError } from '../errors.ts'
import { dryRun } from '../fit/dry-run.ts'
import { classWeight, type ClassWeightFlag, lossName } from '../fit/loss.ts'
import { openOutputs } from '../fit/outputs.ts'
import { type Prepared, prepare } from '../fit/prepare.ts'
import { solve } from '../fit/solve.ts'
import { type OracleName, type SolverName, solverNames } from '../fit/solvers.ts'
import {
  addOutputOptions,
  addTableOptions,
  count,
  fraction,
  groups,
  notNegative,
  type OutputFlags,
  positive,
  seed,
  type TableFlags,
  threadsOption,
  timeLimit,
  toleranceOption,
} from '../options.ts'
import type { PreprocessingName } from '../records.ts'
import { openSession } from '../session.ts'

/** What every command says that proves what it trains: data, network, limits. After defaults. */
export interface TrainingFlags extends TableFlags, OutputFlags, Omit<ColumnChoice, 'target'> {
  readonly target?: string
  readonly task: Task | 'auto'
  readonly loss: LossName
  readonly quantile?: number
  readonly epsilon?: number
  readonly delta?: number
  readonly arch: 'dense'
  readonly bias?: boolean
  readonly outputBias?: boolean
  readonly skip?: boolean
  readonly classWeight?: ClassWeightFlag
  readonly preprocess: PreprocessingName
  readonly explainedVariance?: number
  readonly tolerance: number
  readonly timeLimit: number
  readonly seed: number
  readonly threads: number
  readonly force?: boolean
}

export interface FitFlags extends TrainingFlags {
  readonly beta?: number
  readonly betaRatio?: number
  readonly solver: SolverName
  readonly oracle: OracleName
  readonly init?: string
  readonly absoluteTolerance: number
  readonly maxIterations: number
  readonly test?: string
  readonly testFraction?: number
  readonly out: string
  readonly certificate?: string
  readonly proof?: string
  readonly report?: string
  readonly dryRun?: boolean
}

export function addFit(program: Command, action: Action): void {
  const command = program
    .command('fit')
    .description('Trains a network and proves how good it is.')
    .usage('<data> --target <columns> [options]')
    .argument('<data>', 'data file in any format, or - for standard input')
  addColumnOptions(command.optionsGroup(groups.data))
  addProblemOptions(command.optionsGroup(groups.problem))
  addFreeOptions(command)
  addSolverOptions(command.optionsGroup(groups.search))
  addFileOptions(command.optionsGroup(groups.files))
  addOutputOptions(command)
  command.addHelpText('after', examples)
  command.action((data: string, flags: FitFlags) => action(() => fit(data, flags, command)))
}

const examples = `
Examples:
  relucent fit data.csv --target y
  relucent fit iris.csv --target species --bias --beta 0.5 --out iris.json
  relucent fit small.csv --target y --solver copositive
  relucent fit small.csv --target y --solver semidefinite
  relucent fit small.csv --target y --solver hybrid --time-limit 20
  relucent fit iris.csv --target species --beta 1 --proof proof.bin --threads 2
  relucent fit iris.csv --target species --bias --beta 0.5 --report iris.html
  relucent fit iris.csv --target species --loss softmax --output-bias --class-weight balanced --out classes.json
  relucent fit data.csv --target y --loss pinball --quantile 0.9 --bias --out quantile.json
  relucent fit people.csv --target income --one-hot town --missing median --bias
  relucent fit data.csv --config fit.yaml --dry-run
  relucent fit images.csv --target class --beta 1 --preprocess whiten-rows --solver soft-thresholded-svd`

export function addColumnOptions(command: Command, targetIs = 'required'): void {
  addTableOptions(
    command
      .option('--target <columns>', `target columns, by name or number from 1, separated by commas (${targetIs})`)
      .addOption(
        new Option('--features <columns>', 'feature columns (default: all but the targets)').conflicts('exclude'),
      )
      .option('--exclude <columns>', 'columns that are not features')
      .addOption(
        new Option('--task <task>', 'auto: numbers are regressed on, text is classified')
          .choices(['auto', 'regression', 'classification'])
          .default('auto'),
      ),
  )
}

export function addProblemOptions(command: Command): void {
  addNetworkOptions(command)
  command
    .addOption(new Option('--beta <b>', 'weight decay β').argParser(positive).conflicts('betaRatio'))
    .option(
      '--beta-ratio <r>',
      'β as a share of βmax, where the optimum becomes the zero network (default: 0.01)',
      positive,
    )
}

/** What is trained, but for β. */
export function addNetworkOptions(command: Command): void {
  command
    .addOption(
      new Option('--loss <loss>', 'what is summed over rows; the last four are for classes')
        .choices(lossNames)
        .default('squared'),
    )
    .option('--quantile <q>', 'of --loss pinball (default: 0.5, the median)', fraction)
    .option('--epsilon <e>', 'of --loss epsilon-insensitive: errors below it cost nothing (default: 0.1)', notNegative)
    .option('--delta <d>', 'of --loss huber: errors beyond it count linearly (default: 1)', positive)
    .option('--weight-column <column>', 'how often each row counts: a column of positive numbers, no feature')
    .option('--class-weight <w>', 'balanced, or how much classes count, as in a=2,b=1', classWeight)
    .addOption(new Option('--arch <architecture>', 'network architecture').choices(['dense']).default('dense'))
  addFeatureOptions(command)
}

/** What becomes of the features before anything is fitted to them. */
export function addFeatureOptions(command: Command): void {
  command
    .option('--bias', 'append a column of ones, inside the weight decay')
    .addOption(
      new Option(
        '--preprocess <how>',
        'scale or whiten the features, the latter as they are, less row or less column means',
      )
        .choices(['none', 'standardize', 'minmax', 'whiten', 'whiten-rows', 'whiten-columns'])
        .default('none'),
    )
    .option('--explained-variance <f>', 'whitening keeps the fewest directions with this share of the square', fraction)
    .option('--one-hot <columns>', 'feature columns that hold categories: one 0/1 column each')
    .addOption(
      new Option('--missing <policy>', 'cells without a value: refuse them, or put the mean or median of the column')
        .choices(['error', 'mean', 'median'])
        .default('error'),
    )
    .option('--missing-indicator', 'a 0/1 column beside each that has missing cells')
}

/** What is outside the weight decay; only what proves its results has it. */
export function addFreeOptions(command: Command): void {
  command
    .option('--output-bias', 'a constant per output, outside the weight decay')
    .option('--skip', 'a linear part of the features, outside the weight decay')
}

function addSolverOptions(command: Command): void {
  command
    .addOption(
      new Option(
        '--solver <solver>',
        'how the network is found; others than the default are for comparison and special data',
      )
        .choices(solverNames)
        .default('column-generation'),
    )
    .addOption(
      new Option('--oracle <oracle>', 'what proves the bound; auto: planar up to rank 2, branch and bound above')
        .choices(['auto', 'planar', 'branch-and-bound', 'enumeration'])
        .default('auto'),
    )
    .option('--init <model>', 'start from this model.json')
    .addOption(toleranceOption('relative gap at which the fit is done'))
    .option('--absolute-tolerance <e>', 'gap at which the fit is done as well', notNegative, 0)
    .option('--time-limit <s>', 'seconds, or none for no limit', timeLimit, 300)
    .option('--max-iterations <k>', 'rounds of the solver', count, 1000)
    .option('--seed <k>', 'of the random starts and of --test-fraction', seed, 0)
    .addOption(threadsOption())
}

function addFileOptions(command: Command): void {
  command
    .addOption(new Option('--test <file>', 'score on these rows as well').conflicts('testFraction'))
    .option('--test-fraction <f>', 'set this share of the rows aside and score on them', fraction)
    .option('--out <file>', 'where the model goes', 'model.json')
    .option('--force', 'overwrite existing files')
    .option('--certificate <file>', 'write the dual certificate, for relucent verify')
    .option('--proof <file>', 'write a proof of the bound, which relucent verify checks without any search')
    .option('--report <file>', 'write a page with figures about the fit, which any browser opens')
    .option('--dry-run', 'say what would be solved, and write nothing')
}

async function fit(path: string, { target, ...others }: FitFlags, command: Command): Promise<number> {
  if (target === undefined) throw await missingTarget(path, others)
  const flags = { ...others, target, lossName: lossName(others) }
  const session = openSession(flags, flags.tolerance)
  const outputs = flags.dryRun ? undefined : await openOutputs(flags)
  const prepared: Prepared = await prepare(path, flags, session.terminal)
  if (outputs === undefined) return dryRun(prepared, flags, session, resolvedSettings(command))
  return solve(prepared, { ...flags, command: 'fit' }, session, outputs)
}

/** The first thing a newcomer leaves out, and the data have the answer. */
export async function missingTarget(path: string, options: TableFlags): Promise<Error> {
  const { names, headerLooksLikeData } = await readTable(path, options)
  const first = headerLooksLikeData ? '; if the first row is data, use --no-header' : ''
  const hint = `name one or more of the columns: ${listed(names)}${first}`
  return usageError('--target is missing, expected the columns to be predicted', hint)
}
