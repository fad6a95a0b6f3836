import { expect, test } from 'vitest'
import { dot, multiplyVector } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { attainedHeight, generatorsInOrthant, rowsOf, unitIn } from '../oracle/branch-and-bound/cone.fixtures.ts'
import { coneMaximum } from '../oracle/branch-and-bound/cone-maximum.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { highest, largest } from './check-cone.ts'

const cases = [2, 3, 4, 5].flatMap((r) => [0.9, 0.3, 1e-3, 1e-6].map((closeness) => [r, closeness] as const))

test.each(cases)(
  'r = %d, closeness %d: no unit vector of a cone exceeds `largest`, which agrees with the search',
  (r, closeness) => {
    // biome-ignore format: long
    for (let seed = 0; seed < 40; seed++) {
    const random = seededRandom(seed)
    const W = generatorsInOrthant(random, r, closeness)
    const A = randomMatrix(random, 1 + (seed % 3), r)
    const bound = largest(A, rowsOf(W, r), 0)
    for (let k = 0; k < 40; k++) expect(norm2(multiplyVector(A, unitIn(random, W, r)))).toBeLessThanOrEqual(bound)
    const searched = coneMaximum(A.data, W, r, 0)
    expect(norm2(multiplyVector(A, searched.weights))).toBeLessThanOrEqual(bound)
    expect(bound).toBeLessThanOrEqual(searched.bound * (1 + 1e-9))
    // What is enough need not be looked into, and is not reported as less.
    expect(largest(A, rowsOf(W, r), 2 * bound)).toBeGreaterThanOrEqual(searched.bound * (1 - 1e-9))
  }
  },
)

test.each(cases)(
  'r = %d, closeness %d: whatever u₀, no Σ λ_k B_k over unit vectors exceeds `highest`',
  (r, closeness) => {
    for (let seed = 0; seed < 40; seed++) {
      const random = seededRandom(seed)
      const W = generatorsInOrthant(random, r, closeness)
      const heights = randomMatrix(random, 1, r).data
      const attained = attainedHeight(W, heights, r, 50)
      const above = rowsOf(W, r).reduce((sum, w) => sum.map((value, q) => value + 2 * w[q]), new Float64Array(r))
      for (const peak of [new Float64Array(r), above, randomMatrix(random, 1, r).data]) {
        expect(highest(rowsOf(W, r), heights, peak)).toBeGreaterThanOrEqual(attained * (1 - 1e-14))
      }
      const most = heights.reduce((most, height) => Math.max(most, height), 0)
      expect(
        highest(
          rowsOf(W, r),
          heights.fill(most),
          above.map((value) => value * most),
        ),
      ).toBeGreaterThanOrEqual(most)
      expect(rowsOf(W, r).every((w) => dot(w, above) >= 1)).toBe(true)
    }
  },
)
