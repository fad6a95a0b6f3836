import {
  describe,
  type Model,
  type Network,
  serializeCertificate,
  serializeModel,
  type Status,
  storedCertificate,
  type Threads,
  train,
  type TrainResult,
} from '@relucent/core'
import { CliError, usageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { counted, formatScore, formatSeconds } from '../format.ts'
import { type Interrupts, listenForInterrupts } from '../interrupt.ts'
import { metricNames, score } from '../metrics.ts'
import { finiteOrNull, schemaVersion } from '../output.ts'
import type { FitRecord } from '../records.ts'
import { type Session, version } from '../session.ts'
import { nodeThreads } from '../threads.ts'
import { type BetaOptions, type ResolvedBeta, resolveBeta } from './beta.ts'
import type { FitOutputs } from './outputs.ts'
import type { Prepared } from './prepare.ts'
import { columnsOf, problemFigures, proofFigures } from './figures.ts'
import { headlines } from './headlines.ts'
import { checkProvable, writeProof } from './proof.ts'
import { writeReport } from './report.ts'
import { expectedOf, type OracleName, solverFor, type SolverName, takesNetwork } from './solvers.ts'

export interface SolveOptions extends BetaOptions {
  readonly command: 'fit' | 'demo'
  readonly solver: SolverName
  readonly oracle: OracleName
  readonly tolerance: number
  readonly absoluteTolerance: number
  readonly maxIterations: number
  readonly seed: number
  readonly threads: number
}

/** Resolves β, trains, writes the files, and says what was proven. */
export async function solve(
  prepared: Prepared,
  options: SolveOptions,
  session: Session,
  outputs: FitOutputs,
): Promise<number> {
  const { terminal } = session
  checkProvable(prepared.problem, outputs.proof)
  const threads = nodeThreads(options.threads)
  const interrupts = listenForInterrupts(() =>
    terminal.note('stopping: the best network and bound so far are written; interrupt again to end at once'),
  )
  try {
    const { beta, result, seconds } = await run(prepared, options, threads, session, interrupts)
    const exitCode = exitCodeOf(result.status, interrupts)
    if (exitCode === exitCodes.numerical || !Number.isFinite(result.certificate.objective))
      throw numericalFailure(result)
    const model = modelOf(prepared, options, beta, result)
    await outputs.model.write(serializeModel(model))
    await outputs.certificate?.write(serializeCertificate(storedCertificate(result.certificate, result.dual)))
    const limits = { terminal, timeLimitSeconds: options.timeLimit, signal: interrupts.signal }
    const proof = await writeProof(beta.problem, result, outputs.proof, limits)
    const record = fitRecord(prepared, options, beta, result, outputs, {
      proof,
      exitCode,
      seconds,
      warnings: terminal.warnings,
    })
    if (outputs.report !== undefined) terminal.note('drawing the figures')
    await writeReport(outputs.report, { prepared, model, problem: beta.problem, result, record })
    session.result(record, summary(record, result))
    return exitCode
  } finally {
    terminal.stop()
    threads.close()
    interrupts.dispose()
  }
}

interface Run {
  readonly beta: ResolvedBeta
  readonly result: TrainResult
  readonly seconds: number
}

async function run(
  { problem, init }: Prepared,
  options: SolveOptions,
  threads: Threads,
  { terminal }: Session,
  { signal }: Interrupts,
): Promise<Run> {
  const start = performance.now()
  const elapsed = (): number => (performance.now() - start) / 1000
  if (init && !takesNetwork(options.solver)) {
    throw usageError(`--solver ${options.solver} does not start from a network`, 'leave out --init, or the --solver')
  }
  const solver = solverFor(problem, options.solver, options.oracle, threads)
  terminal.note(expectedOf(problem, options.solver))
  const note = solver.note?.(problem)
  if (note) terminal.warn(note)
  terminal.start('looking for βmax')
  const beta = await resolveBeta(problem, options, terminal, signal)
  const result = await train(beta.problem, {
    tolerance: options.tolerance,
    absoluteTolerance: options.absoluteTolerance,
    timeLimitSeconds: Math.max(0, options.timeLimit - elapsed()),
    maxIterations: options.maxIterations,
    seed: options.seed,
    signal,
    init,
    solver,
    threads,
    onProgress: (progress) => terminal.progress(progress),
  })
  terminal.stop()
  return { beta, result, seconds: elapsed() }
}

function exitCodeOf(status: Status, interrupts: Interrupts): number {
  switch (status) {
    case 'optimal':
      return exitCodes.done
    case 'interrupted':
      return interrupts.exitCode() ?? exitCodes.interrupted
    case 'numerical-error':
      return exitCodes.numerical
    case 'optimal-in-scope':
    case 'iteration-limit':
    case 'time-limit':
    case 'stalled':
      return exitCodes.open
  }
}

function numericalFailure({ certificate }: TrainResult): CliError {
  const what = certificate.crossed
    ? 'the lower bound exceeds the objective by more than rounding, so nothing is proven; nothing was written'
    : 'the objective is not a finite number; nothing was written'
  return new CliError(exitCodes.numerical, 'numerical-error', what, {
    hint: 'rescale the data, for instance with --preprocess standardize',
  })
}

function modelOf(
  { data, encoding, preprocessing, weighting }: Prepared,
  options: SolveOptions,
  { problem, betaRatio }: ResolvedBeta,
  result: TrainResult,
): Model {
  const { seed, tolerance } = options
  const { status, certificate, network, solver, oracle } = result
  const { task, features: featureNames, targets: targetNames, classes } = data
  const { bias, beta } = problem
  const settings = { seed, solver, oracle, tolerance }
  const columns = { featureNames, targetNames, classes, ...(encoding && { encoding }), preprocessing }
  const about = { version, task, ...columns, bias, beta }
  const asked = options.beta === undefined ? betaRatio : null
  const made = { status, certificate, settings, network, weighting }
  return { ...about, betaRatio: asked, ...made }
}

function fitRecord(
  prepared: Prepared,
  options: SolveOptions,
  { problem, ...betas }: ResolvedBeta,
  result: TrainResult,
  outputs: FitOutputs,
  run: { proof: string | null; exitCode: number; seconds: number; warnings: readonly string[] },
): FitRecord {
  return {
    command: options.command,
    schemaVersion,
    version,
    status: result.status,
    ...proofFigures(result.certificate),
    neurons: result.network.neurons.length,
    ...problemFigures(problem),
    ...betas,
    ...columnsOf(prepared),
    solver: result.solver,
    oracle: result.oracle,
    iterations: result.iterations,
    tolerance: options.tolerance,
    elapsedSeconds: run.seconds,
    seed: options.seed,
    threads: options.threads,
    score: scores(prepared, result.network),
    model: outputs.model.path,
    certificate: outputs.certificate?.path ?? null,
    proof: run.proof,
    report: outputs.report?.path ?? null,
    warnings: run.warnings,
    exitCode: run.exitCode,
  }
}

function scores({ data, train, test }: Prepared, network: Network): FitRecord['score'] {
  const metric = data.task === 'classification' ? 'accuracy' : 'r2'
  return {
    metric,
    train: finiteOrNull(score(metric, network, train)),
    test: test === undefined ? null : finiteOrNull(score(metric, network, test)),
  }
}

function summary(record: FitRecord, { certificate, network }: TrainResult): string {
  const { metric, train: onTrain, test: onTest } = record.score
  const trained = onTrain === null ? '' : `, ${metricNames[metric]} ${formatScore(onTrain)} on the training rows`
  const tested = onTest === null ? '' : `, ${formatScore(onTest)} on the test rows`
  const { model, certificate: dual, proof, report } = record
  const files = [model, dual, proof, report].filter((path) => path !== null).join(' and ')
  return [
    headlines[record.status],
    '',
    describe(certificate),
    '',
    `${counted(network.neurons.length, 'neuron')}${trained}${tested}.`,
    `${counted(record.iterations, 'round')} in ${formatSeconds(record.elapsedSeconds)}. Wrote ${files}.`,
  ].join('\n')
}
