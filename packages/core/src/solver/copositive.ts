import type { Matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, RestrictedMaster } from '../master.ts'
import { cellNewton } from '../master/cell-newton.ts'
import { residual } from '../master/residual.ts'
import { network, type Network, zeroNetwork } from '../network.ts'
import type { OracleFactory, Priced } from '../oracle.ts'
import { tightSamples } from '../oracle/ascent.ts'
import { exactOracle } from '../oracle/exact.ts'
import { parallelOracle } from '../oracle/parallel.ts'
import { trivialOracle } from '../oracle/trivial.ts'
import type { Problem } from '../problem.ts'
import { lift, project } from '../reduction.ts'
import { copositiveValues, type CopositiveValue, relaxCopositively } from '../relaxation/copositive.ts'
import { recoverNetwork } from '../relaxation/recover.ts'
import type { DoublyNonnegativeSolver } from '../relaxation.ts'
import type { Solver, SolverClaim, SolverContext } from '../solver.ts'

export interface CopositiveSolverOptions {
  /** Prices the duals anew; by default the oracle for the rank, on all threads there are. */
  readonly exact?: OracleFactory
  readonly conic?: DoublyNonnegativeSolver
  readonly master?: RestrictedMaster
  /** Arrangements with more cells than this are refused. */
  readonly maxCells?: number
}

/** How much finer than the tolerance of the run the conic program is solved. */
const finer = 0.1

/** Pricing may use up this share of the tolerance. */
const pricingShare = 0.5

/** Directions priced at more than this share of β are worth a neuron: at the optimum of a tight relaxation they attain β. */
const nearlyTight = 1 - 1e-4

const masterTolerance = 1e-12

/**
 * The convex program (17) of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021) in its doubly nonnegative form (19), over all
 * cells: an independent check of column generation on small data.
 *
 * Every step of the conic method is a claim on all networks, proven by eigenvalues. At its end Z is priced over all
 * patterns by the exact oracle, neurons are read off the solution, settled by the master, and their residual priced as
 * well. Where no cell has more than four facets, always so up to rank 2, that ends in the optimum; where the relaxation is
 * not tight the run ends as `stalled`, with what gap there is.
 *
 * @throws UnsupportedProblemError when there are more cells than `maxCells`.
 */
export function copositive(options: CopositiveSolverOptions = {}): Solver {
  const exact = options.exact ?? exactOracle
  return {
    name: 'copositive',
    oracleName: (problem) => exact(problem).name,
    claims: (problem, context) => claims(problem, context, options),
  }
}

async function* claims(
  problem: Problem,
  context: SolverContext,
  { exact, conic, master, maxCells }: CopositiveSolverOptions,
): AsyncGenerator<SolverClaim> {
  const { pacer, tolerance, init } = context
  const start = init ?? zeroNetwork(problem.X.cols, problem.Y.cols)
  const trivial = await trivialOracle(problem).price(problem.Y)
  yield { network: start, dual: problem.Y, bound: trivial.bound, phase: 'start' }
  const limit = maxCells === undefined ? {} : { maxCells }
  const relaxation = await context.timed('pricing', () => relaxCopositively(problem, { ...limit, pacer }))
  if (!relaxation) return
  const solver = conic === undefined ? {} : { solver: conic }
  const conicTolerance = Math.max(finer * tolerance, 1e-12)
  let best: CopositiveValue | undefined
  for await (const value of copositiveValues(problem, relaxation, { ...solver, tolerance: conicTolerance, pacer })) {
    if (!best || value.value >= best.value) best = value
    yield { network: start, dual: value.dual, bound: value.bound, phase: 'conic' }
  }
  if (best && !pacer.expired())
    yield* recovered(problem, context, best, start, { ...(exact && { exact }), ...(master && { master }) })
}

/** Z priced over all patterns, the neurons of the solution, and what the master makes of them, priced again. */
async function* recovered(
  problem: Problem,
  context: SolverContext,
  best: CopositiveValue,
  start: Network,
  { exact, master = cellNewton }: Pick<CopositiveSolverOptions, 'exact' | 'master'>,
): AsyncGenerator<SolverClaim> {
  const { pacer, tolerance, threads } = context
  const oracle = (exact ?? (threads ? parallelOracle(threads) : exactOracle))(problem)
  const price = (dual: Matrix): Promise<Priced> => {
    const wanted = { relativeTolerance: pricingShare * tolerance, collectAbove: nearlyTight * problem.beta, pacer }
    return context.timed('pricing', () => oracle.price(dual, wanted))
  }
  const priced = await price(best.dual)
  const read = recoverNetwork(problem, best)?.network ?? start
  yield { network: read, dual: best.dual, bound: priced.bound, phase: oracle.name }
  const columns = await context.timed('master', () =>
    settled(problem, columnsOf(problem, read, priced), master, context),
  )
  const dual = residual({ X: problem.reduction.Xr, Y: problem.Y, beta: problem.beta }, columns)
  const network = networkOf(problem, columns)
  yield { network, dual, bound: (await trivialOracle(problem).price(dual)).bound, phase: 'master' }
  if (!pacer.expired()) yield { network, dual, bound: (await price(dual)).bound, phase: oracle.name }
}

function settled(
  { reduction, Y, beta }: Problem,
  columns: readonly Column[],
  master: RestrictedMaster,
  { pacer }: SolverContext,
): Promise<readonly Column[]> {
  return master.solve({ X: reduction.Xr, Y, beta }, columns, { pacer, tolerance: masterTolerance })
}

/** The neurons that were read off, and the directions that the exact oracle found to be tight. */
function columnsOf({ reduction, Y, beta }: Problem, { neurons }: Network, { candidates }: Priced): Column[] {
  const X = reduction.Xr
  const read = neurons.map(({ u, v }) => ({ u: project(reduction, u), v }))
  const tight = candidates
    .filter(({ value }) => value > nearlyTight * beta)
    .map(({ weights }) => ({ u: weights, v: new Float64Array(Y.cols) }))
  return [...read, ...tight].filter(({ u }) => norm2(u) > 0).map(({ u, v }) => ({ u, v, tight: tightSamples(X, u) }))
}

function networkOf({ reduction, X, Y }: Problem, columns: readonly Column[]): Network {
  return network(
    X.cols,
    Y.cols,
    columns.map(({ u, v }) => ({ u: lift(reduction, u), v })),
  )
}
