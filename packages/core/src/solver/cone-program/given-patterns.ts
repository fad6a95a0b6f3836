import { type Pattern, isActive } from '../../arrangement.ts'
import { projectOntoCone, provenDepth } from '../../arrangement/cone-projection.ts'
import { proveBound } from '../../bound.ts'
import { addScaledInto, type Matrix, row } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import type { Candidate, PricingOracle } from '../../oracle.ts'
import { polarValue } from '../../oracle/evaluate.ts'
import type { Problem } from '../../problem.ts'
import { unit } from '../parts.ts'

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
          const { peak, bound } = farthest(
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

/** The unit vector of the cell that goes farthest along a vector, and a proven bound on how far that is. */
function farthest(
  normals: readonly Float64Array[],
  along: Float64Array,
): { readonly peak: Float64Array | null; readonly bound: number } {
  const size = norm2(along)
  if (!(size > 0)) return { peak: null, bound: size }
  const direction = unit(along)
  const projection = projectOntoCone(normals, direction)
  const depth = provenDepth(normals, direction, projection)
  // The normals were rounded when they were scaled: a direction of the cell may be 2ε outside of each.
  const slant = 4 * Number.EPSILON * (1 + projection.multipliers.reduce((total, value) => total + value, 0))
  const peak = norm2(projection.point) > 0 ? unit(projection.point) : null
  return { peak, bound: size * (depth + slant) * (1 + 8 * Number.EPSILON) }
}

/** Unit normals of the hyperplanes, turned into the cell. */
export function normalsOf(X: Matrix, pattern: Pattern): Float64Array[] {
  const out: Float64Array[] = []
  for (let i = 0; i < X.rows; i++) {
    const size = norm2(row(X, i)) * (isActive(pattern, i) ? 1 : -1)
    if (size !== 0) out.push(row(X, i).map((value) => value / size))
  }
  return out
}
