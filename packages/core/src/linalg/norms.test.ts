import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom, gaussian } from '../random.ts'
import { type Matrix, matrix, multiply, transpose } from './matrix.ts'
import { frobeniusUpper, norm2, spectralUpper } from './norms.ts'
import { qr } from './qr.ts'

/** 0 or any float of moderate to extreme size, so that squares over- and underflow. */
const entries = fc.oneof(
  fc.constant(0),
  fc.double({ noNaN: true, min: -1e200, max: 1e200 }),
  fc.integer({ min: -9, max: 9 }),
)

const matrices = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
  .chain(([rows, cols]) =>
    fc
      .array(entries, { minLength: rows * cols, maxLength: rows * cols })
      .map((data) => matrix(rows, cols, Float64Array.from(data))),
  )

describe('norm2', () => {
  test('is the length of vectors whose squares do not fit in a float', () => {
    expect(norm2(Float64Array.of(3, 4))).toBe(5)
    for (const scale of [1e300, 1e-300]) expect(norm2(Float64Array.of(3 * scale, 4 * scale)) / scale).toBeCloseTo(5, 12)
    expect(norm2(Float64Array.of(Number.MIN_VALUE))).toBe(Number.MIN_VALUE)
    expect(norm2(new Float64Array(3))).toBe(0)
    expect(norm2(Float64Array.of(1, Number.NaN))).toBeNaN()
    expect(norm2(Float64Array.of(1, Number.NEGATIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY)
  })
})

describe.each([
  ['frobeniusUpper', frobeniusUpper],
  ['spectralUpper', spectralUpper],
])('%s', (_name, upper) => {
  test('is never below ‖A x‖ / ‖x‖', () => {
    fc.assert(
      fc.property(matrices, fc.integer(), (A, seed) => {
        const bound = upper(A)
        const random = seededRandom(seed)
        for (let trial = 0; trial < 20; trial++) {
          const x = matrix(
            A.cols,
            1,
            Float64Array.from({ length: A.cols }, () => gaussian(random)),
          )
          const attained = norm2(multiply(A, x).data) / norm2(x.data) // itself rounded, coarsely where floats are subnormal
          expect(bound).toBeGreaterThanOrEqual(attained * (1 - 1e-14) - 8 * Number.MIN_VALUE)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('is never below the exact norm of a single entry, row or column', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(upper(matrix(1, 1, Float64Array.of(value)))).toBeGreaterThanOrEqual(Math.abs(value))
        expect(upper(matrix(2, 1, Float64Array.of(value, 0)))).toBeGreaterThanOrEqual(Math.abs(value))
        expect(upper(matrix(2, 2, Float64Array.of(value, 0, 0, value)))).toBeGreaterThanOrEqual(Math.abs(value))
      }),
    )
  })

  test('is 0 for zero, and Infinity for NaN and Infinity', () => {
    expect(upper(matrix(3, 2))).toBe(0)
    for (const poison of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(upper(matrix(2, 2, Float64Array.of(1, 2, poison, 4)))).toBe(Number.POSITIVE_INFINITY)
      expect(upper(matrix(1, 2, Float64Array.of(poison, 4)))).toBe(Number.POSITIVE_INFINITY)
    }
  })
})

describe('spectralUpper', () => {
  test.each([
    [5, 3],
    [3, 5],
    [40, 20],
    [400, 12],
  ])('is within 1e-10 of the largest singular value of a %i × %i matrix', (m, n) => {
    for (const scale of [1, 1e-150, 1e150]) {
      const A = withSingularValues(m, n, scale, m + n)
      expect(spectralUpper(A) / scale).toBeGreaterThanOrEqual(1)
      expect(spectralUpper(A) / scale).toBeLessThan(1 + 1e-10)
      expect(spectralUpper(A)).toBeLessThanOrEqual(frobeniusUpper(A))
    }
  })

  test('is below Frobenius also where eigenvalues would cost too much', () => {
    const A = withSingularValues(300, 300, 1, 5)
    expect(spectralUpper(A)).toBeGreaterThanOrEqual(1)
    expect(spectralUpper(A)).toBeLessThan(frobeniusUpper(A))
  })
})

/** Singular values scale, scale/2, scale/3 …, up to rounding. */
function withSingularValues(m: number, n: number, scale: number, seed: number): Matrix {
  const random = seededRandom(seed)
  const k = Math.min(m, n)
  const orthonormal = (rows: number): Matrix =>
    qr(
      matrix(
        rows,
        k,
        Float64Array.from({ length: rows * k }, () => gaussian(random)),
      ),
    ).Q
  const U = orthonormal(m)
  const stretched = matrix(
    m,
    k,
    U.data.map((value, at) => ((value * (1 + 1e-14)) / ((at % k) + 1)) * scale),
  )
  return multiply(stretched, transpose(orthonormal(n)))
}
