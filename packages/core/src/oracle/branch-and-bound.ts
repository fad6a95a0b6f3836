import { proveBound } from '../bound.ts'
import type { Matrix } from '../linalg/matrix.ts'
import type { Candidate, Priced, PriceOptions, PricingOracle } from '../oracle.ts'
import { createPacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { coneKernel } from './branch-and-bound/kernel.ts'
import { coneQuestion } from './branch-and-bound/question.ts'
import { ConeSearch, inUnits } from './branch-and-bound/search.ts'
import { CandidatePool } from './candidate-pool.ts'

/**
 * Exact pricing at any rank, anytime: branch and bound over simplicial cones that cover R^r.
 *
 * The bound starts at ‖Z‖₂‖X‖₂ and falls as cones are split; whatever stops the search, the largest bound among open
 * and closed cones is proven. It is also the finder: the maximiser of every relaxation is evaluated, the good ones are
 * polished to local maxima and returned.
 */
export function branchAndBoundOracle(problem: Problem): PricingOracle {
  return {
    name: 'branch-and-bound',
    family: 'branch-and-bound',
    price: (dual, options = {}) => price(problem, dual, options),
  }
}

async function price(problem: Problem, dual: Matrix, options: PriceOptions): Promise<Priced> {
  const { Xr } = problem.reduction
  const { X, Z, unit, context, axes, bound: start } = coneQuestion(Xr, dual)
  const pacer = options.pacer ?? createPacer()
  const pool = new CandidatePool(X, Z)
  const answer = (bound: number, nodes: number): Priced => {
    pool.keepRemembered()
    const candidates: Candidate[] = pool.evaluated(Xr, dual).slice(0, options.maxCandidates ?? 64)
    return { candidates, bound: proveBound(problem, dual, bound * unit, 'branch-and-bound'), nodes }
  }
  if (context === null) return answer(start, 0)
  const search = new ConeSearch(context, coneKernel(context), pool, {
    ...inUnits(options, unit),
    maxNodes: options.maxNodes,
    pacer,
  })
  for (const direction of options.starts ?? []) if (!pacer.expired()) pool.offer(direction)
  search.startFrom(axes, start)
  await search.run()
  return answer(search.bound, search.nodes)
}
