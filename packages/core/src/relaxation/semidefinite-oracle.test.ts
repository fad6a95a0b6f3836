import { describe, expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { matrix } from '../linalg/matrix.ts'
import { branchAndBoundOracle } from '../oracle/branch-and-bound.ts'
import { polarValue } from '../oracle/evaluate.ts'
import { oracleConformance } from '../oracle/oracle.conformance.ts'
import { randomInstance } from '../oracle/oracle.fixtures.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { gaussian, seededRandom } from '../random.ts'
import { train } from '../train.ts'
import { interiorPoint } from './interior-point.ts'
import { semidefiniteOracle } from './semidefinite-oracle.ts'
import { pricingProgram, pricingUpper } from './semidefinite-pricing.ts'

oracleConformance(
  'semidefinite',
  (problem) => {
    const oracle = semidefiniteOracle(problem)
    return { ...oracle, price: (dual, options) => oracle.price(dual, { maxNodes: 6, ...options }) }
  },
  { exact: false, maxRank: 4, relativeTolerance: 1e-4 },
)

describe('the semidefinite oracle', () => {
  test('is above the optimum by little in rank 3, and by less with cuts', async () => {
    for (const seed of [1, 2]) {
      const { problem, Z } = randomInstance(seed, 8, 3, 2)
      const exact = await branchAndBoundOracle(problem).price(Z, { relativeTolerance: 1e-9 })
      const [plain, cut] = [
        await semidefiniteOracle(problem, { inequalities: 'none' }).price(Z, { maxNodes: 60, relativeTolerance: 1e-3 }),
        await semidefiniteOracle(problem).price(Z, { maxNodes: 90, relativeTolerance: 1e-3 }),
      ]
      for (const { bound } of [plain, cut]) {
        expect(bound.value).toBeGreaterThanOrEqual(exact.candidates[0].value * (1 - 1e-12))
        expect(bound.from).toBe('relaxation')
      }
      expect(cut.bound.value).toBeLessThan(1.1 * exact.bound.value)
      expect(cut.bound.value).toBeLessThanOrEqual(plain.bound.value * (1 + 1e-3))
    }
  })

  test('in rank 12 it proves what branch and bound does not within many nodes', async () => {
    const { problem, Z } = randomInstance(3, 24, 12, 1)
    const ours = await semidefiniteOracle(problem).price(Z, { maxNodes: 20 })
    const other = await branchAndBoundOracle(problem).price(Z, { maxNodes: 3000 })
    expect(ours.bound.value).toBeLessThan(0.9 * other.bound.value)
    expect(ours.bound.value).toBeGreaterThanOrEqual(other.candidates[0].value)
  })

  test('the bound holds whatever the multipliers are, and is Infinity where they say nothing', () => {
    const next = seededRandom(1)
    const [X, Z] = [randomMatrix(next, 5, 2), randomMatrix(next, 5, 3)]
    const pairs = pricingProgram(X, Z).blocks[0].nonnegative.length
    for (const size of [0, 0.01, 1, 100]) {
      const y = Float64Array.from({ length: 6 }, (_, k) => (k === 0 ? -next() * 10 : size * gaussian(next)))
      const multipliers = [Float64Array.from({ length: pairs }, () => size * gaussian(next))]
      const bound = pricingUpper(X, Z, { y, multipliers })
      for (let k = 0; k < 300; k++) {
        const angle = (2 * Math.PI * k) / 300
        expect(polarValue(X, Z, Float64Array.of(Math.cos(angle), Math.sin(angle)))).toBeLessThanOrEqual(bound)
      }
    }
    const multipliers = [new Float64Array(pairs)]
    for (const first of [Number.NaN, 1, 0]) {
      expect(pricingUpper(X, Z, { y: new Float64Array(6).fill(first), multipliers })).toBe(Number.POSITIVE_INFINITY)
    }
  })

  test('the start of its program is strictly feasible: an interior-point method takes it', async () => {
    const { problem, Z } = randomInstance(5, 5, 2, 2)
    const { Xr } = problem.reduction
    const exact = await branchAndBoundOracle(problem).price(Z, { relativeTolerance: 1e-9 })
    let best = Number.POSITIVE_INFINITY
    for await (const iterate of interiorPoint.iterates(pricingProgram(Xr, Z))) {
      best = Math.min(best, pricingUpper(Xr, Z, iterate))
    }
    expect(best).toBeGreaterThanOrEqual(exact.candidates[0].value * (1 - 1e-12))
    expect(best).toBeLessThan(1.2 * exact.bound.value)
  })

  test('at the optimum of a problem ω̄ is β or a little more', async () => {
    const problem = createProblem({ ...planarFixture, beta: 0.5 })
    const { dual } = await train(problem, { tolerance: 1e-9 })
    const { bound } = await semidefiniteOracle(problem).price(dual, {
      maxNodes: 80,
      pacer: createPacer({ timeLimitSeconds: 4 }),
    })
    expect(bound.value).toBeGreaterThan(0.5 * (1 - 1e-6))
    expect(bound.value).toBeLessThan(0.5 * 1.01)
  })

  test('sizes beyond its limit are refused before anything is allocated', () => {
    const problem = createProblem({ X: randomMatrix(seededRandom(1), 700, 2), Y: matrix(700, 1), beta: 1 })
    expect(() => semidefiniteOracle(problem)).toThrow(UnsupportedProblemError)
    expect(() => semidefiniteOracle(problem)).toThrow('at most 2n + r + c = 1200 (maxOrder), got 1403')
  })
})
