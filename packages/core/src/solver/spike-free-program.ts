import type { Pattern } from '../arrangement.ts'
import { spikeFreeOracle } from '../oracle/spike-free.ts'
import type { Problem } from '../problem.ts'
import type { Solver } from '../solver.ts'
import { columnGeneration } from './column-generation.ts'
import { coneProgram } from './cone-program.ts'
import { requireSquaredDense } from './parts.ts'

/**
 * The program of the single pattern D = I, exact for spike-free data: (10) of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021) for one
 * output, by an interior-point method; (15) for several, min ½‖XV − Y‖² + β‖V‖_{*,K} with the constrained gauge
 * min Σ ‖u_k‖‖g_k‖ over V = Σ u_kg_kᵀ, Xu_k ≥ 0, by column generation that prices in this one cell. (The plain nuclear norm, as (15)
 * reads when taken literally, would be a lower bound only.)
 *
 * UnsupportedProblemError when the data are not spike-free.
 */
export function spikeFreeProgram(): Solver {
  const generated = columnGeneration({ exact: spikeFreeOracle })
  return {
    name: 'spike-free-program',
    oracleName: () => 'spike-free',
    check: requireSpikeFree,
    claims(problem, context) {
      requireSpikeFree(problem)
      if (problem.Y.cols > 1) return generated.claims(problem, context)
      const program = { patterns: [everyone(problem)], scope: 'all-networks', exact: spikeFreeOracle } as const
      return coneProgram(program).claims(problem, context)
    },
  }
}

function requireSpikeFree(problem: Problem): void {
  requireSquaredDense('spike-free-program', problem)
  spikeFreeOracle(problem)
}

/** All samples active. */
function everyone({ X }: Problem): Pattern {
  const words = new Uint32Array(Math.ceil(X.rows / 32)).fill(0xffffffff)
  if (X.rows % 32 > 0) words[words.length - 1] = 2 ** (X.rows % 32) - 1
  return { size: X.rows, words }
}
