/**
 * A power of two within a factor 2 of max |x_k|, so that dividing by it is exact and makes squares safe.
 * 0 for a zero vector; NaN or Infinity where x holds one.
 */
export function powerOfTwoNear(x: Float64Array): number {
  let largest = 0
  for (let k = 0; k < x.length; k++) {
    const size = Math.abs(x[k])
    if (!(size < Number.POSITIVE_INFINITY)) return size
    if (size > largest) largest = size
  }
  if (largest === 0) return 0
  return 2 ** Math.max(-1022, Math.min(1023, Math.floor(Math.log2(largest))))
}
