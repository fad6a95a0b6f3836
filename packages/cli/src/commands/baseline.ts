import { type BaselineResult, type BaselineStatus, type Certificate, combine, serializeModel } from '@relucent/core'
import { writeCsv } from '@relucent/io'
import { type Command, Option } from 'commander'
import type { Action } from '../action.ts'
import type { RunOrder } from '../baseline/messages.ts'
import { type MethodName, methodNames, methodTitles } from '../baseline/methods.ts'
import { runAll } from '../baseline/runs.ts'
import { CliError, usageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { type OutputFile, openOutput } from '../files.ts'
import { type ResolvedBeta, resolveBeta } from '../fit/beta.ts'
import { columnsOf, problemFigures } from '../fit/figures.ts'
import { type Prepared, prepare } from '../fit/prepare.ts'
import { counted, formatScore, formatSeconds, formatValue } from '../format.ts'
import { type Interrupts, listenForInterrupts } from '../interrupt.ts'
import { metricNames, score } from '../metrics.ts'
import { addOutputOptions, count, fraction, groups, positive, seed, threadsOption, timeLimit } from '../options.ts'
import { finiteOrNull, schemaVersion } from '../output.ts'
import type { BaselineRecord } from '../records.ts'
import { openSession, type Session, version } from '../session.ts'
import { lossName } from '../fit/loss.ts'
import { addColumnOptions, addProblemOptions, type FitFlags, missingTarget } from './fit.ts'

/** Options of `fit` about what is proven, which is nothing here. */
type Proving =
  | 'solver'
  | 'oracle'
  | 'init'
  | 'tolerance'
  | 'absoluteTolerance'
  | 'maxIterations'
  | 'certificate'
  | 'proof'

interface BaselineFlags extends Omit<FitFlags, Proving | 'dryRun'> {
  readonly method: MethodName
  readonly neurons: number
  readonly runs: number
  readonly epochs: number
  readonly learningRate?: number
  readonly patience?: number
  readonly history?: string
}

export function addBaseline(program: Command, action: Action): void {
  const command = program
    .command('baseline')
    .description('Trains a network by gradient descent, for comparison. Nothing is proven about what it finds.')
    .usage('<data> --target <columns> [options]')
    .argument('<data>', 'data file in any format, or - for standard input')
  addColumnOptions(command.optionsGroup(groups.data))
  addProblemOptions(command.optionsGroup(groups.problem))
  command
    .optionsGroup(groups.search)
    .addOption(
      new Option('--method <method>', 'sgd: all samples at once, with momentum 0.95')
        .choices(methodNames)
        .default('sgd'),
    )
    .option('--neurons <m>', 'width of the network', count, 100)
    .option('--runs <k>', 'runs from different starts; the best one is written', count, 1)
    .option('--epochs <k>', 'passes over the data; for lbfgs, iterations', count, 10_000)
    .option(
      '--learning-rate <r>',
      'of sgd (default: from the curvature at the start) and adam (default: 0.01)',
      positive,
    )
    .option('--patience <k>', 'epochs without progress until sgd and adam halve the rate (default: 50)', count)
    .option('--time-limit <s>', 'seconds for all runs together, or none for no limit', timeLimit, 300)
    .option('--seed <k>', 'of the first run; each further one adds 1', seed, 0)
    .addOption(threadsOption('threads for several runs; 1 starts none'))
    .optionsGroup(groups.files)
    .addOption(new Option('--test <file>', 'score on these rows as well').conflicts('testFraction'))
    .option('--test-fraction <f>', 'set this share of the rows aside and score on them', fraction)
    .option('--out <file>', 'where the best model goes', 'model.json')
    .option('--history <file>', 'write the objective after each epoch of each run, as CSV')
    .option('--force', 'overwrite existing files')
  addOutputOptions(command)
  command.addHelpText('after', examples)
  command.action((data: string, flags: BaselineFlags) => action(() => baseline(data, flags)))
}

const examples = `
Examples:
  relucent baseline data.csv --target y --beta 0.1 --runs 5 --out sgd.json
  relucent baseline iris.csv --target species --method lbfgs --neurons 50
How far the result is from the optimum: relucent certify sgd.json data.csv
Networks of infinite width, as Gaussian processes: relucent kernel`

interface Outputs {
  readonly model: OutputFile
  readonly history: OutputFile | undefined
}

async function baseline(path: string, { target, ...others }: BaselineFlags): Promise<number> {
  if (target === undefined) throw await missingTarget(path, others)
  const flags = { ...others, target, lossName: lossName(others) }
  const session = openSession(flags)
  const { terminal } = session
  if (flags.method === 'lbfgs' && (flags.learningRate !== undefined || flags.patience !== undefined)) {
    throw usageError('--learning-rate and --patience belong to sgd and adam', 'lbfgs finds its steps by itself')
  }
  const outputs = await openOutputs(flags)
  const prepared = await prepare(path, flags, terminal)
  const interrupts = listenForInterrupts(() => terminal.note('stopping: the best network so far is written'))
  try {
    const start = performance.now()
    terminal.start('looking for βmax')
    const beta = await resolveBeta(prepared.problem, flags, terminal, interrupts.signal)
    const results = await runAll(beta.problem, ordersOf(flags), {
      threads: flags.threads,
      signal: interrupts.signal,
      onProgress: (run, { epoch, objective, elapsedSeconds }) =>
        terminal.progress({
          iteration: epoch,
          objective,
          lowerBound: Number.NaN,
          relativeGap: null,
          neurons: flags.neurons,
          elapsedSeconds,
          phase: `${flags.method}, run ${run + 1} of ${flags.runs}, epoch ${epoch}`,
        }),
    })
    terminal.stop()
    const best = bestOf(results)
    const exitCode = interrupts.exitCode() ?? exitCodes.done
    const certificate = combine(beta.problem, best.network, best.objective, null)
    await write(prepared, flags, beta, { best, results, certificate }, outputs)
    const record = baselineRecord(
      prepared,
      flags,
      beta,
      { best, results, outputs },
      {
        seconds: (performance.now() - start) / 1000,
        exitCode,
        session,
        interrupts,
      },
    )
    session.result(record, summary(record, path))
    return exitCode
  } finally {
    terminal.stop()
    interrupts.dispose()
  }
}

async function openOutputs({ out, history, force = false }: BaselineFlags): Promise<Outputs> {
  if (out === history) throw usageError('--out and --history name the same file')
  return {
    model: await openOutput(out, { force }),
    history: history === undefined ? undefined : await openOutput(history, { force }),
  }
}

function ordersOf({
  method,
  learningRate,
  patience,
  neurons,
  epochs,
  runs,
  seed: first,
  timeLimit: seconds,
}: BaselineFlags): RunOrder[] {
  const settings = { learningRate, patience }
  return Array.from({ length: runs }, (_, k) => {
    return { method, settings, neurons, epochs, seed: first + k, timeLimitSeconds: seconds }
  })
}

function bestOf(results: readonly BaselineResult[]): BaselineResult {
  const best = results.reduce((least, result) => (result.objective < least.objective ? result : least))
  if (Number.isFinite(best.objective)) return best
  throw new CliError(exitCodes.numerical, 'numerical-error', 'no run had a finite objective; nothing was written', {
    hint: 'lower --learning-rate, or rescale the data with --preprocess standardize',
  })
}

/** The model says why the run stopped, and its certificate proves nothing but that no objective is below 0. */
async function write(
  { data, encoding, preprocessing, weighting }: Prepared,
  flags: BaselineFlags,
  { problem, betaRatio }: ResolvedBeta,
  {
    best,
    results,
    certificate,
  }: { best: BaselineResult; results: readonly BaselineResult[]; certificate: Certificate },
  outputs: Outputs,
): Promise<void> {
  const { task, features: featureNames, targets: targetNames, classes } = data
  const { bias, beta } = problem
  const settings = { seed: best.seed, solver: best.method, oracle: 'none', tolerance: 0 }
  const columns = { featureNames, targetNames, classes, ...(encoding && { encoding }), preprocessing }
  const about = { version, task, ...columns, bias, beta }
  const asked = flags.beta === undefined ? betaRatio : null
  const { status, network } = best
  await outputs.model.write(
    serializeModel({ ...about, betaRatio: asked, status, certificate, settings, network, weighting }),
  )
  await outputs.history?.write(historyText(results))
}

function historyText(results: readonly BaselineResult[]): string {
  const rows = results.flatMap(({ seed: of, history: { objective, seconds } }) =>
    Array.from(objective, (value, epoch) => [of, epoch, Number.isFinite(value) ? value : '', seconds[epoch]]),
  )
  return writeCsv(['seed', 'epoch', 'objective', 'seconds'], rows)
}

function baselineRecord(
  prepared: Prepared,
  flags: BaselineFlags,
  { problem, ...betas }: ResolvedBeta,
  { best, results, outputs }: { best: BaselineResult; results: readonly BaselineResult[]; outputs: Outputs },
  run: { seconds: number; exitCode: number; session: Session; interrupts: Interrupts },
): BaselineRecord {
  return {
    command: 'baseline',
    schemaVersion,
    version,
    status: best.status,
    certified: false,
    objective: finiteOrNull(best.objective),
    method: flags.method,
    neurons: best.network.neurons.length,
    runs: results.map(({ seed: of, status, objective, epochs, evaluations, history }) => ({
      seed: of,
      status,
      objective: finiteOrNull(objective),
      epochs,
      evaluations,
      elapsedSeconds: history.seconds.at(-1) ?? 0,
    })),
    ...problemFigures(problem),
    ...betas,
    ...columnsOf(prepared),
    score: scores(prepared, best),
    elapsedSeconds: run.seconds,
    seed: best.seed,
    threads: flags.threads,
    model: outputs.model.path,
    history: outputs.history?.path ?? null,
    warnings: run.session.terminal.warnings,
    exitCode: run.exitCode,
  }
}

function scores({ data, train, test }: Prepared, { network }: BaselineResult): BaselineRecord['score'] {
  const metric = data.task === 'classification' ? 'accuracy' : 'r2'
  return {
    metric,
    train: finiteOrNull(score(metric, network, train)),
    test: test === undefined ? null : finiteOrNull(score(metric, network, test)),
  }
}

const reasons: Readonly<Record<BaselineStatus, string>> = {
  'iteration-limit': 'the epochs were used up',
  'time-limit': 'the time was up',
  interrupted: 'it was interrupted',
  stalled: 'it made no more progress',
  'numerical-error': 'the objective was not finite',
}

function summary(record: BaselineRecord, data: string): string {
  const { method, runs, objective, beta, neurons, model, history } = record
  const { metric, train, test } = record.score
  const lines = runs.map(({ seed: of, status, objective: reached, epochs, elapsedSeconds }) => {
    const figures = `seed ${of}: objective ${formatValue(reached ?? Number.NaN)} after ${counted(epochs, 'epoch')}`
    return `  ${figures} (${formatSeconds(elapsedSeconds)}), when ${reasons[status]}`
  })
  const trained = train === null ? '' : `, ${metricNames[metric]} ${formatScore(train)} on the training rows`
  const tested = test === null ? '' : `, ${formatScore(test)} on the test rows`
  return [
    `Not certified: ${methodTitles[method]} proves nothing about how good its networks are.`,
    '',
    `At β = ${beta}:`,
    ...lines,
    '',
    `The best has objective ${formatValue(objective ?? Number.NaN)} with ${counted(neurons, 'neuron')}${trained}${tested}.`,
    `Wrote ${history === null ? model : `${model} and ${history}`}. How far that is from the optimum: relucent certify ${model} ${data}`,
  ].join('\n')
}
