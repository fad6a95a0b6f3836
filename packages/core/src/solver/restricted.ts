import { feasibleDual } from '../dual.ts'
import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import { compensatedDot } from '../linalg/sum.ts'
import type { SmoothLoss } from '../loss.ts'
import type { Column, MasterProblem, RestrictedMaster } from '../master.ts'
import { lossNewton } from '../master/loss-newton.ts'
import { costOf, fitted, masterObjective, residual } from '../master/residual.ts'
import type { FreePart } from '../network.ts'
import type { Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'

/** The problem restricted to the columns at hand: what column generation re-optimises, whatever the loss. */
export interface Restricted {
  readonly columns: readonly Column[]
  readonly objective: number
  /** False while more of the same work would still change the dual: the columns are not to blame for the gap. */
  readonly settled: boolean
  /** The unpenalised part of the network at hand. */
  readonly free: FreePart
  /** A point that can be priced and certified. */
  dual(): Matrix
  /** Starts anew from these columns and this unpenalised part. */
  restart(columns: readonly Column[], free: FreePart): void
  /** Re-optimises over the columns at hand and these, with v = 0. */
  solve(added: readonly Column[], options: { readonly tolerance: number; readonly pacer: Pacer }): Promise<void>
}

/** `master` for the squared loss, which needs nothing else; Newton's method with the loss's Hessian for the others. */
export function restricted(problem: Problem, master: RestrictedMaster): Restricted {
  const plain = problem.loss.name === 'squared' && problem.weights === null && problem.free === null
  return plain ? new LeastSquares(problem, master) : new General(problem)
}

class LeastSquares implements Restricted {
  readonly settled = true
  readonly free: FreePart = {}
  readonly #problem: MasterProblem
  readonly #master: RestrictedMaster
  columns: readonly Column[] = []

  constructor({ reduction, Y, beta }: Problem, master: RestrictedMaster) {
    this.#problem = { X: reduction.Xr, Y, beta }
    this.#master = master
  }

  get objective(): number {
    return masterObjective(this.#problem, this.columns, this.dual())
  }

  dual(): Matrix {
    return residual(this.#problem, this.columns)
  }

  restart(columns: readonly Column[]): void {
    this.columns = columns
  }

  async solve(added: readonly Column[], options: { tolerance: number; pacer: Pacer }): Promise<void> {
    this.columns = await this.#master.solve(this.#problem, [...this.columns, ...added], options)
  }
}

/** Multiplier updates of one solve at most; pricing in between finds what the columns lack. */
const maxUpdates = 12

/** The Fenchel–Young gap is to fall by this factor from one multiplier to the next; otherwise the penalty is raised. */
const enoughDecrease = 0.2
const penaltyFactor = 5

/** Beyond so many times its first value, the penalty makes the inner problems no easier and the outer loop no faster. */
const penaltyRange = 1e6

/** How far below the objective the Fenchel–Young gap is worth driving. */
const leastYoungGap = 1e-11

/**
 * A smooth loss is minimised as it is. One with kinks by the method of multipliers: the augmented Lagrangian of P = F is
 * smooth in F, and its multipliers are the dual candidates, in the domain of the conjugate by construction.
 */
class General implements Restricted {
  readonly #problem: Problem
  readonly #base: MasterProblem
  columns: readonly Column[] = []
  settled = true
  #coefficients: Matrix
  #dual: Matrix
  #penalty: number
  #mostPenalty: number

  constructor(problem: Problem) {
    const { reduction, Y, beta, loss, free } = problem
    this.#problem = problem
    this.#base = { X: reduction.Xr, Y, beta, loss, free: free ?? undefined }
    this.#coefficients = matrix(free?.cols ?? 0, Y.cols)
    const zero = matrix(Y.rows, Y.cols)
    this.#dual = loss.dual(zero, Y)
    const square = compensatedDot(this.#dual.data, this.#dual.data)
    this.#penalty = square / loss.value(zero, Y)
    if (!(this.#penalty > 0 && this.#penalty < Number.POSITIVE_INFINITY)) this.#penalty = 1
    this.#mostPenalty = penaltyRange * this.#penalty
  }

  get objective(): number {
    const { loss, Y } = this.#problem
    return loss.value(this.#fit(), Y) + costOf(this.#base, this.columns)
  }

  get free(): FreePart {
    const { outputBias, skip, X, Y } = this.#problem
    const B = this.#coefficients
    const first = outputBias ? 1 : 0
    const A = matrix(X.cols, Y.cols)
    if (skip) A.data.set(B.data.subarray(first * B.cols))
    return { ...(outputBias && { outputBias: row(B, 0).slice() }), ...(skip && { skip: A }) }
  }

  dual(): Matrix {
    return feasibleDual(this.#problem, this.#dual)
  }

  restart(columns: readonly Column[], { outputBias, skip }: FreePart): void {
    const { loss, Y, ...problem } = this.#problem
    const B = matrix(this.#coefficients.rows, this.#coefficients.cols)
    if (problem.outputBias && outputBias) B.data.set(outputBias)
    const first = problem.outputBias ? B.cols : 0
    if (problem.skip && skip) B.data.set(skip.data.subarray(0, B.data.length - first), first)
    this.columns = columns
    this.#coefficients = B
    this.#dual = loss.dual(this.#fit(), Y)
  }

  async solve(added: readonly Column[], options: { tolerance: number; pacer: Pacer }): Promise<void> {
    const { loss } = this.#problem
    if (!loss.augmented) return this.#minimise(loss, added, options)
    const goal = Math.max(leastYoungGap, options.tolerance / 10)
    let before = Number.POSITIVE_INFINITY
    let fresh = added
    for (let update = 0; update < maxUpdates; update++) {
      await this.#minimise(loss.augmented(this.#dual, this.#penalty), fresh, options)
      fresh = []
      const gap = this.#youngGap()
      this.settled = gap <= goal * this.objective
      if (this.settled || options.pacer.expired()) return
      if (!(gap <= enoughDecrease * before)) this.#penalty = Math.min(penaltyFactor * this.#penalty, this.#mostPenalty)
      before = gap
    }
  }

  async #minimise(
    loss: SmoothLoss,
    added: readonly Column[],
    options: { tolerance: number; pacer: Pacer },
  ): Promise<void> {
    const columns = [...this.columns, ...added]
    const state = await lossNewton({ ...this.#base, loss }, columns, this.#coefficients, options)
    this.columns = state.columns
    this.#coefficients = state.coefficients
    this.#dual = state.rest
  }

  /** ℓ(F) + ℓ*(−Z) + ⟨Z, F⟩ ≥ 0: zero where Z is minus a subgradient at F. */
  #youngGap(): number {
    const { loss, Y } = this.#problem
    const F = this.#fit()
    return loss.value(F, Y) - loss.dualValue(this.#dual, Y, 1) + compensatedDot(this.#dual.data, F.data)
  }

  #fit(): Matrix {
    return fitted(this.#base, this.columns, this.#coefficients)
  }
}
