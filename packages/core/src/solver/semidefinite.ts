import type { Matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, RestrictedMaster } from '../master.ts'
import { cellNewton } from '../master/cell-newton.ts'
import { balance, type Network, type Neuron, objective, zeroNetwork } from '../network.ts'
import type { PricingOracle } from '../oracle.ts'
import { tightSamples } from '../oracle/ascent.ts'
import { multistartOracle } from '../oracle/multistart.ts'
import { trivialOracle } from '../oracle/trivial.ts'
import type { Problem } from '../problem.ts'
import { project } from '../reduction.ts'
import { sampledDirections, splittingRounds } from '../relaxation/semidefinite-rounding.ts'
import { requireSemidefinite, semidefiniteValues, type SemidefiniteValue } from '../relaxation/semidefinite.ts'
import type { DoublyNonnegativeSolver } from '../relaxation.ts'
import type { Solver, SolverClaim, SolverContext } from '../solver.ts'
import { lifted, unit } from './parts.ts'
import { restricted } from './restricted.ts'

export interface SemidefiniteSolverOptions {
  readonly conic?: DoublyNonnegativeSolver
  readonly master?: RestrictedMaster
  /** How near its own optimum the relaxation is solved. */
  readonly tolerance?: number
  /** 2n + r + c, the order of the largest matrix. */
  readonly maxOrder?: number
  /** Directions drawn from the solution, beside the neurons that the splitting rounds it to. */
  readonly samples?: number
}

/** The relaxation is below the optimum by more than this as a rule, so that its last digits tell nothing. */
const relaxedTolerance = 1e-4

/** Of the time there is, for the relaxation; the rest is for networks. */
const conicShare = 0.7

/** Descent ends after so many rounds of new neurons, or when one brings less than this share of the objective. */
const maxRounds = 60
const leastGain = 1e-10

/** Directions priced above this many times β are worth a neuron. */
const violating = 1 + 1e-9

const masterTolerance = 1e-10

/**
 * The semidefinite relaxation of Prakhya, Birdal and Yurtsever (ICLR 2025), with networks rounded from it.
 *
 * Every claim has a bound of the relaxation, on networks of every width, proven by an eigenvalue: no pattern is listed and
 * nothing is priced exactly, whatever the rank. Networks are rounded from the solution, by the splitting of the paper and by
 * Gaussian directions, weighted by the master, and improved by neurons that ascents find: a local descent. What gap is left
 * between the two is seldom zero, since the relaxation is not tight; such a run ends as `stalled`.
 *
 * @throws UnsupportedProblemError for problems that `semidefiniteValue` does not take.
 */
export function semidefinite(options: SemidefiniteSolverOptions = {}): Solver {
  return {
    name: 'semidefinite',
    oracleName: () => 'none',
    check(problem) {
      requireSemidefinite(problem, options.maxOrder === undefined ? {} : { maxOrder: options.maxOrder })
    },
    claims: (problem, context) => claims(problem, context, options),
  }
}

async function* claims(
  problem: Problem,
  context: SolverContext,
  { conic, tolerance = relaxedTolerance, maxOrder, samples = 64, master = cellNewton }: SemidefiniteSolverOptions,
): AsyncGenerator<SolverClaim> {
  const { pacer, init } = context
  const start = init ?? zeroNetwork(problem.X.cols, problem.Y.cols)
  const trivial = await trivialOracle(problem).price(problem.Y)
  yield { network: start, dual: problem.Y, bound: trivial.bound, phase: 'start' }
  const limited = pacer.within(conicShare * pacer.remainingSeconds())
  const options = { tolerance, pacer: limited, ...(conic && { solver: conic }), ...(maxOrder && { maxOrder }) }
  let best: SemidefiniteValue | undefined
  let theta: Matrix | null = null
  for await (const value of semidefiniteValues(problem, options)) {
    if (!best || value.lowerBound > best.lowerBound) best = value
    theta = value.primal ?? theta
    yield { network: start, dual: value.dual, bound: value.bound, phase: 'conic' }
  }
  if (!best || pacer.expired()) return
  const { dual, bound } = best
  for await (const { network, phase } of networks(problem, context, { theta, Z: dual, samples, master })) {
    yield { network, dual, bound, phase }
  }
}

interface Found {
  readonly network: Network
  readonly phase: string
}

interface From {
  /** The solution of the relaxation, if the conic method came to one. */
  readonly theta: Matrix | null
  /** The dual of the best bound: where there is no solution, the directions that are tight at it are tried. */
  readonly Z: Matrix
  readonly samples: number
  readonly master: RestrictedMaster
}

/** Rounded networks, in the order of the splitting's iterations, then ever better ones from the best of them. */
async function* networks(
  problem: Problem,
  context: SolverContext,
  { theta, Z, samples, master }: From,
): AsyncGenerator<Found> {
  const { pacer, seed, init } = context
  let [rounded, least] = [init, init ? objective(problem, init) : Number.POSITIVE_INFINITY]
  for await (const { network } of theta ? splittingRounds(problem, theta, { pacer }) : []) {
    const value = objective(problem, network)
    if (value < least) [rounded, least] = [network, value]
    yield { network, phase: 'splitting' }
  }
  const oracle = multistartOracle(problem, { seed })
  const drawn = theta
    ? sampledDirections(problem, theta, samples, seed)
    : (await oracle.price(Z, { pacer, maxNodes: samples })).candidates.map(({ weights }) => weights)
  const reduced = (rounded?.neurons ?? []).map(({ u, v }) => ({ u: project(problem.reduction, u), v }))
  yield* descended(problem, context, oracle, master, [...reduced, ...atRest(problem, drawn)])
}

/** The master's network of these neurons, and of those that ascents find to be worth adding to it. */
async function* descended(
  problem: Problem,
  context: SolverContext,
  oracle: PricingOracle,
  master: RestrictedMaster,
  neurons: readonly Neuron[],
): AsyncGenerator<Found> {
  const { pacer } = context
  const best = restricted(problem, master)
  let added = columnsOf(problem, neurons)
  let before = Number.POSITIVE_INFINITY
  for (let round = 0; round < maxRounds; round++) {
    const columns = added
    await context.timed('master', () => best.solve(columns, { pacer, tolerance: masterTolerance }))
    yield { network: balance(lifted(problem, best.columns)), phase: 'master' }
    if (!(before - best.objective > leastGain * best.objective) || pacer.expired()) return
    before = best.objective
    const starts = best.columns.map(({ u }) => unit(u))
    const { candidates } = await context.timed('pricing', () => oracle.price(best.dual(), { pacer, starts }))
    const violators = candidates.filter(({ value }) => value > violating * problem.beta)
    if (violators.length === 0) return
    added = columnsOf(problem, atRest(problem, violators.map(({ weights }) => weights))) // biome-ignore format: short
  }
}

/** Neurons of no weight yet. */
function atRest({ Y }: Problem, directions: readonly Float64Array[]): Neuron[] {
  return directions.map((u) => ({ u, v: new Float64Array(Y.cols) }))
}

function columnsOf({ reduction: { Xr } }: Problem, neurons: readonly Neuron[]): Column[] {
  return neurons.filter(({ u }) => norm2(u) > 0).map(({ u, v }) => ({ u, v, tight: tightSamples(Xr, u) }))
}
