import { InvalidProblemError } from '../errors.ts'
import { defaultBackend } from '../linalg/backend/registry.ts'
import { type Matrix, matrix, multiplyTransposedVector, multiplyVector, transpose } from '../linalg/matrix.ts'
import { compensatedSum } from '../linalg/sum.ts'

/** What is subtracted before whitening: nothing, from each row its own mean, or from each column its training mean. */
export type WhiteningKind = 'whiten' | 'whiten-rows' | 'whiten-columns'

/** x ↦ (x − mean) P with P = left · rightᵀ (d × d), or left alone where right is null. */
export interface Whitening {
  readonly kind: WhiteningKind
  /** The column means, for `whiten-columns`; empty otherwise. */
  readonly shift: readonly number[]
  readonly left: Matrix
  readonly right: Matrix | null
}

/** Up to this many rows or columns an SVD is affordable, and keeps small singular values that a Gram matrix loses. */
const svdLimit = 512

/** Singular values below this share of the largest are dropped: from an SVD, and from a Gram matrix, whose are squared. */
const svdFloor = 1e-12
const gramFloor = 1e-7

/** Newton–Schulz steps that restore what the Gram matrix has lost. */
const refinements = 2

/**
 * Zero-phase (ZCA) whitening from training rows: P = V S⁻¹ Vᵀ for X = U S Vᵀ after the means, so that X P = U Vᵀ has all
 * singular values one. With at most as many (independent) rows as columns the rows become orthonormal, XXᵀ = I, as Theorem 2 of
 * Sahiner, Ergen, Pauly, Pilanci (ICLR 2021) has it; with more rows the columns do, XᵀX = I. Directions in which the data do not
 * vary are mapped to zero.
 *
 * A row's own mean is removed within the row, and XXᵀ = I is still reached. Column means are not: n rows that sum to zero cannot be
 * orthonormal, XXᵀ becomes I − 11ᵀ/n, and Theorem 2 does not apply. For tables with more rows than columns they are the usual choice.
 *
 * PCA whitening differs by a rotation of the columns, which no weight decay sees: the same optimum.
 *
 * With `explained` below 1 only the fewest directions are kept that hold this share of Σ S²; the others are mapped to zero. The rank
 * falls to their number, and with it the cost of an exact certificate, which is then about the truncated data.
 *
 * @throws InvalidProblemError for a share outside (0, 1].
 */
export function fitWhitening(kind: WhiteningKind, X: Matrix, explained = 1): Whitening {
  if (!(explained > 0 && explained <= 1)) {
    throw new InvalidProblemError(`fitWhitening: the explained share must be above 0 and at most 1, got ${explained}`)
  }
  const shift = kind === 'whiten-columns' ? columnMeans(X) : []
  const centred = withoutMeans(kind, shift, X)
  const factors = Math.min(X.rows, X.cols) <= svdLimit ? fromSvd(centred, explained) : fromGram(centred, explained)
  const { left, right } = factors
  if (2 * left.cols <= left.rows) return { kind, shift, left, right }
  return { kind, shift, left: defaultBackend().gemm(left, transpose(right)), right: null }
}

/** The whitened copy of X: the same transform for training rows and for any others. */
export function applyWhitening({ kind, shift, left, right }: Whitening, X: Matrix): Matrix {
  if (X.cols !== left.rows) {
    throw new InvalidProblemError(`applyPreprocessing: X must have ${left.rows} columns, got ${X.cols}`)
  }
  const turned = defaultBackend().gemm(withoutMeans(kind, shift, X), left)
  return right ? defaultBackend().gemm(turned, transpose(right)) : turned
}

/** The weights on raw columns, less their means for `whiten-columns`, that do what u does on whitened ones: (I − 11ᵀ/d) P u or P u. */
export function rawWeights({ kind, left, right }: Whitening, u: Float64Array): Float64Array {
  const inner = right ? multiplyTransposedVector(right, u) : u
  const weights = multiplyVector(left, inner)
  if (kind !== 'whiten-rows') return weights
  const average = mean(weights)
  return weights.map((value) => value - average)
}

