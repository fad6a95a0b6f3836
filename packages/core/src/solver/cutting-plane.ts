import { UnsupportedProblemError } from '../errors.ts'
import { dot, type Matrix, matrix, multiplyTransposedVector, scaled } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column } from '../master.ts'
import { blockDescent } from '../master/block-descent.ts'
import { atomOf, masterObjective, residual } from '../master/residual.ts'
import type { Candidate, OracleFactory, PricingOracle } from '../oracle.ts'
import { exactOracle } from '../oracle/exact.ts'
import type { Problem } from '../problem.ts'
import type { Solver, SolverClaim, SolverContext } from '../solver.ts'
import { analyticCentre } from './cutting-plane/centre.ts'
import { type Cut, dualObjective, type Localisation, multipliers } from './cutting-plane/localisation.ts'
import { claimOf, pricingFor, requireSquaredDense, unit } from './parts.ts'

export interface CuttingPlaneOptions {
  /**
   * `conic` (the default): ‖Zᵀ(Xu)₊‖ ≤ β and the level of the dual objective as they are, which cut deeper than any of
   * their tangents. `linear`: half-spaces only, as in the paper.
   */
  readonly cuts?: 'conic' | 'linear'
  /** The separation oracle, which prices; by default the exact one for the rank. */
  readonly exact?: OracleFactory
  /** Larger n·c are refused: each step factors a matrix of that order. */
  readonly maxOrder?: number
}

/** Cuts taken from one answer of the oracle. */
const maxNewCuts = 32

/** Two directions this close make one cut. */
const sameDirection = 1 - 1e-13

/** The level lies below the best bound by this share of the gap, so that the best point is inside. */
const backOff = 0.1

/** Sweeps of block descent over the neurons found, from where the multipliers of the centre put them. */
const recoverySweeps = 100

/** Rounds without a better bound, objective or a cut: rounding. */
const patience = 4

/** An improvement counts if it is larger than this share. */
const noticeable = 1e-13

/** How far, as a share of the relative gap, the start is pulled towards zero, which is inside every cut. */
const clearance = 0.05

/**
 * Analytic-centre cutting planes on the dual (11), max −½‖Z − Y‖² + ½‖Y‖² over ‖Zᵀ(Xu)₊‖ ≤ β for all ‖u‖ ≤ 1: appendix A.5
 * of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021), polynomial in n·c for a fixed rank of the data.
 *
 * The pricing oracle separates. At the analytic centre Z of what is left, it either finds neurons with ‖Zᵀ(Xu)₊‖ > β, which
 * become cuts, or the centre is feasible and raises the level of the objective; either way β/ω(Z) · Z is feasible and
 * bounds from below. The multipliers of the centre are the output weights of a network over the neurons found, whose
 * residual is Z itself: every claim carries both sides.
 *
 * UnsupportedProblemError for other losses and architectures, and when n·c exceeds `maxOrder`.
 */
export function cuttingPlane(options: CuttingPlaneOptions = {}): Solver {
  const { exact = exactOracle } = options
  return {
    name: 'cutting-plane',
    oracleName: (problem) => exact(problem).name,
    check: (problem) => requireSmall(problem, options),
    claims: (problem, context) => new CuttingPlane(problem, context, options).run(),
  }
}

function requireSmall(problem: Problem, { maxOrder = 2000 }: CuttingPlaneOptions): void {
  requireSquaredDense('cutting-plane', problem)
  const { rows, cols } = problem.Y
  if (rows * cols <= maxOrder) return
  throw new UnsupportedProblemError(
    `cutting-plane: n·c must be at most ${maxOrder} (maxOrder), got ${rows}·${cols}; use column-generation`,
  )
}

class CuttingPlane {
  readonly #problem: Problem
  readonly #context: SolverContext
  readonly #oracle: PricingOracle
  readonly #linear: boolean
  readonly #cuts: Cut[] = []
  readonly #tangents: Matrix[] = []
  #columns: readonly Column[] = []
  /** The best feasible point so far, as far as the oracle's values tell, and both sides of the gap. */
  #feasible: Matrix
  #lower = 0
  #upper: number

  constructor(problem: Problem, context: SolverContext, options: CuttingPlaneOptions) {
    requireSmall(problem, options)
    const { Y } = problem
    this.#problem = problem
    this.#context = context
    this.#oracle = pricingFor(problem, context, options.exact)
    this.#linear = options.cuts === 'linear'
    this.#feasible = matrix(Y.rows, Y.cols)
    this.#upper = dot(Y.data, Y.data) / 2
  }

