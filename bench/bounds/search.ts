import { createPacer, type Matrix } from '@relucent/core'
import { CandidatePool, coneKernel, coneQuestion, ConeSearch } from '../internals.ts'
import { type Bound, boundedBy, type ConeContext, type ConeKernel } from './bound.ts'
import { strongBranching } from './strong-branching.ts'

export interface SearchLimits {
  /** Wanted of bound / value − 1. */
  readonly gap: number
  readonly nodes: number
  readonly seconds: number
}

export interface SearchOutcome {
  /** Attained. */
  readonly value: number
  readonly gap: number
  readonly nodes: number
  readonly cpuSeconds: number
  /** Cones that were split while no more than 2 r samples crossed them, as a share of all that were; null where not counted. */
  readonly nearlyDecided: number | null
}

/** What is exchanged in a search, its start and its order being the library's. */
export interface Variant {
  readonly name: string
  kernel(context: ConeContext): ConeKernel
}

/** One bound more than the library's. */
export function withBound(bound: Bound): Variant {
  return { name: `and ${bound.name}`, kernel: (context) => boundedBy(coneKernel(context), bound.start(context)) }
}

export function withStrongBranching(candidates: number): Variant {
  const kernel = (context: ConeContext): ConeKernel =>
    strongBranching(coneKernel(context), context.r, context.metric.data, candidates)
  return { name: `strong branching on ${candidates} cuts`, kernel }
}

export const asBuilt: Variant = { name: 'as built', kernel: coneKernel }

/** Ends when the process has used its share of the processor: on a shared machine the clock measures the neighbours. */
function cpuPacer(seconds: number) {
  const start = process.cpuUsage()
  const used = (): number => {
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1e6
  }
  const expired = (): boolean => used() > seconds
  return { ...createPacer(), expired, breathe: () => undefined, used }
}

/** A search from nothing. */
export async function search(X: Matrix, Z: Matrix, variant: Variant, limits: SearchLimits): Promise<SearchOutcome> {
  const question = coneQuestion(X, Z)
  const { context } = question
  if (context === null) throw new Error('search: this dual needs no search')
  const pool = new CandidatePool(question.X, question.Z)
  let [splits, few] = [0, 0]
  const kernel = variant.kernel(context)
  const counting: ConeKernel = {
    name: kernel.name,
    root: (generators, sign, floor) => kernel.root(generators, sign, floor),
    split(parent, cut, floor) {
      splits++
      if (parent.crossing.length <= 2 * context.r) few++
      return kernel.split(parent, cut, floor)
    },
  }
  const pacer = cpuPacer(limits.seconds)
  const tree = new ConeSearch(context, counting, pool, {
    relativeTolerance: limits.gap,
    maxNodes: limits.nodes,
    pacer,
  })
  tree.startFrom(question.axes, question.bound)
  await tree.run()
  return {
    value: pool.best * question.unit,
    gap: tree.bound / pool.best - 1,
    nodes: tree.nodes,
    cpuSeconds: pacer.used(),
    nearlyDecided: few / Math.max(1, splits),
  }
}

/**
 * Two outputs, with the direction of F branched on to the end: ‖F‖ ≤ max_l |g_l·F| / cos(π / 2K) over K directions evenly
 * spaced on half a circle, each a search with one output that ends at what the gap leaves for it. It needs the value in
 * advance, which a search along with others would share.
 */
export async function coverSearch(
  X: Matrix,
  Z: Matrix,
  directions: number,
  value: number,
  { gap, nodes, seconds }: SearchLimits,
): Promise<SearchOutcome> {
  const target = value * (1 + gap) * Math.cos(Math.PI / (2 * directions))
  const pacer = cpuPacer(seconds)
  let [spent, worst] = [0, 0]
  for (let l = 0; l < directions; l++) {
    const g = [Math.cos((Math.PI * l) / directions), Math.sin((Math.PI * l) / directions)]
    const along = Float64Array.from({ length: Z.rows }, (_, i) => g[0] * Z.data[2 * i] + g[1] * Z.data[2 * i + 1])
    const question = coneQuestion(X, { rows: Z.rows, cols: 1, data: along })
    const { context, unit } = question
    if (context === null) continue
    const pool = new CandidatePool(question.X, question.Z)
    const tree = new ConeSearch(context, coneKernel(context), pool, {
      target: target / unit,
      maxNodes: nodes / directions,
      pacer,
    })
    tree.startFrom(question.axes, question.bound)
    await tree.run()
    spent += tree.nodes
    worst = Math.max(worst, (tree.bound * unit) / Math.cos(Math.PI / (2 * directions)))
  }
  return { value, gap: worst / value - 1, nodes: spent, cpuSeconds: pacer.used(), nearlyDecided: null }
}
