import type { Pacer } from '../pacer.ts'
import type { CellModel } from './cell-model.ts'

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
 */
export async function shiftedSolve(
  H: Float64Array,
  model: CellModel,
  damping: number,
  pacer: Pacer,
): Promise<ShiftedStep | undefined> {
  const { size, gradient } = model
  const M = meanDiagonals(H, model)
  const L = new Float64Array(size * size)
  for (let shift = damping; shift < 1e12; shift = Math.max(16 * shift, 1e-9)) {
    L.set(H)
    for (let k = 0; k < size; k++) L[k * size + k] += shift * M[k]
    const definite = await factorInPlace(L, size, pacer)
    if (definite === undefined) return undefined
    if (!definite) continue
    const direction = solveFactored(L, size, gradient)
    const decrease = promised(direction, gradient, shift, M)
    return decrease > 0 ? { direction, shift, decrease } : undefined
  }
  return undefined
}

/**
 * The factors of a column with both free go with the root of Y, a factor that is free alone with Y itself: one mean over
 * all would let the unit in which Y is measured decide which of them is damped.
 */
function meanDiagonals(H: Float64Array, { size, cells }: CellModel): Float64Array {
  const out = new Float64Array(size)
  for (const paired of [true, false]) {
    const unknowns = cells
      .filter(({ thetaAt, vAt }) => (thetaAt >= 0 && vAt >= 0) === paired)
      .flatMap(({ thetaAt, theta, vAt, v }) => [...range(thetaAt, theta.length), ...range(vAt, v.length)])
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

/** For (H + sM)p = −g: −gᵀp − ½pᵀHp = −½gᵀp + ½s pᵀMp. */
function promised(p: Float64Array, g: Float64Array, s: number, M: Float64Array): number {
  let [along, square] = [0, 0]
  for (let k = 0; k < p.length; k++) {
    along += g[k] * p[k]
    square += M[k] * p[k] * p[k]
  }
  return -0.5 * along + 0.5 * s * square
}

/** Cholesky on the lower triangle, row by row, giving way to the event loop between rows; undefined when out of time. */
async function factorInPlace(L: Float64Array, size: number, pacer: Pacer): Promise<boolean | undefined> {
  for (let i = 0; i < size; i++) {
    const rowI = i * size
    for (let j = 0; j < i; j++) {
      const rowJ = j * size
      L[rowI + j] = (L[rowI + j] - product(L, rowI, rowJ, j)) / L[rowJ + j]
    }
    let pivot = L[rowI + i]
    const floor = 1e-14 * Math.abs(pivot)
    pivot -= product(L, rowI, rowI, i)
    if (!(pivot > floor)) return false
    L[rowI + i] = Math.sqrt(pivot)
    if ((i & 15) === 15) {
      const turn = pacer.breathe()
      if (turn) {
        await turn
        if (pacer.expired()) return undefined
      }
    }
  }
  return true
}

/** Σ_{k < count} L[p + k] L[q + k] in four chains, so that one addition need not wait for the last. */
function product(L: Float64Array, p: number, q: number, count: number): number {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let k = 0
  for (; k + 3 < count; k += 4) {
    a += L[p + k] * L[q + k]
    b += L[p + k + 1] * L[q + k + 1]
    c += L[p + k + 2] * L[q + k + 2]
    d += L[p + k + 3] * L[q + k + 3]
  }
  for (; k < count; k++) a += L[p + k] * L[q + k]
  return a + b + (c + d)
}

/** −(LLᵀ)⁻¹ g. */
function solveFactored(L: Float64Array, size: number, g: Float64Array): Float64Array {
  const p = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    let total = -g[i]
    for (let k = 0; k < i; k++) total -= L[i * size + k] * p[k]
    p[i] = total / L[i * size + i]
  }
  for (let i = size - 1; i >= 0; i--) {
    p[i] /= L[i * size + i]
    for (let k = 0; k < i; k++) p[k] -= L[i * size + k] * p[i]
  }
  return p
}
