import type { Matrix } from './linalg/matrix.ts'

/**
 * Which samples a direction activates: bit i is set when x_iᵀu > 0. All directions of one open cell of the arrangement
 * {x_iᵀu = 0} share a pattern D, and on the closed cell (Xu)₊ = D X u is linear.
 */
export interface Pattern {
  /** Number of samples. */
  readonly size: number
  /** 32 samples a word, sample 0 in the lowest bit. */
  readonly words: Uint32Array
}

/** An open cell of the arrangement {x_iᵀu = 0}. */
export interface Cell {
  readonly pattern: Pattern
  /** A unit vector of the open cell, clear of its walls by more than rounding. */
  readonly interior: Float64Array
}

/** The pattern of u. A zero row is never active; it contributes nothing either way. */
export function patternOf(X: Matrix, u: Float64Array): Pattern {
  const words = new Uint32Array(Math.ceil(X.rows / 32))
  for (let i = 0; i < X.rows; i++) {
    let activation = 0
    for (let k = 0; k < X.cols; k++) activation += X.data[i * X.cols + k] * u[k]
    if (activation > 0) words[i >>> 5] |= 1 << (i & 31)
  }
  return { size: X.rows, words }
}

export function isActive({ words }: Pattern, i: number): boolean {
  return (words[i >>> 5] & (1 << (i & 31))) !== 0
}

/** How many samples are active. */
export function activeCount({ words }: Pattern): number {
  let count = 0
  for (let word of words) for (; word !== 0; word &= word - 1) count++
  return count
}

export function samePattern(a: Pattern, b: Pattern): boolean {
  return a.size === b.size && a.words.every((word, k) => word === b.words[k])
}

/** A string that two patterns of one size share exactly when they are equal: a key for maps and sets. */
export function patternKey({ words }: Pattern): string {
  return Array.from(words, (word) => word.toString(36)).join('.')
}

/**
 * The number of open cells of n hyperplanes through the origin of R^r in general position, 2 Σ_{k<r} C(n−1, k)
 * (Cover, "Geometrical and statistical properties of systems of linear inequalities", 1965): exact when every r
 * normals are independent, an upper bound otherwise.
 */
export function cellCount(n: number, r: number): number {
  if (n === 0 || r === 0) return 1
  let binomial = 1
  let total = 0
  for (let k = 0; k < Math.min(r, n); k++) {
    total += binomial
    binomial = (binomial * (n - 1 - k)) / (k + 1)
  }
  return 2 * total
}
