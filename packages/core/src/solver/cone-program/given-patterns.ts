import { type Pattern, isActive } from '../../arrangement.ts'
import { proveBound } from '../../bound.ts'
import { addScaledInto, type Matrix, row } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import type { Candidate, PricingOracle } from '../../oracle.ts'
import { polarValue } from '../../oracle/evaluate.ts'
import { farthestInCone, normalsOf } from '../../oracle/scalar-cell.ts'
import type { Problem } from '../../problem.ts'

/**
 * Exact pricing of a scalar dual over the closed cells of some patterns, for networks whose neurons all lie in them:
 *
 *     max { ±zᵀD_iXu : (2D_i − I)Xu ≥ 0, ‖u‖ ≤ 1 } = ‖projection of ±XᵀD_iz onto the cell‖.
 *
 * Its bounds have the scope `given-patterns`, whatever the patterns are.
 */
export function givenPatternsOracle(problem: Problem, patterns: readonly Pattern[]): PricingOracle {
  const { Xr } = problem.reduction
  const cells = patterns.map((pattern) => ({ pattern, normals: normalsOf(Xr, pattern) }))
  return {
    name: 'given-patterns',
    family: 'enumeration',
    async price(dual) {
      const candidates: Candidate[] = []
      let largest = 0
      for (const { pattern, normals } of cells) {
        const { pull, error } = pullOf(Xr, pattern, dual)
        for (const sign of [1, -1]) {
          const { peak, bound } = farthestInCone(
            normals,
            pull.map((value) => sign * value),
          )
          largest = Math.max(largest, bound + error)
          if (peak) candidates.push({ weights: peak, value: polarValue(Xr, dual, peak) })
        }
      }
      candidates.sort((a, b) => b.value - a.value)
      return { candidates, bound: proveBound(problem, dual, largest, 'enumeration', 'given-patterns') }
    },
  }
}

/** XᵀD z, and how far rounding can have taken it: n ε Σ |z_i|‖x_i‖. */
function pullOf(X: Matrix, pattern: Pattern, { data: z }: Matrix): { pull: Float64Array; error: number } {
  const pull = new Float64Array(X.cols)
  let mass = 0
  for (let i = 0; i < X.rows; i++) {
    if (!isActive(pattern, i)) continue
    addScaledInto(z[i], row(X, i), pull)
    mass += Math.abs(z[i]) * norm2(row(X, i))
  }
  return { pull, error: (X.rows + 4) * Number.EPSILON * mass }
}
