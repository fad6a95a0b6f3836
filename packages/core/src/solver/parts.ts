import type { ProvenBound } from '../bound.ts'
import { UnsupportedProblemError } from '../errors.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { type Network, network, type Neuron } from '../network.ts'
import type { OracleFactory, PricingOracle } from '../oracle.ts'
import { exactOracle } from '../oracle/exact.ts'
import { parallelOracle } from '../oracle/parallel.ts'
import type { Problem } from '../problem.ts'
import { lift } from '../reduction.ts'
import type { SolverClaim, SolverContext } from '../solver.ts'

/** The dual of the squared loss and the plain ReLU are built into the solvers of the literature. */
export function requireSquaredDense(solver: string, { loss, architecture }: Problem): void {
  const [lossName, architectureName]: string[] = [loss.name, architecture.name]
  if (lossName === 'squared' && architectureName === 'dense') return
  throw new UnsupportedProblemError(
    `${solver}: needs the squared loss and the dense architecture, got ${lossName} and ${architectureName}; ` +
      'column-generation says which others it takes',
  )
}

/** The oracle asked for, or else the exact one for the rank, on all threads there are. */
export function pricingFor(
  problem: Problem,
  { threads }: SolverContext,
  exact: OracleFactory | undefined,
): PricingOracle {
  return (exact ?? (threads ? parallelOracle(threads) : exactOracle))(problem)
}

/** The network of neurons that are given in reduced coordinates. */
export function lifted({ reduction, X, Y }: Problem, neurons: readonly Neuron[]): Network {
  return network(
    X.cols,
    Y.cols,
    neurons.map(({ u, v }) => ({ u: lift(reduction, u), v })),
  )
}

/** A claim about neurons in reduced coordinates. */
export function claimOf(
  problem: Problem,
  neurons: readonly Neuron[],
  dual: Matrix,
  bound: ProvenBound,
  phase: string,
): SolverClaim {
  return { network: lifted(problem, neurons), dual, bound, phase }
}

/** x / ‖x‖; x must not be zero. */
export function unit(x: Float64Array): Float64Array {
  const size = norm2(x)
  return x.map((value) => value / size)
}
