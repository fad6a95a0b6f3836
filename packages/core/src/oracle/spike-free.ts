import { proveBound } from '../bound.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { type Matrix, multiplyTransposed, row } from '../linalg/matrix.ts'
import { norm2, spectralUpper } from '../linalg/norms.ts'
import type { PricingOracle } from '../oracle.ts'
import type { Problem } from '../problem.ts'
import { type SpikeFreeTest, testSpikeFree } from '../spike-free.ts'
import { conePca } from './cone-pca.ts'
import { polarValue } from './evaluate.ts'
import { farthestInCone } from './scalar-cell.ts'

/** With several outputs up to 2^k faces are looked at. */
const maxDirections = 14

/**
 * Exact pricing for spike-free data, where every (Xu)₊ is some Xu′ ≥ 0 with ‖u′‖ ≤ ‖u‖: one cell is enough,
 *
 *     ω(Z) = max { ‖ZᵀXu‖ : Xu ≥ 0, ‖u‖ ≤ 1 },
 *
 * a cone-constrained principal component, and for one output a projection, whatever the rank.
 *
 * @throws UnsupportedProblemError when the data are not spike-free, or several outputs meet more than 14 directions.
 */
export function spikeFreeOracle(problem: Problem): PricingOracle {
  const { Xr } = problem.reduction
  const test = testSpikeFree(Xr)
  if (test.verdict !== 'spike-free') {
    throw new UnsupportedProblemError(
      `spikeFreeOracle: needs spike-free data, got ${test.verdict === 'undecided' ? 'data within rounding of the border' : 'data that are not'}; ` +
        'use the oracle for the rank',
    )
  }
  if (problem.Y.cols > 1 && test.directions.rows > maxDirections) {
    throw new UnsupportedProblemError(
      `spikeFreeOracle: several outputs need at most ${maxDirections} directions of rows, got ${test.directions.rows}`,
    )
  }
  return {
    name: 'spike-free',
    family: 'enumeration',
    async price(dual, { maxCandidates = 64 } = {}) {
      const { bound, peaks } = searchCone(multiplyTransposed(dual, Xr), test.directions)
      const candidates = peaks
        .map((weights) => ({ weights, value: polarValue(Xr, dual, weights) }))
        .filter(({ value }) => value > 0)
        .sort((a, b) => b.value - a.value)
        .slice(0, maxCandidates)
      const total = (bound + rounding(Xr, dual)) * test.stretch + deviation(test, dual)
      return { candidates, bound: proveBound(problem, dual, total, 'enumeration') }
    },
  }
}

function searchCone(A: Matrix, directions: Matrix): { bound: number; peaks: readonly Float64Array[] } {
  if (A.rows > 1) return conePca(A, directions, 0)
  const normals = Array.from({ length: directions.rows }, (_, k) => row(directions, k))
  const both = [1, -1].map((side) =>
    farthestInCone(
      normals,
      A.data.map((value) => side * value),
    ),
  )
  return { bound: Math.max(...both.map(({ bound }) => bound)), peaks: both.flatMap(({ peak }) => (peak ? [peak] : [])) }
}

/** A is a sum of n products, multiplied, squared and decomposed: each time an error below ε Σ ‖z_i‖‖x_i‖. */
function rounding(X: Matrix, Z: Matrix): number {
  let mass = 0
  for (let i = 0; i < X.rows; i++) mass += norm2(row(X, i)) * norm2(row(Z, i))
  return 2 * (X.rows + 4 * X.cols + 2 * Z.cols + 16) * Number.EPSILON * mass
}

function deviation(test: SpikeFreeTest, dual: Matrix): number {
  return test.deviation > 0 ? spectralUpper(dual) * test.deviation : 0
}