interface Factors {
  readonly left: Matrix
  readonly right: Matrix
}

/** How many of these squared sizes, the largest first, hold the share of their sum. */
function leading(squares: ArrayLike<number>, share: number): number {
  if (share === 1) return squares.length
  const total = compensatedSum(Float64Array.from(squares))
  let held = 0
  let count = 0
  while (count < squares.length && !(held >= share * total)) held += squares[count++]
  return count
}

function fromSvd(X: Matrix, explained: number): Factors {
  const { S, V } = defaultBackend().svd(X)
  const sizes = S.filter((value) => value > svdFloor * S[0])
  const rank = leading(
    sizes.map((value) => value ** 2),
    explained,
  )
  const right = matrix(X.cols, rank)
  for (let p = 0; p < X.cols; p++) for (let k = 0; k < rank; k++) right.data[p * rank + k] = V.data[p * V.cols + k]
  return { left: scaledColumns(right, S), right }
}

/** By the eigenvectors of the smaller of XXᵀ and XᵀX, then refined until the singular values are one to rounding. */
function fromGram(X: Matrix, explained: number): Factors {
  const backend = defaultBackend()
  const wide = X.rows < X.cols
  const { values, vectors } = backend.eigh(backend.gram(wide ? transpose(X) : X))
  const order = values.length
  const floor = gramFloor ** 2 * values[order - 1]
  const present = Array.from({ length: order }, (_, k) => order - 1 - k).filter((k) => values[k] > floor)
  const largest = leading(
    present.map((k) => values[k]),
    explained,
  )
  const kept = present.slice(0, largest).toReversed()
  const basis = matrix(order, kept.length)
  for (let p = 0; p < order; p++) {
    for (let k = 0; k < kept.length; k++) basis.data[p * kept.length + k] = vectors.data[p * order + kept[k]]
  }
  const sizes = Float64Array.from(kept, (k) => Math.sqrt(values[k]))
  let right = wide ? scaledColumns(backend.gemmTransposed(X, basis), sizes) : basis
  const left = scaledColumns(right, sizes)
  const gram = backend.gram(backend.gemm(X, left))
  for (let step = 0; step < refinements; step++) right = refined(gram, right)
  return { left, right }
}

/**
 * R ← 1.5 R − 0.5 WᵀWR for W = X · left · Rᵀ, given the Gram matrix of X · left: the singular values s of W become
 * 1.5 s − 0.5 s³, quadratically nearer to one.
 */
function refined(gram: Matrix, right: Matrix): Matrix {
  const backend = defaultBackend()
  const inner = backend.gemm(gram, backend.gram(right))
  const product = backend.gemm(right, inner)
  return matrix(
    right.rows,
    right.cols,
    right.data.map((value, at) => 1.5 * value - 0.5 * product.data[at]),
  )
}

function scaledColumns(a: Matrix, sizes: Float64Array): Matrix {
  return matrix(
    a.rows,
    a.cols,
    a.data.map((value, at) => value / sizes[at % a.cols]),
  )
}

function withoutMeans(kind: WhiteningKind, shift: readonly number[], X: Matrix): Matrix {
  if (kind === 'whiten') return X
  if (kind === 'whiten-columns') {
    return matrix(
      X.rows,
      X.cols,
      X.data.map((value, at) => value - shift[at % X.cols]),
    )
  }
  const means = Float64Array.from({ length: X.rows }, (_, i) => mean(X.data.subarray(i * X.cols, (i + 1) * X.cols)))
  return matrix(
    X.rows,
    X.cols,
    X.data.map((value, at) => value - means[Math.floor(at / X.cols)]),
  )
}

function columnMeans(X: Matrix): number[] {
  const flipped = transpose(X)
  return Array.from({ length: X.cols }, (_, k) => mean(flipped.data.subarray(k * X.rows, (k + 1) * X.rows)))
}

function mean(values: Float64Array): number {
  return compensatedSum(values) / values.length
}
