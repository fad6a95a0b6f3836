import { defaultBackend } from '../linalg/backend/registry.ts'
import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import type { Pacer } from '../pacer.ts'
import { type CellModel, curvatureInto } from './cell-model.ts'
import { fitted } from './residual.ts'
import type { MasterState } from './state.ts'

/** Samples whose derivatives are held at once. */
const batch = 64

/**
 * The Hessian of the smooth function for a general loss: Σ_i (S_iᵀJ_i)ᵀ(S_iᵀJ_i) with ∇²ℓ_i = S_i S_iᵀ and J_i the
 * derivative of sample i's outputs, plus what products and penalty add; symmetric, size × size row-major.
 */
export async function assembleWeighted(
  model: CellModel,
  { columns, coefficients }: MasterState,
  pacer: Pacer,
): Promise<Float64Array> {
  const { problem, size } = model
  const roots = problem.loss!.hessianRoot(fitted(problem, columns, coefficients), problem.Y)
  const H = matrix(size, size)
  const atoms = atomValues(model)
  for (let from = 0; from < roots.rows; from += batch) {
    const to = Math.min(roots.rows, from + batch)
    const rows = weightedRows(model, atoms, roots, from, to)
    if (rows.rows > 0) defaultBackend().rankUpdate(H, rows, 1)
    const turn = pacer.breathe()
    if (turn) await turn
  }
  curvatureInto(model, H.data)
  return H.data
}

/** G_jθ_j side by side: what every column gives to every sample. */
function atomValues({ joint, cells }: CellModel): Matrix {
  const out = matrix(joint.rows, cells.length)
  for (let i = 0; i < joint.rows; i++) {
    const values = row(joint, i)
    cells.forEach(({ theta, jointAt }, j) => {
      let total = 0
      for (let a = 0; a < theta.length; a++) total += values[jointAt + a] * theta[a]
      out.data[i * cells.length + j] = total
    })
  }
  return out
}

/** The rows of S_iᵀJ_i that are not zero, for the samples from … to − 1. */
function weightedRows(model: CellModel, atoms: Matrix, roots: Matrix, from: number, to: number): Matrix {
  const { cells, joint, size, freeAt } = model
  const { free, Y } = model.problem
  const c = Y.cols
  const out = new Float64Array((to - from) * c * size)
  let rows = 0
  for (let i = from; i < to; i++) {
    const values = row(joint, i)
    for (let s = 0; s < c; s++) {
      // Column s of S_i: what a change of each output counts in this row.
      const share = Float64Array.from({ length: c }, (_, k) => roots.data[i * c * c + k * c + s])
      if (share.every((entry) => entry === 0)) continue
      const target = out.subarray(rows * size, (rows + 1) * size)
      rows++
      cells.forEach(({ theta, v, thetaAt, vAt, jointAt }, j) => {
        const atom = atoms.data[i * cells.length + j]
        let pull = 0
        for (let k = 0; k < c; k++) pull += share[k] * v[k]
        if (thetaAt >= 0) for (let a = 0; a < theta.length; a++) target[thetaAt + a] = pull * values[jointAt + a]
        if (vAt >= 0 && atom !== 0) for (let k = 0; k < c; k++) target[vAt + k] = share[k] * atom
      })
      if (!free) continue
      for (let q = 0; q < free.cols; q++) {
        for (let k = 0; k < c; k++) target[freeAt + q * c + k] = share[k] * free.data[i * free.cols + q]
      }
    }
  }
  return matrix(rows, size, out.subarray(0, rows * size))
}
