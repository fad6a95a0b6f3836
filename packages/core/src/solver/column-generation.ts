import type { ProvenBound } from '../bound.ts'
import { dot, type Matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, RestrictedMaster } from '../master.ts'
import { cellNewton } from '../master/cell-newton.ts'
import { network, type Network } from '../network.ts'
import type { Candidate, OracleFactory, Priced, PricingOracle } from '../oracle.ts'
import { tightSamples } from '../oracle/ascent.ts'
import { exactOracle } from '../oracle/exact.ts'
import { multistartOracle } from '../oracle/multistart.ts'
import { parallelOracle } from '../oracle/parallel.ts'
import { trivialOracle } from '../oracle/trivial.ts'
import type { Problem } from '../problem.ts'
import { lift, project } from '../reduction.ts'
import type { Solver, SolverClaim, SolverContext } from '../solver.ts'
import { type Restricted, restricted } from './restricted.ts'

export interface ColumnGenerationOptions {
  /** Proves, and finds what the heuristic misses; by default the oracle for the rank, on all threads there are. */
  readonly exact?: OracleFactory
  /** For the squared loss; the others have a master of their own. */
  readonly master?: RestrictedMaster
  /** New neurons per round at most. */
  readonly maxNewColumns?: number
}

/** How much of the tolerance pricing may use up: (ω̄ − β)/β becomes about the same relative gap. */
const pricingShare = 0.5

/** Up to this rank a short exact search is worth its time in every round: it sees the whole sphere, ascents do not. */
const eagerRank = 6

/** Random starts of an ascent round, alone and beside an exact search; more when that had to go on. */
const startsAlone = 24
const startsBeside = 16

/** Nodes of the first exact search; four times as many whenever a search neither finds nor proves. */
const firstBudget = 400

/** Share of the time limit after which a run that is not done turns to its bound. */
const exactDue = 0.6

/** A priced direction this close to a column is that column. */
const sameDirection = 1 - 1e-14

/** Master tolerances: the first, the last, and how much finer each is than the violation that was priced. */
const roughest = 1e-3
const finest = 1e-12
const finer = 1e-2

/** Rounds without any decrease of the objective after which pricing again is no use. */
const patience = 4

/** With kinks the optimum may have many duals, and new columns narrow them down without a better objective: progress too. */
const narrower = 0.9

/** Rounds in a row that may leave the dual unsettled without a better network. */
const maxUnsettled = 40

/**
 * Fully corrective column generation: price neurons that violate dual feasibility, re-optimise all, repeat.
 *
 * Ascents from the neurons at hand and from random directions find violators cheaply; exact searches, short at first,
 * find those that ascents miss and end by proving ω(Z) ≤ β(1 + ε), a certificate. The dual candidate is Z = −∇ℓ(F), for the
 * squared loss the residual Y − F, which is optimal for (11) of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021) when F is
 * optimal for (5); for a loss with kinks it is the multiplier of P = F.
 */
export function columnGeneration(options: ColumnGenerationOptions = {}): Solver {
  const { exact = exactOracle } = options
  return {
    name: 'column-generation',
    oracleName: (problem) => exact(problem).name,
    claims: (problem, context) => new Generation(problem, context, options).run(),
  }
}

class Generation {
  readonly #problem: Problem
  readonly #context: SolverContext
  readonly #restricted: Restricted
  readonly #exact: PricingOracle
  readonly #heuristic: PricingOracle | null
  readonly #trivial: PricingOracle
  readonly #maxNewColumns: number
  #idle = 0
  #unsettled = 0
  #leastViolation = Number.POSITIVE_INFINITY
  #best = Number.POSITIVE_INFINITY
  /** What the master is asked for: no need to settle the columns at hand far below the violation still to come. */
  #accuracy = roughest
  #budget = firstBudget

  constructor(problem: Problem, context: SolverContext, options: ColumnGenerationOptions) {
    this.#problem = problem
    this.#context = context
    this.#restricted = restricted(problem, options.master ?? cellNewton)
    const { seed, threads } = context
    this.#exact = (options.exact ?? (threads ? parallelOracle(threads) : exactOracle))(problem)
    // The sweep is exact and as fast as any heuristic: nothing to precede it.
    this.#heuristic = this.#exact.family === 'sweep' ? null : multistartOracle(problem, { seed, threads })
    this.#trivial = trivialOracle(problem)
    this.#maxNewColumns = options.maxNewColumns ?? 32
  }

