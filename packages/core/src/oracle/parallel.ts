import { proveBound } from '../bound.ts'
import type { Matrix } from '../linalg/matrix.ts'
import type { OracleFactory, Priced, PriceOptions } from '../oracle.ts'
import { createPacer, createTurns, type Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { branchAndBoundOracle } from './branch-and-bound.ts'
import { coneKernel } from './branch-and-bound/kernel.ts'
import { coneQuestion } from './branch-and-bound/question.ts'
import { ConeSearch, inUnits, memoryLimit } from './branch-and-bound/search.ts'
import { exactOracleBy } from './exact.ts'
import { incumbentMemory, SharedFinds } from './parallel/finds.ts'
import { turnMilliseconds } from './parallel/messages.ts'
import { Team } from './parallel/team.ts'
import type { Threads } from './parallel/threads.ts'

export interface ParallelOptions {
  /** Every call begins on the calling thread alone; most end there, and never know of workers. */
  readonly aloneMilliseconds?: number
}

/** Open regions per thread before work is divided. */
const regionsPerThread = 4

/** The exact oracle for the rank at hand, on several threads where it takes branch and bound. */
export function parallelOracle(threads: Threads, options: ParallelOptions = {}): OracleFactory {
  return exactOracleBy(parallelBranchAndBound(threads, options))
}

/**
 * Branch and bound on several threads, under the same contract: where a call takes long enough, the open cones are
 * divided among the workers and this thread, each searches its own, and what is left is evened out as they go. Threads
 * change the order of the search, and hence which of equally good answers comes back; bounds are proven as on one thread.
 *
 * A thread that dies, fails or answers nonsense makes the call fail with a `WorkerError`: no bound rests on it.
 */
export function parallelBranchAndBound(threads: Threads, options: ParallelOptions = {}): OracleFactory {
  return (problem) => {
    const alone = branchAndBoundOracle(problem)
    if (threads.count === 1) return alone
    const { name, family } = alone
    return { name, family, price: (dual, limits = {}) => price(threads, options, problem, dual, limits) }
  }
}

async function price(
  threads: Threads,
  { aloneMilliseconds = 30 }: ParallelOptions,
  problem: Problem,
  dual: Matrix,
  options: PriceOptions,
): Promise<Priced> {
  const { Xr } = problem.reduction
  const question = coneQuestion(Xr, dual)
  const { X, Z, unit, context, axes } = question
  if (context === null) return branchAndBoundOracle(problem).price(dual, options)
  const { pacer = createPacer(), maxNodes = Number.POSITIVE_INFINITY, maxCandidates = 64 } = options
  const incumbent = incumbentMemory()
  const finds = new SharedFinds(X, Z, incumbent)
  const limits = { ...inUnits(options, unit), memory: memoryLimit / threads.count }
  let team: Team | undefined
  const nodes = (): number => search.nodes + (team?.nodes ?? 0)
  const start = performance.now()
  const takeTurn = createTurns(turnMilliseconds)
  const attended: Pacer = {
    ...pacer,
    expired: () => pacer.expired() || nodes() >= maxNodes || team?.ended === true,
    breathe() {
      const due = !team && search.open >= regionsPerThread * threads.count && !search.idle
      if (due && performance.now() - start >= aloneMilliseconds) {
        const timeLimitSeconds = pacer.remainingSeconds()
        team = new Team(threads, { Xr, dual }, question, search, finds, { kind: 'search', ...limits, timeLimitSeconds, axes, incumbent }) // biome-ignore format: a list
      }
      return team ? takeTurn() : pacer.breathe()
    },
  }
  const search = new ConeSearch(context, coneKernel(context), finds, { ...limits, pacer: attended })
  for (const direction of options.starts ?? []) if (!pacer.expired()) finds.offer(direction)
  search.startFrom(axes, question.bound)
  try {
    for (;;) {
      await search.run()
      if (!search.idle || !team?.busy || attended.expired()) break
      await team.news()
    }
    await team?.conclude(() => pacer.expired())
  } finally {
    team?.end()
  }
  team?.throwIfLost()
  for (const direction of finds.takeNews().remembered) finds.pool.remember(direction)
  finds.pool.keepRemembered()
  const candidates = finds.pool.evaluated(Xr, dual).slice(0, maxCandidates)
  const bound = Math.max(search.bound, team?.bound ?? 0) * unit
  return { candidates, bound: proveBound(problem, dual, bound, 'branch-and-bound'), nodes: nodes() }
}
