import { proveBound } from '../bound.ts'
import { eigh } from '../linalg/eigh.ts'
import { type Matrix, matrix, multiplyTransposed, scaled } from '../linalg/matrix.ts'
import { spectralUpper } from '../linalg/norms.ts'
import { powerOfTwoNear } from '../linalg/scale.ts'
import type { Candidate, Priced, PriceOptions, PricingOracle } from '../oracle.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { CandidatePool } from './candidate-pool.ts'
import { coneMaximum, coneMaximumRankLimit } from './branch-and-bound/cone-maximum.ts'
import { BoundHeap, type Ranked } from './branch-and-bound/heap.ts'
import { type Cone, type ConeContext, childCone, coneContext, rootCone } from './branch-and-bound/simplicial-cone.ts'
import { splitEdge } from './branch-and-bound/split.ts'
import { contributing, productUpper, standardForm } from './standard-form.ts'

/** Up to this rank all 2^r starting orthants are opened at once; above it one by one, as the search reaches them. */
const eagerRank = 8

/** How long the search goes on, beyond doubling, after a violator of the target was found; and how many more it keeps. */
const harvestNodes = 32
const harvestLimit = 64

/** A search whose open regions need more than this stops with the bound it has: a proof of less beats a crash. */
const memoryLimit = 2 ** 30

/** An orthant of principal coordinates whose signs are decided one at a time; a cone once all of them are. */
interface Region extends Ranked {
  readonly signs: readonly number[]
  readonly cone: Cone | null
}

/**
 * Exact pricing at any rank, anytime: branch and bound over simplicial cones that cover R^r.
 *
 * The bound starts at ‖Z‖₂‖X‖₂ and falls as cones are split; whatever stops the search, the largest bound among open
 * and closed cones is proven. It is also the finder: every generator visited is an attained value, the good ones are
 * polished to local maxima and returned.
 */
export function branchAndBoundOracle(problem: Problem): PricingOracle {
  return {
    name: 'branch-and-bound',
    family: 'branch-and-bound',
    price: (dual, options = {}) => new Search(problem, dual, options).run(),
  }
}

class Search {
  readonly #problem: Problem
  readonly #dual: Matrix
  readonly #options: PriceOptions
  readonly #pacer: Pacer
  /** The samples that contribute, as given: their sizes say what is near and far. */
  readonly #given: { readonly X: Matrix; readonly Z: Matrix }
  /** Values of the search times this are values of the problem. */
  readonly #unit: number
  readonly #context: ConeContext
  readonly #pool: CandidatePool
  readonly #heap = new BoundHeap<Region>()
  #axes: Matrix = matrix(0, 0)
  #metric: Matrix = matrix(0, 0)
  #closed = 0
  #deepest = 0
  #nodes = 0
  #bytes = 0
  #firstHit: number | undefined

