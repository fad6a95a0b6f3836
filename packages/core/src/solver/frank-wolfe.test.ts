import { describe, expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { spectralUpper } from '../linalg/norms.ts'
import type { Loss } from '../loss.ts'
import { countingOracle } from '../oracle/counting.ts'
import { planarOracle } from '../oracle/planar.ts'
import { planarFixture } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { train } from '../train.ts'
import { frankWolfe } from './frank-wolfe.ts'
import { contextOf, solverConformance } from './solver.conformance.ts'

const any = { outputs: 'any', data: 'any' } as const

solverConformance('frankWolfe, fully corrective', () => frankWolfe(), { ...any, gap: 1e-6, runs: 8 })
solverConformance('frankWolfe, the gauge as a penalty', () => frankWolfe({ form: 'gauge' }), { ...any, gap: 1e-7 })

describe('Algorithm 1', () => {
  const problem = createProblem({ ...planarFixture, beta: 0.5 })
  const optimum = 2.00537741

  /** Σ ‖u‖‖v‖ of the optimal network. */
  async function optimalGauge(): Promise<number> {
    const { network } = await train(problem, { tolerance: 1e-10 })
    return network.neurons.reduce((total, { u, v }) => total + Math.hypot(...u) * Math.hypot(...v), 0)
  }

  test.each(['classic', 'line-search'] as const)(
    '%s steps reach a gap of 2e-3, with a bisection over t and without',
    async (variant) => {
      for (const form of ['bisection', 'gauge'] as const) {
        const { certificate } = await train(problem, { solver: frankWolfe({ variant, form }), tolerance: 2e-3 })
        expect(certificate.relativeGap).toBeLessThanOrEqual(2e-3)
        expect(certificate.objective).toBeGreaterThanOrEqual(optimum - 1e-8)
        expect(certificate.lowerBound).toBeLessThanOrEqual(optimum + 1e-8)
      }
    },
  )

  test('at the optimal t, after k classic steps: p(t) is missed by 2D²/(k + 2) at most, D the diameter of the ball', async () => {
    const t = await optimalGauge()
    let claims = 0
    const diameter = 2 * t * spectralUpper(problem.X)
    for await (const { network } of frankWolfe({ variant: 'classic', t }).claims(problem, contextOf())) {
      const k = claims++
      if (k > 30) break
      if (k === 0) continue
      // Claims come after every step at first.
      const { certificate } = await train(problem, { init: network, maxIterations: 1 })
      const gauge = network.neurons.reduce((total, { u, v }) => total + Math.hypot(...u) * Math.hypot(...v), 0)
      const excess = certificate.objective + problem.beta * (t - gauge) - optimum
      expect(excess).toBeLessThanOrEqual((2 * diameter ** 2) / (k + 2))
    }
    expect(claims).toBe(32)
  })

  test('below the optimal t the polar of the residual exceeds β, above it falls short: what the bisection rests on', async () => {
    const t = await optimalGauge()
    for (const [factor, sign] of [
      [0.9, 1],
      [1.1, -1],
    ]) {
      const { dual } = await train(problem, { solver: frankWolfe({ t: factor * t }), tolerance: 0, maxIterations: 20 })
      const { bound } = await planarOracle(problem).price(dual)
      expect(sign * (bound.value - problem.beta)).toBeGreaterThan(1e-3)
    }
  })

  test('fully corrective with the gauge as a penalty: at most 10 oracle calls for 1e-8 on the planar fixture', async () => {
    // Measured: 4.
    const counted = countingOracle(planarOracle(problem))
    const solver = frankWolfe({ form: 'gauge', exact: () => counted })
    const { status } = await train(problem, { solver, tolerance: 1e-8 })
    expect(status).toBe('optimal')
    expect(counted.calls).toBeLessThanOrEqual(10)
  })

  test('a t that is not a positive number is refused, and so is another loss', async () => {
    for (const t of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => frankWolfe({ t })).toThrow('frankWolfe: t must be a positive finite number')
    }
    const other = { ...problem, loss: { ...problem.loss, name: 'other' as Loss['name'] } }
    expect(() => frankWolfe().claims(other, contextOf())).toThrow(UnsupportedProblemError)
  })
})
