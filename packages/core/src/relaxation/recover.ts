import { type Matrix, matrix, multiplyTransposedVector, scaled } from '../linalg/matrix.ts'
import { balance, network, type Network, type Neuron } from '../network.ts'
import { dense } from '../architecture/dense.ts'
import type { Problem } from '../problem.ts'
import { lift } from '../reduction.ts'
import { completelyPositive } from './completely-positive.ts'
import type { CopositiveValue } from './copositive.ts'

export interface Recovered {
  readonly network: Network
  /** Σ_i ‖U_i − Σ_j u_j u_jᵀ‖_F / Σ_i tr U_i: what of the solution no neurons account for. */
  readonly error: number
}

/** Cells that carry less than this share of Σ tr U_i are what the interior point method leaves of zero. */
const negligible = 1e-7

/**
 * The network of a solution of (17): U_i = Σ_j u_j u_jᵀ with u_j in the cell, v_j = 2 Zᵀ(Xu_j)₊ for
 * Z = (I + 2 Σ_i D_iXU_iXᵀD_i)⁻¹Y. Neurons of an optimum have ‖v_j‖ = 2β‖u_j‖, and are returned balanced.
 *
 * Where (19) is not (17), the U_i need not be sums of this kind; the nearest are taken, and the network is no more than a
 * start. Null when the conic method has had no primal point.
 */
export function recoverNetwork(problem: Problem, { relaxation, iterate, dual }: CopositiveValue): Recovered | null {
  const { reduction, X, Y, beta } = problem
  if (!iterate?.primal) return null
  const r = reduction.rank
  const blocks = iterate.primal.map((block) => scaled(leading(block, r), 1 / (2 * beta)))
  const traces = blocks.map(trace)
  const total = traces.reduce((sum, value) => sum + value, 0)
  const neurons: Neuron[] = []
  let missed = 0
  blocks.forEach((U, b) => {
    if (!(traces[b] > negligible * total)) return
    const { factors, error } = completelyPositive(U, relaxation.cells[b].facets)
    missed += error
    for (const u of factors) {
      const v = multiplyTransposedVector(dual, dense.atom(reduction.Xr, u)).map((value) => 2 * value)
      neurons.push({ u: lift(reduction, u), v })
    }
  })
  return { network: balance(network(X.cols, Y.cols, neurons)), error: total > 0 ? missed / total : 0 }
}

function leading(a: Matrix, r: number): Matrix {
  const out = matrix(r, r)
  for (let i = 0; i < r; i++) for (let k = 0; k < r; k++) out.data[i * r + k] = a.data[i * a.cols + k]
  return out
}

function trace(a: Matrix): number {
  let total = 0
  for (let k = 0; k < a.rows; k++) total += a.data[k * (a.cols + 1)]
  return total
}
