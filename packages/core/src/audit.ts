import { type Addition, bestAddition } from './audit/addition.ts'
import { simplify, type Simplification } from './audit/simplify.ts'
import { type Certificate, certify, combine, type LowerBound } from './certificate.ts'
import { feasibleDual } from './dual.ts'
import type { Matrix } from './linalg/matrix.ts'
import { balance, type Network, predict } from './network.ts'
import type { Candidate, PricingOracle } from './oracle.ts'
import { exactOracle } from './oracle/exact.ts'
import { parallelOracle } from './oracle/parallel.ts'
import type { Threads } from './oracle/parallel/threads.ts'
import { createPacer, type Pacer } from './pacer.ts'
import type { Problem } from './problem.ts'
import { project } from './reduction.ts'
import { type Progress, type Status, stopReason, train } from './train.ts'

export interface AppraiseOptions {
  /** Relative gap at which the search for a better bound ends. */
  readonly tolerance?: number
  /** Seconds; Infinity for none. */
  readonly timeLimitSeconds?: number
  readonly seed?: number
  readonly signal?: AbortSignal | undefined
  /** Of the solve, where there is one. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly threads?: Threads | undefined
}

/** What is proven about a network, whoever trained it. */
export interface Appraisal {
  /** Of the network as given, with the better of the two lower bounds. */
  readonly certificate: Certificate
  /** The Z behind that bound, and the ω̄ proven for it; `certificate.scale` · Z is dual feasible. */
  readonly dual: Matrix
  /** Where the bound comes from: the network's own residual, or a solve that started from the network. */
  readonly method: 'residual' | 'solve'
  readonly oracle: string
  /** The best network seen on the way: the given one, or a better one. */
  readonly best: Best
  /** Neurons attained when the network's own residual was priced, best first. */
  readonly candidates: readonly Candidate[]
}

export interface Best {
  readonly network: Network
  readonly certificate: Certificate
  /** Why the search ended; `optimal` is about this network. */
  readonly status: Status
  /** Null where nothing had to be solved. */
  readonly solver: string | null
}

/** An appraisal together with what could be changed about the network. */
export interface Audit extends Appraisal {
  /** The network as audited: balanced, which does not change its function and lowers its penalty as far as possible. */
  readonly network: Network
  /** Neurons that can go without raising the objective. */
  readonly simplification: Simplification
  /** The neuron that lowers the objective most among those found; null where none was found. */
  readonly addition: Addition | null
}

/** Time for the network's own residual at most: it is loose away from an optimum, and then a solve is better. */
const residualShare = 0.3
const residualSeconds = 20

/**
 * Proves how far a network is from the best one of any width: first from its own residual Z = −∇ℓ(F), then, unless that
 * is within the tolerance, by a solve that starts from the network. Lower bounds are the better of the two; both are valid.
 *
 * @throws WorkerError when one of the threads was lost.
 */
export async function appraise(problem: Problem, network: Network, options: AppraiseOptions = {}): Promise<Appraisal> {
  const { tolerance = 1e-6, timeLimitSeconds = 60, seed = 0, signal, onProgress, threads } = options
  const pacer = createPacer(signal ? { signal, timeLimitSeconds } : { timeLimitSeconds })
  const oracle = (threads ? parallelOracle(threads) : exactOracle)(problem)
  const own = await fromResidual(problem, network, oracle, pacer)
  const limits = { tolerance, absoluteTolerance: 0, maxIterations: Number.POSITIVE_INFINITY, pacer }
  const status = stopReason(own.certificate, 0, limits)
  // A solve may still make something of a network whose figures overflow.
  if (status !== undefined && (status !== 'numerical-error' || pacer.expired())) {
    return { ...own, best: { network, certificate: own.certificate, status, solver: null } }
  }
  const solved = await train(problem, {
    init: network,
    signal,
    timeLimitSeconds: pacer.remainingSeconds(),
    tolerance,
    seed,
    threads,
    onProgress: onProgress && ((progress) => onProgress({ ...progress, elapsedSeconds: pacer.elapsedSeconds() })),
  })
  const { objective: attained } = own.certificate
  const tighter = solved.certificate.lowerBound > own.certificate.lowerBound
  const bound: LowerBound = tighter ? solved.certificate : own.certificate
  const improved = solved.certificate.objective < attained
  const better = improved ? solved.network : network
  const best: Best = {
    network: better,
    certificate: combine(problem, better, improved ? solved.certificate.objective : attained, bound),
    status: solved.status,
    solver: solved.solver,
  }
  if (!tighter) return { ...own, best }
  const certificate = combine(problem, network, attained, bound)
  const { dual, oracle: name } = solved
  return { ...own, certificate, dual, method: 'solve', oracle: name, best }
}

/**
 * Appraises a network and looks for what could be changed about it.
 *
 * The network is balanced first: ‖u_j‖ = ‖v_j‖ is the cheapest way to write the same function.
 *
 * @throws WorkerError when one of the threads was lost.
 */
export async function audit(problem: Problem, given: Network, options: AppraiseOptions = {}): Promise<Audit> {
  const network = balance(given)
  const appraisal = await appraise(problem, network, options)
  const pacer = createPacer(options.signal ? { signal: options.signal } : {})
  return {
    ...appraisal,
    network,
    simplification: await simplify(problem, given, pacer),
    addition: await bestAddition(problem, network, appraisal.candidates, pacer),
  }
}

async function fromResidual(
  problem: Problem,
  network: Network,
  oracle: PricingOracle,
  pacer: Pacer,
): Promise<Omit<Appraisal, 'best'>> {
  const residual = problem.loss.dual(predict(network, problem.X, problem.architecture), problem.Y)
  const dual = feasibleDual(problem, residual)
  const starts = network.neurons.map(({ u }) => project(problem.reduction, u))
  const budget = Math.min(residualSeconds, residualShare * pacer.remainingSeconds())
  const { bound, candidates } = await oracle.price(dual, { pacer: pacer.within(budget), starts })
  const certificate = certify(problem, { network, dual, bound })
  return { certificate, dual, method: 'residual', oracle: oracle.name, candidates }
}
