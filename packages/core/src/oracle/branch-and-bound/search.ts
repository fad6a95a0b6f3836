import type { Matrix } from '../../linalg/matrix.ts'
import type { PriceOptions } from '../../oracle.ts'
import type { Pacer } from '../../pacer.ts'
import type { CandidatePool } from '../candidate-pool.ts'
import type { Cone, ConeContext, ConeKernel, Sign } from './cone.ts'
import { coneMaximum, coneMaximumRankLimit } from './cone-maximum.ts'
import { BoundHeap, type Ranked } from './heap.ts'

/** Up to this rank all 2^r starting orthants are opened at once; above it one by one, as the search reaches them. */
const eagerRank = 8

/** How long the search goes on, beyond doubling, after a violator of the target was found; and how many more it keeps. */
const harvestNodes = 400
const harvestLimit = 256

/** A search whose open regions need more than this stops with the bound it has: a proof of less beats a crash. */
export const memoryLimit: number = 2 ** 30

export interface SearchOptions {
  /** In units of the context's values. */
  readonly target?: number | undefined
  readonly collectAbove?: number | undefined
  readonly relativeTolerance?: number | undefined
  readonly maxNodes?: number | undefined
  /** Bytes that open regions may take. */
  readonly memory?: number
  readonly pacer: Pacer
}

/** What a caller wants of the values, in the units of a search. */
export function inUnits(
  { target, collectAbove, relativeTolerance }: PriceOptions,
  unit: number,
): Pick<SearchOptions, 'target' | 'collectAbove' | 'relativeTolerance'> {
  const scaled = (value: number | undefined): number | undefined => (value === undefined ? undefined : value / unit)
  return { target: scaled(target), collectAbove: scaled(collectAbove), relativeTolerance }
}

/** Where a search learns what is attained, and leaves what it finds. */
export type Finds = Pick<CandidatePool, 'best' | 'offer' | 'remember' | 'remembered'>

/** A cone, or an orthant of principal coordinates whose signs are decided one at a time. Plain data: it travels between threads. */
export interface Region extends Ranked {
  readonly signs: readonly number[]
  readonly sign: Sign
  readonly cone: Cone | null
}

/**
 * Best-first branch and bound over cones. Whatever stops it, `bound` is proven for all cones it was given: it is the
 * largest among the open and the closed ones.
 */
export class ConeSearch {
  readonly #context: ConeContext
  readonly #kernel: ConeKernel
  readonly #pool: Finds
  readonly #options: SearchOptions
  readonly #heap = new BoundHeap<Region>()
  #axes: Matrix | null = null
  #closed = 0
  #deepest = 0
  #nodes = 0
  #bytes = 0
  #firstHit: number | undefined

  constructor(context: ConeContext, kernel: ConeKernel, pool: Finds, options: SearchOptions) {
    this.#context = context
    this.#kernel = kernel
    this.#pool = pool
    this.#options = options
  }

  get nodes(): number {
    return this.#nodes
  }

