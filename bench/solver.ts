import {
  branchAndBoundOracle,
  columnGeneration,
  countingOracle,
  enumerationOracle,
  exactOracle,
  type OracleFactory,
  type Solver,
} from '@relucent/core'
import type { RestrictedMaster } from './internals.ts'
import { blockDescentOnly } from './solvers/block-descent-only.ts'
import { fixedDirections } from './solvers/fixed-directions.ts'

/** A solver and what it cost in numbers that do not depend on the machine. */
export interface Contender {
  readonly solver: Solver
  /** Calls of the exact oracle, and nodes of its search trees (one per call where there is no tree). */
  readonly counts: () => { readonly calls: number; readonly nodes: number }
}

interface Parts {
  readonly master?: RestrictedMaster
  readonly exact?: OracleFactory
}

/** Column generation as the library runs it, and with one part exchanged. */
const recipes = {
  default: {},
  'block-descent': { master: blockDescentOnly },
  'fixed-directions': { master: fixedDirections },
  'branch-and-bound': { exact: branchAndBoundOracle },
  enumeration: { exact: (problem) => enumerationOracle(problem) },
} satisfies Record<string, Parts>

export type ContenderName = keyof typeof recipes

export const contenderNames = Object.keys(recipes) as ContenderName[]

export function contender(name: ContenderName): Contender {
  const { exact = exactOracle, ...rest }: Parts = recipes[name]
  const counted: ReturnType<typeof countingOracle>[] = []
  const counting: OracleFactory = (problem) => {
    const oracle = countingOracle(exact(problem))
    counted.push(oracle)
    return oracle
  }
  return {
    solver: columnGeneration({ ...rest, exact: counting }),
    counts: () => ({
      calls: counted.reduce((total, { calls }) => total + calls, 0),
      nodes: counted.reduce((total, { nodes }) => total + nodes, 0),
    }),
  }
}
