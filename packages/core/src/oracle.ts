import type { BoundFrom, ProvenBound } from './bound.ts'
import type { Matrix } from './linalg/matrix.ts'
import type { Pacer } from './pacer.ts'
import type { Problem } from './problem.ts'

/** A neuron direction and what it attains. */
export interface Candidate {
  /** A unit vector in the reduced coordinates R^r of `problem.reduction`. */
  readonly weights: Float64Array
  /** ‖Zᵀ(X_r u)₊‖₂, evaluated, never estimated. */
  readonly value: number
}

export interface Priced {
  /** Attained, best first; may be empty. */
  readonly candidates: readonly Candidate[]
  /** Proven over the whole ball; its value is Infinity where the oracle cannot prove anything. */
  readonly bound: ProvenBound
  /** Nodes of the search tree, where there is one. */
  readonly nodes?: number
}

export interface PriceOptions {
  /** Stop as soon as an attained value exceeds this, or the bound is at or below it. */
  readonly target?: number
  /** Directions that attain more than this are worth returning, besides the best: the target where nothing else is said. */
  readonly collectAbove?: number
  /** Stop when bound ≤ value · (1 + relativeTolerance). */
  readonly relativeTolerance?: number
  /** Work at most: nodes of a search tree, random starts of a heuristic. */
  readonly maxNodes?: number
  readonly maxCandidates?: number
  /** Directions in reduced coordinates worth trying first: the neurons at hand. */
  readonly starts?: readonly Float64Array[]
  readonly pacer?: Pacer
}

/**
 * Finds the neuron that most violates dual feasibility: maximises ‖Zᵀφ(u)‖₂ over ‖u‖₂ ≤ 1.
 *
 * Certificates rest on `bound`, never on `value`. An oracle that cannot prove its answer returns a bound of
 * Infinity; the run then simply stays uncertified. Whatever stops it early (target, nodes, deadline, abort), the
 * bound returned is the one proven so far.
 */
export interface PricingOracle {
  readonly name: string
  readonly family: BoundFrom | 'heuristic'
  price(dual: Matrix, options?: PriceOptions): Promise<Priced>
}

export type OracleFactory = (problem: Problem) => PricingOracle
