import type { Pacer } from '../pacer.ts'
import type { CellModel } from './cell-model.ts'
import { stepEndingAtZero } from './ending-at-zero.ts'
import { factorInPlace, solveLowerInto, solveTransposedInto } from './factor.ts'

export interface ShiftedStep {
  readonly direction: Float64Array
  /** The multiple of the mean diagonals that was added. */
  readonly shift: number
  /** What the quadratic model promises: −gᵀp − ½pᵀHp > 0. */
  readonly decrease: number
}

/**
 * Solves (H + shift·M) p = −g, M the mean diagonal of each kind of unknown, raising the shift until the matrix is positive
 * definite. H is given by its lower triangle and kept. Undefined when the pacer runs out or nothing finite comes out.
 *
 * Where all columns are rays the problem is a group lasso, and those that would pass through zero end there while the others
 * make the best of it. Columns that slide are better off dropped in crowds: they are many more than will be needed.
 */
export async function shiftedSolve(
  H: Float64Array,
  model: CellModel,
  damping: number,
  pacer: Pacer,
): Promise<ShiftedStep | undefined> {
  const { size, gradient } = model
  const M = meanDiagonals(H, model)
  const raysOnly = model.cells.length > 0 && model.cells.every(({ thetaAt }) => thetaAt < 0)
  const L = new Float64Array(size * size)
  for (let shift = damping; shift < 1e12; shift = Math.max(16 * shift, 1e-9)) {
    L.set(H)
    for (let k = 0; k < size; k++) L[k * size + k] += shift * M[k]
    const definite = await factorInPlace(L, size, pacer)
    if (definite === undefined) return undefined
    if (!definite) continue
    const { direction, held } = raysOnly
      ? await stepEndingAtZero(L, model, pacer)
      : { direction: step(L, gradient), held: 0 }
    const decrease = promised(H, gradient, direction)
    if (decrease > 0) return { direction, shift, decrease }
    if (held === 0) return undefined
  }
  return undefined
}

/** −(LLᵀ)⁻¹ g. */
function step(L: Float64Array, g: Float64Array): Float64Array {
  const p = g.map((value) => -value)
  solveLowerInto(L, p)
  solveTransposedInto(L, p)
  return p
}

/**
 * The factors of a column with both free go with the root of Y, a factor that is free alone with Y itself: one mean over
 * all would let the unit in which Y is measured decide which of them is damped. Unpenalised coefficients are a third kind.
 */
function meanDiagonals(H: Float64Array, { size, freeAt, cells }: CellModel): Float64Array {
  const out = new Float64Array(size)
  const kinds = [true, false].map((paired) =>
    cells
      .filter(({ thetaAt, vAt }) => (thetaAt >= 0 && vAt >= 0) === paired)
      .flatMap(({ thetaAt, theta, vAt, v }) => [...range(thetaAt, theta.length), ...range(vAt, v.length)]),
  )
  for (const unknowns of [...kinds, range(freeAt, size - freeAt)]) {
    let mean = 0
    for (const k of unknowns) mean += Math.abs(H[k * size + k]) / unknowns.length
    for (const k of unknowns) out[k] = mean
  }
  return out
}

/** from … from + count − 1, and nothing for what is held. */
function range(from: number, count: number): number[] {
  return from < 0 ? [] : Array.from({ length: count }, (_, k) => from + k)
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
