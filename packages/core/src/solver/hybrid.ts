import { UnsupportedProblemError } from '../errors.ts'
import { type Network, zeroNetwork } from '../network.ts'
import { exactOracle } from '../oracle/exact.ts'
import type { Problem } from '../problem.ts'
import { entrywiseSplitting } from '../relaxation/entrywise-splitting.ts'
import { requireSemidefinite, type SemidefiniteOptions, semidefiniteValues } from '../relaxation/semidefinite.ts'
import type { Solver, SolverClaim, SolverContext } from '../solver.ts'
import { columnGeneration, type ColumnGenerationOptions } from './column-generation.ts'
import { Share } from './share.ts'

export interface HybridOptions extends ColumnGenerationOptions {
  /** Of the relaxation; with cuts, and by `entrywiseSplitting`, whose bounds are good early, where nothing else is said. */
  readonly relaxation?: Omit<SemidefiniteOptions, 'pacer' | 'tolerance'>
  /** Seconds that column generation has for itself at first: what it solves within them needs no relaxation. */
  readonly headStartSeconds?: number
}

/** How much finer than the tolerance of the run the relaxation is solved: it is one part of the gap. */
const finer = 0.1

/**
 * Column generation, which finds networks, and the semidefinite relaxation, which proves bounds without any pattern, in turns on one
 * thread: whoever has had less time is next, and each has half of the time limit, or all that is left once the other has ended. `train`
 * keeps the best network and the best bound of either.
 *
 * For data whose rank is too high for branch and bound to prove much; on others column generation ends within its head start. Where the
 * relaxation cannot take the problem it is column generation alone, and `note` says why.
 */
export function hybrid(options: HybridOptions = {}): Solver {
  const { exact = exactOracle } = options
  const relaxation: SemidefiniteOptions = {
    inequalities: 'conic',
    solver: entrywiseSplitting,
    ...options.relaxation,
  }
  const note = (problem: Problem): string | null => {
    try {
      requireSemidefinite(problem, relaxation)
      return null
    } catch (error) {
      if (!(error instanceof UnsupportedProblemError)) throw error
      return `the bound comes from column generation alone: ${error.message}`
    }
  }
  return {
    name: 'hybrid',
    oracleName: (problem) => exact(problem).name,
    note,
    async *claims(problem, context) {
      if (note(problem) === null) yield* inTurns(problem, context, { ...options, relaxation })
      else yield* columnGeneration(options).claims(problem, context)
    },
  }
}

async function* inTurns(
  problem: Problem,
  context: SolverContext,
  { headStartSeconds = 0.5, relaxation = {}, ...options }: HybridOptions,
): AsyncGenerator<SolverClaim> {
  const total = context.pacer.remainingSeconds()
  const shares: [Share, Share] = [new Share(context.pacer, total / 2), new Share(context.pacer, total / 2)]
  const [generation, bounding] = shares
  let network = context.init ?? zeroNetwork(problem.X.cols, problem.Y.cols)
  const parties: [Party, Party] = [
    columnGeneration(options)
      .claims(problem, { ...context, pacer: generation.pacer })
      [Symbol.asyncIterator](),
    relaxed(problem, context, { ...relaxation, pacer: bounding.pacer }, () => network),
  ]
  try {
    while (!(generation.ended && bounding.ended)) {
      const turn = bounding.ended || (!generation.ended && generation.used() <= bounding.used() + headStart()) ? 0 : 1
      const { done, value } = await shares[turn].run(() => parties[turn].next())
      if (done) shares[turn].end(shares[1 - turn])
      else if (turn === 0) network = value.network
      if (!done) yield value
    }
  } finally {
    for (const party of parties) await party.return?.(undefined)
  }

  /** It counts until it is over, and is made up for afterwards. */
  function headStart(): number {
    return generation.used() < headStartSeconds ? headStartSeconds : 0
  }
}

type Party = AsyncIterator<SolverClaim>

async function* relaxed(
  problem: Problem,
  context: SolverContext,
  options: SemidefiniteOptions,
  network: () => Network,
): AsyncGenerator<SolverClaim> {
  const values = semidefiniteValues(problem, { ...options, tolerance: Math.max(finer * context.tolerance, 1e-9) })
  try {
    for (;;) {
      const { done, value } = await context.timed('pricing', () => values.next())
      if (done) return
      yield { network: network(), dual: value.dual, bound: value.bound, phase: 'semidefinite' }
    }
  } finally {
    await values.return(undefined)
  }
}
