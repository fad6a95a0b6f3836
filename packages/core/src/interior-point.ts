import {
  adjoint,
  advance,
  affineTarget,
  type BlockState,
  type BlockStep,
  complementarity,
  complete,
  correctedTarget,
  longest,
  pull,
  startBlock,
  type Target,
} from './interior-point/blocks.ts'
import type { ConeLeastSquares } from './interior-point/program.ts'
import { factorSystem, fitOf, type System } from './interior-point/system.ts'
import { dot, multiplyTransposedVector } from './linalg/matrix.ts'
import { norm2 } from './linalg/norms.ts'
import { createPacer, type Pacer } from './pacer.ts'

export type { ConeBlock, ConeLeastSquares } from './interior-point/program.ts'

export interface ConeSolution {
  /** Strictly inside their walls. */
  readonly weights: readonly Float64Array[]
  /** Complementarity sᵀz that is left, relative to the objective: about the relative gap. */
  readonly gap: number
  readonly iterations: number
}

export interface InteriorPointOptions {
  /** Relative complementarity at which it is done. */
  readonly tolerance?: number
  readonly maxIterations?: number
  readonly pacer?: Pacer
}

/** Steps end this share short of the boundary. */
const damping = 0.99

/** A shorter step than this brings nothing any more. */
const shortest = 1e-8

/**
 * Primal-dual interior-point method with Nesterov–Todd scaling and Mehrotra's predictor and corrector (Vandenberghe,
 * "The CVXOPT linear and quadratic cone program solvers", 2010) for least squares with a sum of norms over polyhedral
 * cones: programs (9) and (10) of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021), and the group lasso with or without a
 * budget. Every iterate is primal feasible. Cost per step: linear in the blocks, cubic in the length N of the fit.
 *
 * Ends at the tolerance, at the accuracy that rounding allows, or when the pacer says so, with what it has.
 */
export async function solveConeLeastSquares(
  program: ConeLeastSquares,
  options: InteriorPointOptions = {},
): Promise<ConeSolution> {
  let last: ConeSolution = { weights: program.blocks.map(({ A }) => new Float64Array(A.cols)), gap: 1, iterations: 0 }
  for await (const solution of coneLeastSquaresIterates(program, options)) last = solution
  return last
}

/** The same, one iterate at a time; the first is the point it starts from. */
export async function* coneLeastSquaresIterates(
  program: ConeLeastSquares,
  { tolerance = 1e-11, maxIterations = 100, pacer = createPacer() }: InteriorPointOptions = {},
): AsyncGenerator<ConeSolution> {
  const iterate = new Iterate(program)
  for (let iterations = 0; ; iterations++) {
    const gap = iterate.gap()
    yield { weights: iterate.weights(), gap, iterations }
    if (!(gap > tolerance) || iterations >= maxIterations || pacer.expired()) return
    if (!(await iterate.step(pacer))) return
    const turn = pacer.breathe()
    if (turn) await turn
  }
}

class Iterate {
  readonly #program: ConeLeastSquares
  readonly #states: BlockState[]
  /** Slack of the budget and its multiplier; one and zero where there is none. */
  #slack = 1
  #price = 0

  constructor(program: ConeLeastSquares) {
    this.#program = program
    const { blocks, target, beta, budget } = program
    const share = Math.max(1, blocks.length)
    const steepest = Math.max(beta, ...blocks.map(({ A }) => norm2(multiplyTransposedVector(A, target))))
    const force = steepest > 0 ? steepest : 1
    const size = budget === undefined ? norm2(target) ** 2 / (force * share) || 1 : budget / (4 * share)
    this.#states = blocks.map((block) => startBlock(block, size, force))
    if (budget === undefined) return
    this.#slack = budget - this.#states.reduce((total, { x }) => total + x[0], 0)
    this.#price = force
  }

  weights(): Float64Array[] {
    return this.#states.map(({ x }) => x.slice(1))
  }

