import { defaultBackend, strictBackend } from './linalg/backend/registry.ts'
import { type Matrix, matrix, multiplyTransposedVector, multiplyVector, subtract, transpose } from './linalg/matrix.ts'
import { frobeniusUpper, spectralUpper } from './linalg/norms.ts'

/**
 * X ≈ X_r Vᵀ: the data in coordinates of their own row space, so that pricing searches R^r instead of R^d.
 *
 * What the floats do not reproduce exactly is bounded, not ignored: ω_X(Z) ≤ ‖V‖₂ ω_{X_r}(Z) + ‖Z‖₂ ‖X − X_rVᵀ‖₂,
 * since the ReLU is 1-Lipschitz.
 */
export interface Reduction {
  readonly rank: number
  /** n × r; the given X itself when its rank is d. */
  readonly Xr: Matrix
  /** d × r with orthonormal columns; null (the identity) when the rank is d. */
  readonly V: Matrix | null
  /** Proven upper bound on ‖X − X_rVᵀ‖₂; exactly 0 when V is null. */
  readonly discarded: number
  /** Proven upper bound on ‖V‖₂; exactly 1 when V is null. */
  readonly stretch: number
}

/**
 * Reduces X to its numerical rank: singular values at or below `tolerance` · σ₁ are dropped, and accounted for.
 * The default max(n, d) · ε is the size of the rounding errors that X itself carries.
 */
export function reduce(X: Matrix, options: { tolerance?: number } = {}): Reduction {
  if (X.data.every((value) => value === 0)) return zeroReduction(X)
  const { tolerance = Math.max(X.rows, X.cols) * Number.EPSILON } = options
  // Any backend will do: whatever V comes out, what X loses by it is measured afterwards.
  const { S, V } = defaultBackend().svd(X)
  const rank = S.filter((value) => value > tolerance * S[0]).length
  return rank === X.cols ? unreduced(X) : onto(X, leadingColumns(V, rank))
}

/**
 * The data in their first principal coordinates, one reduction for every rank from 1 to `most`: what is left out, about
 * σ_{k+1}, is no longer rounding, and is accounted for all the same.
 */
export function* truncations(X: Matrix, most: number): Generator<Reduction> {
  const { V } = defaultBackend().svd(X)
  for (let rank = 1; rank <= Math.min(most, V.cols); rank++) yield onto(X, leadingColumns(V, rank))
}

function onto(X: Matrix, V: Matrix): Reduction {
  const Xr = defaultBackend().gemm(X, V)
  return { rank: V.cols, Xr, V, discarded: discardedUpper(X, Xr, V), stretch: stretchUpper(V) }
}

/** u = V u_r ∈ R^d. */
export function lift({ V }: Reduction, ur: Float64Array): Float64Array {
  return V === null ? Float64Array.from(ur) : multiplyVector(V, ur)
}

/** u_r = Vᵀ u ∈ R^r. */
export function project({ V }: Reduction, u: Float64Array): Float64Array {
  return V === null ? Float64Array.from(u) : multiplyTransposedVector(V, u)
}

function unreduced(X: Matrix): Reduction {
  return { rank: X.cols, Xr: X, V: null, discarded: 0, stretch: 1 }
}

/** X = 0 has rank 0, and nothing is lost by saying so. */
function zeroReduction(X: Matrix): Reduction {
  return { rank: 0, Xr: matrix(X.rows, 0), V: matrix(X.cols, 0), discarded: 0, stretch: 1 }
}

function leadingColumns(a: Matrix, count: number): Matrix {
  const out = matrix(a.rows, count)
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < count; k++) out.data[i * count + k] = a.data[i * a.cols + k]
  }
  return out
}

/** The computed difference, plus its rounding error γ_{r+2}(|X| + |X_r||V|ᵀ), in whatever order, in the Frobenius norm. */
function discardedUpper(X: Matrix, Xr: Matrix, V: Matrix): number {
  const difference = subtract(X, strictBackend().gemm(Xr, transpose(V)))
  const rounding = (V.cols + 2) * Number.EPSILON * (frobeniusUpper(X) + frobeniusUpper(Xr) * frobeniusUpper(V))
  return (spectralUpper(difference) + rounding) * (1 + 4 * Number.EPSILON)
}

/** ‖V‖₂² ≤ 1 + ‖VᵀV − I‖_F, and √(1 + t) ≤ 1 + t/2. */
function stretchUpper(V: Matrix): number {
  const gram = strictBackend().gram(V)
  for (let k = 0; k < V.cols; k++) gram.data[k * V.cols + k] -= 1
  const rounding = (V.rows + 2) * Number.EPSILON * frobeniusUpper(V) ** 2
  return 1 + (frobeniusUpper(gram) + rounding) / 2 + 2 * Number.EPSILON
}