  async *run(): AsyncGenerator<SolverClaim> {
    const { Y } = this.#problem
    const { pacer } = this.#context
    let dual = matrix(Y.rows, Y.cols, Y.data.slice())
    let idle = 0
    for (;;) {
      const before = [this.#lower, this.#upper]
      const candidates = yield* this.#separate(dual)
      const added = this.#cut(dual, candidates) || this.#touch(dual, candidates)
      const settled = before[0] === this.#lower && before[1] === this.#upper
      idle = settled && !added ? idle + 1 : 0
      if (pacer.expired() || idle >= patience || this.#cuts.length === 0) return
      const { set, start } = this.#localisation()
      dual = await this.#context.timed('master', () => analyticCentre(set, start, pacer))
      await this.#context.timed('master', () => this.#recover(set, dual))
    }
  }

  /** Prices Z, claims, and takes the bound that Z, scaled into the feasible set, gives. */
  async *#separate(dual: Matrix): AsyncGenerator<SolverClaim, readonly Candidate[]> {
    const { tolerance, pacer } = this.#context
    const { loss, Y, beta } = this.#problem
    const openness = this.#upper > 0 ? (this.#upper - this.#lower) / this.#upper : 0
    const relativeTolerance = Math.max(0.1 * tolerance, Math.min(1e-2, 0.1 * openness))
    const settings = { relativeTolerance, collectAbove: beta, pacer }
    const { candidates, bound } = await this.#context.timed('pricing', () => this.#oracle.price(dual, settings))
    const neurons = this.#columns.map(({ u, v }) => ({ u, v }))
    yield claimOf(this.#problem, neurons, dual, bound, this.#oracle.name)
    const s = candidates[0]?.value ?? 0
    const scale = loss.bestScale(dual, Y, s > 0 ? beta / s : 1)
    const feasible = scaled(dual, scale)
    const value = dualObjective(Y, feasible)
    if (value > this.#lower + noticeable * this.#upper) [this.#lower, this.#feasible] = [value, feasible]
    return candidates
  }

  /** True when there is a new cut. */
  #cut(dual: Matrix, candidates: readonly Candidate[]): boolean {
    const { reduction, beta } = this.#problem
    const count = this.#cuts.length
    for (const { weights: u, value } of candidates.slice(0, maxNewCuts)) {
      if (!(value > beta)) continue
      const a = atomOf(reduction.Xr, u)
      const g = this.#linear ? unit(multiplyTransposedVector(dual, a)) : null
      const known = this.#cuts.some((cut) => dot(cut.u, u) > sameDirection && (!g || dot(cut.g!, g) > sameDirection))
      if (!known) this.#cuts.push({ u, a, g })
    }
    return this.#cuts.length > count
  }

  /** True when a feasible point adds its tangent, where tangents stand in for the level. */
  #touch(dual: Matrix, candidates: readonly Candidate[]): boolean {
    const feasible = (candidates[0]?.value ?? 0) <= this.#problem.beta
    if (this.#linear && feasible) this.#tangents.push(dual)
    return this.#linear && feasible
  }

  /** What is left, and a point inside: the best feasible one, moved towards zero until it clears every cut. */
  #localisation(): { readonly set: Localisation; readonly start: Matrix } {
    const { Y, beta } = this.#problem
    const most = this.#cuts.reduce((pull, { a, g }) => {
      const along = multiplyTransposedVector(this.#feasible, a)
      return Math.max(pull, g ? dot(along, g) : norm2(along))
    }, 0)
    const gap = Math.max(this.#upper - this.#lower, noticeable * this.#upper)
    const shrink = Math.min(1, most > 0 ? beta / most : 1) * (1 - (clearance * gap) / this.#upper)
    const start = scaled(this.#feasible, shrink)
    const level = Math.min(this.#lower, dualObjective(Y, start)) - backOff * gap
    const tangents = this.#linear ? this.#tangents : null
    return { set: { Y, beta, cuts: this.#cuts, level, tangents }, start }
  }

  /** The network of the multipliers of a centre, improved by block descent. */
  async #recover(set: Localisation, dual: Matrix): Promise<void> {
    const { reduction, Y, beta } = this.#problem
    const master = { X: reduction.Xr, Y, beta }
    const weights = multipliers(set, dual)
    const found = this.#cuts.map(
      ({ u }, j): Column => ({ u, v: this.#linear ? new Float64Array(Y.cols) : weights[j], tight: [] }),
    )
    const from = this.#linear ? [...this.#columns, ...found] : found
    const columns = await blockDescent(master, from, recoverySweeps, this.#context.pacer)
    const objective = masterObjective(master, columns, residual(master, columns))
    if (!(objective < this.#upper * (1 - noticeable))) return
    ;[this.#upper, this.#columns] = [objective, columns]
  }
}
