import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gaussian, seededRandom } from '../random.ts'
import { type Matrix, fromRows, matrix, multiply, multiplyTransposed } from './matrix.ts'
import { norm2 } from './norms.ts'
import { nullSpace, pivotedQr } from './qr.ts'

describe('nullSpace', () => {
  test('of rows of rank k in R^d is an orthonormal basis of d − k vectors that the rows annihilate', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: 0, max: 9 }),
        (seed, d, wanted, extra) => {
          const rank = Math.min(d, wanted)
          const rows = multiply(random(rank + extra, rank, seed), random(rank, d, seed + 1))
          const basis = nullSpace(rows)
          expect(basis.rows).toBe(d)
          expect(basis.cols).toBe(d - rank)
          const size = norm2(rows.data) * 1e-9
          expect(norm2(multiply(rows, basis).data)).toBeLessThanOrEqual(size)
          const gram = multiplyTransposed(basis, basis)
          for (let k = 0; k < gram.rows; k++) gram.data[k * gram.rows + k] -= 1
          expect(norm2(gram.data)).toBeLessThan(1e-13)
        },
      ),
      { seed: 1 },
    )
  })

  test('of nothing, or of zero rows, is everything', () => {
    expect(nullSpace(matrix(0, 3)).data).toEqual(fromRows([[1, 0, 0], [0, 1, 0], [0, 0, 1]]).data) // biome-ignore format: a matrix
    expect(nullSpace(matrix(2, 3)).cols).toBe(3)
  })

  test('does not care how long a normal is', () => {
    const basis = nullSpace(fromRows([[1e-9, 1e-9, 0], [1e9, -1e9, 0], [2, 0, 0]])) // biome-ignore format: a matrix
    expect(basis.cols).toBe(1)
    expect(Math.abs(basis.data[2])).toBeCloseTo(1, 14)
  })

  test('counts rows within the tolerance of each other as one', () => {
    const rows = fromRows([[1, 0], [1, 1e-6]]) // biome-ignore format: a matrix
    expect(nullSpace(rows).cols).toBe(0)
    expect(nullSpace(rows, 1e-5).cols).toBe(1)
  })
})

test('pivotedQr: pivots do not grow, and Q R is A with its columns reordered', () => {
  const A = random(7, 5, 3)
  const { Q, R, order } = pivotedQr(A)
  for (let k = 1; k < 5; k++) expect(Math.abs(R.data[k * 6])).toBeLessThanOrEqual(Math.abs(R.data[(k - 1) * 6]))
  const product = multiply(Q, R)
  for (let i = 0; i < 7; i++) {
    for (let j = 0; j < 5; j++) expect(product.data[i * 5 + j]).toBeCloseTo(A.data[i * 5 + order[j]], 12)
  }
})

function random(rows: number, cols: number, seed: number): Matrix {
  const next = seededRandom(seed)
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => gaussian(next)),
  )
}
