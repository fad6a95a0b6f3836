import { InvalidProblemError } from './errors.ts'
import { type Matrix, matrix } from './linalg/matrix.ts'
import { compensatedSum } from './linalg/sum.ts'
import { applyWhitening, fitWhitening, type Whitening, type WhiteningKind } from './preprocessing/whitening.ts'

export type { Whitening, WhiteningKind } from './preprocessing/whitening.ts'

export type PreprocessingKind = 'none' | 'standardize' | 'minmax' | WhiteningKind

/** x ↦ (x − shift) / scale, column by column. */
export interface ColumnScaling {
  readonly kind: 'none' | 'standardize' | 'minmax'
  readonly shift: readonly number[]
  readonly scale: readonly number[]
}

/** Learnt on the training data, stored with the model, applied to any data. */
export type Preprocessing = ColumnScaling | Whitening

export interface PreprocessingOptions {
  /** Share of the data's square that whitening keeps, in as few directions as hold it; 1 keeps all. Others are not whitening. */
  readonly explainedVariance?: number | undefined
}

/**
 * Standardisation to mean 0 and (population) standard deviation 1, min–max scaling to [0, 1], or whitening (see
 * `fitWhitening`). A constant column is shifted to 0 and keeps scale 1; constant includes columns whose spread is the
 * rounding of their own mean.
 */
export function fitPreprocessing(kind: ColumnScaling['kind'], X: Matrix): ColumnScaling
export function fitPreprocessing(kind: PreprocessingKind, X: Matrix, options?: PreprocessingOptions): Preprocessing
export function fitPreprocessing(
  kind: PreprocessingKind,
  X: Matrix,
  { explainedVariance = 1 }: PreprocessingOptions = {},
): Preprocessing {
  if (kind === 'none') return { kind, shift: [], scale: [] }
  if (kind === 'whiten' || kind === 'whiten-rows' || kind === 'whiten-columns')
    return fitWhitening(kind, X, explainedVariance)
  const columns = Array.from({ length: X.cols }, (_, k) => columnOf(X, k))
  const fitted = columns.map(kind === 'standardize' ? momentsOf : rangeOf)
  return { kind, shift: fitted.map(({ shift }) => shift), scale: fitted.map(({ scale }) => scale) }
}

/** The preprocessed copy of X; X itself when there is nothing to do. */
export function applyPreprocessing(preprocessing: Preprocessing, X: Matrix): Matrix {
  if ('left' in preprocessing) return applyWhitening(preprocessing, X)
  const { kind, shift, scale } = preprocessing
  if (kind === 'none') return X
  if (shift.length !== X.cols) {
    throw new InvalidProblemError(`applyPreprocessing: X must have ${shift.length} columns, got ${X.cols}`)
  }
  return matrix(
    X.rows,
    X.cols,
    X.data.map((value, k) => (value - shift[k % X.cols]) / scale[k % X.cols]),
  )
}

interface Scaling {
  readonly shift: number
  readonly scale: number
}

function momentsOf(column: Float64Array): Scaling {
  const mean = compensatedSum(column) / column.length
  const deviations = column.map((value) => (value - mean) ** 2)
  const deviation = Math.sqrt(compensatedSum(deviations) / column.length)
  return { shift: mean, scale: deviation > negligible * Math.abs(mean) ? deviation : 1 }
}

function rangeOf(column: Float64Array): Scaling {
  const low = column.reduce((least, value) => Math.min(least, value))
  const high = column.reduce((most, value) => Math.max(most, value))
  return { shift: low, scale: high > low ? high - low : 1 }
}

/** Rounding of the mean leaves a constant column with a deviation of about ε times its value. */
const negligible = 4 * Number.EPSILON

function columnOf(X: Matrix, k: number): Float64Array {
  return Float64Array.from({ length: X.rows }, (_, i) => X.data[i * X.cols + k])
}
