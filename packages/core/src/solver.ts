import type { Claim } from './certificate.ts'
import type { Network } from './network.ts'
import type { Threads } from './oracle/parallel/threads.ts'
import type { Pacer } from './pacer.ts'
import type { Problem } from './problem.ts'

export interface SolverContext {
  readonly pacer: Pacer
  /** Relative gap worth aiming at; pricing more finely than this is wasted. */
  readonly tolerance: number
  readonly seed: number
  /** To price on; the calling one alone when absent. */
  readonly threads?: Threads | undefined
  /** Where to start; the zero network when absent. */
  readonly init?: Network | undefined
  /** Runs a piece of work and books its time. */
  timed<T>(kind: 'pricing' | 'master', work: () => Promise<T>): Promise<T>
}

/** What a solver believes, and what it had just done when it came to believe it. */
export interface SolverClaim extends Claim {
  readonly phase: string
}

/**
 * A generator of claims { network, dual, bound }, ever better ones. It certifies nothing and decides nothing: `train`
 * certifies each claim from scratch, keeps the best, and alone stops the run. Ending means that no progress is left.
 */
export interface Solver {
  readonly name: string
  /** The pricing oracle its bounds come from on this problem. */
  oracleName(problem: Problem): string
  /** Throws UnsupportedProblemError, before any work, for a problem it cannot take; absent where it takes all. */
  check?(problem: Problem): void
  /** What a person should know before it starts on this problem, null for nothing; absent where it never has to say anything. */
  note?(problem: Problem): string | null
  claims(problem: Problem, context: SolverContext): AsyncIterable<SolverClaim>
}
