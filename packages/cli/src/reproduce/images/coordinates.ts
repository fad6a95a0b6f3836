import { type Matrix, matrix, row } from '@relucent/core'

/**
 * Whitened rows in the orthonormal basis that they are themselves: x_i = scale_i · q_{place_i}. Equal images share their
 * place, k of them with scale 1/√k, since whitening leaves their sum of squares at one.
 */
export interface Coordinates {
  readonly place: Uint32Array
  readonly scale: Float64Array
  /** The q, one a row, as many as there are different images. */
  readonly basis: Matrix
}

/** @param raw the rows before whitening, which tell equal images. */
export function coordinatesOf(raw: Matrix, X: Matrix): Coordinates {
  const seen = new Map<string, number>()
  const firsts: number[] = []
  const place = Uint32Array.from({ length: X.rows }, (_, i) => {
    const key = row(raw, i).join()
    const known = seen.get(key)
    if (known !== undefined) return known
    seen.set(key, firsts.length)
    return firsts.push(i) - 1
  })
  const counts = new Uint32Array(firsts.length)
  for (const k of place) counts[k]++
  const basis = matrix(firsts.length, X.cols)
  firsts.forEach((i, k) => {
    row(X, i).forEach((value, q) => (basis.data[k * X.cols + q] = value * Math.sqrt(counts[k])))
  })
  return { place, scale: Float64Array.from(place, (k) => 1 / Math.sqrt(counts[k])), basis }
}
