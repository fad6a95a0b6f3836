import { expect, test } from 'vitest'
import { planarFixture } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { countingOracle } from './counting.ts'
import { enumerationOracle } from './enumeration.ts'
import { planarOracle } from './planar.ts'

const problem = createProblem({ ...planarFixture, beta: 1 })

test('counts calls, and nodes where the oracle has them, without changing the answer', async () => {
  const inner = enumerationOracle(problem)
  const counting = countingOracle(inner)
  expect([counting.calls, counting.nodes, counting.name, counting.family]).toEqual([0, 0, inner.name, inner.family])
  const priced = await counting.price(problem.Y)
  expect(priced).toEqual(await inner.price(problem.Y))
  await counting.price(problem.Y, { target: 0 })
  expect(counting.calls).toBe(2)
  expect(counting.nodes).toBeGreaterThanOrEqual(priced.nodes ?? 1)
})

test('an answer without a node count is one node', async () => {
  const counting = countingOracle(planarOracle(problem))
  for (let k = 1; k <= 3; k++) {
    await counting.price(problem.Y)
    expect([counting.calls, counting.nodes]).toEqual([k, k])
  }
})
