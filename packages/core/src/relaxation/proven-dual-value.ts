import { eigenvalueUpper } from '../linalg/norms.ts'
import { compensatedSum } from '../linalg/sum.ts'
import { scaled } from '../linalg/matrix.ts'
import type { ConicIterate, ConicProgram } from '../relaxation.ts'
import { dualSlack, slackRounding } from './dual-slack.ts'

/**
 * A lower bound on the optimum of a conic program, whatever y and N are, rounding included; −Infinity for NaN.
 *
 * For every feasible U, and N ≥ 0 (negative ones count as 0), weak duality leaves
 *
 *     Σ⟨C_b, U_b⟩ + Σ r_k²/(2q_k) ≥ tᵀy − ½ Σ q_k y_k² + Σ⟨W_b, U_b⟩ ≥ tᵀy − ½ Σ q_k y_k² − max_b λmax(−W_b)₊ · Σ_b tr U_b,
 *
 * and `program.trace` bounds Σ_b tr U_b. The eigenvalue is bounded by what the computed decomposition leaves over (see
 * `spectralUpper`), with the rounding of W_b added. (Jansson, Chaykin, Keil, "Rigorous error bounds for the optimal value
 * in semidefinite programming", SIAM J. Numer. Anal. 46, 2007, theorem 3.2.)
 */
export function provenDualValue(
  program: ConicProgram,
  { y, multipliers }: Pick<ConicIterate, 'y' | 'multipliers'>,
): number {
  let shift = 0
  program.blocks.forEach((block, b) => {
    const N = multipliers[b].map((value) => (value > 0 ? value : 0))
    const below = eigenvalueUpper(scaled(dualSlack(block, y, N), -1)) + slackRounding(block, y, N)
    shift = below >= 0 ? Math.max(shift, below) : Number.POSITIVE_INFINITY
  })
  const { targets, curvatures, trace } = program
  const terms = new Float64Array(2 * y.length)
  let mass = 0
  for (let k = 0; k < y.length; k++) {
    terms[2 * k] = targets[k] * y[k]
    terms[2 * k + 1] = -(curvatures[k] * y[k] * y[k]) / 2
    mass += Math.abs(terms[2 * k]) + Math.abs(terms[2 * k + 1])
  }
  const rounding = 4 * Number.EPSILON * mass + 4 * y.length * Number.MIN_VALUE
  const penalty = shift === 0 ? 0 : shift * trace * (1 + 4 * Number.EPSILON)
  const value = compensatedSum(terms) - rounding - penalty
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value
}
