import { dot } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import type { Pacer } from '../pacer.ts'
import { addOuterInto, atomOf, residual } from './residual.ts'

/** A sweep that moves the fit by less than this share of Y has nothing more to sort out. */
const negligible = 1e-9

/**
 * Group lasso over fixed directions by exact block descent: w_j ← (1 − β/‖s_j‖)₊ s_j/‖a_j‖², s_j = (residual without j)ᵀa_j.
 *
 * Cheap and monotone, and it sorts out which new columns are wanted at all; it crawls on nearly collinear atoms, so it
 * only prepares the second-order master. Columns that end at zero are dropped; the others come back balanced.
 */
export async function blockDescent(
  problem: MasterProblem,
  columns: readonly Column[],
  sweeps: number,
  pacer: Pacer,
): Promise<Column[]> {
  const { X, Y, beta } = problem
  const units = columns.map(({ u }) => scaledBy(u, 1 / norm2(u)))
  const atoms = units.map((u) => atomOf(X, u))
  const squares = atoms.map((a) => dot(a, a))
  const weights = columns.map(({ u, v }) => scaledBy(v, norm2(u)))
  const rest = residual(problem, columns)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let moved = 0
    for (let j = 0; j < atoms.length; j++) {
      if (!(squares[j] > 0)) {
        weights[j].fill(0)
        continue
      }
      const next = correlation(rest.data, atoms[j], Y.cols)
      for (let k = 0; k < next.length; k++) next[k] += squares[j] * weights[j][k]
      const shrink = Math.max(0, 1 - beta / norm2(next)) / squares[j]
      const change = new Float64Array(next.length)
      for (let k = 0; k < next.length; k++) {
        change[k] = shrink * next[k] - weights[j][k]
        weights[j][k] += change[k]
      }
      const size = norm2(change)
      if (size > 0) addOuterInto(-1, atoms[j], change, rest)
      moved = Math.max(moved, size * Math.sqrt(squares[j]))
    }
    if (!(moved > negligible * norm2(Y.data)) || pacer.expired()) break
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

/** restᵀ a, a vector of R^c. */
function correlation(rest: Float64Array, a: Float64Array, c: number): Float64Array {
  const out = new Float64Array(c)
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== 0) for (let k = 0; k < c; k++) out[k] += a[i] * rest[i * c + k]
  }
  return out
}

function scaledBy(x: Float64Array, factor: number): Float64Array {
  return x.map((value) => factor * value)
}
