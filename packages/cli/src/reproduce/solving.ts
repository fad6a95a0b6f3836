import { type Problem, type Progress, type Solver, sgd, train, trainBaseline } from '@relucent/core'
import { throttled } from '../baseline/throttled.ts'
import { thinned } from './curves.ts'
import type { Context } from './experiment.ts'

/** One run of a solver, in plain values. */
export interface Solved {
  readonly status: string
  readonly objective: number
  readonly lowerBound: number
  readonly relativeGap: number | null
  readonly neurons: number
  readonly iterations: number
  /** Σ ‖u_j‖‖v_j‖ of the network: t of program (14). */
  readonly gauge: number
  /** Of CPU time: other programs on the machine do not count. */
  readonly seconds: number
  /** After each claim: CPU seconds, best objective and best bound so far. */
  readonly history: readonly { readonly seconds: number; readonly objective: number; readonly lowerBound: number }[]
}

export interface SolveOptions {
  readonly tolerance: number
  /** Limit of CPU time, so that a busy machine gets as far as an idle one. */
  readonly cpuSeconds: number
  readonly maxIterations?: number
}

/** Runs a solver on one thread, with its clock. */
export async function solved(
  problem: Problem,
  solver: Solver | undefined,
  { tolerance, cpuSeconds, maxIterations = Number.MAX_SAFE_INTEGER }: SolveOptions,
  { signal, progress }: Pick<Context, 'signal' | 'progress'>,
): Promise<Solved> {
  const clock = cpuClock()
  const history: { seconds: number; objective: number; lowerBound: number }[] = []
  const onProgress = (step: Progress): void => {
    history.push({ seconds: clock(), objective: step.objective, lowerBound: step.lowerBound })
    progress(step)
  }
  const { status, certificate, network, iterations } = await withinCpuTime(cpuSeconds, signal, (limited) => {
    const limits = { tolerance, maxIterations, timeLimitSeconds: Number.POSITIVE_INFINITY, signal: limited }
    return train(problem, { ...limits, ...(solver && { solver }), onProgress })
  })
  const { objective, lowerBound, relativeGap } = certificate
  const gauge = network.neurons.reduce((total, { u, v }) => total + Math.hypot(...u) * Math.hypot(...v), 0)
  const neurons = network.neurons.length
  return { status, objective, lowerBound, relativeGap, neurons, iterations, gauge, seconds: clock(), history }
}

const lookMilliseconds = 50

/** Runs work that yields, and aborts its signal once so many seconds of CPU time are used up, or the outer one is aborted. */
export async function withinCpuTime<T>(
  seconds: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const clock = cpuClock()
  const look = (): void => {
    if (outer.aborted || clock() >= seconds) controller.abort()
  }
  look()
  const timer = setInterval(look, lookMilliseconds)
  try {
    return await work(controller.signal)
  } finally {
    clearInterval(timer)
  }
}

/** CPU seconds until the relative gap was certified; null if never. */
export function secondsTo(gap: number, { history }: Solved): number | null {
  return history.find(({ objective, lowerBound }) => objective - lowerBound <= gap * objective)?.seconds ?? null
}

/** Runs of which the fastest counts where they are short: the first one compiles. */
export const repeats = 3
const short = 1

export async function fastest<T extends { readonly seconds: number }>(run: () => Promise<T>): Promise<T> {
  let best = await run()
  for (let k = 1; k < repeats && best.seconds < short; k++) {
    const next = await run()
    if (next.seconds < best.seconds) best = next
  }
  return best
}

/** One run of gradient descent, in plain values. */
export interface Descended {
  readonly status: string
  /** The lowest on the way. */
  readonly objective: number
  readonly epochs: number
  readonly seconds: number
  /** Thinned: objective after that many epochs. */
  readonly curve: { readonly x: readonly number[]; readonly y: readonly number[] }
}

export async function descended(
  problem: Problem,
  { neurons, epochs, seed, learningRate }: { neurons: number; epochs: number; seed: number; learningRate?: number },
  { signal, progress }: Pick<Context, 'signal' | 'progress'>,
): Promise<Descended> {
  const clock = cpuClock()
  const result = await trainBaseline(problem, sgd(learningRate === undefined ? {} : { learningRate }), {
    neurons,
    epochs,
    seed,
    signal,
    onProgress: throttled(({ epoch, objective, elapsedSeconds }) =>
      progress({ iteration: epoch, objective, neurons, elapsedSeconds }),
    ),
  })
  const { objective } = result.history
  const curve = thinned(
    Array.from(objective, (_, epoch) => epoch),
    objective,
  )
  return { status: result.status, objective: result.objective, epochs: result.epochs, seconds: clock(), curve }
}

/** Seconds of CPU time of this process since the call. */
export function cpuClock(): () => number {
  const start = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1e6
  }
}
