import { defaultBackend } from '../linalg/backend/registry.ts'
import { type Matrix, matrix, row, subtract } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { balance, network, type Network, type Neuron, zeroNetwork } from '../network.ts'
import { whitenedOracle } from '../oracle/whitened.ts'
import type { Problem } from '../problem.ts'
import type { Solver, SolverClaim, SolverContext } from '../solver.ts'
import { requireSquaredDense } from './parts.ts'
import { type Exactness, factorTargets, type Term } from './soft-thresholded-svd/left-factors.ts'

export type { Exactness } from './soft-thresholded-svd/left-factors.ts'

export interface SoftThresholdedSvd {
  /** Σ_i [βσ_i − ½β² if σ_i > β, else ½σ_i²]: the optimum unless `exactness` says otherwise, a lower bound in any case. */
  readonly value: number
  readonly exactness: Exactness
  readonly network: Network
  /** Σ_i min(σ_i, β) l_i b_iᵀ, n × c: dual feasible where ‖X‖₂ ≤ 1, with dual value `value`. */
  readonly dual: Matrix
}

export interface SoftThresholdedSvdOptions {
  /** XXᵀ = I is known to hold, as `rowDefect` tells: left singular vectors need not be checked to lie in the range of X. */
  readonly orthonormalRows?: boolean
}

/** A left singular vector this close to the range of X lies in it. */
const inRange = 1e-9

/**
 * Theorem 2, (16), of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021): for whitened rows, XXᵀ = I, and XᵀY = Σ σ_i a_i b_iᵀ with
 * Xa_i ≥ 0 wherever σ_i > β, the optimal network is Σ (σ_i − β)₊ (Xa_i)₊ b_iᵀ, the soft-thresholded decomposition.
 *
 * Since Xa_i = l_i is the left singular vector of Y, only Y (n × c) is decomposed. Equal singular values, as balanced
 * classes have them, leave the basis open: a nonnegative one is found where there is one. With one output the theorem is
 * not needed: y₊ and y₋ are fitted apart, which is always exact. Where the condition fails the value is still a lower
 * bound, and the network that is returned fits the parts of either sign of each vector apart.
 *
 * Some singular values of X may be zero, because rows repeat or means were removed, as long as each l_i with σ_i > β lies in
 * the range of X; otherwise, after column means were removed for instance, the value is a lower bound only.
 *
 * `exactness` says why the condition holds: no σ_i > β (`zero`), one output, orthogonal columns of Y of one sign, one
 * σ_i > β and Y ≥ 0 (Perron and Frobenius: β exceeds the second singular value), or a nonnegative basis. That the
 * singular values of X are one or zero is not checked here: `train` with `softThresholdedSvdSolver` does, and certifies.
 *
 * @param X n × d. @param Y n × c. @param beta positive.
 */
export function softThresholdedSvd(
  X: Matrix,
  Y: Matrix,
  beta: number,
  { orthonormalRows = false }: SoftThresholdedSvdOptions = {},
): SoftThresholdedSvd {
  const { terms, exactness } = factorTargets(Y, beta)
  const value = terms.reduce(
    (total, { sigma }) => total + (sigma > beta ? beta * sigma - (beta * beta) / 2 : (sigma * sigma) / 2),
    0,
  )
  const parts = terms.filter(({ sigma }) => sigma > beta).flatMap((term) => signedParts(term, beta))
  if (parts.length === 0) return { value, exactness, network: zeroNetwork(X.cols, Y.cols), dual: Y }
  const L = matrix(X.rows, parts.length)
  const R = matrix(parts.length, Y.cols)
  parts.forEach(({ left, right }, k) => {
    left.forEach((entry, i) => (L.data[i * parts.length + k] = entry))
    row(R, k).set(right)
  })
  const U = defaultBackend().gemmTransposed(X, L)
  const neurons = parts.map(({ right }, k): Neuron => {
    return { u: Float64Array.from({ length: X.cols }, (_, q) => U.data[q * parts.length + k]), v: right }
  })
  const applies = orthonormalRows || norm2(subtract(defaultBackend().gemm(X, U), L).data) <= inRange
  const net = balance(network(X.cols, Y.cols, neurons))
  const dual = subtract(Y, defaultBackend().gemm(L, R))
  return { value, exactness: applies ? exactness : 'lower-bound-only', network: net, dual }
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
 * network above it where it does not. Its bound is ω(Z) ≤ ‖X‖₂‖Z‖₂ with ‖X‖₂ proven, so that it holds for the data as they
 * are, rounding included.
 *
 * UnsupportedProblemError for data that are not whitened, and for other losses and architectures.
 */
export function softThresholdedSvdSolver(): Solver {
  return { name: 'soft-thresholded-svd', oracleName: () => 'whitened', check: requireWhitened, claims }
}

function requireWhitened(problem: Problem): void {
  requireSquaredDense('soft-thresholded-svd', problem)
  whitenedOracle(problem)
}

async function* claims(problem: Problem, context: SolverContext): AsyncGenerator<SolverClaim> {
  requireWhitened(problem)
  const { X, Y, beta } = problem
  const oracle = whitenedOracle(problem)
  const { network: net, exactness, dual } = await context.timed('master', async () => softThresholdedSvd(X, Y, beta))
  const { bound } = await context.timed('pricing', () => oracle.price(dual))
  yield { network: net, dual, bound, phase: exactness }
}
