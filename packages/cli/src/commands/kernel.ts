import { fitKernelModel, type Matrix, type NetworkKernel, predictKernelModel } from '@relucent/core'
import { writeCsv } from '@relucent/io'
import { type Command, Option } from 'commander'
import type { Action } from '../action.ts'
import type { ColumnChoice, Task } from '../data.ts'
import { usageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { openOutput } from '../files.ts'
import { columnsOf } from '../fit/figures.ts'
import { type Prepared, prepare } from '../fit/prepare.ts'
import { counted, formatScore } from '../format.ts'
import { metricNames, outputsOf, predictedCells, scoreOutputs } from '../metrics.ts'
import { addOutputOptions, fraction, groups, type OutputFlags, positive, seed, type TableFlags } from '../options.ts'
import { finiteOrNull, schemaVersion } from '../output.ts'
import type { KernelRecord, PreprocessingName } from '../records.ts'
import { openSession, version } from '../session.ts'
import { addColumnOptions, addFeatureOptions, missingTarget } from './fit.ts'

interface KernelFlags extends TableFlags, OutputFlags, Omit<ColumnChoice, 'target'> {
  readonly target?: string
  readonly task: Task | 'auto'
  readonly kernel: NetworkKernel
  readonly beta: number
  readonly bias?: boolean
  readonly preprocess: PreprocessingName
  readonly explainedVariance?: number
  readonly test?: string
  readonly testFraction?: number
  readonly seed: number
  readonly out?: string
  readonly force?: boolean
}

export function addKernel(program: Command, action: Action): void {
  const command = program
    .command('kernel')
    .description('Predicts by the Gaussian process of an infinitely wide network, for comparison. Nothing is proven.')
    .usage('<data> --target <columns> [options]')
    .argument('<data>', 'data file in any format, or - for standard input')
  addColumnOptions(command.optionsGroup(groups.data))
  command
    .optionsGroup(groups.problem)
    .addOption(
      new Option('--kernel <kernel>', 'nngp: of random networks, ntk: of networks trained by gradient descent')
        .choices(['nngp', 'ntk'])
        .default('nngp'),
    )
    .option('--beta <g>', 'added to the diagonal of the kernel matrix, as a share of its mean', positive, 0.01)
  addFeatureOptions(command)
  command
    .optionsGroup(groups.files)
    .addOption(new Option('--test <file>', 'predict these rows, and score on them').conflicts('testFraction'))
    .option('--test-fraction <f>', 'set this share of the rows aside, predict them and score on them', fraction)
    .option('--seed <k>', 'of the rows set aside', seed, 0)
    .option('--out <file>', 'where predictions go, as CSV: of the test rows, or else of the training rows')
    .option('--force', 'overwrite an existing file')
  addOutputOptions(command)
  command.addHelpText('after', examples)
  command.action((data: string, flags: KernelFlags) => action(() => kernel(data, flags)))
}

const examples = `
Examples:
  relucent kernel data.csv --target y --kernel ntk --test-fraction 0.5
  relucent kernel iris.csv --target species --beta 0.1 --test iris.csv --out classes.csv`

async function kernel(path: string, { target, ...others }: KernelFlags): Promise<number> {
  if (target === undefined) throw await missingTarget(path, others)
  const flags = { ...others, target }
  if (flags.out !== undefined && flags.out === flags.test) throw usageError('--out and --test name the same file')
  const session = openSession(flags)
  const output = flags.out === undefined ? undefined : await openOutput(flags.out, { force: flags.force ?? false })
  const prepared = await prepare(path, flags, session.terminal)
  const start = performance.now()
  const { train, test, problem } = prepared
  const model = fitKernelModel(train.X, problem.Y, { kernel: flags.kernel, relativeRidge: flags.beta })
  const fitted = predictKernelModel(model, train.X)
  const tested = test && predictKernelModel(model, test.X)
  const elapsedSeconds = (performance.now() - start) / 1000
  await output?.write(predictionText(prepared, tested ?? fitted))
  const record: KernelRecord = {
    command: 'kernel',
    schemaVersion,
    version,
    status: 'done',
    certified: false,
    kernel: flags.kernel,
    beta: flags.beta,
    ridge: model.ridge,
    n: train.X.rows,
    d: train.X.cols,
    c: problem.Y.cols,
    bias: problem.bias,
    ...columnsOf(prepared),
    score: scores(prepared, fitted, tested),
    elapsedSeconds,
    predictions: output?.path ?? null,
    predicted: output ? (tested ? 'test' : 'train') : null,
    warnings: session.terminal.warnings,
    exitCode: exitCodes.done,
  }
  session.result(record, summary(record, (tested ?? fitted).rows))
  return exitCodes.done
}

function predictionText({ data }: Prepared, F: Matrix): string {
  const rows = Array.from({ length: F.rows }, (_, i) => predictedCells(data, outputsOf(F, i)))
  return writeCsv(data.targets, rows)
}

function scores({ data, train, test }: Prepared, fitted: Matrix, tested: Matrix | undefined): KernelRecord['score'] {
  const metric = data.task === 'classification' ? 'accuracy' : 'r2'
  return {
    metric,
    train: finiteOrNull(scoreOutputs(metric, fitted, train)),
    test: test && tested ? finiteOrNull(scoreOutputs(metric, tested, test)) : null,
  }
}

const titles: Readonly<Record<NetworkKernel, string>> = {
  nngp: 'the neural network Gaussian process (NNGP)',
  ntk: 'the neural tangent kernel (NTK)',
}

function summary(
  { kernel: name, beta, n, score: { metric, train, test }, predictions, predicted }: KernelRecord,
  rows: number,
): string {
  const onTraining = train === null ? '–' : formatScore(train)
  const onTest = test === null ? '' : `, ${formatScore(test)} on the test rows`
  const written =
    predictions === null ? [] : [`Wrote ${counted(rows, 'prediction')} of ${predicted} rows to ${predictions}.`]
  return [
    `Not certified: ${titles[name]} is no network of finite width, and there is no objective to bound.`,
    '',
    `${counted(n, 'row')}, β = ${beta} of the mean diagonal: ${metricNames[metric]} ${onTraining} on the training rows${onTest}.`,
    ...written,
  ].join('\n')
}
