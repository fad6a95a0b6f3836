import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matrix } from '../linalg/matrix.ts'
import { spectralUpper } from '../linalg/norms.ts'
import { createPacer } from '../pacer.ts'
import { createProblem } from '../problem.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { truncations } from '../reduction.ts'
import { branchAndBoundOracle } from './branch-and-bound.ts'
import { polarValue } from './evaluate.ts'
import { exactOracle } from './exact.ts'
import { truncatedOracle } from './truncated.ts'

/** Columns whose principal coordinates shrink by this factor, one after the other. */
function correlated(seed: number, n: number, d: number, c: number, decay: number): ReturnType<typeof createProblem> {
  const random = seededRandom(seed)
  const scores = randomMatrix(random, n, d)
  const mix = randomMatrix(random, d, d)
  const X = matrix(n, d)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < d; k++) {
      for (let q = 0; q < d; q++) X.data[i * d + q] += decay ** k * scores.data[i * d + k] * mix.data[k * d + q]
    }
  }
  return createProblem({ X, Y: randomMatrix(random, n, c), beta: 1 })
}

describe('fewer coordinates', () => {
  test('the bound is at least ω, whatever the spectrum: what is left out is added', async () => {
    // Sprung by leaving ‖Z‖₂‖X − X_k‖₂ out, or by taking ‖X_k‖ for it.
    const recipes = fc.record({
      seed: fc.integer(),
      d: fc.integer({ min: 3, max: 5 }),
      c: fc.integer({ min: 1, max: 3 }),
      decay: fc.constantFrom(1, 0.3, 0.05, 1e-4),
    })
    await fc.assert(
      fc.asyncProperty(recipes, async ({ seed, d, c, decay }) => {
        const problem = correlated(seed, 12, d, c, decay)
        const Z = problem.Y
        const exact = await branchAndBoundOracle(problem).price(Z, { relativeTolerance: 1e-6, maxNodes: 4000 })
        const omega = exact.candidates[0].value
        for (const maxNodes of [undefined, 4000]) {
          const priced = await truncatedOracle(problem).price(Z, {
            relativeTolerance: 1e-2,
            ...(maxNodes ? { maxNodes } : {}),
          })
          expect(priced.bound.value).toBeGreaterThanOrEqual(omega * (1 - 1e-12))
          expect(priced.bound.matches(problem, Z)).toBe(true)
          for (const { weights, value } of priced.candidates) {
            expect(value).toBeCloseTo(polarValue(problem.reduction.Xr, Z, weights), 9)
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  test('every truncation says how much it leaves out: at least the next singular value, and not much more', () => {
    const { X } = correlated(1, 30, 6, 1, 0.3)
    const kept = [...truncations(X, 6)]
    expect(kept.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6])
    for (const { rank, discarded, stretch } of kept) {
      expect(stretch).toBeLessThan(1 + 1e-12)
      if (rank === 6) expect(discarded).toBeLessThan(1e-11 * spectralUpper(X))
    }
    for (let k = 1; k < kept.length; k++) expect(kept[k].discarded).toBeLessThan(kept[k - 1].discarded)
  })

  test('on a correlated table of rank 12 it proves far more than a search of all coordinates in the same time', async () => {
    const problem = correlated(3, 200, 12, 1, 0.2)
    const Z = problem.Y
    const few = await truncatedOracle(problem).price(Z, { relativeTolerance: 1e-3 })
    const all = await branchAndBoundOracle(problem).price(Z, { relativeTolerance: 1e-3, maxNodes: few.nodes ?? 0 })
    expect(few.bound.value).toBeLessThan(0.8 * all.bound.value)
    expect(few.bound.value / few.candidates[0].value).toBeLessThan(1.1)
  })

  test('the exact oracle of a high rank takes the better of the two bounds, and stops in time', async () => {
    const problem = correlated(3, 100, 12, 1, 0.2)
    const Z = problem.Y
    const pacer = createPacer({ timeLimitSeconds: 1 })
    const priced = await exactOracle(problem).price(Z, { relativeTolerance: 1e-3, pacer })
    const few = await truncatedOracle(problem).price(Z, { relativeTolerance: 1e-3 })
    expect(priced.bound.value).toBeLessThanOrEqual(few.bound.value * 1.2)
  })
})
