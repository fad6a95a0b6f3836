import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { fromRows, matrix, scaled } from '../linalg/matrix.ts'
import { huberLoss } from '../loss/huber.ts'
import { objective } from '../network.ts'
import { polarValue } from '../oracle/evaluate.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, problems, randomMatrix, rivals } from '../problem.fixtures.ts'
import { createProblem, type Problem, type ProblemSpec } from '../problem.ts'
import { gaussian, seededRandom } from '../random.ts'
import { train } from '../train.ts'
import { copositiveValue } from './copositive.ts'
import { interiorPoint } from './interior-point.ts'
import { provenDualValue } from './proven-dual-value.ts'
import { semidefinitePolarUpper } from './semidefinite-bound.ts'
import { semidefiniteProgram } from './semidefinite-program.ts'
import { type SemidefiniteOptions, semidefiniteValue, semidefiniteValues } from './semidefinite.ts'

const boundOf = async (problem: Problem, options: SemidefiniteOptions = {}): Promise<number> =>
  (await semidefiniteValue(problem, options)).lowerBound

describe('fixtures', () => {
  test.each([
    [0.1, 0.60220909],
    [0.5, 1.99884276],
  ])('six samples in the plane at β = %f: %f, by two methods', async (beta, optimum) => {
    const problem = createProblem({ ...planarFixture, beta })
    for (const solver of [undefined, interiorPoint]) {
      const found = await boundOf(problem, { tolerance: 1e-6, ...(solver && { solver }) })
      expect(found).toBeLessThanOrEqual(optimum + 1e-8)
      expect(found).toBeGreaterThan(optimum - 1e-5)
    }
    expect((await copositiveValue(problem))?.value).toBeGreaterThan(optimum)
  })

  test('the a priori trace makes a bound of the same iterates, never above the one that scales Z', async () => {
    const program = semidefiniteProgram({ ...planarFixture, beta: 0.1 }, 1)
    let best = 0
    for await (const iterate of interiorPoint.iterates(program)) {
      const proven = provenDualValue(program, iterate)
      expect(proven).toBeLessThanOrEqual(0.60220911)
      best = Math.max(best, proven)
    }
    expect(best).toBeGreaterThan(0.602209)
  })

  test('a feasible network is a feasible matrix: within the trace, where its objective is below ½‖Y‖²', async () => {
    const { X, Y } = planarFixture
    const beta = 0.5
    const { network } = await train(createProblem({ X, Y, beta }))
    const program = semidefiniteProgram({ X, Y, beta }, 1)
    let trace = 0
    for (const { u, v } of network.neurons) {
      for (let i = 0; i < X.rows; i++) trace += Math.min(0, X.data[2 * i] * u[0] + X.data[2 * i + 1] * u[1]) ** 2
      trace += u[0] ** 2 + u[1] ** 2 + v[0] ** 2 + v[1] ** 2
    }
    expect(trace).toBeGreaterThan(0)
    expect(trace).toBeLessThan(program.trace)
  })
})

