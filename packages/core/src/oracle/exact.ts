import type { OracleFactory } from '../oracle.ts'
import { branchAndBoundOracle } from './branch-and-bound.ts'
import { planarOracle } from './planar.ts'

/** The exact oracle for the rank at hand: the sweep up to rank 2, branch and bound above. */
export const exactOracle: OracleFactory = (problem) =>
  problem.reduction.rank <= 2 ? planarOracle(problem) : branchAndBoundOracle(problem)
