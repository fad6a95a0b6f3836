import {
  columnGeneration,
  coneProgram,
  copositive,
  cuttingPlane,
  enumerationOracle,
  frankWolfe,
  hybrid,
  type OracleFactory,
  parallelBranchAndBound,
  planarOracle,
  type Problem,
  softThresholdedSvdSolver,
  type Solver,
  spikeFreeProgram,
  type Threads,
} from '@relucent/core'
import { usageError } from '../errors.ts'

export type OracleName = 'auto' | keyof typeof exactOracles

export type SolverName =
  | 'column-generation'
  | 'hybrid'
  | 'frank-wolfe'
  | 'cutting-plane'
  | 'cone-program'
  | 'copositive'
  | 'spike-free-program'
  | 'soft-thresholded-svd'

const exactOracles: Readonly<
  Record<'planar' | 'branch-and-bound' | 'enumeration', (threads: Threads) => OracleFactory>
> = {
  planar: () => planarOracle,
  'branch-and-bound': parallelBranchAndBound,
  enumeration: () => (problem) => enumerationOracle(problem),
}

type Recipe = (exact: { readonly exact: OracleFactory } | undefined) => Solver

const solvers: Readonly<Record<SolverName, Recipe>> = {
  'column-generation': columnGeneration,
  hybrid,
  'frank-wolfe': frankWolfe,
  'cutting-plane': cuttingPlane,
  'cone-program': coneProgram,
  copositive,
  'spike-free-program': spikeFreeProgram,
  'soft-thresholded-svd': softThresholdedSvdSolver,
}

export const solverNames: readonly SolverName[] = Object.keys(solvers) as SolverName[]

/** Solvers for special data, which price by a formula of their own. */
const ownOracle: readonly SolverName[] = ['spike-free-program', 'soft-thresholded-svd']

/**
 * Created before anything else, so that a solver that cannot take the problem, or an oracle that cannot handle the rank,
 * says so at once.
 */
export function solverFor(problem: Problem, name: SolverName, oracle: OracleName, threads: Threads): Solver {
  if (oracle !== 'auto' && ownOracle.includes(name)) {
    throw usageError(`--solver ${name} prices by its own formula`, `leave out --oracle ${oracle}`)
  }
  const exact = oracle === 'auto' ? undefined : exactOracles[oracle](threads)
  exact?.(problem)
  const solver = solvers[name](exact && { exact })
  solver.check?.(problem)
  return solver
}

/** Whether how far the rank lets exact pricing reach matters to it. */
export function dependsOnRank(name: SolverName): boolean {
  return !ownOracle.includes(name)
}

/** Whether it starts from a network that is given to it. */
export function takesNetwork(name: SolverName): boolean {
  return name === 'column-generation' || name === 'hybrid' || name === 'copositive'
}