  /** Relative to the objective; NaN, once something is, ends the iteration. */
  gap(): number {
    const { target, beta } = this.#program
    const rest = this.#residual()
    const objective = dot(rest, rest) / 2 + beta * this.#states.reduce((total, { x }) => total + x[0], 0)
    return this.#complementarity() / Math.max(objective, Number.EPSILON * dot(target, target), Number.MIN_VALUE)
  }

  /** False when rounding allows no further step; the iterate must not be used then. */
  async step(pacer: Pacer): Promise<boolean> {
    const states = this.#states
    const hasBudget = this.#price > 0
    const budgetWeight = hasBudget ? Math.sqrt(this.#price / this.#slack) : 0
    const system = await factorSystem(states, this.#program.target.length, budgetWeight, pacer)
    if (!system) return false
    const residuals = this.#dualResiduals()
    const size = this.#complementarity()
    const count = states.reduce((total, { slack }) => total + 1 + slack.length, hasBudget ? 1 : 0)
    const scout = this.#direction(system, residuals, states.map(affineTarget), Math.sqrt(this.#slack * this.#price))
    const reach = Math.min(1, this.#longest(scout))
    const aim = ((1 - reach) ** 3 * size) / count
    const second = scout.dSlack * scout.dPrice
    const wanted = hasBudget ? (this.#slack * this.#price + second - aim) / Math.sqrt(this.#slack * this.#price) : 0
    const targets = states.map((state, b) => correctedTarget(state, scout.steps[b], aim))
    const direction = this.#direction(system, residuals, targets, wanted)
    const length = Math.min(1, damping * this.#longest(direction))
    if (!(length > shortest)) return false
    this.#slack += length * direction.dSlack
    this.#price += length * direction.dPrice
    const inside = states.map((state, b) => advance(state, direction.steps[b], length))
    return inside.every(Boolean) && (!hasBudget || (this.#slack > 0 && this.#price > 0))
  }

  #direction(system: System, residuals: readonly Float64Array[], targets: readonly Target[], onBudget: number) {
    const states = this.#states
    const ratio = Math.sqrt(this.#price / this.#slack)
    const g = states.map((state, b) => {
      const pulled = pull(state, targets[b])
      const right = pulled.map((value, p) => value - residuals[b][p])
      right[0] += ratio * onBudget
      return right
    })
    const d = system.solve(g)
    const dSlack = this.#price > 0 ? -d.reduce((total, dx) => total + dx[0], 0) : 0
    const dPrice = -ratio * (onBudget + ratio * dSlack)
    return { steps: states.map((state, b) => complete(state, d[b], targets[b])), dSlack, dPrice }
  }

  #longest({ steps, dSlack, dPrice }: { steps: readonly BlockStep[]; dSlack: number; dPrice: number }): number {
    let most = Number.POSITIVE_INFINITY
    this.#states.forEach((state, b) => (most = Math.min(most, longest(state, steps[b]))))
    if (dSlack < 0) most = Math.min(most, -this.#slack / dSlack)
    if (dPrice < 0) most = Math.min(most, -this.#price / dPrice)
    return most
  }

  /** What is missing from stationarity: Aᵀ(Aw − target) + q − Gᵀz. */
  #dualResiduals(): Float64Array[] {
    const rest = this.#residual()
    return this.#states.map((state) => {
      const { block, z, multiplier } = state
      const out = adjoint(state, z, multiplier).map((value) => -value)
      out[0] += this.#program.beta + this.#price
      multiplyTransposedVector(block.A, rest).forEach((value, q) => (out[q + 1] -= block.sign * value))
      return out
    })
  }

  #residual(): Float64Array {
    const { target } = this.#program
    const fit = fitOf(this.#states, target.length)
    return target.map((value, i) => value - fit[i])
  }

  #complementarity(): number {
    return this.#states.reduce((total, state) => total + complementarity(state), this.#slack * this.#price)
  }
}
