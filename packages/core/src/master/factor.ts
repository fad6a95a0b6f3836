import { defaultBackend } from '../linalg/backend/registry.ts'
import { matrix } from '../linalg/matrix.ts'
import type { Pacer } from '../pacer.ts'

/** Columns that are factored at once, after one product with all those to their left. */
const width = 32

/** A pivot that loses all but this share of its diagonal entry is rounding. */
const rounding = 1e-14

/**
 * Cholesky on the lower triangle of a row-major order × order matrix, by blocks of columns: products through the backend,
 * and a turn for the event loop between blocks. False when not positive definite, undefined when out of time.
 */
export async function factorInPlace(L: Float64Array, order: number, pacer: Pacer): Promise<boolean | undefined> {
  for (let from = 0; from < order; from += width) {
    const to = Math.min(order, from + width)
    const floors = Float64Array.from({ length: to - from }, (_, k) => rounding * Math.abs(L[(from + k) * (order + 1)]))
    if (from > 0) subtractProduct(L, order, from, to)
    if (!factorPanel(L, order, from, to, floors)) return false
    const turn = pacer.breathe()
    if (turn) {
      await turn
      if (pacer.expired()) return undefined
    }
  }
  return true
}

/** Rows `from` and below, columns from…to − 1: minus what the columns to the left contribute. */
function subtractProduct(L: Float64Array, order: number, from: number, to: number): void {
  const [rows, cols] = [order - from, to - from]
  const left = matrix(rows, from)
  const across = matrix(from, cols)
  for (let i = 0; i < rows; i++) {
    const at = (from + i) * order
    left.data.set(L.subarray(at, at + from), i * from)
    if (i < cols) for (let k = 0; k < from; k++) across.data[k * cols + i] = L[at + k]
  }
  const product = defaultBackend().gemm(left, across)
  for (let i = 0; i < rows; i++) {
    for (let k = 0, at = (from + i) * order + from; k < cols; k++) L[at + k] -= product.data[i * cols + k]
  }
}

function factorPanel(L: Float64Array, order: number, from: number, to: number, floors: Float64Array): boolean {
  for (let i = from; i < order; i++) {
    const rowI = i * order
    for (let j = from; j < Math.min(i, to); j++) {
      const rowJ = j * order
      let total = L[rowI + j]
      for (let k = from; k < j; k++) total -= L[rowI + k] * L[rowJ + k]
      L[rowI + j] = total / L[rowJ + j]
    }
    if (i >= to) continue
    let pivot = L[rowI + i]
    for (let k = from; k < i; k++) pivot -= L[rowI + k] * L[rowI + k]
    if (!(pivot > floors[i - from])) return false
    L[rowI + i] = Math.sqrt(pivot)
  }
  return true
}

/** x ← L⁻¹x for an x that is zero before `from`. */
export function solveLowerInto(L: Float64Array, x: Float64Array, from = 0): void {
  const order = x.length
  for (let i = from; i < order; i++) {
    let total = x[i]
    for (let k = from, at = i * order + from; k < i; k++, at++) total -= L[at] * x[k]
    x[i] = total / L[i * order + i]
  }
}

/** x ← L⁻ᵀx. */
export function solveTransposedInto(L: Float64Array, x: Float64Array): void {
  const order = x.length
  for (let i = order - 1; i >= 0; i--) {
    x[i] /= L[i * order + i]
    for (let k = 0, at = i * order; k < i; k++, at++) x[k] -= L[at] * x[i]
  }
}
