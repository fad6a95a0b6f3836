import { proveBound } from '../bound.ts'
import { eigh } from '../linalg/eigh.ts'
import { type Matrix, multiplyTransposed, scaled } from '../linalg/matrix.ts'
import { spectralUpper } from '../linalg/norms.ts'
import { powerOfTwoNear } from '../linalg/scale.ts'
import type { Candidate, Priced, PriceOptions, PricingOracle } from '../oracle.ts'
import { createPacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { CandidatePool } from './candidate-pool.ts'
import { coneContext } from './branch-and-bound/cone.ts'
import { plainKernel } from './branch-and-bound/plain-kernel.ts'
import { ConeSearch } from './branch-and-bound/search.ts'
import { contributing, productUpper, standardForm } from './standard-form.ts'

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
  // The samples that contribute, as given: their sizes say what is near and far.
  const given = contributing(Xr, dual)
  const { X, Z, unit } = standardForm(given.X, given.Z)
  const pacer = options.pacer ?? createPacer()
  const pool = new CandidatePool(X, Z)
  const answer = (bound: number, nodes: number): Priced => {
    pool.climbRemembered(() => pacer.expired())
    const candidates: Candidate[] = pool.evaluated(Xr, dual).slice(0, options.maxCandidates ?? 64)
    return { candidates, bound: proveBound(problem, dual, bound * unit, 'branch-and-bound'), nodes }
  }
  if (X.rows === 0 || X.cols === 0) return answer(0, 0)
  const data = scaled(given.X, 1 / powerOfTwoNear(given.X.data))
  const context = coneContext(X, Z, multiplyTransposed(data, data))
  if (!Number.isFinite(context.slack)) return answer(Number.POSITIVE_INFINITY, 0)
  const { target, ...limits } = options
  const search = new ConeSearch(context, plainKernel(context), pool, {
    ...limits,
    ...(target === undefined ? {} : { target: target / unit }),
    pacer,
  })
  for (const start of options.starts ?? []) if (!pacer.expired()) pool.offer(start)
  const plain = productUpper(given.X, given.Z, unit)
  const product = spectralUpper(X) * spectralUpper(Z)
  search.startFrom(eigh(context.metric).vectors, plain < product ? plain : product)
  await search.run()
  return answer(search.bound, search.nodes)
}
