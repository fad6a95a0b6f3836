import { type ProvenBound, unproven } from '../bound.ts'
import { norm2, spectralUpper } from '../linalg/norms.ts'
import type { Candidate, OracleFactory, Priced, PriceOptions, PricingOracle } from '../oracle.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { createPacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { lift, project, type Reduction, truncations } from '../reduction.ts'
import { branchAndBoundOracle } from './branch-and-bound.ts'
import { polarValue } from './evaluate.ts'
import { planarOracle } from './planar.ts'

/** Above this rank a search that starts from nothing rarely ends. */
const highestRank = 6

/** A search that ends this far above what it attains has run out of time: a higher rank would do worse. */
const settled = 1.01

/**
 * Pricing of correlated tables, whose singular values fall quickly: ω(Z) ≤ ω_k(Z) + ‖Z‖₂ ‖X − X_k‖₂ for the data cut
 * down to their first k principal coordinates, since the ReLU is 1-Lipschitz.
 *
 * The rank rises from 1 as long as searches end, and the best bound is kept: a low rank is soon priced and leaves much
 * out, a high one is the reverse.
 */
export function truncatedOracle(problem: Problem, cones: OracleFactory = branchAndBoundOracle): PricingOracle {
  return {
    name: 'truncated-rank',
    family: 'branch-and-bound',
    price: (dual, options = {}) => climb(problem, cones, dual, options),
  }
}

async function climb(problem: Problem, cones: OracleFactory, dual: Matrix, options: PriceOptions): Promise<Priced> {
  const { pacer = createPacer(), target, relativeTolerance = 1e-9, maxCandidates = 64 } = options
  let bound: ProvenBound = unproven(problem, dual)
  let found: readonly Candidate[] = []
  let nodes = 0
  const done = (): boolean => {
    const best = found[0]?.value ?? 0
    if (target !== undefined && (best > target || bound.value <= target)) return true
    return bound.value <= best * (1 + relativeTolerance) || pacer.expired()
  }
  const size = spectralUpper(dual)
  for (const reduction of truncations(problem.X, Math.min(highestRank, problem.reduction.rank))) {
    const inner = { ...problem, reduction }
    const tail = size * reduction.discarded
    const oracle = reduction.rank <= 2 ? planarOracle(inner) : cones(inner)
    // The bound can be no better than what is left out; to search much below that would be a waste.
    const wanted = Math.max(relativeTolerance, (0.1 * tail) / (found[0]?.value ?? tail + 1))
    const priced = await oracle.price(dual, {
      pacer,
      starts: (options.starts ?? []).map((u) => project(reduction, lift(problem.reduction, u))),
      relativeTolerance: wanted,
      ...(target === undefined ? {} : { target: Math.max(0, target - tail) }),
    })
    nodes += priced.nodes ?? 0
    if (priced.bound.value < bound.value) bound = priced.bound
    found = best([...found, ...translated(problem, reduction, dual, priced.candidates)], maxCandidates)
    const ended = priced.bound.value - tail <= (settled + wanted) * (priced.candidates[0]?.value ?? 0)
    if (done() || (reduction.rank > 2 && !ended)) break
  }
  return { candidates: found, bound, nodes }
}

/** Directions of a truncation in the coordinates of the problem, with what they attain on its data. */
function translated(
  problem: Problem,
  truncation: Reduction,
  dual: Matrix,
  candidates: readonly Candidate[],
): Candidate[] {
  return candidates.flatMap(({ weights }) => {
    const u = project(problem.reduction, lift(truncation, weights))
    const length = norm2(u)
    if (!(length > 0)) return []
    const unit = u.map((entry) => entry / length)
    return [{ weights: unit, value: polarValue(problem.reduction.Xr, dual, unit) }]
  })
}

function best(candidates: readonly Candidate[], count: number): readonly Candidate[] {
  return candidates.toSorted((a, b) => b.value - a.value).slice(0, count)
}
