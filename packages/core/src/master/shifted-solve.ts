import { norm2 } from '../linalg/norms.ts'
import type { Pacer } from '../pacer.ts'
import type { CellModel } from './cell-model.ts'
import { stepEndingAtZero } from './ending-at-zero.ts'
import { factorInPlace } from './factor.ts'

export interface ShiftedStep {
  readonly direction: Float64Array
  /** The multiple of M that was added. */
  readonly shift: number
  /** What the quadratic model promises: −gᵀp − ½pᵀHp > 0. */
  readonly decrease: number
}

/** The least shift that is tried but 0: with M as it is, 1 adds as much curvature as the penalty can have. */
export const leastShift = 1e-3

/**
 * Solves (H + shift·M) p = −g, raising the shift until the matrix is positive definite; columns that would pass through
 * zero end there, and the others make the best of it. H is given by its lower triangle and kept. Undefined when the pacer
 * runs out or nothing finite comes out.
 *
 * M is diagonal, β over the length of the free factor (1 for two that are balanced), so that pᵀMp compares every column's
 * step with the column itself: what spoils the quadratic model are the short columns, which the penalty bends most.
 */
export async function shiftedSolve(
  H: Float64Array,
  model: CellModel,
  damping: number,
  pacer: Pacer,
): Promise<ShiftedStep | undefined> {
  const { size, gradient } = model
  const M = metric(model)
  const L = new Float64Array(size * size)
  for (let shift = damping; shift < 1e12; shift = Math.max(8 * shift, leastShift)) {
    L.set(H)
    for (let k = 0; k < size; k++) L[k * size + k] += shift * M[k]
    const definite = await factorInPlace(L, size, pacer)
    if (definite === undefined) return undefined
    if (!definite) continue
    const { direction, held } = await stepEndingAtZero(L, model, pacer)
    const decrease = promised(H, gradient, direction)
    if (decrease > 0) return { direction, shift, decrease }
    if (held === 0) return undefined
  }
  return undefined
}

function metric({ problem: { beta }, size, cells }: CellModel): Float64Array {
  const out = new Float64Array(size)
  for (const { thetaAt, theta, vAt, v } of cells) {
    const balanced = thetaAt >= 0 && vAt >= 0
    if (thetaAt >= 0) out.fill(balanced ? beta : beta / norm2(theta), thetaAt, thetaAt + theta.length)
    if (vAt >= 0) out.fill(balanced ? beta : beta / norm2(v), vAt, vAt + v.length)
  }
  return out
}

/** −gᵀp − ½pᵀHp. */
function promised(H: Float64Array, g: Float64Array, p: Float64Array): number {
  let total = 0
  for (let i = 0, at = 0; i < p.length; i++, at += p.length) {
    let pull = g[i] + 0.5 * H[at + i] * p[i]
    for (let k = 0; k < i; k++) pull += H[at + k] * p[k]
    total -= p[i] * pull
  }
  return total
}