  constructor(problem: Problem, dual: Matrix, options: PriceOptions) {
    this.#problem = problem
    this.#dual = dual
    this.#options = options
    this.#pacer = options.pacer ?? createPacer()
    this.#given = contributing(problem.reduction.Xr, dual)
    const { X, Z, unit } = standardForm(this.#given.X, this.#given.Z)
    this.#unit = unit
    this.#context = coneContext(X, Z)
    this.#pool = new CandidatePool(X, Z)
  }

  async run(): Promise<Priced> {
    const { X, Z, r, slack } = this.#context
    if (X.rows === 0 || r === 0) return this.#answer(0)
    if (!Number.isFinite(slack)) return this.#answer(Number.POSITIVE_INFINITY)
    const [plain, product] = [
      productUpper(this.#given.X, this.#given.Z, this.#unit),
      spectralUpper(X) * spectralUpper(Z),
    ]
    const root = plain < product ? plain : product
    const data = scaled(this.#given.X, 1 / powerOfTwoNear(this.#given.X.data))
    this.#metric = multiplyTransposed(data, data)
    this.#axes = eigh(this.#metric).vectors
    for (const start of this.#options.starts ?? []) if (!this.#pacer.expired()) this.#pool.offer(start)
    this.#push({ bound: root, depth: 0, signs: [], cone: null })
    await this.#search()
    return this.#answer(Math.max(this.#closed, this.#heap.top()?.bound ?? 0))
  }

  /** Cones at or below this need no further work. */
  #floor(): number {
    const { target = 0, relativeTolerance = 1e-9 } = this.#options
    return Math.max(target / this.#unit, this.#pool.best * (1 + relativeTolerance))
  }

  #finished(): boolean {
    const { target, maxNodes = Number.POSITIVE_INFINITY } = this.#options
    if (this.#nodes >= maxNodes || this.#bytes > memoryLimit) return true
    if (target === undefined || !(this.#pool.best > target / this.#unit)) return false
    // A violator is at hand; the cones beside it often hide more, and the tree is already there.
    this.#firstHit ??= this.#nodes
    return this.#nodes >= 2 * this.#firstHit + harvestNodes
  }

  async #search(): Promise<void> {
    const pacer = this.#pacer
    for (let region = this.#heap.top(); region; region = this.#heap.top()) {
      if (!(region.bound > this.#floor()) || this.#finished() || pacer.expired()) return
      this.#heap.pop()
      this.#bytes -= bytesOf(region)
      if (region.cone) this.#split(region, region.cone)
      else this.#open(region)
      const turn = pacer.breathe()
      if (turn) await turn
    }
  }

  #open(region: Region): void {
    const { r } = this.#context
    if (region.depth === r) return this.#keep(rootCone(this.#context, this.#orthant(region.signs)), region)
    this.#nodes++
    for (const sign of [1, -1]) {
      const next = { bound: region.bound, depth: region.depth + 1, signs: [...region.signs, sign], cone: null }
      if (r <= eagerRank) this.#open(next)
      else this.#push(next)
    }
  }

  #orthant(signs: readonly number[]): Float64Array {
    const { r } = this.#context
    const generators = new Float64Array(r * r)
    for (let k = 0; k < r; k++)
      for (let q = 0; q < r; q++) generators[k * r + q] = signs[k] * this.#axes.data[q * r + k]
    return generators
  }

  #split(region: Region, cone: Cone): void {
    const { r, c, slack } = this.#context
    if (cone.crossing.length === 0 && r <= coneMaximumRankLimit) {
      const leaf = coneMaximum(cone.active, cone.generators, r, this.#floor())
      if (leaf.bound > this.#floor()) this.#pool.offer(leaf.weights)
      // Unit vectors of the cone have Σ λ_k ≤ √r, each generator bringing the slack of its own heights.
      return this.#close(Math.min(cone.bound, (leaf.bound + r * slack) * (1 + 4 * c * Number.EPSILON)))
    }
    const edge = splitEdge(this.#context, cone, this.#metric)
    if (!edge) return this.#close(cone.bound)
    this.#keep(childCone(this.#context, cone, edge.from, edge.point), region)
    this.#keep(childCone(this.#context, cone, edge.to, edge.point), region)
  }

  #keep(cone: Cone, parent: Region): void {
    this.#nodes++
    this.#harvest(cone)
    const bound = Math.min(cone.bound, parent.bound)
    const depth = parent.depth + 1
    this.#deepest = Math.max(this.#deepest, depth)
    if (bound > this.#floor()) this.#push({ bound, depth, signs: [], cone })
    else this.#close(bound)
  }

  #push(region: Region): void {
    this.#bytes += bytesOf(region)
    this.#heap.push(region)
  }

  #harvest({ best, bestValue, generators }: Cone): void {
    const { r } = this.#context
    const direction = generators.subarray(best * r, (best + 1) * r)
    if (bestValue > this.#pool.best * (1 + 1e-12)) this.#pool.offer(direction)
    else if (bestValue * this.#unit > (this.#options.target ?? Number.POSITIVE_INFINITY)) {
      if (this.#pool.remembered < harvestLimit) this.#pool.remember(direction)
    }
  }

  #close(bound: number): void {
    this.#closed = Math.max(this.#closed, bound)
  }

  #answer(scaledBound: number): Priced {
    const { maxCandidates = 64 } = this.#options
    const { Xr } = this.#problem.reduction
    this.#pool.climbRemembered(() => this.#pacer.expired())
    const found: Candidate[] = this.#pool.evaluated(Xr, this.#dual).slice(0, maxCandidates)
    // The point of a cut is rounded, so that a direction on it may lie beside both children, by less than 2ε for each cut.
    const gaps = this.#deepest > 0 ? this.#deepest * this.#context.gap : 0
    const bound = proveBound(this.#problem, this.#dual, (scaledBound + gaps) * this.#unit, 'branch-and-bound')
    return { candidates: found, bound, nodes: this.#nodes }
  }
}

/** What a region keeps in memory: mostly its list of crossing samples. */
function bytesOf({ cone, signs }: Region): number {
  return cone
    ? 4 * cone.crossing.length + 8 * (cone.generators.length + cone.active.length) + 400
    : 8 * signs.length + 200
}
