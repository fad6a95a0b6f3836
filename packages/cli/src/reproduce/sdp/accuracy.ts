import {
  createProblem,
  fitKernelModel,
  type Matrix,
  type Network,
  predict,
  predictKernelModel,
  type Problem,
  sgd,
  train,
  trainBaseline,
} from '@relucent/core'
import { throttled } from '../../baseline/throttled.ts'
import type { Context } from '../experiment.ts'
import { oneHot } from '../problems.ts'
import { cpuClock, withinCpuTime } from '../solving.ts'
import { type Accuracies, accuraciesOf } from './protocol.ts'
import { conicName, relaxed } from './relaxed.ts'
import { type SplitTable, splitTable, type TableName, tableNames, withOnes } from './tables.ts'
import { relaxedTolerance } from './planar.ts'

export interface AccuracySize {
  readonly tables: readonly TableName[]
  readonly betas: readonly number[]
  readonly neurons: number
  readonly runs: number
  readonly epochs: number
  /** CPU time for the relaxation of one problem, and for column generation. */
  readonly relaxationSeconds: number
  readonly generationSeconds: number
}

export type MethodName = 'SDP, rounded' | 'SDP, polished' | 'column generation' | 'gradient descent' | 'NNGP' | 'NTK'

/** One method on one problem. */
export interface AccuracyRow {
  readonly method: MethodName
  /** Of training; null for a method without one. */
  readonly objective: number | null
  /** Proven of all networks, where the method proves one. */
  readonly lowerBound: number | null
  /** Null where the method came to no network, for `why`. */
  readonly accuracies: Accuracies | null
  readonly why: string | null
  readonly seconds: number
}

export interface AccuracyResult {
  readonly table: TableName
  readonly bias: boolean
  readonly beta: number
  readonly trained: number
  readonly tested: number
  readonly rows: readonly AccuracyRow[]
}

const generationTolerance = 1e-4

/** Tables that the folder does not have are left out. */
export async function accuracyResults(
  folder: string,
  size: AccuracySize,
  context: Context,
): Promise<readonly AccuracyResult[]> {
  const results: AccuracyResult[] = []
  for (const name of tableNames.filter((one) => size.tables.includes(one))) {
    const table = await splitTable(folder, name)
    if (table === null) continue
    for (const bias of [false, true]) {
      for (const beta of size.betas) results.push(await result(table, bias, beta, size, context))
    }
  }
  return results
}

async function result(
  table: SplitTable,
  bias: boolean,
  beta: number,
  size: AccuracySize,
  context: Context,
): Promise<AccuracyResult> {
  const { train: training, test, classes, name } = table
  const problem = createProblem({ X: training.X, Y: oneHot(training.labels, classes), beta, bias })
  const X = bias ? withOnes(test.X) : test.X
  const judge = (F: Matrix): Accuracies => accuraciesOf(F, test.labels)
  const { neurons, runs, epochs, relaxationSeconds, generationSeconds } = size
  const part = <T>(what: string, settings: object, work: () => Promise<T>): Promise<T> => {
    const label = `${name}${bias ? ' with bias' : ''}`
    context.say(`sdp: ${label}, γ = ${beta}, ${what}`)
    const key = `sdp-${name}-${bias ? 'bias' : 'plain'}-${beta}-${what.replaceAll(' ', '-')}`
    return context.part(key, { name, bias, beta, rows: training.labels.length, ...settings }, work)
  }
  const rows = [
    ...(await part('relaxation', { conicName, tolerance: relaxedTolerance, relaxationSeconds }, () =>
      relaxedRows(problem, X, judge, relaxationSeconds, context),
    )),
    await part('column generation', { generationTolerance, generationSeconds }, () =>
      generated(problem, X, judge, generationSeconds, context),
    ),
    await part('sgd', { neurons, runs, epochs }, () => descended(problem, X, judge, size, context)),
    ...(await part('kernels', {}, () => kernels(problem, X, judge))),
  ]
  return { table: name, bias, beta, trained: training.labels.length, tested: test.labels.length, rows }
}

type Judge = (F: Matrix) => Accuracies

async function relaxedRows(
  problem: Problem,
  X: Matrix,
  judge: Judge,
  cpuSeconds: number,
  context: Context,
): Promise<AccuracyRow[]> {
  const judgeNetwork = (network: Network): Accuracies => judge(predict(network, X))
  // The published code keeps the iterate that is best on the test rows.
  let best = Number.NEGATIVE_INFINITY
  const onRounded = (network: Network): void => {
    best = Math.max(best, judgeNetwork(network).original)
  }
  const found = await relaxed(
    problem,
    { tolerance: relaxedTolerance, cpuSeconds, judge: judgeNetwork, onRounded },
    context,
  )
  const { lowerBound, refused, rounded, polished, seconds } = found
  const row = (method: MethodName, judged: typeof rounded, why: string): AccuracyRow => ({
    method,
    objective: judged?.objective ?? null,
    lowerBound,
    accuracies: judged && { ...judged.judgement, ...(method === 'SDP, rounded' && { original: best }) },
    why: judged ? null : (refused ?? why),
    seconds,
  })
  return [
    row('SDP, rounded', rounded, 'the relaxation was not solved far enough in its time for a matrix to round'),
    row('SDP, polished', polished, 'no time was left'),
  ]
}

async function generated(
  problem: Problem,
  X: Matrix,
  judge: Judge,
  cpuSeconds: number,
  { signal, progress }: Pick<Context, 'signal' | 'progress'>,
): Promise<AccuracyRow> {
  const clock = cpuClock()
  const { network, certificate } = await withinCpuTime(cpuSeconds, signal, (limited) =>
    train(problem, { tolerance: generationTolerance, signal: limited, onProgress: progress }),
  )
  const { objective, lowerBound } = certificate
  const accuracies = judge(predict(network, X))
  return { method: 'column generation', objective, lowerBound, accuracies, why: null, seconds: clock() }
}

/** The run of least objective on the training rows. */
async function descended(
  problem: Problem,
  X: Matrix,
  judge: Judge,
  { neurons, runs, epochs }: AccuracySize,
  { signal, progress }: Pick<Context, 'signal' | 'progress'>,
): Promise<AccuracyRow> {
  const clock = cpuClock()
  let best: { readonly objective: number; readonly network: Network } | null = null
  for (let seed = 0; seed < runs; seed++) {
    const onProgress = throttled(({ epoch, objective, elapsedSeconds }) =>
      progress({ iteration: epoch, objective, neurons, elapsedSeconds }),
    )
    const run = await trainBaseline(problem, sgd(), { neurons, epochs, seed, signal, onProgress })
    if (best === null || run.objective < best.objective) best = run
  }
  const accuracies = best && judge(predict(best.network, X))
  const objective = best?.objective ?? null
  return { method: 'gradient descent', objective, lowerBound: null, accuracies, why: null, seconds: clock() }
}

async function kernels({ X, Y, beta }: Problem, others: Matrix, judge: Judge): Promise<AccuracyRow[]> {
  return (['nngp', 'ntk'] as const).map((kernel) => {
    const clock = cpuClock()
    const accuracies = judge(predictKernelModel(fitKernelModel(X, Y, { kernel, relativeRidge: beta }), others))
    const method = kernel === 'nngp' ? 'NNGP' : 'NTK'
    return { method, objective: null, lowerBound: null, accuracies, why: null, seconds: clock() }
  })
}
