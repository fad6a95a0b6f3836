import type { Matrix } from './linalg/matrix.ts'
import { spectralUpper } from './linalg/norms.ts'
import type { Problem } from './problem.ts'

/** How a bound on the polar ω was proven. */
export type BoundFrom = 'enumeration' | 'sweep' | 'branch-and-bound' | 'relaxation' | 'closed-form' | 'trivial'

/** Over what the bound holds: every network of the architecture, only networks over given patterns, or the gated model. */
export type Scope = 'all-networks' | 'given-patterns' | 'gated'

/** A few units in the last place: covers the additions and products that put a bound together. */
const assembly = 1 + 8 * Number.EPSILON

/** Only this module holds the key, so only `proveBound` and `unproven` can construct a bound. */
const key = Symbol('proven bound')

/**
 * An upper bound ω̄ ≥ max_{‖u‖≤1} ‖Zᵀφ(u)‖₂, tied to the data X and to the dual Z it was proven for.
 *
 * A certificate is only as good as this number, so it cannot be made from a plain one: oracles create it, and
 * `certify` refuses it for any other problem or for a Z that was changed since.
 */
export class ProvenBound {
  readonly value: number
  readonly from: BoundFrom
  readonly scope: Scope
  readonly #X: Matrix
  readonly #architecture: string
  readonly #dual: Matrix
  readonly #fingerprint: string

  constructor(guard: symbol, problem: Problem, dual: Matrix, value: number, from: BoundFrom, scope: Scope) {
    if (guard !== key) throw new TypeError('ProvenBound: only a pricing oracle can prove a bound')
    this.value = value
    this.from = from
    this.scope = scope
    this.#X = problem.X
    this.#architecture = problem.architecture.name
    this.#dual = dual
    this.#fingerprint = fingerprint(dual)
    Object.freeze(this)
  }

  /** True when this bound speaks about exactly this data, this architecture and this, unchanged, Z. ω does not depend on Y or β. */
  matches(problem: Problem, dual: Matrix): boolean {
    return (
      this.#X === problem.X &&
      this.#architecture === problem.architecture.name &&
      this.#dual === dual &&
      this.#fingerprint === fingerprint(dual)
    )
  }
}

/**
 * Turns a bound over the reduced data, max_{‖w‖≤1} ‖Zᵀ(X_r w)₊‖ ≤ reducedBound, into one over the data as given:
 *
 *     ω(Z) ≤ ‖V‖₂ · reducedBound + ‖Z‖₂ ‖X − X_rVᵀ‖₂
 *
 * because the ReLU is 1-Lipschitz. Rounded up; anything that is not a number proves nothing and becomes Infinity.
 */
export function proveBound(
  problem: Problem,
  dual: Matrix,
  reducedBound: number,
  from: BoundFrom,
  scope: Scope = 'all-networks',
): ProvenBound {
  const { stretch, discarded } = problem.reduction
  const tail = discarded > 0 ? spectralUpper(dual) * discarded : 0
  const value = (stretch * reducedBound + tail) * assembly + Number.MIN_VALUE
  return new ProvenBound(key, problem, dual, value >= 0 ? value : Number.POSITIVE_INFINITY, from, scope)
}

/** What a heuristic can say: nothing. */
export function unproven(problem: Problem, dual: Matrix): ProvenBound {
  return new ProvenBound(key, problem, dual, Number.POSITIVE_INFINITY, 'trivial', 'all-networks')
}

/**
 * A hash of the bits of Z in two lanes: detects a Z edited in place after it was priced. Each word goes through a
 * bijection that spreads every bit, so that a single change always shows and several do not cancel: with a product
 * alone, two flipped signs would.
 */
function fingerprint(dual: Matrix): string {
  const { data } = dual
  const words = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length)
  let low = 0x811c9dc5
  let high = 0xcbf29ce4
  for (let k = 0; k < words.length; k += 2) {
    low = spread(low ^ words[k])
    high = spread(high ^ words[k + 1] ^ low)
  }
  return `${dual.rows}x${dual.cols}:${low >>> 0}:${high >>> 0}`
}

/** The finaliser of MurmurHash3. */
function spread(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
