import { type Certificate, feasibleScale } from '../certificate.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { compensatedSum } from '../linalg/sum.ts'
import type { Problem } from '../problem.ts'
import type { Appraisal } from '../audit.ts'

export type Figures = Pick<Certificate, 'objective' | 'lowerBound' | 'gap' | 'relativeGap'>

/**
 * The figures of an appraisal restated for an output bias that is decayed like the other weights, β/2 ‖b₂‖², where
 * `networkFromLayers` has made it a neuron at β‖b₂‖. The gap is about networks of any width with any such bias.
 *
 * @param outputBias b₂ of the network appraised.
 */
export function withDecayedOutputBias(
  problem: Problem,
  { certificate, dual }: Pick<Appraisal, 'certificate' | 'dual'>,
  outputBias: Float64Array,
): Figures {
  const size = norm2(outputBias)
  const objective = certificate.objective - problem.beta * size + (problem.beta / 2) * size * size
  const lowerBound = decayedOutputBiasBound(problem, dual, certificate.polarBound)
  const gap = objective - lowerBound
  const relativeGap = gap / Math.max(Math.abs(objective), lowerBound)
  return { objective, lowerBound, gap, relativeGap: relativeGap >= 0 ? relativeGap : null }
}

/** Steps of a search over the scale: each narrows it to two thirds. */
const narrowings = 40

/**
 * A lower bound on the objective with an output bias b that is decayed like the other weights, over all networks of any
 * width and all b:
 *
 *     ℓ(F + 1bᵀ, Y) + β Σ_j ‖u_j‖‖v_j‖ + β/2 ‖b‖²  ≥  −ℓ*(−τZ) − τ²‖Zᵀ1‖² / 2β   for every |τ| ≤ β/ω̄
 *
 * since ℓ(G) ≥ ⟨−τZ, G⟩ − ℓ*(−τZ), the atoms give at least 0 where ω(τZ) ≤ β, and −τ⟨Zᵀ1, b⟩ + β/2‖b‖² is at least
 * −τ²‖Zᵀ1‖²/2β. Rounded down; 0 is always valid.
 *
 * @param polarBound ω̄ ≥ ω(Z), proven for this problem and this Z, for instance the `polarBound` of a certificate.
 */
export function decayedOutputBiasBound(problem: Problem, dual: Matrix, polarBound: number): number {
  const { loss, Y, beta } = problem
  const square = squaredColumnSums(dual)
  const value = (tau: number): number => {
    const penalty = ((tau * tau * square) / (2 * beta)) * (1 + 16 * Number.EPSILON) + Number.MIN_VALUE
    const bound = loss.dualValue(dual, Y, tau)
    return bound - penalty - 2 * Number.EPSILON * (Math.abs(bound) + penalty)
  }
  // Any scale gives a bound; that of the problem without the output bias is where to look from.
  const most = Math.abs(loss.bestScale(dual, Y, feasibleScale(beta, polarBound)))
  const sign = Math.sign(loss.bestScale(dual, Y, most))
  let [low, high] = [0, most]
  let best = 0
  for (let k = 0; k < narrowings; k++) {
    const [left, right] = [low + (high - low) / 3, high - (high - low) / 3]
    const [atLeft, atRight] = [value(sign * left), value(sign * right)]
    best = Math.max(best, numberOr0(atLeft), numberOr0(atRight))
    if (atLeft < atRight) low = left
    else high = right
  }
  return Math.max(best, numberOr0(value(sign * most)))
}

/** An upper bound on ‖Zᵀ1‖², rounding included. */
function squaredColumnSums({ rows, cols, data }: Matrix): number {
  let total = 0
  for (let k = 0; k < cols; k++) {
    const column = Float64Array.from({ length: rows }, (_, i) => data[i * cols + k])
    const size = column.reduce((sum, value) => sum + Math.abs(value), 0)
    // Compensated: its error is ε of the sum and n²ε² of the magnitudes, here with room for their own rounding.
    const rounding = 4 * (rows + 4) ** 2 * Number.EPSILON ** 2 * size
    const sum = Math.abs(compensatedSum(column)) * (1 + 4 * Number.EPSILON) + rounding
    total += sum * sum
  }
  return total * (1 + (2 * cols + 8) * Number.EPSILON)
}

function numberOr0(value: number): number {
  return value > 0 ? value : 0
}
