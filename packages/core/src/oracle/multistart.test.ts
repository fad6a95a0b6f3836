import { describe, expect, test } from 'vitest'
import { matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { createPacer } from '../pacer.ts'
import { multistartOracle } from './multistart.ts'
import { oracleConformance } from './oracle.conformance.ts'
import { branchAndBoundOracle } from './branch-and-bound.ts'
import { polarValue } from './evaluate.ts'
import { pacerOfTurns, question, randomQuestion } from './pricing.fixtures.ts'

oracleConformance('multistartOracle', (problem) => multistartOracle(problem), {
  exact: false,
  maxRank: 4,
  relativeTolerance: 1e-9,
})

describe('multistartOracle', () => {
  test('proves nothing, however good its candidates: the bound is always Infinity', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const { problem, Z } = randomQuestion(seed, 10, 3, 2)
      const { bound } = await multistartOracle(problem).price(Z, { target: 1e-9, relativeTolerance: 10 })
      expect(bound.value).toBe(Number.POSITIVE_INFINITY)
      expect(bound.matches(problem, Z)).toBe(true)
    }
    const zero = question(matrix(3, 2, Float64Array.of(1, 2, 3, 4, 5, 6)), matrix(3, 1))
    expect((await multistartOracle(zero.problem).price(zero.Z)).bound.value).toBe(Number.POSITIVE_INFINITY)
  })

  test('on random data of rank 4 it finds what branch and bound proves to be the best', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const { problem, Z } = randomQuestion(seed, 40, 4, 2)
      const { candidates } = await multistartOracle(problem, { seed }).price(Z, { maxNodes: 100 })
      const { bound } = await branchAndBoundOracle(problem).price(Z, { relativeTolerance: 1e-6 })
      expect(candidates[0].value).toBeGreaterThan(bound.value * (1 - 2e-6))
    }
  })

  test('candidates are unit vectors, attained, distinct, best first', async () => {
    const { problem, Z } = randomQuestion(1, 60, 5, 3)
    const { candidates } = await multistartOracle(problem).price(Z)
    expect(candidates.length).toBeGreaterThan(0)
    candidates.forEach(({ weights, value }, k) => {
      expect(norm2(weights)).toBeCloseTo(1, 12)
      expect(value).toBe(polarValue(problem.reduction.Xr, Z, weights))
      if (k > 0) expect(value).toBeLessThanOrEqual(candidates[k - 1].value)
    })
  })

  test('a seed reproduces the first call; the next call draws other directions', async () => {
    const { problem, Z } = randomQuestion(2, 30, 6, 2)
    const [one, other] = [multistartOracle(problem, { seed: 7 }), multistartOracle(problem, { seed: 7 })]
    expect(await one.price(Z, { maxNodes: 3 })).toEqual(await other.price(Z, { maxNodes: 3 }))
    const seeds = await Promise.all(
      [1, 2, 3].map(
        async (seed) => (await multistartOracle(problem, { seed }).price(Z, { maxNodes: 1 })).candidates[0].value,
      ),
    )
    expect(new Set(seeds).size).toBeGreaterThan(1)
  })

  test('directions given are climbed from first, and are enough when no random ones are asked for', async () => {
    const { problem, Z } = randomQuestion(3, 20, 4, 2)
    const [best] = (await multistartOracle(problem).price(Z, { maxNodes: 50 })).candidates
    const warm = await multistartOracle(problem).price(Z, { maxNodes: 0, starts: [best.weights] })
    expect(warm.candidates).toHaveLength(1)
    expect(warm.candidates[0].value).toBeGreaterThanOrEqual(best.value * (1 - 1e-12))
    expect((await multistartOracle(problem).price(Z, { maxNodes: 0 })).candidates).toEqual([])
  })

  test('stops between climbs when time runs out, with what it has', async () => {
    const { problem, Z } = randomQuestion(4, 20, 4, 2)
    const oracle = multistartOracle(problem)
    expect((await oracle.price(Z, { pacer: createPacer({ timeLimitSeconds: 0 }) })).candidates).toEqual([])
    const some = await oracle.price(Z, { pacer: pacerOfTurns(3), maxNodes: 1000 })
    expect(some.candidates.length).toBeLessThanOrEqual(3)
  })
})
