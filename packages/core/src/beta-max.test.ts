import fc from 'fast-check'
import { expect, test } from 'vitest'
import { betaMax } from './beta-max.ts'
import { fromRows, matrix, scaled } from './linalg/matrix.ts'
import { norm2 } from './linalg/norms.ts'
import { enumerationOracle } from './oracle/enumeration.ts'
import { pacerOfTurns } from './oracle/pricing.fixtures.ts'
import { createPacer } from './pacer.ts'
import { planarFixture, problems, randomMatrix, umbrellaFixture } from './problem.fixtures.ts'
import { createProblem, withBeta } from './problem.ts'
import { seededRandom } from './random.ts'
import { train } from './train.ts'

test('is ω(Y) of the planar fixture: 2.39703818', async () => {
  const { value, bound } = await betaMax(createProblem({ ...planarFixture, beta: 1 }))
  expect(value).toBeCloseTo(2.39703818, 8)
  expect(bound).toBeGreaterThanOrEqual(value)
  expect(bound).toBeLessThan(value * (1 + 1e-9)) // the sweep is exact
})

test('one sample: ‖x‖‖y‖', async () => {
  const { value, bound } = await betaMax(createProblem({ X: [[3, 4]], Y: [[1, -2, 2]], beta: 1 }))
  expect(value).toBeCloseTo(15, 11)
  expect(bound).toBeGreaterThanOrEqual(15 * (1 - 1e-15))
  expect(bound).toBeCloseTo(15, 10)
})

test('brackets ω(Y) as enumeration finds it, on problems of every shape', async () => {
  await fc.assert(
    fc.asyncProperty(problems, async (problem) => {
      const omega = (await enumerationOracle(problem).price(problem.Y)).candidates[0]?.value ?? 0
      const { value, bound } = await betaMax(problem)
      expect(value).toBeLessThanOrEqual(omega * (1 + 1e-9) + 1e-12)
      expect(bound).toBeGreaterThanOrEqual(omega)
      // Beyond rank 4 its two thousand nodes may not be enough to get that close.
      if (problem.reduction.rank <= 4) expect(bound).toBeLessThanOrEqual(value * (1 + 1.1e-3) + 1e-12)
    }),
    { numRuns: 60 },
  )
})

test('at bound the zero network is certified with gap 0, and just below value some network is better', async () => {
  for (const fixture of [planarFixture, umbrellaFixture]) {
    const problem = createProblem({ ...fixture, beta: 1 })
    const { value, bound } = await betaMax(problem)
    const above = await train(withBeta(problem, bound), { tolerance: 1e-9 })
    expect(above.status).toBe('optimal')
    expect(above.certificate.gap).toBe(0)
    expect(above.network.neurons).toEqual([])
    const below = await train(withBeta(problem, value * (1 - 1e-3)), { tolerance: 1e-9 })
    expect(below.network.neurons.length).toBeGreaterThan(0)
    expect(below.certificate.objective).toBeLessThan(norm2(problem.Y.data) ** 2 / 2)
  }
})

test('does not depend on β, and scales with X and Y', async () => {
  const problem = createProblem({ ...umbrellaFixture, beta: 1 })
  const { value } = await betaMax(problem)
  expect((await betaMax(withBeta(problem, 1e-6))).value).toBe(value)
  for (const s of [1e-6, 1e6]) {
    const { X, Y } = umbrellaFixture
    expect((await betaMax(createProblem({ X: scaled(X, s), Y, beta: 1 }))).value / s).toBeCloseTo(value, 8)
    expect((await betaMax(createProblem({ X, Y: scaled(Y, s), beta: 1 }))).value / s).toBeCloseTo(value, 8)
  }
})

test('X = 0 or Y = 0: 0, so that every β has the zero network as its optimum', async () => {
  for (const spec of [
    { X: matrix(3, 2), Y: [1, 2, 3] },
    {
      X: fromRows([
        [1, 2],
        [3, 4],
      ]),
      Y: [0, 0],
    },
  ]) {
    // biome-ignore format: short
    const { value, bound } = await betaMax(createProblem({ ...spec, beta: 1 }))
    expect(value).toBe(0)
    expect(bound).toBeLessThan(1e-300)
  }
})

test('stopped at once or at any moment, the bracket still holds, only wider', async () => {
  const random = seededRandom(1)
  const problem = createProblem({ X: randomMatrix(random, 40, 5), Y: randomMatrix(random, 40, 2), beta: 1 })
  const { value, bound } = await betaMax(problem)
  expect(bound / value).toBeLessThan(1.5)
  for (const pacer of [createPacer({ timeLimitSeconds: 0 }), pacerOfTurns(5), pacerOfTurns(100)]) {
    const early = await betaMax(problem, { pacer })
    expect(early.value).toBeLessThanOrEqual(bound)
    expect(early.bound).toBeGreaterThanOrEqual(value)
  }
})

test('the same data give the same β on every machine: the search is limited by nodes, not by time', async () => {
  const random = seededRandom(2)
  const problem = createProblem({ X: randomMatrix(random, 60, 6), Y: randomMatrix(random, 60, 3), beta: 1 })
  expect(await betaMax(problem)).toEqual(await betaMax(problem))
})
