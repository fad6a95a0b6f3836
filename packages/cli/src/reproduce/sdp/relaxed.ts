import {
  activePairs,
  certify,
  createPacer,
  type Network,
  objective,
  type Pacer,
  type Problem,
  semidefinite,
  UnsupportedProblemError,
} from '@relucent/core'
import type { Context } from '../experiment.ts'
import { cpuClock } from '../solving.ts'

const conic = activePairs

/** The conic method, for the settings of parts. */
export const conicName: string = conic.name

/** What came of the relaxation and of rounding it, in plain values. */
export interface Relaxed<T> {
  /** Proven; null where the problem was refused, for `refused`. */
  readonly lowerBound: number | null
  readonly refused: string | null
  /** Of the networks rounded by the splitting, the one of least objective; null where the conic method came to no solution. */
  readonly rounded: Judged<T> | null
  /** The network after the local descent from there. */
  readonly polished: Judged<T> | null
  readonly seconds: number
}

export interface Judged<T> {
  readonly objective: number
  readonly judgement: T
}

export interface RelaxedOptions<T> {
  readonly tolerance: number
  /** CPU time for the relaxation and the networks; the latter get what is set aside for them in any case. */
  readonly cpuSeconds: number
  /** A network by the standards of the caller. */
  readonly judge: (network: Network) => T
  /** Every network of the splitting, in order. */
  readonly onRounded?: (network: Network) => void
}

/** The relaxation of `problem` and networks rounded from it, by the solver `semidefinite`, on one thread. */
export async function relaxed<T>(
  problem: Problem,
  { tolerance, cpuSeconds, judge, onRounded }: RelaxedOptions<T>,
  { signal, progress }: Pick<Context, 'signal' | 'progress'>,
): Promise<Relaxed<T>> {
  const solver = semidefinite({ conic, tolerance })
  const clock = cpuClock()
  try {
    solver.check?.(problem)
  } catch (error) {
    if (!(error instanceof UnsupportedProblemError)) throw error
    return { lowerBound: null, refused: error.message, rounded: null, polished: null, seconds: 0 }
  }
  let [lowerBound, rounded, polished]: [number, Judged<T> | null, Judged<T> | null] = [0, null, null]
  let step = 0
  const keep = (best: Judged<T> | null, network: Network): Judged<T> | null => {
    const value = objective(problem, network)
    return value < (best?.objective ?? Number.POSITIVE_INFINITY)
      ? { objective: value, judgement: judge(network) }
      : best
  }
  const timed = <R>(_kind: string, work: () => Promise<R>): Promise<R> => work()
  for await (const claim of solver.claims(problem, {
    pacer: cpuPacer(cpuSeconds, signal),
    tolerance: 0,
    seed: 0,
    timed,
  })) {
    const { network, phase } = claim
    const certificate = certify(problem, claim)
    lowerBound = Math.max(lowerBound, certificate.lowerBound)
    if (phase === 'splitting') {
      onRounded?.(network)
      rounded = keep(rounded, network)
    }
    if (phase === 'master') polished = keep(polished, network)
    const { objective: attained, relativeGap } = certificate
    const neurons = network.neurons.length
    progress({ iteration: ++step, objective: attained, lowerBound, relativeGap, neurons, elapsedSeconds: clock() })
  }
  return { lowerBound, refused: null, rounded, polished, seconds: clock() }
}

/** Time as this process uses it: a busy machine gets as far as an idle one. */
function cpuPacer(limit: number, signal: AbortSignal): Pacer {
  const clock = cpuClock()
  const pacer = createPacer({ signal })
  return {
    ...pacer,
    elapsedSeconds: clock,
    expired: () => pacer.aborted() || !(clock() < limit),
    remainingSeconds: () => Math.max(0, limit - clock()),
    within: (seconds) => cpuPacer(Math.min(seconds, limit - clock()), signal),
  }
}
