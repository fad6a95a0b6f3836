import { type BoundFrom, ProvenBound, type Scope } from './bound.ts'
import { remainderOf } from './dual.ts'
import type { Matrix } from './linalg/matrix.ts'
import { frobeniusUpper } from './linalg/norms.ts'
import { type Network, objectiveRounding, objective as objectiveOf } from './network.ts'
import { dataHash, type Problem } from './problem.ts'

/** What a solver believes: a network, a dual point, and a bound on that point's polar. Nothing in it is taken on trust. */
export interface Claim {
  readonly network: Network
  /** Z ∈ R^{n×c}, at any scale. */
  readonly dual: Matrix
  readonly bound: ProvenBound
}

/** What is proven about a problem. Why a run stopped is another matter: see `Status`. */
export interface Certificate {
  /** Attained by the network: an upper bound on the optimum. */
  readonly objective: number
  /** No network within `scope` has an objective below this; at least 0. */
  readonly lowerBound: number
  /** objective − lowerBound; 0 when that is within rounding. */
  readonly gap: number
  /** gap / max(|objective|, |lowerBound|); null when the objective is not finite or the bounds have crossed. */
  readonly relativeGap: number | null
  readonly scope: Scope
  readonly boundFrom: BoundFrom
  /** ω̄ ≥ ω(Z); with an unpenalised part, of the Z′ near Z that satisfies its equalities exactly. */
  readonly polarBound: number
  /** τ: the dual feasible point is τZ. */
  readonly scale: number
  /** The lower bound exceeds the objective by more than rounding, which mathematics forbids. */
  readonly crossed: boolean
  readonly problem: ProblemFacts
}

/** The exact problem a certificate is about: the data as solved, after preprocessing and with the bias column. */
export interface ProblemFacts {
  readonly formula: string
  readonly beta: number
  readonly loss: string
  readonly architecture: string
  readonly bias: boolean
  readonly n: number
  readonly d: number
  readonly c: number
  readonly rank: number
  /** Proven bound on ‖X − X_rVᵀ‖₂, already inside `polarBound`. */
  readonly discarded: number
  readonly dataHash: string
}

/** The dual side of a certificate, kept apart from the network: the best of each may come from different claims. */
export type LowerBound = Pick<Certificate, 'lowerBound' | 'polarBound' | 'scale' | 'scope' | 'boundFrom'>

/**
 * Certifies a claim from scratch: evaluates the network, scales Z into the dual feasible set
 * {Z : ‖Zᵀφ(u)‖₂ ≤ β for every unit u}, and evaluates the dual there.
 *
 * Throws when the claim's bound was proven for other data, another dual, or this dual before it was changed.
 */
export function certify(problem: Problem, claim: Claim): Certificate {
  return combine(problem, claim.network, objectiveOf(problem, claim.network), proveLowerBound(problem, claim))
}

/**
 * The certificate of this network, whose objective is given, and this dual side (null when there is none yet).
 * 0 is a lower bound whatever the dual says: it needs no proof.
 */
export function combine(problem: Problem, network: Network, objective: number, best: LowerBound | null): Certificate {
  const { lowerBound, polarBound, scale, scope, boundFrom } =
    best !== null && best.lowerBound > 0
      ? best
      : { ...zeroBound, polarBound: best?.polarBound ?? Number.POSITIVE_INFINITY }
  const difference = objective - lowerBound
  const rounding = difference > suspicious * objective ? 0 : objectiveRounding(problem, network) + outward * lowerBound
  const agree = Math.abs(difference) <= rounding && rounding < Number.POSITIVE_INFINITY
  const gap = agree ? 0 : difference
  const crossed = gap < 0
  const relativeGap = gap === 0 ? 0 : gap / Math.max(Math.abs(objective), lowerBound)
  return {
    objective,
    lowerBound,
    gap,
    relativeGap: crossed || !Number.isFinite(relativeGap) ? null : relativeGap,
    scope,
    boundFrom,
    polarBound,
    scale,
    crossed,
    problem: factsOf(problem),
  }
}

/** β/ω̄ rounded towards zero: 0 for an infinite bound, and 0 whenever one of the two is not a number. */
export function feasibleScale(beta: number, polarBound: number): number {
  const limit = (beta / polarBound) * (1 - Number.EPSILON) - Number.MIN_VALUE
  return limit > 0 ? limit : 0
}

export function factsOf(problem: Problem): ProblemFacts {
  const { X, Y, beta, bias, loss, architecture, reduction, weights, outputBias, skip } = problem
  const free = `${outputBias ? ' + 1bᵀ' : ''}${skip ? ' + X A' : ''}`
  return {
    formula: `${loss.formula} + β/2 Σ_j (‖u_j‖² + ‖v_j‖²), F = ${architecture.formula}${free}`,
    beta,
    loss: loss.name,
    architecture: architecture.name,
    bias,
    n: X.rows,
    d: X.cols,
    c: Y.cols,
    rank: reduction.rank,
    discarded: reduction.discarded,
    dataHash: dataHash(X, Y, weights),
  }
}

/** Every loss is shifted so that its infimum is 0, and weight decay is never negative. */
const zeroBound: Omit<LowerBound, 'polarBound'> = {
  lowerBound: 0,
  scale: 0,
  scope: 'all-networks',
  boundFrom: 'trivial',
}

/** What a lower bound gives away where ω̄, β/ω̄ and the dual value are each rounded to the safe side, relative to it. */
const outward = 32 * Number.EPSILON

/** Rounding of the objective is worked out only for a relative gap below this: it costs two more predictions. */
const suspicious = 1e-6

function proveLowerBound(problem: Problem, { dual, bound }: Claim): LowerBound {
  if (!(bound instanceof ProvenBound && bound.matches(problem, dual))) {
    throw new Error(
      'certify: the bound must have been proven for this problem and this dual, got another or a changed one',
    )
  }
  const { norm, radius } = remainderOf(problem, dual)
  // ω(Z′) ≤ ω(Z) + ‖Z′ − Z‖‖X‖ for the Z′ that satisfies what Z satisfies only up to rounding.
  const tail = norm === 0 ? 0 : norm * frobeniusUpper(problem.X)
  const polarBound = tail === 0 ? bound.value : (bound.value + tail) * (1 + 4 * Number.EPSILON)
  const limit = feasibleScale(problem.beta, polarBound)
  const best = problem.loss.bestScale(dual, problem.Y, limit)
  const scale = Math.abs(best) <= limit ? best : 0
  const lowerBound = problem.loss.dualValue(dual, problem.Y, scale, radius)
  return { lowerBound, polarBound, scale, scope: bound.scope, boundFrom: bound.from }
}