  async *run(): AsyncGenerator<SolverClaim> {
    const { pacer, init } = this.#context
    if (init) {
      this.#restricted.restart(columnsOf(this.#problem, init), init)
      yield await this.#claimTrivially('start')
      await this.#solveMaster([])
    }
    // With unpenalised coefficients even the network without neurons has something to fit, and no dual before it has.
    if (this.#problem.free && !init) await this.#solveMaster([])
    for (;;) {
      const dual = this.#restricted.dual()
      yield await this.#claimTrivially(this.#restricted.columns.length === 0 ? 'start' : 'master', dual)
      if (pacer.expired()) return
      const violators = yield* this.#search(dual)
      const settled = this.#accuracy <= finest && this.#idle > 0
      if (violators.length === 0 && (pacer.expired() || settled)) return
      if (this.#idle >= patience) {
        // Violators that the master cannot settle any better keep cutting searches short: say how good the columns are.
        yield this.#claim(this.#exact.name, dual, (await this.#priceExactly(dual, violators, true)).bound)
        return
      }
      await this.#solveMaster(violators)
    }
  }

  /** Directions worth a new column: from ascents, from exact searches, and with more and more of both when neither finds any. */
  async *#search(dual: Matrix): AsyncGenerator<SolverClaim, Candidate[]> {
    const most = 16 * startsAlone
    for (let starts = this.#exactIsDue() ? startsBeside : startsAlone; ; starts = Math.min(4 * starts, most)) {
      const found = await this.#ascend(dual, starts)
      const violators = found.filter(({ value }) => value > this.#target())
      if (violators.length > 0 && !this.#exactIsDue()) return violators
      const late = this.#isLate()
      const priced = await this.#priceExactly(dual, found, late)
      yield this.#claim(this.#exact.name, dual, priced.bound)
      violators.push(...priced.candidates.filter(({ value }) => value > this.#target()))
      if (violators.length > 0 || this.#context.pacer.expired()) return violators
      if (late || (priced.nodes ?? 0) < this.#budget) return violators // it ended by itself: there are none
      this.#budget *= 4
    }
  }

  async #ascend(dual: Matrix, starts: number): Promise<readonly Candidate[]> {
    const heuristic = this.#heuristic
    if (!heuristic) return []
    const options = { pacer: this.#context.pacer, starts: this.#directions(), maxNodes: starts }
    return (await this.#context.timed('pricing', () => heuristic.price(dual, options))).candidates
  }

  /**
   * A short search for violators; once the time limit is near, or nothing else helps, a long one for the bound, without
   * regard to violators, so that a run which cannot be finished still says how far it got.
   */
  #priceExactly(dual: Matrix, found: readonly Candidate[], forBound: boolean): Promise<Priced> {
    const { pacer, tolerance } = this.#context
    const starts = found.slice(0, 4).map(({ weights }) => weights)
    const options = forBound
      ? { relativeTolerance: pricingShare * tolerance, collectAbove: this.#target(), pacer, starts }
      : { target: this.#target(), maxNodes: this.#budget, pacer, starts }
    return this.#context.timed('pricing', () => this.#exact.price(dual, options))
  }

  /** ω̄ at or below this certifies the tolerance; values above it are worth a new neuron. */
  #target(): number {
    return this.#problem.beta * (1 + pricingShare * Math.max(this.#context.tolerance, 1e-15))
  }

  #exactIsDue(): boolean {
    return this.#problem.reduction.rank <= eagerRank || this.#isLate()
  }

  #isLate(): boolean {
    const { pacer } = this.#context
    return pacer.elapsedSeconds() > exactDue * (pacer.elapsedSeconds() + pacer.remainingSeconds())
  }

  async #solveMaster(violators: readonly Candidate[]): Promise<void> {
    const { reduction, Y, beta } = this.#problem
    const { pacer } = this.#context
    const fresh = this.#unknown(violators)
    const violation = Math.max(0, ...violators.map(({ value }) => value)) / beta - 1
    // A column that still violates was not settled well enough; otherwise stay ahead of the violation by a margin.
    this.#refine(fresh.length === 0 ? finer * this.#accuracy : finer * violation)
    const added = fresh.map((u): Column => ({ u, v: new Float64Array(Y.cols), tight: tightSamples(reduction.Xr, u) }))
    const tolerance = this.#accuracy
    await this.#context.timed('master', () => this.#restricted.solve(added, { pacer, tolerance }))
    const { objective, settled } = this.#restricted
    this.#unsettled = settled || objective < this.#best * (1 - 1e-14) ? 0 : this.#unsettled + 1
    const narrowed = this.#problem.loss.kinked && violation > 0 && violation < narrower * this.#leastViolation
    if (violation > 0) this.#leastViolation = Math.min(this.#leastViolation, violation)
    const better = objective < this.#best * (1 - 1e-14) || narrowed
    if (better || (!settled && this.#unsettled < maxUnsettled)) this.#idle = 0
    else if (tolerance <= finest) this.#idle++
    else this.#refine(finer * tolerance)
    this.#best = Math.min(this.#best, objective)
  }

  #refine(accuracy: number): void {
    this.#accuracy = Math.max(finest, Math.min(this.#accuracy, accuracy))
  }

  /** The best directions that are neither columns already nor listed twice. */
  #unknown(violators: readonly Candidate[]): Float64Array[] {
    const known = this.#directions()
    const fresh: Float64Array[] = []
    for (const { weights } of violators.toSorted((a, b) => b.value - a.value)) {
      if (fresh.length >= this.#maxNewColumns) break
      if (![...known, ...fresh].some((u) => dot(u, weights) > sameDirection)) fresh.push(weights)
    }
    return fresh
  }

  #directions(): Float64Array[] {
    return this.#restricted.columns.map(({ u }) => {
      const size = norm2(u)
      return u.map((value) => value / size)
    })
  }

  async #claimTrivially(phase: string, dual: Matrix = this.#restricted.dual()): Promise<SolverClaim> {
    return this.#claim(phase, dual, (await this.#trivial.price(dual)).bound)
  }

  #claim(phase: string, dual: Matrix, bound: ProvenBound): SolverClaim {
    const { reduction, X, Y } = this.#problem
    const { columns, free } = this.#restricted
    const neurons = columns.map(({ u, v }) => ({ u: lift(reduction, u), v }))
    return { network: network(X.cols, Y.cols, neurons, free), dual, bound, phase }
  }
}

function columnsOf({ reduction }: Problem, init: Network): Column[] {
  return init.neurons.flatMap(({ u, v }) => {
    const reduced = project(reduction, u)
    return norm2(reduced) > 0 && norm2(v) > 0 ? [{ u: reduced, v, tight: tightSamples(reduction.Xr, reduced) }] : []
  })
}
