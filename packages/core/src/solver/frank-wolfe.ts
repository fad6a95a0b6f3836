import { dot, type Matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { atomOf } from '../master/residual.ts'
import type { Candidate, OracleFactory, PricingOracle } from '../oracle.ts'
import { exactOracle } from '../oracle/exact.ts'
import type { Problem } from '../problem.ts'
import type { Solver, SolverClaim, SolverContext } from '../solver.ts'
import { Atoms } from './frank-wolfe/atoms.ts'
import { Bracket } from './frank-wolfe/bracket.ts'
import { type Limit, step, type Variant } from './frank-wolfe/steps.ts'
import { claimOf, pricingFor, requireSquaredDense } from './parts.ts'

export interface FrankWolfeOptions {
  /** How far towards the new vertex: 2/(2 + k), the exact minimum on the way, or all weights anew (the default). */
  readonly variant?: Variant
  /** `bisection` (the default): within Σ ‖w‖ ≤ t, with a bisection over t. `gauge`: the gauge is a penalty; there is no t. */
  readonly form?: 'bisection' | 'gauge'
  /** A fixed t instead of the bisection: Algorithm 1 as it is printed. */
  readonly t?: number
  /** The linear minimisation oracle, which prices; by default the exact one for the rank. */
  readonly exact?: OracleFactory
}

/** Steps between claims, once there have been as many: a claim costs far more than a step. */
const claimEvery = 32

/** Vertices need not be found more finely than this share of the gap that is left. */
const pricingShare = 0.1

/** Corrections that leave the gap as it is: what is left of it is rounding. */
const patience = 3

/** A gap counts as smaller by this much. */
const progress = 1e-3

/**
 * Frank–Wolfe on the vector-output convex program: Algorithm 1 of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021) for (14),
 *
 *     p(t) = min ½‖F − Y‖²  over  F ∈ t · conv{ (Xu)₊gᵀ : ‖u‖ ≤ 1, ‖g‖ ≤ 1 },
 *
 * whose linear minimisation oracle is exact pricing: at R = Y − F it returns s = max ‖Rᵀ(Xu)₊‖ with its u, and
 * g = Rᵀ(Xu)₊/s. The Frank–Wolfe gap t s − ⟨R, F⟩ bounds what is left of p(t). The paper tuned t by hand; here it is
 * bisected on the sign of s − β, since dp/dt = −s and the optimum of p(t) + βt is where s = β. Every R is a dual
 * candidate, so that every claim certifies over all networks, whatever t is.
 *
 * UnsupportedProblemError for other losses and architectures.
 *
 * @throws RangeError when t is not a positive finite number.
 */
export function frankWolfe(options: FrankWolfeOptions = {}): Solver {
  const { exact = exactOracle, t } = options
  if (t !== undefined && !(t > 0 && t < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`frankWolfe: t must be a positive finite number, got ${t}`)
  }
  return {
    name: 'frank-wolfe',
    oracleName: (problem) => exact(problem).name,
    check: (problem) => requireSquaredDense('frank-wolfe', problem),
    claims: (problem, context) => new FrankWolfe(problem, context, options).run(),
  }
}

/** What pricing says about one residual. */
interface Priced {
  readonly dual: Matrix
  readonly candidates: readonly Candidate[]
  /** max ‖Rᵀ(Xu)₊‖ over the unit ball, as attained. */
  readonly s: number
}

class FrankWolfe {
  readonly #problem: Problem
  readonly #context: SolverContext
  readonly #variant: Variant
  readonly #options: FrankWolfeOptions
  readonly #oracle: PricingOracle
  #atoms: Atoms
  #calls = 0
  /** Relative duality gap of the last iterate, estimated. */
  #openness = 1

  constructor(problem: Problem, context: SolverContext, options: FrankWolfeOptions) {
    requireSquaredDense('frank-wolfe', problem)
    this.#problem = problem
    this.#context = context
    this.#options = options
    this.#variant = options.variant ?? 'fully-corrective'
    this.#oracle = pricingFor(problem, context, options.exact)
    this.#atoms = new Atoms(problem)
  }

  async *run(): AsyncGenerator<SolverClaim> {
    const { t, form } = this.#options
    const start = yield* this.#price()
    if (t !== undefined) yield* this.#inner(start, t, () => false)
    else if (start.s > this.#problem.beta) yield* form === 'gauge' ? this.#penalised(start) : this.#bisect(start)
  }

  async *#bisect(start: Priced): AsyncGenerator<SolverClaim> {
    const { beta, Y, reduction } = this.#problem
    // The best t for the first vertex alone.
    const first = (start.s - beta) / norm2(atomOf(reduction.Xr, start.candidates[0].weights)) ** 2
    const bracket = new Bracket(beta, dot(Y.data, Y.data) / 2, first)
    let priced = start
    while (!this.#context.pacer.expired() && bracket.open) {
      const t = bracket.next()
      if (this.#atoms.all.length > 0) {
        this.#atoms = this.#atoms.scaled(t / this.#atoms.gauge())
        priced = yield* this.#price()
      }
      priced = yield* this.#inner(priced, t, ({ s }, gap) => bracket.decided(t, s, gap))
      if (!bracket.narrow(t, priced.s, this.#gap(priced, t), this.#atoms.objective())) return
    }
  }

  /** Algorithm 1 at one t, until `enough` says so or corrections no longer help. */
  async *#inner(
    start: Priced,
    t: number,
    enough: (priced: Priced, gap: number) => boolean,
  ): AsyncGenerator<SolverClaim, Priced> {
    let priced = start
    let least = Number.POSITIVE_INFINITY
    let idle = 0
    for (let k = 0; priced.candidates.length > 0 && !this.#context.pacer.expired(); k++) {
      await this.#step(priced, { budget: t }, k)
      priced = yield* this.#price()
      const gap = this.#gap(priced, t)
      idle = gap < least * (1 - progress) ? 0 : idle + 1
      least = Math.min(least, gap)
      if (enough(priced, gap) || (this.#variant === 'fully-corrective' && idle >= patience)) break
    }
    return priced
  }

  /** The gauge as a penalty, until the objective no longer falls. */
  async *#penalised(start: Priced): AsyncGenerator<SolverClaim> {
    const { beta, Y } = this.#problem
    let priced = start
    let least = dot(Y.data, Y.data) / 2
    let idle = 0
    for (let k = 0; priced.candidates.length > 0 && !this.#context.pacer.expired(); k++) {
      await this.#step(priced, { most: least / beta }, k)
      priced = yield* this.#price()
      const objective = this.#atoms.objective()
      idle = objective < least * (1 - Number.EPSILON) ? 0 : idle + 1
      least = Math.min(least, objective)
      if (this.#variant !== 'classic' && idle >= patience) return
    }
  }

  /** t s − ⟨R, F⟩. */
  #gap({ dual, s }: Priced, t: number): number {
    return Math.max(0, t * s - dot(dual.data, this.#atoms.F.data))
  }

  async #step({ dual, candidates }: Priced, limit: Limit, k: number): Promise<void> {
    const { pacer } = this.#context
    const work = async (): Promise<Atoms> =>
      step(this.#variant, this.#problem, this.#atoms, dual, candidates, limit, k, pacer)
    this.#atoms = await this.#context.timed('master', work)
  }

  /** Prices the residual; a claim comes of it each time at first, and later now and then. */
  async *#price(): AsyncGenerator<SolverClaim, Priced> {
    const { tolerance, pacer } = this.#context
    const dual = this.#atoms.residual()
    const relativeTolerance = Math.max(pricingShare * tolerance, Math.min(1e-2, pricingShare * this.#openness))
    const starts = this.#atoms.all.slice(-16).map(({ u }) => u)
    const settings = { relativeTolerance, pacer, starts }
    const { candidates, bound } = await this.#context.timed('pricing', () => this.#oracle.price(dual, settings))
    const s = candidates[0]?.value ?? 0
    this.#openness = this.#estimatedGap(dual, s)
    this.#calls++
    const due = this.#variant === 'fully-corrective' || this.#calls <= claimEvery || this.#calls % claimEvery === 0
    if (due || pacer.expired()) yield claimOf(this.#problem, this.#atoms.neurons(), dual, bound, this.#oracle.name)
    const turn = pacer.breathe()
    if (turn) await turn
    return { dual, candidates, s }
  }

  #estimatedGap(dual: Matrix, s: number): number {
    const { loss, Y, beta } = this.#problem
    const objective = this.#atoms.objective()
    const scale = loss.bestScale(dual, Y, s > beta ? beta / s : 1)
    return objective > 0 ? Math.max(0, 1 - loss.dualValue(dual, Y, scale) / objective) : 0
  }
}
