import { expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { oracleConformance } from './oracle.conformance.ts'
import { planarOracle } from './planar.ts'

oracleConformance('planarOracle', planarOracle, { exact: true, maxRank: 2, relativeTolerance: 1e-11 })

test('data of rank 3 are refused, and told so', () => {
  const problem = createProblem({ X: randomMatrix(seededRandom(1), 5, 3), Y: [1, 2, 3, 4, 5], beta: 1 })
  expect(() => planarOracle(problem)).toThrow(UnsupportedProblemError)
  expect(() => planarOracle(problem)).toThrow('planarOracle: the data must have rank 2 at most, got rank 3')
})

test('three features of rank 2 are welcome', async () => {
  const { X, Y } = planarFixture
  const wide = Array.from({ length: 6 }, (_, i) => {
    const [a, b] = [X.data[2 * i], X.data[2 * i + 1]]
    return [a, b, a + b]
  })
  const { candidates, bound } = await planarOracle(createProblem({ X: wide, Y, beta: 1 })).price(Y)
  expect(candidates[0].weights).toHaveLength(2)
  expect(bound.value).toBeGreaterThanOrEqual(2.39703818)
})

test('the allowance for rounding is below 2e-12 of ω on 100 and 1000 random samples', async () => {
  for (const n of [100, 1000]) {
    const random = seededRandom(n)
    const Y = randomMatrix(random, n, 3)
    const { candidates, bound } = await planarOracle(
      createProblem({ X: randomMatrix(random, n, 2), Y, beta: 1 }),
    ).price(Y)
    expect(bound.value / candidates[0].value - 1).toBeGreaterThanOrEqual(0)
    expect(bound.value / candidates[0].value - 1).toBeLessThan(2e-12)
  }
})