describe('weak duality', () => {
  test('no network beats the bound, however early the method stops', async () => {
    await fc.assert(
      fc.asyncProperty(problems, rivals, fc.constantFrom(1, 5, 40), async (problem, rival, most) => {
        const other = objective(problem, rival(problem))
        let left = most
        for await (const { lowerBound } of semidefiniteValues(problem, { tolerance: 1e-3 })) {
          expect(lowerBound).toBeLessThanOrEqual(other)
          if (left-- === 0) break
        }
      }),
      { numRuns: 25, seed: 3 },
    )
  }, 60_000)

  test('no bound exceeds the certified optimum, on data of any scale, with repeated, opposite and zero rows', async () => {
    for (const spec of specimens()) {
      const problem = createProblem(spec)
      const { certificate } = await train(problem)
      let last = 0
      for await (const { lowerBound } of semidefiniteValues(problem, {
        pacer: createPacer({ timeLimitSeconds: 0.15 }),
      })) {
        expect(lowerBound).toBeGreaterThanOrEqual(0)
        expect(lowerBound).toBeLessThanOrEqual(certificate.objective * (1 + 1e-12))
        last = Math.max(last, lowerBound)
      }
      expect(last).toBeGreaterThan(0)
    }
  }, 60_000)

  test('the bound on the polar holds for every direction, whatever the multipliers are', async () => {
    const next = seededRandom(1)
    const [X, Z] = [randomMatrix(next, 5, 2), randomMatrix(next, 5, 2)]
    for (const size of [0, 0.01, 1, 100]) {
      const y = Float64Array.from({ length: 15 }, (_, k) => (k < 10 ? Z.data[k] : size * gaussian(next)))
      const multipliers = [Float64Array.from({ length: 40 }, () => size * gaussian(next))]
      const bound = semidefinitePolarUpper(X, Z, 0.5, { y, multipliers })
      let largest = 0
      for (let k = 0; k < 500; k++) {
        const angle = (2 * Math.PI * k) / 500
        largest = Math.max(largest, polarValue(X, Z, Float64Array.of(Math.cos(angle), Math.sin(angle))))
      }
      expect(largest).toBeLessThanOrEqual(bound)
    }
    const y = new Float64Array(15).fill(Number.NaN)
    const multipliers = [new Float64Array(40)]
    expect(semidefinitePolarUpper(X, Z, 0.5, { y, multipliers })).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('at the edges', () => {
  test('zero targets cost nothing; zero data, and a β above βmax, cost ½‖Y‖²', async () => {
    const { X, Y } = planarFixture
    const half = Y.data.reduce((sum, value) => sum + value ** 2 / 2, 0)
    expect(await boundOf(createProblem({ X, Y: matrix(6, 2), beta: 0.1 }))).toBe(0)
    expect(await boundOf(createProblem({ X: matrix(6, 2), Y, beta: 0.1 }))).toBeCloseTo(half, 12)
    expect(await boundOf(createProblem({ X, Y, beta: 1e3 }))).toBeCloseTo(half, 12)
    const above = await boundOf(createProblem({ X, Y, beta: 3 }), { tolerance: 1e-2 })
    expect(above).toBeLessThanOrEqual(half * (1 + 1e-12))
    expect(above).toBeGreaterThan(half * 0.99)
  })

  test('one sample: β‖x‖‖y‖ − β²‖x‖²/2', async () => {
    const found = await boundOf(createProblem({ X: [[3, 4]], Y: [[2]], beta: 0.1 }))
    const optimum = (0.1 * 2) / 5 - 0.01 / 50
    expect(found).toBeLessThanOrEqual(optimum)
    expect(found).toBeGreaterThan(optimum * (1 - 2e-4))
  })

  test('a scale of X or Y that floats barely hold breaks nothing', async () => {
    const next = seededRandom(9)
    const [X, Y] = [randomMatrix(next, 4, 2), randomMatrix(next, 4, 1)]
    const { certificate } = await train(createProblem({ X, Y, beta: 0.1 }))
    for (const [x, y, beta] of [
      [1e-300, 1e150, 1e-151],
      [1e-310, 1, 1e-311],
      [1e150, 1e-300, 1e-151],
      [1e-200, 1e-150, 5e-324], // not 0.1 in units of the others
    ]) {
      const problem = createProblem({ X: scaled(X, x), Y: scaled(Y, y), beta })
      const half = problem.Y.data.reduce((sum, value) => sum + value ** 2 / 2, 0)
      const found = await boundOf(problem, { pacer: createPacer({ timeLimitSeconds: 0.1 }) })
      expect(found).toBeGreaterThanOrEqual(0)
      expect(found).toBeLessThanOrEqual(half * (1 + 1e-12))
      if (beta === 5e-324) continue
      expect(found).toBeLessThanOrEqual(certificate.objective * y * y * (1 + 1e-9))
    }
  })

  test('sizes beyond the limit are refused with the estimate, before anything is allocated', async () => {
    const next = seededRandom(1)
    const problem = createProblem({ X: randomMatrix(next, 700, 2), Y: randomMatrix(next, 700, 1), beta: 0.1 })
    await expect(boundOf(problem)).rejects.toThrow(UnsupportedProblemError)
    await expect(boundOf(problem)).rejects.toThrow('at most 2n + r + c = 1200 (maxOrder), got 1403, which takes about')
  })

  test('what the program does not hold is refused: other losses, weights, an unpenalised part', async () => {
    const { X, Y } = planarFixture
    for (const more of [
      { weights: [1, 2, 1, 1, 1, 1] },
      { outputBias: true },
      { skip: true },
      { loss: huberLoss(1) },
    ]) {
      await expect(boundOf(createProblem({ X, Y, beta: 0.1, ...more }))).rejects.toThrow(UnsupportedProblemError)
    }
  })

  test('without time there is the bound of the data alone', async () => {
    const problem = createProblem({ ...planarFixture, beta: 0.5 })
    const found = await boundOf(problem, { pacer: createPacer({ timeLimitSeconds: 0 }) })
    expect(found).toBeGreaterThan(0)
    expect(found).toBeLessThan(1.99884276)
  })
})

function specimens(): ProblemSpec[] {
  const next = seededRandom(7)
  const X = randomMatrix(next, 5, 2)
  const Y = randomMatrix(next, 5, 2)
  const [a, b, c] = [0, 1, 2].map((i) => Array.from(X.data.slice(2 * i, 2 * i + 2)))
  const opposite = (row: number[]): number[] => row.map((value) => -value)
  return [
    { X: scaled(X, 1e-6), Y, beta: 1e-7 },
    { X: scaled(X, 1e8), Y: scaled(Y, 1e-5), beta: 1e2 },
    { X: scaled(X, 1e120), Y: scaled(Y, 1e-90), beta: 1e29 },
    { X: fromRows([a, a, opposite(a), b, [0, 0]]), Y, beta: 0.1 },
    { X: fromRows([a, opposite(a), b, opposite(b), c]), Y, beta: 0.05 },
    { X: fromRows([[1e5, 1], [1e-5, 1], [1, 1e6], [3, -2], [1e-9, 1e-9]]), Y, beta: 0.1 }, // biome-ignore format: a matrix
    { X: randomMatrix(next, 6, 3), Y: randomMatrix(next, 6, 1), beta: 0.03 },
    { X: randomMatrix(next, 4, 6), Y: randomMatrix(next, 4, 3), beta: 0.3 },
  ]
}
