import { type ProvenBound, proveBound } from '../bound.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { eigh } from '../linalg/eigh.ts'
import { type Matrix, matrix } from '../linalg/matrix.ts'
import { spectralUpper } from '../linalg/norms.ts'
import type { Candidate, Priced, PriceOptions, PricingOracle } from '../oracle.ts'
import { ascend } from '../oracle/ascent.ts'
import { polarValue } from '../oracle/evaluate.ts'
import { multistartOracle } from '../oracle/multistart.ts'
import { standardForm } from '../oracle/standard-form.ts'
import { trivialOracle } from '../oracle/trivial.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import type { ConicIterate, ConicOptions, ConicProgram, DoublyNonnegativeSolver } from '../relaxation.ts'
import type { ConvexityCut } from './convexity-cuts.ts'
import { cutRounds, extended, freshCuts, stagnant } from './cut-choice.ts'
import { entrywiseSplitting } from './entrywise-splitting.ts'
import { pricingProgram, pricingUpper } from './semidefinite-pricing.ts'

export interface SemidefiniteOracleOptions {
  readonly solver?: DoublyNonnegativeSolver
  /** `conic`: products with convexity cuts as well, see `semidefiniteValue`. */
  readonly inequalities?: 'none' | 'conic'
  /** 2n + r + c; larger problems are refused. */
  readonly maxOrder?: number
}

/** Ascents before anything is relaxed: a bound that meets what is attained is done. */
const ascents = 8

/** Residuals of the conic method that are worth going on to. */
const finest = 1e-9

/**
 * Pricing by the semidefinite relaxation `pricingProgram`, for data of any rank: no cell is listed and no cone is split, so its cost
 * depends on n + r alone. The bound is proven for whatever the conic method returns, and meets the value only where the relaxation is tight.
 *
 * `maxNodes` limits the iterates of the conic method.
 *
 * @throws UnsupportedProblemError for sizes beyond `maxOrder`.
 */
export function semidefiniteOracle(
  problem: Problem,
  { solver = entrywiseSplitting, inequalities = 'conic', maxOrder = 1200 }: SemidefiniteOracleOptions = {},
): PricingOracle {
  const { Xr, rank } = problem.reduction
  const order = 2 * Xr.rows + rank + problem.Y.cols
  if (!(order <= maxOrder)) {
    throw new UnsupportedProblemError(
      `semidefiniteOracle: at most 2n + r + c = ${maxOrder} (maxOrder), got ${order}; use branch and bound, or fewer samples`,
    )
  }
  const trivial = trivialOracle(problem)
  const maxCuts = inequalities === 'conic' ? Math.min(2 * Xr.rows, maxOrder - order) : 0
  return {
    name: 'semidefinite',
    family: 'relaxation',
    async price(dual, options = {}) {
      const { bound } = await trivial.price(dual)
      if (!dual.data.every(Number.isFinite) || !(bound.value > 0 && bound.value < Number.POSITIVE_INFINITY)) {
        return { candidates: [], bound }
      }
      const pacer = options.pacer ?? createPacer()
      const starts = { pacer, starts: options.starts ?? [], maxNodes: ascents }
      const { candidates } = await multistartOracle(problem).price(dual, starts)
      return search(problem, dual, { bound, candidates: [...candidates] }, { solver, maxCuts, pacer }, options)
    },
  }
}

interface Found {
  bound: ProvenBound
  readonly candidates: Candidate[]
}

interface Means {
  readonly solver: DoublyNonnegativeSolver
  readonly maxCuts: number
  readonly pacer: Pacer
}

async function search(
  problem: Problem,
  dual: Matrix,
  found: Found,
  { solver, maxCuts, pacer }: Means,
  { target, relativeTolerance = 0, maxNodes = Number.POSITIVE_INFINITY, maxCandidates = 64 }: PriceOptions,
): Promise<Priced> {
  const { Xr } = problem.reduction
  const { X, Z, unit } = standardForm(Xr, dual)
  const lost = (X.data.length + Z.data.length) * Number.MIN_VALUE * (1 + spectralUpper(X) + spectralUpper(Z))
  const best = (): number => found.candidates.reduce((most, { value }) => Math.max(most, value), 0)
  const settled = (): boolean =>
    found.bound.value <= best() * (1 + relativeTolerance) ||
    (target !== undefined && (found.bound.value <= target || best() > target))
  let nodes = 0
  let cuts: readonly ConvexityCut[] = []
  let last: { iterate: ConicIterate; program: ConicProgram } | null = null
  const rounds = maxCuts > 0 ? cutRounds(X) : 0
  for (let round = 0; round <= rounds && nodes < maxNodes && !settled() && !pacer.expired(); round++) {
    const fresh = round === 0 ? [] : await freshCuts(X, last?.iterate, maxCuts - cuts.length, pacer)
    if (round > 0 && fresh.length === 0) break
    cuts = [...cuts, ...fresh]
    const program = pricingProgram(X, Z, cuts)
    const from: ConicOptions = last ? { from: extended(last.iterate, last.program, program) } : {}
    const values: number[] = []
    for await (const iterate of solver.iterates(program, { tolerance: finest, pacer, ...from })) {
      nodes++
      const value = (pricingUpper(X, Z, iterate, cuts) + lost) * unit
      const bound = proveBound(problem, dual, value, 'relaxation')
      if (bound.value < found.bound.value) found.bound = bound
      values.push(-value)
      last = { iterate, program }
      if (settled() || nodes >= maxNodes || (round < rounds && stagnant(values))) break
    }
    const theta = last?.iterate.primal?.[0] ?? last?.iterate.rough?.U[0]
    if (theta) found.candidates.push(...climbed(Xr, dual, leading(theta, X.rows)))
  }
  const candidates = found.candidates.toSorted((a, b) => b.value - a.value).slice(0, maxCandidates)
  return { candidates, bound: found.bound, nodes }
}

/** The direction that Θ_uu has most of, either way. */
function leading(theta: Matrix, n: number): Float64Array[] {
  const r = theta.rows - n
  const block = matrix(r, r)
  for (let p = 0; p < r; p++)
    for (let q = 0; q < r; q++) block.data[p * r + q] = theta.data[(n + p) * theta.cols + n + q]
  const { vectors } = eigh(block)
  const u = Float64Array.from({ length: r }, (_, p) => vectors.data[p * r + r - 1])
  return [u, u.map((value) => -value)]
}

function climbed(X: Matrix, dual: Matrix, starts: readonly Float64Array[]): Candidate[] {
  return starts
    .map((start) => ascend(X, dual, start).weights)
    .map((weights) => ({ weights, value: polarValue(X, dual, weights) }))
    .filter(({ value }) => value > 0 && value < Number.POSITIVE_INFINITY)
}
