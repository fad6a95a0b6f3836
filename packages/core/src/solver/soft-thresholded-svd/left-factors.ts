import { defaultBackend } from '../../linalg/backend/registry.ts'
import { dot, type Matrix, matrix, row } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'

/** One term σ l bᵀ of Y, l and b of length one. */
export interface Term {
  readonly sigma: number
  /** Rⁿ: X a for the right factor a of XᵀY, when XXᵀ = I. */
  readonly left: Float64Array
  /** R^c. */
  readonly right: Float64Array
}

/** Why the left factors are not negative, which is what makes the closed form the optimum; or that they are. */
export type Exactness =
  | 'zero'
  | 'one-output'
  | 'indicator-basis'
  | 'perron-frobenius'
  | 'nonnegative-basis'
  | 'lower-bound-only'

/** Entries down to this count as not negative, and singular values this close (relatively) as equal: rounding of an SVD. */
const rounding = 1e-9

/** Y = Σ σ l bᵀ with l ≥ 0 where that is possible for the terms above β, the largest first. */
export function factorTargets(
  Y: Matrix,
  beta: number,
): { readonly terms: readonly Term[]; readonly exactness: Exactness } {
  if (Y.cols === 1) return { terms: splitBySign(Y), exactness: 'one-output' }
  const indicator = indicatorTerms(Y)
  const terms = indicator ?? svdTerms(Y)
  const large = terms.filter(({ sigma }) => sigma > beta)
  if (large.length === 0) return { terms, exactness: 'zero' }
  if (!large.every(({ left }) => left.every((value) => value >= -rounding)))
    return { terms, exactness: 'lower-bound-only' }
  if (indicator) return { terms, exactness: 'indicator-basis' }
  // A matrix without negative entries has a leading singular vector without negative entries.
  const perron = large.length === 1 && Y.data.every((value) => value >= 0)
  return { terms, exactness: perron ? 'perron-frobenius' : 'nonnegative-basis' }
}

/** y = ‖y₊‖ l₊ − ‖y₋‖ l₋: not a singular value decomposition, but what neurons can do with either sign. */
function splitBySign({ data: y }: Matrix): Term[] {
  const parts = [1, -1].map((side) => ({ side, part: y.map((value) => Math.max(0, side * value)) }))
  return parts
    .map(({ side, part }) => ({ sigma: norm2(part), left: part, right: Float64Array.of(side) }))
    .filter(({ sigma }) => sigma > 0)
    .map(({ sigma, left, right }) => ({ sigma, left: left.map((value) => value / sigma), right }))
    .sort((a, b) => b.sigma - a.sigma)
}

/**
 * Columns of Y that are orthogonal already, as those of classes are: the factors are y_k/‖y_k‖ and e_k. Balanced classes have equal singular
 * values, and a general decomposition returns any basis of them, hardly ever the nonnegative one.
 */
function indicatorTerms(Y: Matrix): Term[] | undefined {
  const gram = defaultBackend().gram(Y)
  const c = Y.cols
  const sizes = Array.from({ length: c }, (_, k) => Math.sqrt(gram.data[k * (c + 1)]))
  for (let j = 0; j < c; j++) {
    for (let k = 0; k < j; k++) {
      if (Math.abs(gram.data[j * c + k]) > Number.EPSILON * sizes[j] * sizes[k]) return undefined
    }
  }
  const terms = sizes.flatMap((sigma, k): Term[] => {
    if (!(sigma > 0)) return []
    const column = Float64Array.from({ length: Y.rows }, (_, i) => Y.data[i * c + k] / sigma)
    const side = Math.sign(column.reduce((total, value) => total + value, 0)) || 1
    const right = new Float64Array(c)
    right[k] = side
    return [{ sigma, left: column.map((value) => side * value), right }]
  })
  return terms.toSorted((a, b) => b.sigma - a.sigma)
}

function svdTerms(Y: Matrix): Term[] {
  const { U, S, V } = defaultBackend().svd(Y)
  const terms: Term[] = []
  for (let from = 0; from < S.length && S[from] > S[0] * Number.EPSILON; ) {
    let to = from + 1
    while (to < S.length && S[to] >= S[from] * (1 - rounding)) to++
    const turn = rotationToNonnegative(columns(U, from, to))
    for (let k = from; k < to; k++) {
      const mix = turn[k - from]
      terms.push({ sigma: S[k], left: combination(U, from, mix), right: combination(V, from, mix) })
    }
    from = to
  }
  return terms
}

/**
 * The orthonormal basis of a singular space that is nonnegative, if there is one, in terms of the one given. Nonnegative
 * orthogonal vectors have disjoint supports; so the rows of L then lie on as many orthogonal rays, and any row shows one.
 * Otherwise the identity, each vector turned so that its entries sum to something positive.
 */
function rotationToNonnegative(L: Matrix): Float64Array[] {
  const m = L.cols
  const axes: Float64Array[] = []
  const order = Array.from({ length: L.rows }, (_, i) => i).toSorted((a, b) => norm2(row(L, b)) - norm2(row(L, a)))
  for (const i of order) {
    const size = norm2(row(L, i))
    if (axes.length === m || !(size > rounding)) break
    const axis = row(L, i).map((value) => value / size)
    if (axes.every((other) => Math.abs(dot(other, axis)) <= rounding)) axes.push(axis)
  }
  const unit = (k: number): Float64Array => {
    let total = 0
    for (let i = 0; i < L.rows; i++) total += L.data[i * m + k]
    return Float64Array.from({ length: m }, (_, q) => (q === k ? (total < 0 ? -1 : 1) : 0))
  }
  return axes.length === m ? axes : Array.from({ length: m }, (_, k) => unit(k))
}

function columns(a: Matrix, from: number, to: number): Matrix {
  const out = matrix(a.rows, to - from)
  for (let i = 0; i < a.rows; i++) row(out, i).set(a.data.subarray(i * a.cols + from, i * a.cols + to))
  return out
}

function combination(a: Matrix, from: number, mix: Float64Array): Float64Array {
  return Float64Array.from({ length: a.rows }, (_, i) => {
    let total = 0
    for (let k = 0; k < mix.length; k++) total += a.data[i * a.cols + from + k] * mix[k]
    return total
  })
}
