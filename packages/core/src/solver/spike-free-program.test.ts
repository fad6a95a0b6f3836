import { describe, expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { fromRows } from '../linalg/matrix.ts'
import { polarValue } from '../oracle/evaluate.ts'
import { exactOracle } from '../oracle/exact.ts'
import { spikeFreeOracle } from '../oracle/spike-free.ts'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { train } from '../train.ts'
import { solverConformance } from './solver.conformance.ts'
import { spikeFreeProgram } from './spike-free-program.ts'

const orthonormal = { data: 'orthonormal-rows', gap: 1e-8 } as const

solverConformance('spikeFreeProgram, one output', spikeFreeProgram, { ...orthonormal, outputs: 'one' })
solverConformance('spikeFreeProgram', spikeFreeProgram, { ...orthonormal, outputs: 'any' })

/** Rank 2, two directions at an acute angle, each with several samples. */
const acute = fromRows([[1, 0.1], [2, 0.2], [0.3, 1], [0.6, 2], [0, 0]]) // biome-ignore format: a matrix

describe('spike-free data that are not whitened', () => {
  test.each([1, 2, 3])('%i outputs: the one pattern D = I has the optimum over all patterns', async (c) => {
    const Y = randomMatrix(seededRandom(c), 5, c)
    const problem = createProblem({ X: acute, Y, beta: 0.2 })
    const own = await train(problem, { solver: spikeFreeProgram(), tolerance: 1e-8 })
    const all = await train(problem, { tolerance: 1e-8 })
    expect([own.status, own.certificate.scope]).toEqual(['optimal', 'all-networks'])
    expect(own.certificate.objective).toBeCloseTo(all.certificate.objective, 6)
  })

  test('pricing in the one cell: ω, and no direction exceeds the bound', async () => {
    const random = seededRandom(4)
    for (const c of [1, 2, 3]) {
      const problem = createProblem({ X: acute, Y: randomMatrix(random, 5, c), beta: 1 })
      const Z = randomMatrix(random, 5, c)
      const [own, other] = [await spikeFreeOracle(problem).price(Z), await exactOracle(problem).price(Z)]
      expect(own.bound.value).toBeCloseTo(other.bound.value, 10)
      expect(own.candidates[0].value).toBeCloseTo(own.bound.value, 10)
      for (let t = 0; t < 200; t++) {
        expect(polarValue(acute, Z, randomMatrix(random, 1, 2).data)).toBeLessThanOrEqual(own.bound.value)
      }
    }
  })
})

test('data that are not spike-free are refused, whatever the number of outputs', async () => {
  const { X, Y } = planarFixture
  for (const targets of [Y, [1, 2, 3, 4, 5, 6]]) {
    const problem = createProblem({ X, Y: targets, beta: 0.1 })
    await expect(train(problem, { solver: spikeFreeProgram() })).rejects.toThrow(UnsupportedProblemError)
  }
})
