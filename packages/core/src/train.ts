import { type Certificate, certify, combine } from './certificate.ts'
import { type Matrix, matrix } from './linalg/matrix.ts'
import { balance, type Network, objective, objectiveRounding, zeroNetwork } from './network.ts'
import { merge } from './network/merge.ts'
import { prune } from './network/prune.ts'
import type { Threads } from './oracle/parallel/threads.ts'
import { createPacer, type Pacer } from './pacer.ts'
import type { Problem } from './problem.ts'
import type { Solver, SolverContext } from './solver.ts'
import { columnGeneration } from './solver/column-generation.ts'

/** Why a run stopped. What is proven is the certificate's to say. */
export type Status =
  | 'optimal'
  | 'optimal-in-scope'
  | 'iteration-limit'
  | 'time-limit'
  | 'interrupted'
  | 'stalled'
  | 'numerical-error'

export interface Progress {
  readonly iteration: number
  readonly objective: number
  readonly lowerBound: number
  readonly relativeGap: number | null
  readonly neurons: number
  readonly elapsedSeconds: number
  /** What the solver had just done: `start`, `master`, or the name of an oracle. */
  readonly phase: string
}

export interface TrainOptions {
  /** Relative gap at which the run is done. */
  readonly tolerance?: number
  /** Gap, in units of the objective, at which the run is done as well. */
  readonly absoluteTolerance?: number
  /** Seconds; Infinity for none. */
  readonly timeLimitSeconds?: number
  /** Claims of the solver. */
  readonly maxIterations?: number
  readonly seed?: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** A network of the same shape to start from. */
  readonly init?: Network | undefined
  readonly solver?: Solver
  /** To price on, beside the calling one; they are left open. */
  readonly threads?: Threads | undefined
}

export interface TrainResult {
  readonly status: Status
  readonly network: Network
  /** The Z behind the lower bound; `certificate.scale` · Z is dual feasible. */
  readonly dual: Matrix
  readonly certificate: Certificate
  readonly history: readonly Progress[]
  readonly timings: { readonly totalSeconds: number; readonly pricingSeconds: number; readonly masterSeconds: number }
  readonly iterations: number
  readonly solver: string
  readonly oracle: string
}

export interface Limits {
  readonly tolerance: number
  readonly absoluteTolerance: number
  readonly maxIterations: number
  readonly pacer: Pacer
}

/**
 * Trains a two-layer ReLU network to the certified global optimum of the problem.
 *
 * The one loop: it takes claims from a solver, certifies each from scratch, keeps the best network and the best lower
 * bound separately, reports, and alone decides when and why to stop. However it stops, the certificate is valid.
 *
 * @throws RangeError when an option is out of range or `init` has another shape. Limits, aborts and numerical failure
 *   are statuses, not errors.
 * @throws WorkerError when one of the threads was lost.
 */
export async function train(problem: Problem, options: TrainOptions = {}): Promise<TrainResult> {
  const { tolerance = 1e-6, absoluteTolerance = 0, timeLimitSeconds = 300, maxIterations = 1000 } = options
  const { seed = 0, signal, onProgress, init, solver = columnGeneration(), threads } = options
  validate(problem, { tolerance, absoluteTolerance, timeLimitSeconds, maxIterations }, init)
  const pacer = createPacer(signal ? { signal, timeLimitSeconds } : { timeLimitSeconds })
  const limits: Limits = { tolerance, absoluteTolerance, maxIterations, pacer }
  const booked = { pricing: 0, master: 0 }
  const best = new Best(problem)
  const history: Progress[] = []
  let status: Status | undefined
  const context: SolverContext = { pacer, tolerance, seed, init, threads, timed: timer(booked) }
  for await (const claim of solver.claims(problem, context)) {
    best.offer(claim)
    const { certificate } = best
    const progress: Progress = {
      iteration: history.length + 1,
      objective: certificate.objective,
      lowerBound: certificate.lowerBound,
      relativeGap: certificate.relativeGap,
      neurons: best.network.neurons.length,
      elapsedSeconds: pacer.elapsedSeconds(),
      phase: claim.phase,
    }
    history.push(progress)
    onProgress?.(progress)
    status = stopReason(certificate, history.length, limits)
    if (status) break
  }
  best.tidy()
  return {
    status: status ?? stopReason(best.certificate, history.length, limits) ?? 'stalled',
    network: best.network,
    dual: best.dual,
    certificate: best.certificate,
    history,
    timings: { totalSeconds: pacer.elapsedSeconds(), pricingSeconds: booked.pricing, masterSeconds: booked.master },
    iterations: history.length,
    solver: solver.name,
    oracle: solver.oracleName(problem),
  }
}

