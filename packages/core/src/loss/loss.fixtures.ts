import { type Matrix, matrix } from '../linalg/matrix.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import type { Random } from '../random.ts'
import { big, times, unit, xlogx } from './big.fixtures.ts'

export const realTargets: (random: Random, n: number, c: number) => Matrix = randomMatrix

export function signTargets(random: Random, n: number, c: number): Matrix {
  return matrix(
    n,
    c,
    Float64Array.from({ length: n * c }, () => (random() < 0.5 ? -1 : 1)),
  )
}

/** Zeros among them. */
export function countTargets(random: Random, n: number, c: number): Matrix {
  return matrix(
    n,
    c,
    Float64Array.from({ length: n * c }, () => Math.floor(8 * random() ** 2)),
  )
}

export function oneHotTargets(random: Random, n: number, c: number): Matrix {
  const Y = matrix(n, c)
  for (let i = 0; i < n; i++) Y.data[i * c + Math.floor(random() * c)] = 1
  return Y
}

/** Far on the right side. */
export function decided(Y: Matrix): Matrix {
  return matrix(
    Y.rows,
    Y.cols,
    Y.data.map((y) => 100 * y),
  )
}

/** Σ_k of the exact dual of one entry. */
export function entrywise(dual: (z: bigint, y: bigint) => bigint) {
  return (z: readonly bigint[], y: readonly number[]): bigint =>
    z.reduce((total, entry, k) => total + dual(entry, big(y[k])), 0n)
}

/** z y − ½z². */
export function squareDual(z: bigint, y: bigint): bigint {
  return times(z, y) - times(z, z) / 2n
}

/** −s log s − (1 − s) log(1 − s). */
export function entropyDual(z: bigint, y: bigint): bigint {
  const s = times(z, y)
  return -xlogx(s) - xlogx(unit - s)
}
