import { eigh } from '../../linalg/eigh.ts'
import { type Matrix, multiplyTransposed, scaled } from '../../linalg/matrix.ts'
import { spectralUpper } from '../../linalg/norms.ts'
import { powerOfTwoNear } from '../../linalg/scale.ts'
import { contributing, productUpper, standardForm } from '../standard-form.ts'
import { type ConeContext, coneContext } from './cone.ts'

/** A pricing question as a search wants it. */
export interface ConeQuestion {
  /** Of the samples that contribute, each of order one. */
  readonly X: Matrix
  readonly Z: Matrix
  /** Values found here times this are values of the question as asked. */
  readonly unit: number
  /** Null when a search can tell nothing: `bound` is all there is. */
  readonly context: ConeContext | null
  /** Principal axes of the data, in columns: their orthants are the first cones. */
  readonly axes: Matrix
  /** Proven before any search. */
  readonly bound: number
}

export function coneQuestion(Xr: Matrix, dual: Matrix): ConeQuestion {
  // The samples that contribute, as given: their sizes say what is near and far.
  const given = contributing(Xr, dual)
  const { X, Z, unit } = standardForm(given.X, given.Z)
  if (X.rows === 0 || X.cols === 0) return { X, Z, unit, context: null, axes: X, bound: 0 }
  const data = scaled(given.X, 1 / powerOfTwoNear(given.X.data))
  const context = coneContext(X, Z, multiplyTransposed(data, data))
  if (!Number.isFinite(context.slack)) {
    return { X, Z, unit, context: null, axes: X, bound: Number.POSITIVE_INFINITY }
  }
  const plain = productUpper(given.X, given.Z, unit)
  const product = spectralUpper(X) * spectralUpper(Z)
  return { X, Z, unit, context, axes: eigh(context.metric).vectors, bound: plain < product ? plain : product }
}