  /**
   * The point of a cut is rounded, so that a direction on it may lie beside both children, by less than 2ε for each cut:
   * what all the cuts on one path can cost is added.
   */
  get bound(): number {
    const proven = Math.max(this.#closed, this.#heap.top()?.bound ?? 0)
    return this.#deepest > 0 ? proven + this.#deepest * this.#context.gap : proven
  }

  /** All of R^r, as the orthants of the coordinates given by the columns of `axes`. */
  startFrom(axes: Matrix, bound: number): void {
    this.#axes = axes
    const signs: Sign[] = this.#context.c === 1 ? [1, -1] : [0]
    for (const sign of signs) this.#push({ bound, depth: 0, signs: [], sign, cone: null })
  }

  /** How many regions are open. */
  get open(): number {
    return this.#heap.size
  }

  /** The largest bound of an open region, 0 when there is none. */
  get top(): number {
    return this.#heap.top()?.bound ?? 0
  }

  /** No open region is worth further work. */
  get idle(): boolean {
    return !(this.top > this.#floor())
  }

  /** Takes over regions that another search about the same question has released, in the same axes. */
  accept(regions: readonly Region[], axes: Matrix): void {
    this.#axes ??= axes
    for (const region of regions) {
      this.#deepest = Math.max(this.#deepest, region.depth)
      this.#push(region)
    }
  }

  /** Gives away every second one of the best regions that are above this bound and need work, `limit` of them at most. */
  release(limit: number, above = 0): Region[] {
    const [kept, released]: [Region[], Region[]] = [[], []]
    const least = Math.max(above, this.#floor())
    for (let region = this.#heap.top(); region; region = this.#heap.top()) {
      if (!(region.bound > least) || released.length >= limit) break
      this.#pop()
      const side = kept.length > released.length ? released : kept
      side.push(region)
    }
    for (const region of kept) this.#push(region)
    return released
  }

  async run(): Promise<void> {
    const { pacer } = this.#options
    for (let region = this.#heap.top(); region; region = this.#heap.top()) {
      if (!(region.bound > this.#floor()) || this.#finished() || pacer.expired()) return
      this.#pop()
      if (region.cone) this.#split(region.cone)
      else this.#open(region)
      const turn = pacer.breathe()
      if (turn) await turn
    }
  }

  /** Cones at or below this need no further work. */
  #floor(): number {
    const { target = 0, relativeTolerance = 1e-9 } = this.#options
    return Math.max(target, this.#pool.best * (1 + relativeTolerance))
  }

  #finished(): boolean {
    const { target, maxNodes = Number.POSITIVE_INFINITY, memory = memoryLimit } = this.#options
    if (this.#nodes >= maxNodes || this.#bytes > memory) return true
    if (target === undefined || !(this.#pool.best > target)) return false
    // A violator is at hand; the cones beside it often hide more, and the tree is already there.
    this.#firstHit ??= this.#nodes
    return this.#nodes >= 2 * this.#firstHit + harvestNodes
  }

  #open(region: Region): void {
    const { r } = this.#context
    const { bound, sign, signs } = region
    if (signs.length === r) return this.#keep(this.#kernel.root(this.#orthant(signs), sign, this.#floor()), bound)
    this.#nodes++
    for (const side of [1, -1]) {
      const next = { bound, depth: region.depth + 1, signs: [...signs, side], sign, cone: null }
      if (r <= eagerRank) this.#open(next)
      else this.#push(next)
    }
  }

  #orthant(signs: readonly number[]): Float64Array {
    const { r } = this.#context
    const axes = this.#axes!.data
    const generators = new Float64Array(r * r)
    for (let k = 0; k < r; k++) for (let q = 0; q < r; q++) generators[k * r + q] = signs[k] * axes[q * r + k]
    return generators
  }

  #split(cone: Cone): void {
    const { r, c, slack } = this.#context
    // On such a cone F is linear: for one output the bound is the maximum already.
    if (cone.crossing.length === 0 && c === 1) return this.#close(cone.bound)
    if (cone.crossing.length === 0 && r <= coneMaximumRankLimit) {
      const leaf = coneMaximum(cone.active, cone.generators, r, this.#floor())
      if (leaf.bound > this.#floor()) this.#pool.offer(leaf.weights)
      // Unit vectors of the cone have Σ λ_k ≤ √r, each generator bringing the slack of its own heights.
      return this.#close(Math.min(cone.bound, (leaf.bound + r * slack) * (1 + 4 * c * Number.EPSILON)))
    }
    if (!cone.cut) return this.#close(cone.bound)
    for (const child of this.#kernel.split(cone, cone.cut, this.#floor())) this.#keep(child, cone.bound)
  }

  #keep(cone: Cone, inherited: number): void {
    this.#nodes++
    this.#harvest(cone)
    const bound = Math.min(cone.bound, inherited)
    this.#deepest = Math.max(this.#deepest, cone.depth)
    if (bound > this.#floor()) this.#push({ bound, depth: cone.depth, signs: [], sign: cone.sign, cone })
    else this.#close(bound)
  }

  #push(region: Region): void {
    this.#bytes += bytesOf(region)
    this.#heap.push(region)
  }

  #pop(): void {
    const region = this.#heap.pop()
    if (region) this.#bytes -= bytesOf(region)
  }

  #harvest({ point, value }: Cone): void {
    if (value > this.#pool.best * (1 + 1e-12)) this.#pool.offer(point)
    else if (value > (this.#options.collectAbove ?? this.#options.target ?? Number.POSITIVE_INFINITY)) {
      if (this.#pool.remembered < harvestLimit) this.#pool.remember(point)
    }
  }

  #close(bound: number): void {
    this.#closed = Math.max(this.#closed, bound)
  }
}

/** What a region keeps in memory: mostly its list of crossing samples. */
function bytesOf({ cone, signs }: Region): number {
  return cone
    ? 4 * cone.crossing.length + 8 * (cone.generators.length + cone.active.length) + 800
    : 8 * signs.length + 200
}
