/**
 * Σ x_k by Neumaier's compensated summation: error at most ε|Σ x_k| + O(n²ε²) Σ|x_k|, where a plain loop has
 * O(nε) Σ|x_k|. For the sums that decide a certificate. Where the correction overflows, the plain sum is returned.
 */
export function compensatedSum(x: Float64Array): number {
  let total = 0
  let correction = 0
  for (let k = 0; k < x.length; k++) {
    const next = total + x[k]
    correction += Math.abs(total) >= Math.abs(x[k]) ? total - next + x[k] : x[k] - next + total
    total = next
  }
  return corrected(total, correction)
}

/**
 * xᵀy as if computed in twice the working precision and then rounded (Dot2 of Ogita, Rump, Oishi, "Accurate sum and
 * dot product", SIAM J. Sci. Comput. 26, 2005): error at most ε|xᵀy| + γ_n² |x|ᵀ|y|, underflow apart.
 *
 * Throws RangeError when the lengths differ.
 */
export function compensatedDot(x: Float64Array, y: Float64Array): number {
  if (x.length !== y.length) throw new RangeError(`compensatedDot: lengths must agree, got ${x.length} and ${y.length}`)
  let total = 0
  let correction = 0
  for (let k = 0; k < x.length; k++) {
    const product = x[k] * y[k]
    const next = total + product
    const back = next - total
    correction += productError(x[k], y[k], product) + (total - (next - back) + (product - back))
    total = next
  }
  return corrected(total, correction)
}

/** a·b − product exactly, when product = fl(a·b) neither overflows nor underflows (Dekker). */
export function productError(a: number, b: number, product: number): number {
  const aSplit = splitter * a
  const bSplit = splitter * b
  const aHigh = aSplit - (aSplit - a)
  const bHigh = bSplit - (bSplit - b)
  const aLow = a - aHigh
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
}

/** 2²⁷ + 1 splits a 53-bit significand into two halves whose products are exact (Veltkamp). */
const splitter = 134217729

/** Near overflow the error-free transformations produce infinities or NaN that say nothing about the sum. */
function corrected(total: number, correction: number): number {
  return Number.isFinite(correction) ? total + correction : total
}
