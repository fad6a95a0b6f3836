import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { combined, generatorsInOrthant, rowsOf } from '../oracle/branch-and-bound/cone.fixtures.ts'
import { polarVector } from '../oracle/evaluate.ts'
import { follow, recipesUpTo } from '../oracle/oracle.fixtures.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { coneInside, directedHeights, samplesOf } from './check-leaf.ts'

test('Σ λ_k heights_k is at least ‖F(Σ λ_k w_k)‖, or ± F: in any cone, along any direction, with any slopes', () => {
  const closeness = fc.constantFrom(0.9, 0.3, 1e-2)
  fc.assert(
    fc.property(recipesUpTo(4), closeness, fc.constantFrom(-1, 0, 1), fc.integer(), (recipe, close, sign, seed) => {
      const { problem, Z } = follow(recipe)
      const random = seededRandom(seed)
      const r = problem.X.cols
      const W = generatorsInOrthant(random, r, close)
      const samples = samplesOf(problem.X, Z)
      const all = Array.from({ length: Z.rows }, (_, i) => i)
      const whole = { active: matrix(Z.cols, r), crossing: all, sign: Z.cols === 1 ? sign : 0, depth: -1 } as const
      const cone = coneInside(samples, rowsOf(W, r), whole)
      const direction = random() < 0.3 ? new Float64Array(Z.cols) : randomMatrix(random, 1, Z.cols).data
      const slopes = new Map(all.filter(() => random() < 0.7).map((i) => [i, random() < 0.4 ? 1 : random()]))
      const heights = directedHeights(samples, cone, direction, slopes)
      for (let draw = 0; draw < 12 + r; draw++) {
        // The generators themselves, where nothing is left over, and combinations of them.
        const lambda = Array.from({ length: r }, (_, k) =>
          draw < r ? Number(k === draw) : random() < 0.3 ? 0 : random(),
        )
        const F = polarVector(samples.X, samples.Z, combined(rowsOf(W, r), lambda))
        const height = lambda.reduce((total, value, k) => total + value * heights[k], 0)
        expect(height).toBeGreaterThanOrEqual(cone.sign === 0 ? norm2(F) : cone.sign * F[0])
      }
    }),
    { numRuns: 400 },
  )
})
