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
  const firsts: number[] = []
  const bySum = new Map<number, number[]>() // equal rows have equal sums, and few others do
  const place = Uint32Array.from({ length: X.rows }, (_, i) => {
    const values = row(raw, i)
    const sum = values.reduce((total, value, q) => total + (q + 1) * value, 0)
    const rivals = bySum.get(sum) ?? []
    bySum.set(sum, rivals)
    const known = rivals.find((k) => row(raw, firsts[k]).every((value, q) => value === values[q]))
    if (known !== undefined) return known
    rivals.push(firsts.length)
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
