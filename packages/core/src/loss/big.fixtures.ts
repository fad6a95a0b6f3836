/** Fixed-point numbers of 400 binary digits after the point: enough for products of two floats and for their logarithms. */
const bits = 400n
const one = 1n << bits

/** Exact for floats that are multiples of 2^−400. */
export function big(value: number): bigint {
  let [mantissa, shift] = [value, 0n]
  while (!Number.isInteger(mantissa)) [mantissa, shift] = [mantissa * 2, shift + 1n]
  if (shift > bits) throw new RangeError(`big: ${value} has more than ${bits} binary digits after the point`)
  return BigInt(mantissa) << (bits - shift)
}

export function times(a: bigint, b: bigint): bigint {
  return (a * b) >> bits
}

/** a/b, rounded down in the last of the 400 digits. */
export function over(a: bigint, b: bigint): bigint {
  return (a << bits) / b
}

/** log x to about 2^−390, by log x = log(x/2^k) + k log 2 and log(1 + t) = 2 artanh(t/(2 + t)). */
export function log(x: bigint): bigint {
  let [scaled, k] = [x, 0n]
  while (scaled > 2n * one) [scaled, k] = [scaled >> 1n, k + 1n]
  while (scaled < one) [scaled, k] = [scaled << 1n, k - 1n]
  return near(scaled) + k * logTwo
}

function near(x: bigint): bigint {
  const ratio = ((x - one) << bits) / (x + one)
  const square = times(ratio, ratio)
  let [power, sum] = [ratio, 0n]
  for (let n = 1n; power !== 0n; n += 2n) [sum, power] = [sum + power / n, times(power, square)]
  return 2n * sum
}

const logTwo: bigint = near(2n * one)

/** x log x, 0 at 0. */
export function xlogx(x: bigint): bigint {
  return x === 0n ? 0n : times(x, log(x))
}

export const unit: bigint = one

/** Room for what the fixed-point numbers themselves are wrong by. */
export const last: bigint = 1n << 30n
