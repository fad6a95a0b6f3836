import { type Appraisal, appraise, type Certificate, describe, type Model, type Problem } from '@relucent/core'
import type { Command } from 'commander'
import type { Action } from '../action.ts'
import { expectation } from '../advice.ts'
import { exitCodes } from '../exit-codes.ts'
import { problemFigures, proofFigures } from '../fit/figures.ts'
import { formatGap, formatSeconds, formatValue } from '../format.ts'
import { type Interrupts, listenForInterrupts } from '../interrupt.ts'
import { readModel, readProblem } from '../model-file.ts'
import {
  addOutputOptions,
  addTableOptions,
  groups,
  notNegative,
  type OutputFlags,
  positive,
  seed,
  type TableFlags,
  timeLimit,
  toleranceOption,
} from '../options.ts'
import { finiteOrNull, schemaVersion } from '../output.ts'
import type { CertifyRecord } from '../records.ts'
import { openSession, type Session, version } from '../session.ts'

interface CertifyFlags extends TableFlags, OutputFlags {
  readonly beta?: number
  readonly maxGap?: number
  readonly timeLimit: number
  readonly tolerance: number
  readonly seed: number
}

export function addCertify(program: Command, action: Action): void {
  const command = program
    .command('certify')
    .description('Proves how far a model is from the best possible one on these data.')
    .argument('<model>', 'model.json')
    .argument('<data>', 'data file in any format, or - for standard input')
    .optionsGroup(groups.search)
    .option('--beta <b>', 'weight decay β (default: the one the model was trained with)', positive)
    .option('--max-gap <g>', 'exit with code 6 when the relative gap exceeds this', notNegative)
    .option('--time-limit <s>', 'seconds, or none for no limit', timeLimit, 60)
    .addOption(toleranceOption('relative gap at which the search for a better bound ends'))
    .option('--seed <k>', 'of the random starts', seed, 0)
  addOutputOptions(addTableOptions(command))
    .addHelpText('after', '\nExample:\n  relucent certify model.json data.csv --max-gap 1e-3')
    .action((model: string, data: string, flags: CertifyFlags) => action(() => certify(model, data, flags)))
}

async function certify(modelPath: string, dataPath: string, flags: CertifyFlags): Promise<number> {
  const session = openSession(flags, flags.tolerance)
  const model = await readModel(modelPath)
  const problem = await readProblem(model, dataPath, flags, flags.beta)
  const interrupts = listenForInterrupts(() => session.terminal.note('stopping: the bound so far is reported'))
  try {
    const start = performance.now()
    session.terminal.note(expectation(problem))
    session.terminal.start(`pricing the model's residual`)
    const found = await appraise(problem, model.network, {
      signal: interrupts.signal,
      timeLimitSeconds: flags.timeLimit,
      tolerance: flags.tolerance,
      seed: flags.seed,
      onProgress: (progress) => session.terminal.progress(progress),
    })
    const seconds = (performance.now() - start) / 1000
    session.terminal.stop()
    const { relativeGap } = found.certificate
    const exceeded = flags.maxGap !== undefined && !(relativeGap !== null && relativeGap <= flags.maxGap)
    const exitCode = interrupts.exitCode() ?? (exceeded ? exitCodes.refuted : exitCodes.done)
    const record = certifyRecord(problem, model, found, flags, { seconds, exitCode, session, interrupts })
    session.result(record, summary(record, found.certificate, exceeded))
    return exitCode
  } finally {
    session.terminal.stop()
    interrupts.dispose()
  }
}

function certifyRecord(
  problem: Problem,
  model: Model,
  { certificate, method, best, oracle }: Appraisal,
  { maxGap }: CertifyFlags,
  run: { seconds: number; exitCode: number; session: Session; interrupts: Interrupts },
): CertifyRecord {
  return {
    command: 'certify',
    schemaVersion,
    version,
    status: run.interrupts.exitCode() === undefined ? 'done' : 'interrupted',
    ...proofFigures(certificate),
    method,
    bestObjective: finiteOrNull(best.certificate.objective),
    maxGap: finiteOrNull(maxGap),
    neurons: model.network.neurons.length,
    ...problemFigures(problem),
    task: model.task,
    classes: model.classes,
    features: model.featureNames,
    targets: model.targetNames,
    preprocessing: model.preprocessing.kind,
    oracle,
    elapsedSeconds: run.seconds,
    warnings: run.session.terminal.warnings,
    exitCode: run.exitCode,
  }
}

function summary(record: CertifyRecord, certificate: Certificate, exceeded: boolean): string {
  const { method, bestObjective, objective: own, elapsedSeconds, maxGap, relativeGap } = record
  const source = method === 'residual' ? "the model's own residual" : 'a solve that started from the model'
  const lines = [describe(certificate), '', `The bound comes from ${source} (${formatSeconds(elapsedSeconds)}).`]
  if (bestObjective !== null && own !== null && bestObjective < own) {
    lines.push(`A better network exists: objective ${formatValue(bestObjective)}; relucent fit --init finds it.`)
  }
  if (exceeded) lines.push(`The relative gap ${formatGap(relativeGap)} exceeds --max-gap ${formatGap(maxGap)}.`)
  return lines.join('\n')
}
