import {
  type Audit,
  audit as auditNetwork,
  objective,
  type Problem,
  serializeModel,
  withBeta,
  withDecayedOutputBias,
} from '@relucent/core'
import { type Command, Option } from 'commander'
import type { Action } from '../action.ts'
import { expectation } from '../advice.ts'
import { betaOf, biasPenaltyOf, type DecayFlags, tools } from '../audit/beta.ts'
import { readSubject, type Subject, type SubjectOptions } from '../audit/subject.ts'
import { auditWords } from '../audit/words.ts'
import { CliError, usageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { type OutputFile, openOutput } from '../files.ts'
import { problemFigures, proofFigures } from '../fit/figures.ts'
import { type Interrupts, listenForInterrupts } from '../interrupt.ts'
import {
  addOutputOptions,
  groups,
  notNegative,
  type OutputFlags,
  positive,
  seed,
  threadsOption,
  timeLimit,
  toleranceOption,
} from '../options.ts'
import { finiteOrNull, schemaVersion } from '../output.ts'
import type { AuditRecord, BiasPenalty } from '../records.ts'
import { openSession, type Session, version } from '../session.ts'
import { nodeThreads } from '../threads.ts'
import { addColumnOptions } from './fit.ts'

interface AuditFlags extends SubjectOptions, OutputFlags, DecayFlags {
  readonly maxGap?: number
  readonly polish?: boolean
  readonly out: string
  readonly force?: boolean
  readonly timeLimit: number
  readonly tolerance: number
  readonly seed: number
  readonly threads: number
}

export function addAudit(program: Command, action: Action): void {
  const command = program
    .command('audit')
    .description(
      'Tells how far a network trained elsewhere is from the best possible one, and what to change about it.',
    )
    .usage('<network> <data> [options]')
    .argument('<network>', '.onnx, .npz, .safetensors or model.json')
    .argument('<data>', 'the data it was trained on, in any format, or - for standard input')
  addColumnOptions(command.optionsGroup(groups.data), 'required but for a model.json')
  addDecayOptions(command.optionsGroup(groups.problem))
  command
    .optionsGroup(groups.files)
    .option('--polish', 'go on from this network to the optimum, and write it')
    .option('--out <file>', 'where the polished model goes', 'model.json')
    .option('--force', 'overwrite an existing file')
    .optionsGroup(groups.search)
    .option('--max-gap <g>', 'exit with code 6 when the relative gap exceeds this', notNegative)
    .option('--time-limit <s>', 'seconds, or none for no limit', timeLimit, 60)
    .addOption(toleranceOption('relative gap at which the search for a better bound ends'))
    .option('--seed <k>', 'of the random starts', seed, 0)
    .addOption(threadsOption())
  addOutputOptions(command)
    .addHelpText('after', examples)
    .action((network: string, data: string, flags: AuditFlags) => action(() => audit(network, data, flags)))
}

function addDecayOptions(command: Command): void {
  command
    .addOption(
      new Option('--beta <b>', 'weight decay β (default: that of a model.json)').argParser(positive).conflicts('from'),
    )
    .addOption(new Option('--from <tool>', 'the tool it was trained with, whose --decay is converted').choices(tools))
    .option('--decay <x>', "weight_decay of pytorch, l2 of keras, alpha of sklearn's MLPRegressor", positive)
    .addOption(
      new Option(
        '--bias-penalty <which>',
        'biases that were decayed in training (default: all for pytorch and model.json, else none)',
      ).choices(['all', 'hidden', 'none']),
    )
}

const examples = `
Examples:
  relucent audit net.onnx data.csv --target y --beta 0.1
  relucent audit weights.safetensors iris.csv --target species --from pytorch --decay 1e-3 --polish --out best.json
  relucent audit model.json data.csv --max-gap 0.01`

async function audit(path: string, dataPath: string, flags: AuditFlags): Promise<number> {
  const session = openSession(flags, flags.tolerance)
  const { terminal } = session
  if (path === '-' && dataPath === '-') throw usageError('the network and the data cannot both be standard input')
  const out = flags.polish ? await openOutput(flags.out, { force: flags.force ?? false }) : undefined
  const subject = await readSubject(path, dataPath, flags)
  const problem = withBeta(subject.problem, betaOf(flags, subject))
  for (const notice of subject.notices) terminal.note(notice)
  const interrupts = listenForInterrupts(() => terminal.note('stopping: the bound so far is reported'))
  const threads = nodeThreads(flags.threads)
  try {
    const start = performance.now()
    terminal.note(expectation(problem))
    terminal.start(`pricing the network's residual`)
    const found = await auditNetwork(problem, subject.network, {
      signal: interrupts.signal,
      timeLimitSeconds: flags.timeLimit,
      tolerance: flags.tolerance,
      seed: flags.seed,
      threads,
      onProgress: (progress) => terminal.progress(progress),
    })
    const seconds = (performance.now() - start) / 1000
    terminal.stop()
    if (found.certificate.crossed || !Number.isFinite(found.certificate.objective)) throw numericalFailure(found)
    await out?.write(polishedModel(subject, problem, found, flags))
    const { relativeGap } = found.certificate
    const exceeded = flags.maxGap !== undefined && !(relativeGap !== null && relativeGap <= flags.maxGap)
    const unpolished = out !== undefined && found.best.status !== 'optimal'
    const exitCode =
      interrupts.exitCode() ?? (exceeded ? exitCodes.refuted : unpolished ? exitCodes.open : exitCodes.done)
    const penalty = biasPenaltyOf(flags, subject)
    const record = auditRecord(path, { subject, problem, found, penalty, out }, flags, {
      seconds,
      exitCode,
      session,
      interrupts,
    })
    session.result(record, auditWords(record, found, exceeded))
    return exitCode
  } finally {
    terminal.stop()
    threads.close()
    interrupts.dispose()
  }
}

function numericalFailure({ certificate }: Audit): CliError {
  const what = certificate.crossed
    ? 'the lower bound exceeds the objective by more than rounding, so nothing is proven; nothing was written'
    : 'the objective of the network is not a finite number on these data; nothing was written'
  const hint = 'check that the data are those it was trained on, with the features in that order and scaled as then'
  return new CliError(exitCodes.numerical, 'numerical-error', what, { hint })
}

function polishedModel(
  { columns, preprocessing }: Subject,
  { bias, beta }: Problem,
  { best: { network, certificate, status, solver }, oracle }: Audit,
  { seed: used, tolerance }: AuditFlags,
): string {
  const settings = { seed: used, solver: solver ?? 'none', oracle, tolerance }
  return serializeModel({
    version,
    ...columns,
    preprocessing,
    bias,
    beta,
    betaRatio: null,
    status,
    certificate,
    settings,
    network,
  })
}

interface Audited {
  readonly subject: Subject
  readonly problem: Problem
  readonly found: Audit
  readonly penalty: BiasPenalty
  readonly out: OutputFile | undefined
}

function auditRecord(
  path: string,
  audited: Audited,
  { maxGap, seed: used, threads }: AuditFlags,
  run: { seconds: number; exitCode: number; session: Session; interrupts: Interrupts },
): AuditRecord {
  const { subject, problem, found, penalty } = audited
  const { columns, preprocessing } = subject
  return {
    command: 'audit',
    schemaVersion,
    version,
    status: run.interrupts.exitCode() === undefined ? 'done' : 'interrupted',
    file: path,
    format: subject.format,
    biases: subject.biases,
    biasPenalty: penalty,
    ...proofFigures(found.certificate),
    givenObjective: finiteOrNull(objective(problem, subject.network)),
    training: trainingFigures(audited),
    method: found.method,
    bestObjective: finiteOrNull(found.best.certificate.objective),
    maxGap: finiteOrNull(maxGap),
    neurons: subject.neurons,
    ...changeFigures(found),
    polished: polishedFigures(audited),
    ...problemFigures(problem),
    task: columns.task,
    classes: columns.classes,
    features: columns.featureNames,
    targets: columns.targetNames,
    preprocessing: preprocessing.kind,
    oracle: found.oracle,
    elapsedSeconds: run.seconds,
    seed: used,
    threads,
    warnings: run.session.terminal.warnings,
    exitCode: run.exitCode,
  }
}

/** With every bias decayed, an output bias costs β/2 ‖b₂‖² in training; all else is as counted here. */
function trainingFigures({ subject: { outputBias }, problem, found, penalty }: Audited): AuditRecord['training'] {
  if (outputBias === null || penalty !== 'all') return null
  const figures = withDecayedOutputBias(problem, found, outputBias)
  return {
    objective: finiteOrNull(figures.objective),
    lowerBound: finiteOrNull(figures.lowerBound),
    gap: finiteOrNull(figures.gap),
    relativeGap: finiteOrNull(figures.relativeGap),
  }
}

function changeFigures({ simplification, addition }: Audit): Pick<AuditRecord, 'simplification' | 'addition'> {
  const { network, objective: value, inactive, merged, dropped } = simplification
  return {
    simplification: { inactive, merged, dropped, neurons: network.neurons.length, objective: finiteOrNull(value) },
    addition: addition && {
      gain: finiteOrNull(addition.gain),
      polarValue: finiteOrNull(addition.polarValue),
      u: Array.from(addition.neuron.u),
      v: Array.from(addition.neuron.v),
    },
  }
}

function polishedFigures({ found: { best }, out }: Audited): AuditRecord['polished'] {
  if (out === undefined) return null
  const { status, certificate, network } = best
  return { status, ...proofFigures(certificate), neurons: network.neurons.length, model: out.path }
}
