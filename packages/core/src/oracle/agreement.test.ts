import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OracleFactory } from '../oracle.ts'
import { problems, randomMatrix } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { enumerationOracle } from './enumeration.ts'
import { planarOracle } from './planar.ts'

/** Exact oracles that have nothing in common but the question. */
const rivals: readonly [name: string, oracle: OracleFactory, ranks: readonly number[], tolerance: number][] = [
  ['the sweep', planarOracle, [1, 2], 1e-10],
]

describe.each(rivals)('%s and enumeration agree', (_name, oracle, ranks, tolerance) => {
  test('on the value and on the bound', async () => {
    const sizes = fc.record({
      seed: fc.integer(),
      n: fc.integer({ min: 1, max: 14 }),
      r: fc.constantFrom(...ranks),
      c: fc.integer({ min: 1, max: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(sizes, async ({ seed, n, r, c }) => {
        const random = seededRandom(seed)
        const Y = randomMatrix(random, n, c)
        const problem = createProblem({ X: randomMatrix(random, n, r), Y, beta: 1 })
        const [one, other] = [await oracle(problem).price(Y), await enumerationOracle(problem).price(Y)]
        expectSame(one.candidates[0].value, other.candidates[0].value, tolerance)
        expectSame(one.bound.value, other.bound.value, tolerance)
      }),
    )
  })

  test('on problems of every shape, where both apply', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        fc.pre(ranks.includes(problem.reduction.rank))
        const [one, other] = [await oracle(problem).price(problem.Y), await enumerationOracle(problem).price(problem.Y)]
        expectSame(one.bound.value, other.bound.value, tolerance)
      }),
    )
  })
})

function expectSame(one: number, other: number, tolerance: number): void {
  expect(Math.abs(one - other)).toBeLessThanOrEqual(tolerance * Math.max(one, other))
}
