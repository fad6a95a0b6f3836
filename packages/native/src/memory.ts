import { type Matrix, matrix } from '@relucent/core'

interface Dense {
  readonly rows: number
  readonly cols: number
  readonly data: Float64Array | Float32Array
}

/** Refuses shapes that do not fit, and memory that is not what its shape says: a library would read past its end. */
export function requireSizes(routine: string, ...expected: readonly [Dense, rows: number, cols: number][]): void {
  for (const [{ rows, cols, data }, m, n] of expected) {
    if (rows !== m || cols !== n || data.length !== m * n) {
      throw new RangeError(
        `${routine}: sizes must agree, expected ${m} × ${n}, got ${rows} × ${cols} with ${data.length} numbers`,
      )
    }
  }
}

/** Large matrices are transposed tile by tile, so that the lines read and those written stay in the cache together. */
const tile = 16

export function transpose(a: Matrix): Matrix {
  const [m, n] = [a.rows, a.cols]
  const out = matrix(n, m)
  for (let top = 0; top < m; top += tile) {
    const bottom = Math.min(top + tile, m)
    for (let left = 0; left < n; left += tile) {
      const right = Math.min(left + tile, n)
      for (let i = top; i < bottom; i++) {
        for (let k = left; k < right; k++) out.data[k * m + i] = a.data[i * n + k]
      }
    }
  }
  return out
}

/** Copies the lower triangle of a square matrix to the upper one. */
export function mirrorLower({ rows: n, data }: Matrix): void {
  for (let top = 0; top < n; top += tile) {
    const bottom = Math.min(top + tile, n)
    for (let left = 0; left <= top; left += tile) {
      for (let i = top; i < bottom; i++) {
        for (let k = left; k < Math.min(left + tile, i); k++) data[k * n + i] = data[i * n + k]
      }
    }
  }
}

/** NaN or ±Infinity less itself is NaN, and stays in the sum. */
export function allFinite(data: Float64Array): boolean {
  let sum = 0
  for (let k = 0; k < data.length; k++) sum += data[k] - data[k]
  return sum === 0
}

/** What stands for a result that does not exist. */
export function unknown(rows: number, cols: number): Matrix {
  return matrix(rows, cols, new Float64Array(rows * cols).fill(Number.NaN))
}
