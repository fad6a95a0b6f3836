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
  semidefinite,
  softThresholdedSvdSolver,
  type Solver,
  spikeFreeProgram,
  type Threads,
} from '@relucent/core'
import { expectation, oracleReason } from '../advice.ts'
import { usageError } from '../errors.ts'

export type OracleName = 'auto' | keyof typeof exactOracles

export type SolverName =
  | 'column-generation'
  | 'hybrid'
  | 'frank-wolfe'
  | 'cutting-plane'
  | 'cone-program'
  | 'copositive'
  | 'semidefinite'
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
  semidefinite: () => semidefinite(),
  'spike-free-program': spikeFreeProgram,
  'soft-thresholded-svd': softThresholdedSvdSolver,
}

export const solverNames: readonly SolverName[] = Object.keys(solvers) as SolverName[]

interface OwnBounds {
  /** Where bounds come from, after the name of the solver. */
  readonly reason: string
  readonly expectation: string
}

const formula: OwnBounds = {
  reason: 'prices by its own formula',
  expectation: 'expect the answer of a formula, at once',
}

/** Solvers that ask no oracle. */
const ownBounds: Readonly<Partial<Record<SolverName, OwnBounds>>> = {
  semidefinite: {
    reason: 'has its bounds from a semidefinite program, and prices nothing',
    expectation: 'expect a proven bound below the optimum, and a gap that stays: the relaxation is seldom tight',
  },
  'spike-free-program': formula,
  'soft-thresholded-svd': formula,
}

/**
 * Created before anything else, so that a solver that cannot take the problem, or an oracle that cannot handle the rank,
 * says so at once.
 */
export function solverFor(problem: Problem, name: SolverName, oracle: OracleName, threads: Threads): Solver {
  const own = ownBounds[name]
  if (oracle !== 'auto' && own) {
    throw usageError(`--solver ${name} ${own.reason}`, `leave out --oracle ${oracle}`)
  }
  const exact = oracle === 'auto' ? undefined : exactOracles[oracle](threads)
  exact?.(problem)
  const solver = solvers[name](exact && { exact })
  solver.check?.(problem)
  return solver
}

/** What the bounds are like that the solver will come to on this problem, before it has begun. */
export function expectedOf(problem: Problem, name: SolverName): string {
  return ownBounds[name]?.expectation ?? expectation(problem)
}

/** Where the bounds of the solver come from, and why. */
export function reasonOf(problem: Problem, name: SolverName): string {
  const own = ownBounds[name]
  return own ? `${name} ${own.reason}` : oracleReason(problem)
}

/** Whether it starts from a network that is given to it. */
export function takesNetwork(name: SolverName): boolean {
  return name === 'column-generation' || name === 'hybrid' || name === 'copositive' || name === 'semidefinite'
}
