import { defaultBackend } from '../linalg/backend/registry.ts'
import { addScaledInto, type Matrix, matrix } from '../linalg/matrix.ts'
import { balance, network, type Network, type Neuron, predict } from '../network.ts'
import { whitenedOracle } from '../oracle/whitened.ts'
import type { Problem } from '../problem.ts'
import type { Solver, SolverClaim, SolverContext } from '../solver.ts'
import { requireSquaredDense } from './parts.ts'
import { type Exactness, factorTargets, type Term } from './soft-thresholded-svd/left-factors.ts'

export type { Exactness } from './soft-thresholded-svd/left-factors.ts'

export interface SoftThresholdedSvd {
  /** Σ_i [βσ_i − ½β² if σ_i > β, else ½σ_i²]: the optimum if `exactness` does not say otherwise, a lower bound in any case. */
  readonly value: number
  readonly exactness: Exactness
  readonly network: Network
}

/**
 * Theorem 2, (16), of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021): for whitened rows, XXᵀ = I, and XᵀY = Σ σ_i a_i b_iᵀ with
 * Xa_i ≥ 0 wherever σ_i > β, the optimal network is Σ (σ_i − β)₊ (X a_i)₊ b_iᵀ, the soft-thresholded decomposition.
 *
 * Since Xa_i is the left singular vector of Y, only Y (n × c) is decomposed. Equal singular values, as balanced classes have them, leave
 * the basis open: a nonnegative one is found where there is one. With one output the theorem is not needed: y₊ and y₋ are fitted
 * apart, which is always exact. Where the condition fails the value is still a lower bound, and the network that is returned fits the
 * parts of either sign of each vector apart.
 *
 * `exactness` says why the condition holds: no σ_i > β (`zero`), one output, orthogonal columns of Y of one sign, one σ_i > β and Y ≥ 0
 * (Perron and Frobenius: β exceeds the second singular value), or a nonnegative basis.
 *
 * XXᵀ = I is not checked here: `train` with `softThresholdedSvdSolver` does, and certifies.
 *
 * @param X n × d. @param Y n × c. @param beta positive.
 */
export function softThresholdedSvd(X: Matrix, Y: Matrix, beta: number): SoftThresholdedSvd {
  const { terms, exactness } = factorTargets(Y, beta)
  const value = terms.reduce(
    (total, { sigma }) => total + (sigma > beta ? beta * sigma - (beta * beta) / 2 : (sigma * sigma) / 2),
    0,
  )
  const parts = terms.filter(({ sigma }) => sigma > beta).flatMap((term) => signedParts(term, beta))
  const L = matrix(X.rows, parts.length)
  parts.forEach(({ left }, k) => left.forEach((entry, i) => (L.data[i * parts.length + k] = entry)))
  const U = parts.length > 0 ? defaultBackend().gemmTransposed(X, L) : matrix(X.cols, 0)
  const neurons = parts.map(({ right }, k): Neuron => {
    return { u: Float64Array.from({ length: X.cols }, (_, q) => U.data[q * parts.length + k]), v: right }
  })
  return { value, exactness, network: balance(network(X.cols, Y.cols, neurons)) }
}

/** (σ − β)₊ l bᵀ as one neuron where l ≥ 0 to rounding, as one for each sign otherwise. */
function signedParts({ sigma, left, right }: Term, beta: number): { left: Float64Array; right: Float64Array }[] {
  const negative = left.reduce((total, value) => total + Math.min(0, value) ** 2, 0)
  const sides = negative > signRounding ? [1, -1] : [1]
  return sides.map((side) => ({
    left: left.map((value) => (sides.length === 1 ? value : Math.max(0, side * value))),
    right: right.map((value) => side * (sigma - beta) * value),
  }))
}

/** The square of the part of a unit vector that counts as rounding. */
const signRounding = 1e-18

/**
 * The closed form of `softThresholdedSvd` as a solver: one claim, `optimal` where the theorem applies, and a lower bound with a
 * network above it where it does not. Its bound is ω(Z) ≤ ‖X‖₂‖Z‖₂ with ‖X‖₂ proven from ‖XXᵀ − I‖, so that it holds for the data as they
 * are, rounding included.
 *
 * Its claims throw UnsupportedProblemError for data with ‖XXᵀ − I‖_F above 10⁻⁶, other losses and architectures.
 */
export function softThresholdedSvdSolver(): Solver {
  return { name: 'soft-thresholded-svd', oracleName: () => 'whitened', claims }
}

async function* claims(problem: Problem, { timed }: SolverContext): AsyncGenerator<SolverClaim> {
  requireSquaredDense('soft-thresholded-svd', problem)
  const { X, Y, beta } = problem
  const oracle = whitenedOracle(problem)
  const { network: net, exactness } = await timed('master', async () => softThresholdedSvd(X, Y, beta))
  const dual = matrix(Y.rows, Y.cols, Y.data.slice())
  addScaledInto(-1, predict(net, X).data, dual.data)
  const { bound } = await timed('pricing', () => oracle.price(dual))
  yield { network: net, dual, bound, phase: exactness === 'lower-bound-only' ? 'lower bound only' : exactness }
}
