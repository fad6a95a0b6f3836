import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dot, matrix, multiplyTransposed, multiplyVector } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { pacerOfTurns } from '../oracle/pricing.fixtures.ts'
import { createPacer } from '../pacer.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { factorInPlace, solveLowerInto, solveTransposedInto } from './factor.ts'

const orders = fc.constantFrom(0, 1, 2, 31, 32, 33, 64, 97)

test('LLᵀ is the matrix that was given, over any number of blocks, and its upper triangle is not read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), orders, async (seed, n) => {
      const root = randomMatrix(seededRandom(seed), n + 3, n)
      const A = multiplyTransposed(root, root)
      const L = A.data.slice()
      for (let i = 0; i < n; i++) L.fill(Number.NaN, i * n + i + 1, (i + 1) * n)
      expect(await factorInPlace(L, n, createPacer())).toBe(true)
      const off: number[] = []
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          off.push(dot(L.subarray(i * n, i * n + j + 1), L.subarray(j * n, j * n + j + 1)) - A.data[i * n + j])
        }
      }
      expect(norm2(Float64Array.from(off))).toBeLessThan(1e-12 * (n + 3))
    }),
    { numRuns: 40 },
  )
})

test('L⁻ᵀL⁻¹ solves; from the first entry that is not zero on, or from the start, alike', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.constantFrom(1, 5, 40), async (seed, n) => {
      const random = seededRandom(seed)
      const root = randomMatrix(random, 2 * n, n)
      const A = multiplyTransposed(root, root)
      const L = A.data.slice()
      await factorInPlace(L, n, createPacer())
      const b = randomMatrix(random, 1, n).data
      const first = Math.floor(random() * n)
      b.fill(0, 0, first)
      const [x, whole] = [b.slice(), b.slice()]
      solveLowerInto(L, x, first)
      solveLowerInto(L, whole)
      expect(x).toEqual(whole)
      solveTransposedInto(L, x)
      const difference = multiplyVector(matrix(n, n, A.data), x).map((value, k) => value - b[k])
      expect(norm2(difference)).toBeLessThan(1e-10 * (1 + norm2(b)))
    }),
    { numRuns: 40 },
  )
})

test('indefinite, singular to rounding, or NaN: false, in whatever block it shows', async () => {
  for (const n of [1, 20, 40, 80]) {
    for (const bad of [-1, 0, 1e-15, Number.NaN]) {
      const A = new Float64Array(n * n)
      for (let k = 0; k < n; k++) A[k * n + k] = 1
      // The last row repeats the first, but for what is left of its pivot.
      if (n > 1) A[(n - 1) * n] = 1
      A[n * n - 1] = n > 1 ? 1 + bad : bad > 0 ? Number.NaN : bad
      expect(await factorInPlace(A, n, createPacer())).toBe(false)
    }
  }
})

test('out of time: undefined', async () => {
  const n = 70
  const A = new Float64Array(n * n)
  for (let k = 0; k < n; k++) A[k * n + k] = 1
  expect(await factorInPlace(A, n, { ...pacerOfTurns(0), breathe: () => Promise.resolve() })).toBeUndefined()
})
