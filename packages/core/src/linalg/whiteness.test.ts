import { expect, test } from 'vitest'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { fromRows, matrix, multiply, scaled, transpose } from './matrix.ts'
import { norm2 } from './norms.ts'
import { qr } from './qr.ts'
import { svd } from './svd.ts'
import { isometrySize, rowDefect } from './whiteness.ts'

const orthonormal = transpose(qr(randomMatrix(seededRandom(1), 9, 5)).Q)

test('rowDefect is at least ‖XXᵀ − I‖_F, and nearly that', () => {
  for (const X of [orthonormal, scaled(orthonormal, 1.001), randomMatrix(seededRandom(2), 4, 6)]) {
    const gram = multiply(X, transpose(X))
    for (let i = 0; i < X.rows; i++) gram.data[i * (X.rows + 1)] -= 1
    const plain = norm2(gram.data)
    expect(rowDefect(X)).toBeGreaterThanOrEqual(plain)
    expect(rowDefect(X)).toBeLessThan(plain * (1 + 1e-10) + 1e-12 * norm2(X.data) ** 2)
  }
})

test('isometrySize bounds ‖X‖₂ from above by little more than one, for wide, tall and rank-deficient isometries', () => {
  const twice = multiply(fromRows([[Math.SQRT1_2, 0], [Math.SQRT1_2, 0], [0, 1]]), matrix(2, 9, orthonormal.data.slice(0, 18))) // biome-ignore format: a matrix
  for (const X of [orthonormal, transpose(orthonormal), twice, scaled(orthonormal, 1 + 1e-9)]) {
    expect(isometrySize(X)).toBeGreaterThanOrEqual(svd(X).S[0] * (1 - 1e-15))
    expect(isometrySize(X)).toBeLessThan(1 + 1e-8)
  }
})

test('isometrySize says Infinity where a singular value is neither one nor zero, and for NaN', () => {
  for (const X of [scaled(orthonormal, 1.01), scaled(orthonormal, 0.5), randomMatrix(seededRandom(3), 3, 3)]) {
    expect(isometrySize(X)).toBe(Number.POSITIVE_INFINITY)
  }
  expect(isometrySize(fromRows([[Number.NaN, 1]]))).toBe(Number.POSITIVE_INFINITY)
  expect(rowDefect(fromRows([[Number.NaN, 1]]))).toBe(Number.POSITIVE_INFINITY)
})
