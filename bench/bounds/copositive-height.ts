export interface CopositiveHeight {
  /** Proven: λᵀMλ ≤ bound · λᵀGλ for every λ ≥ 0. Infinity where that was not shown up to the ceiling. */
  readonly bound: number
  /** Where it fails, or seems to, just below the bound; λ ≥ 0, entries sum to 1. */
  readonly lambda: Float64Array
}

/** Bounds closer than this share of what is left above the floor are not worth another factorisation. */
const resolution = 1 / 16

/**
 * The least β, to a few digits, for which βG − M is seen to be copositive, M and G symmetric (r × r).
 *
 * @param floor nothing below it is resolved.
 * @param ceiling nothing above it is of interest.
 */
export function copositiveHeight(
  M: Float64Array,
  G: Float64Array,
  r: number,
  floor: number,
  ceiling: number,
): CopositiveHeight {
  const lambda = new Float64Array(r)
  if (isCopositive(M, G, r, floor, lambda)) return { bound: floor, lambda }
  if (!isCopositive(M, G, r, ceiling, lambda)) return { bound: Number.POSITIVE_INFINITY, lambda }
  let [low, high] = [floor, ceiling]
  while (high - low > resolution * (high - floor) && high - low > 1e-12 * high) {
    const middle = 0.5 * (low + high)
    if (isCopositive(M, G, r, middle, lambda)) high = middle
    else low = middle
  }
  return { bound: high, lambda }
}

/**
 * Whether C = βG − M is the sum of a positive semidefinite and an entrywise nonnegative matrix, as far as one elimination
 * without a choice of pivots can tell; if not, `lambda` becomes a nonnegative direction in which the first part seemed negative.
 *
 * Before a row is eliminated its positive entries are lowered, which is adding to the nonnegative part: to what is
 * needed to cancel negative entries among the remaining rows, where a negative entry in the same row helps to do so.
 * Without positive entries (a Z-matrix) the answer is exact. What elimination itself rounds is below (r + 1) ε times
 * the entries of C, and is for the caller to have added to M.
 * For r ≤ 4 such a sum is all there is to copositivity (Diananda, "On non-negative forms in real variables some or all of which are
 * non-negative", Proceedings of the Cambridge Philosophical Society 58, 1962).
 */
function isCopositive(M: Float64Array, G: Float64Array, r: number, beta: number, lambda: Float64Array): boolean {
  const C = new Float64Array(r * r)
  const L = new Float64Array(r * r)
  for (let e = 0; e < r * r; e++) C[e] = beta * G[e] - M[e]
  for (let p = 0; p < r; p++) {
    const pivot = C[p * r + p]
    if (!(pivot > 0) && !isIdle(C, r, p)) {
      descentInto(L, r, p, lambda)
      return false
    }
    for (let j = p + 1; j < r; j++) L[j * r + p] = pivot > 0 ? lowered(C, r, p, j) / pivot : 0
    for (let j = p + 1; j < r; j++) {
      for (let k = p + 1; k <= j; k++) C[j * r + k] = C[k * r + j] = C[j * r + k] - L[j * r + p] * L[k * r + p] * pivot
    }
  }
  return true
}

/** A zero pivot does no harm where nothing in its row is negative. */
function isIdle(C: Float64Array, r: number, p: number): boolean {
  for (let j = p; j < r; j++) if (!(C[j * r + p] >= 0)) return false
  return true
}

/** C_jp, if positive no more of it than makes up for what is negative in row j. */
function lowered(C: Float64Array, r: number, p: number, j: number): number {
  const entry = C[j * r + p]
  if (!(entry > 0)) return entry
  let needed = 0
  for (let k = p + 1; k < r; k++) {
    const [other, meeting] = [C[k * r + p], C[j * r + k]]
    if (k !== j && other < 0 && meeting < 0) needed = Math.max(needed, (C[p * r + p] * meeting) / other)
  }
  return Math.min(entry, needed)
}

/** The solution of Lᵀλ = e_p, its negative entries set to zero. */
function descentInto(L: Float64Array, r: number, p: number, lambda: Float64Array): void {
  lambda.fill(0)
  lambda[p] = 1
  let total = 1
  for (let i = p - 1; i >= 0; i--) {
    let value = 0
    for (let j = i + 1; j <= p; j++) value -= L[j * r + i] * lambda[j]
    lambda[i] = value
  }
  for (let i = 0; i < p; i++) {
    lambda[i] = Math.max(0, lambda[i])
    total += lambda[i]
  }
  for (let i = 0; i <= p; i++) lambda[i] /= total
}
