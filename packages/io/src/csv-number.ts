/** 10^0 … 10^22, the powers of ten that a float64 holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`))

/** Below this every integer is a float64. */
const exactBelow = 2 ** 53

/**
 * The number that the bytes from `start` to `end` spell, or NaN where they are no plain decimal, or one too large.
 *
 * A decimal with an integer significand w < 2^53 and a power of ten |e| ≤ 22 is w · 10^e, where both factors are exact, so that
 * one multiplication or division rounds correctly (W. D. Clinger, "How to read floating point numbers accurately",
 * PLDI 1990, section 3). Other decimals are left to `longNumber`. Spaces around it are skipped.
 */
export function simpleNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  let last = end
  while (at < last && bytes[at] === 0x20) at++
  while (last > at && bytes[last - 1] === 0x20) last--
  const negative = bytes[at] === 0x2d
  if (negative || bytes[at] === 0x2b) at++
  let significand = 0
  let exponent = 0
  const digits = at
  let digit = 0
  while (at < last && (digit = bytes[at] - 0x30) >= 0 && digit <= 9) {
    significand = significand * 10 + digit
    at++
  }
  let count = at - digits
  if (at < last && bytes[at] === 0x2e) {
    const point = ++at
    while (at < last && (digit = bytes[at] - 0x30) >= 0 && digit <= 9) {
      significand = significand * 10 + digit
      at++
    }
    exponent = point - at
    count += at - point
  }
  if (count === 0) return Number.NaN
  if (at < last) {
    exponent += exponentAt(bytes, at, last)
    if (Number.isNaN(exponent)) return Number.NaN
  }
  if (!(significand < exactBelow) || exponent < -22 || exponent > 22)
    return longNumber(bytes, { start, end: last }, exponent, negative)
  const value = exponent < 0 ? significand / powers[-exponent] : significand * powers[exponent]
  return negative ? -value : value
}

/**
 * Decimals of up to 19 digits with a negative power of ten, as programs print float64: w / 10^n to twice the precision.
 *
 * w = h + l without error, q₁ = fl(h / 10^n), q₂ = fl((h − q₁ · 10^n + l) / 10^n), where the product is exact (T. J. Dekker,
 * "A floating-point technique for extending the available precision", Numer. Math. 18, 1971). q₂ has a relative error of at
 * most 2^−52, so w / 10^n lies between q₁ + q₂(1 − 2^−50) and q₁ + q₂(1 + 2^−50): where both round to the same number, that
 * is the answer, because rounding is monotonic. Otherwise, and for all other decimals, the host decides.
 */
function longNumber(
  bytes: Uint8Array,
  { start, end }: { start: number; end: number },
  exponent: number,
  negative: boolean,
): number {
  if (!(exponent <= 0 && exponent >= -22)) return hostNumber(bytes, start, end)
  let leading = 0
  let trailing = 0
  let count = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - 0x30
    if (!(digit >= 0 && digit <= 9)) {
      if (bytes[at] > 0x39) break // the e of an exponent
      continue
    }
    if (count === 0 && digit === 0) continue
    if (++count > 19) return hostNumber(bytes, start, end)
    if (count <= 15) leading = leading * 10 + digit
    else trailing = trailing * 10 + digit
  }
  if (count < 15) return hostNumber(bytes, start, end)
  const shift = powers[count - 15]
  const product = leading * shift
  const sum = product + trailing
  const low = productError(leading, shift, product) + (trailing - (sum - product))
  const divisor = powers[-exponent]
  const first = sum / divisor
  const multiple = first * divisor
  const second = (sum - multiple - productError(first, divisor, multiple) + low) / divisor
  const value = first + second * (1 - 2 ** -50)
  if (value !== first + second * (1 + 2 ** -50)) return hostNumber(bytes, start, end)
  return negative ? -value : value
}

/** a · b − fl(a · b), exactly. */
function productError(a: number, b: number, product: number): number {
  const aBig = 134217729 * a // 2^27 + 1 splits a float64 into halves of 26 bits
  const aHigh = aBig - (aBig - a)
  const aLow = a - aHigh
  const bBig = 134217729 * b
  const bHigh = bBig - (bBig - b)
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
}

/** Called for what is known to be a decimal; one too large is NaN. */
function hostNumber(bytes: Uint8Array, start: number, end: number): number {
  const value = Number(String.fromCharCode(...bytes.subarray(start, end)))
  return Number.isFinite(value) ? value : Number.NaN
}

/** What follows the significand: e, a sign, and at most four digits; NaN otherwise. */
function exponentAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  if ((bytes[at] | 0x20) !== 0x65) return Number.NaN
  at++
  const negative = bytes[at] === 0x2d
  if (at < end && (negative || bytes[at] === 0x2b)) at++
  if (at === end || end - at > 4) return Number.NaN
  let value = 0
  for (; at < end; at++) {
    const digit = bytes[at] - 0x30
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return negative ? -value : value
}
