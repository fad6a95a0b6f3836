import { describe, expect, test } from 'vitest'
import { planarFixture } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { train } from '../train.ts'
import { frankWolfe } from './frank-wolfe.ts'
import { solverConformance } from './solver.conformance.ts'

const any = { outputs: 'any', data: 'any' } as const

solverConformance('frankWolfe, fully corrective', () => frankWolfe(), { ...any, gap: 1e-6, maxRank: 3 })
solverConformance('frankWolfe, the gauge as a penalty', () => frankWolfe({ form: 'gauge' }), { ...any, gap: 1e-7, maxRank: 3 })

describe('Algorithm 1', () => {
  const problem = createProblem({ ...planarFixture, beta: 0.5 })
  const optimum = 2.00537741

  test.each(['classic', 'line-search'] as const)('%s steps: O(1/k), with a bisection over t and without one', async (variant) => {
    for (const form of ['bisection', 'gauge'] as const) {
      const { certificate } = await train(problem, { solver: frankWolfe({ variant, form }), tolerance: 2e-3 })
      expect(certificate.relativeGap).toBeLessThanOrEqual(2e-3)
      expect(certificate.objective).toBeGreaterThanOrEqual(optimum - 1e-8)
      expect(certificate.lowerBound).toBeLessThanOrEqual(optimum + 1e-8)
    }
  })
})
