import { defaultBackend } from '../linalg/backend/registry.ts'
import { type Matrix, matrix } from '../linalg/matrix.ts'
import type { Pacer } from '../pacer.ts'

/** Multiply–adds between two chances for others: some milliseconds with compiled kernels. */
const slice = 1e7

/** AᵀA through the backend, some rows of A at a time, so that a large one does not hold up the event loop. */
export async function gramInTurns(a: Matrix, pacer: Pacer): Promise<Matrix> {
  const backend = defaultBackend()
  const out = matrix(a.cols, a.cols)
  const height = Math.max(32, Math.ceil(slice / Math.max(1, a.cols * a.cols)))
  for (let from = 0; from < a.rows; from += height) {
    const rows = Math.min(height, a.rows - from)
    backend.rankUpdate(out, matrix(rows, a.cols, a.data.subarray(from * a.cols, (from + rows) * a.cols)), 1)
    const turn = pacer.breathe()
    if (turn) await turn
  }
  return out
}