/**
 * The only place where a status is decided; undefined while there is no reason to stop. Written so that NaN can never read
 * as optimal.
 */
export function stopReason(certificate: Certificate, iteration: number, limits: Limits): Status | undefined {
  const { crossed, relativeGap, gap, scope } = certificate
  if (crossed || !Number.isFinite(certificate.objective)) return 'numerical-error'
  if ((relativeGap !== null && relativeGap <= limits.tolerance) || gap <= limits.absoluteTolerance) {
    return scope === 'all-networks' ? 'optimal' : 'optimal-in-scope'
  }
  if (limits.pacer.aborted()) return 'interrupted'
  if (limits.pacer.expired()) return 'time-limit'
  if (iteration >= limits.maxIterations) return 'iteration-limit'
  return undefined
}

/** The best network and the best lower bound so far: they need not come from the same claim. */
class Best {
  readonly #problem: Problem
  network: Network
  dual: Matrix
  certificate: Certificate

  constructor(problem: Problem) {
    this.#problem = problem
    this.network = zeroNetwork(problem.X.cols, problem.Y.cols)
    this.dual = problem.Y
    this.certificate = combine(problem, this.network, objective(problem, this.network), null)
  }

  offer(claim: Parameters<typeof certify>[1]): void {
    const next = certify(this.#problem, { ...claim, network: balance(claim.network) })
    const better = next.objective < this.certificate.objective
    const network = better ? balance(claim.network) : this.network
    const value = better ? next.objective : this.certificate.objective
    const tighter = next.lowerBound > this.certificate.lowerBound
    // A copy: a solver may go on to use its matrix for the next residual.
    if (tighter) this.dual = matrix(claim.dual.rows, claim.dual.cols, claim.dual.data.slice())
    this.network = network
    this.certificate = combine(this.#problem, network, value, tighter ? next : this.certificate)
  }

  /** Merges and prunes the network that is handed out, where that costs nothing. */
  tidy(): void {
    const tidied = prune(this.#problem, merge(this.#problem, this.network))
    const value = objective(this.#problem, tidied)
    // Fewer neurons for the same objective: the same up to its own rounding.
    if (!(value <= this.certificate.objective + objectiveRounding(this.#problem, this.network))) return
    this.network = tidied
    this.certificate = combine(this.#problem, tidied, value, this.certificate)
  }
}

function timer(booked: { pricing: number; master: number }): SolverContext['timed'] {
  return async (kind, work) => {
    const start = performance.now()
    try {
      return await work()
    } finally {
      booked[kind] += (performance.now() - start) / 1000
    }
  }
}

function validate(
  problem: Problem,
  options: { tolerance: number; absoluteTolerance: number; timeLimitSeconds: number; maxIterations: number },
  init: Network | undefined,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value >= 0)) throw new RangeError(`train: ${name} must be at least 0, got ${value}`)
  }
  if (init && (init.inputs !== problem.X.cols || init.outputs !== problem.Y.cols)) {
    const want = `${problem.X.cols} inputs and ${problem.Y.cols} outputs`
    throw new RangeError(`train: init must have ${want}, got ${init.inputs} and ${init.outputs}`)
  }
}
