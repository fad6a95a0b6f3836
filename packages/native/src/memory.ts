import { type Matrix, type Matrix32, matrix } from '@relucent/core'

/** Refuses shapes that do not fit, and memory that is not what its shape says: a library would read past its end. */
export function requireSizes(
  routine: string,
  ...expected: readonly [Matrix | Matrix32, rows: number, cols: number][]
): void {
  for (const [{ rows, cols, data }, m, n] of expected) {
    if (rows !== m || cols !== n || data.length !== m * n) {
      throw new RangeError(
        `${routine}: sizes must agree, expected ${m} × ${n}, got ${rows} × ${cols} with ${data.length} numbers`,
      )
    }
  }
}

export function transpose(a: Matrix): Matrix {
  const [m, n] = [a.rows, a.cols]
  const out = matrix(n, m)
  forTiles(m, n, (top, bottom, left, right) => {
    for (let i = top; i < bottom; i++) {
      for (let k = left; k < right; k++) out.data[k * m + i] = a.data[i * n + k]
    }
  })
  return out
}

/** A square matrix turned into its transpose. */
export function transposeInPlace({ rows: n, data }: Matrix): void {
  forTiles(n, n, (top, bottom, left, right) => {
    for (let i = top; i < bottom; i++) {
      for (let k = left; k < Math.min(right, i); k++) {
        const below = data[i * n + k]
        data[i * n + k] = data[k * n + i]
        data[k * n + i] = below
      }
    }
  })
}

/** Copies the lower triangle of a square matrix to the upper one. */
export function mirrorLower({ rows: n, data }: Matrix): void {
  forTiles(n, n, (top, bottom, left, right) => {
    for (let i = top; i < bottom; i++) {
      for (let k = left; k < Math.min(right, i); k++) data[k * n + i] = data[i * n + k]
    }
  })
}

/** The doubles of a cache line: the lines read and those written by a tile of that many stay in the cache together. */
const tile = 8

function forTiles(
  rows: number,
  cols: number,
  visit: (top: number, bottom: number, left: number, right: number) => void,
): void {
  for (let top = 0; top < rows; top += tile) {
    for (let left = 0; left < cols; left += tile) {
      visit(top, Math.min(top + tile, rows), left, Math.min(left + tile, cols))
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
