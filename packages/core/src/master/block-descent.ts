import { defaultBackend } from '../linalg/backend/registry.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import type { Pacer } from '../pacer.ts'
import { gramInTurns } from './gram.ts'
import { atomsOf, residual } from './residual.ts'

/** A sweep that moves the fit by less than this share of Y has nothing more to sort out. */
const negligible = 1e-9

/**
 * Group lasso over fixed directions by exact block descent: w_j ← (1 − β/‖s_j‖)₊ s_j/‖a_j‖², s_j = (residual without j)ᵀa_j.
 *
 * Cheap and monotone, and it sorts out which new columns are wanted at all; it crawls on nearly collinear atoms, so it
 * only prepares the second-order master. Columns that end at zero are dropped; the others come back balanced.
 *
 * Covariance updates (Friedman, Hastie and Tibshirani 2010): AᵀA is formed once, and a step then corrects the K × c
 * correlations Aᵀ(Y − F), not the n × c residual; a column that stays where it is costs next to nothing.
 */
export async function blockDescent(
  problem: MasterProblem,
  columns: readonly Column[],
  sweeps: number,
  pacer: Pacer,
): Promise<Column[]> {
  const { X, Y, beta } = problem
  const units = columns.map(({ u }) => scaledBy(u, 1 / norm2(u)))
  const weights = columns.map(({ u, v }) => scaledBy(v, norm2(u)))
  const atoms = atomsOf(X, units)
  const gram = await gramInTurns(atoms, pacer)
  const pulls = defaultBackend().gemmTransposed(atoms, residual(problem, columns))
  const least = negligible * norm2(Y.data)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    if (!(descend(weights, gram, pulls, beta) > least) || pacer.expired()) break
    const turn = pacer.breathe()
    if (turn) await turn
  }
  return columns.flatMap(({ tight }, j) => {
    const size = norm2(weights[j])
    if (!(size > 0)) return []
    const root = Math.sqrt(size)
    return [{ u: scaledBy(units[j], root), v: scaledBy(weights[j], 1 / root), tight }]
  })
}

/** One sweep over all columns; how far the fit moved at most in one step. */
function descend(weights: readonly Float64Array[], gram: Matrix, pulls: Matrix, beta: number): number {
  const [K, c] = [gram.rows, pulls.cols]
  const next = new Float64Array(c)
  let moved = 0
  for (let j = 0; j < K; j++) {
    const square = gram.data[j * K + j]
    const w = weights[j]
    if (!(square > 0)) {
      w.fill(0)
      continue
    }
    for (let k = 0; k < c; k++) next[k] = pulls.data[j * c + k] + square * w[k]
    const shrink = Math.max(0, 1 - beta / norm2(next)) / square
    for (let k = 0; k < c; k++) {
      next[k] = shrink * next[k] - w[k]
      w[k] += next[k]
    }
    const size = norm2(next)
    if (!(size > 0)) continue
    for (let i = 0; i < K; i++) {
      const factor = gram.data[j * K + i]
      for (let k = 0; k < c; k++) pulls.data[i * c + k] -= factor * next[k]
    }
    moved = Math.max(moved, size * Math.sqrt(square))
  }
  return moved
}

function scaledBy(x: Float64Array, factor: number): Float64Array {
  return x.map((value) => factor * value)
}
