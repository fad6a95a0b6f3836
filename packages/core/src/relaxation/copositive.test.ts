import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { enumerateCells } from '../arrangement/enumerate.ts'
import { sampleCells } from '../arrangement/sample.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { fromRows, matrix, scaled } from '../linalg/matrix.ts'
import { qr } from '../linalg/qr.ts'
import { network, objective } from '../network.ts'
import { polarValue } from '../oracle/evaluate.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, problems, randomMatrix, rivals, umbrellaFixture } from '../problem.fixtures.ts'
import { createProblem, type Problem, type ProblemSpec, withBeta } from '../problem.ts'
import { gaussian, seededRandom } from '../random.ts'
import { train } from '../train.ts'
import { copositiveProgram } from './copositive-program.ts'
import {
  type CopositiveOptions,
  type CopositiveValue,
  copositiveValue,
  copositiveValues,
  relaxCopositively,
} from './copositive.ts'
import { provenDualValue } from './proven-dual-value.ts'
import { recoverNetwork } from './recover.ts'

async function valueOf(problem: Problem, options: CopositiveOptions = {}): Promise<CopositiveValue> {
  const value = await copositiveValue(problem, options)
  if (!value) throw new Error('expected a value')
  return value
}

const random = (seed: number, n: number, d: number, c: number, beta: number): Problem => {
  const next = seededRandom(seed)
  return createProblem({ X: randomMatrix(next, n, d), Y: randomMatrix(next, n, c), beta })
}

describe('fixtures', () => {
  test.each([
    [0.1, 0.65413806],
    [0.5, 2.00537741],
  ])('six samples in the plane at β = %f: (19) is the optimum, %f', async (beta, optimum) => {
    const { value, lowerBound, scope, relaxation } = await valueOf(createProblem({ ...planarFixture, beta }))
    expect(value).toBeCloseTo(optimum, 8)
    expect(lowerBound).toBe(value)
    expect(scope).toBe('all-networks')
    expect(relaxation).toMatchObject({ exact: true, complete: true, facets: 2 })
    expect(relaxation.cells).toHaveLength(12)
  })

  test.each([
    [0.1, 0.3439397],
    [0.5, 1.42895639],
  ])('(12) with the plain nuclear norm, as printed, is lower at β = %f: %f', async (beta, gated) => {
    const { value, relaxation } = await valueOf(createProblem({ ...planarFixture, beta }), { variant: 'gated' })
    expect(Math.abs(value - gated)).toBeLessThan(1e-8)
    expect(relaxation.exact).toBe(false)
  })

  test('five facets: (19) is 5.97252 where the optimum is 6.259313', async () => {
    const problem = createProblem({ ...umbrellaFixture, beta: 1.6 })
    const { value, relaxation } = await valueOf(problem)
    expect(relaxation).toMatchObject({ exact: false, complete: true, facets: 5 })
    expect(relaxation.cells).toHaveLength(21) // one of the 22 activates nothing
    expect(value).toBeCloseTo(5.97252, 5)
    expect((await train(problem)).certificate.objective).toBeCloseTo(6.259313, 5)
  })

  test('the first output alone: the optimum of (9), 0.39451238 and 1.28182089', async () => {
    const Y = fromRows(Array.from({ length: 6 }, (_, i) => [planarFixture.Y.data[2 * i]]))
    expect((await valueOf(createProblem({ X: planarFixture.X, Y, beta: 0.1 }))).value).toBeCloseTo(0.39451238, 7)
    expect((await valueOf(createProblem({ X: planarFixture.X, Y, beta: 0.5 }))).value).toBeCloseTo(1.28182089, 7)
  })
})

describe('against column generation', () => {
  test('equal where every cell has at most four facets, and the network is recovered', async () => {
    for (const [seed, n, c, beta] of [
      [1, 6, 2, 0.03],
      [2, 6, 2, 0.3],
      [3, 9, 1, 0.1],
      [4, 5, 3, 1],
    ]) {
      const problem = random(seed, n, 2, c, beta)
      const value = await valueOf(problem)
      const { certificate } = await train(problem, { tolerance: 1e-9 })
      expect(value.relaxation.exact).toBe(true)
      expect(value.value).toBeLessThanOrEqual(certificate.objective)
      expect(value.value).toBeGreaterThan(certificate.lowerBound * (1 - 1e-7))
      const recovered = recoverNetwork(problem, value)
      expect(recovered?.error).toBeLessThan(1e-6)
      expect(objective(problem, recovered?.network ?? network(2, c, []))).toBeLessThan(
        certificate.objective * (1 + 1e-6),
      )
    }
  })

  test('never above, on data of higher rank', async () => {
    for (const [seed, n, d, c, beta] of [
      [1, 6, 3, 3, 0.3],
      [2, 6, 3, 1, 0.03],
      [3, 5, 4, 2, 0.03],
    ]) {
      const problem = random(seed, n, d, c, beta)
      const { value, iterate } = await valueOf(problem)
      const { certificate } = await train(problem)
      expect(value).toBeLessThanOrEqual(certificate.objective)
      expect(value).toBeGreaterThan(0.9 * certificate.objective)
      expect(Math.abs((iterate?.primalValue ?? 0) - value)).toBeLessThan(1e-6 * value)
    }
  })
})

describe('weak duality', () => {
  test('no network beats the bound, in any variant, however early the method stops', async () => {
    await fc.assert(
      fc.asyncProperty(problems, rivals, fc.constantFrom(0, 1, 3, 50), async (problem, rival, steps) => {
        const other = objective(problem, rival(problem))
        for (const variant of ['doubly-nonnegative', 'gated'] as const) {
          const { lowerBound } = await valueOf(problem, { variant, pacer: pacerAfter(steps) })
          expect(lowerBound).toBeLessThanOrEqual(other)
        }
      }),
      { numRuns: 8, seed: 3 },
    )
  }, 60_000)

  test('no bound exceeds the certified optimum on data of any scale, with repeated, opposite and zero rows', async () => {
    for (const spec of degenerate()) {
      const problem = createProblem(spec)
      const { certificate } = await train(problem)
      const { lowerBound } = await valueOf(problem)
      expect(lowerBound).toBeLessThanOrEqual(certificate.objective * (1 + 1e-12))
      expect(lowerBound).toBeGreaterThanOrEqual(certificate.lowerBound * (1 - 1e-5))
    }
  })

  test('the bound on the polar holds for every direction', async () => {
    const problem = random(5, 8, 3, 2, 0.1)
    const next = seededRandom(1)
    const { dual, bound } = await valueOf(problem)
    for (let k = 0; k < 2000; k++) {
      const u = Float64Array.from({ length: 3 }, () => gaussian(next))
      expect(polarValue(problem.X, dual, u)).toBeLessThanOrEqual(bound.value)
    }
  })

  test('the general bound with its a priori trace agrees, and is no better than scaling Z', async () => {
    const problem = createProblem({ ...planarFixture, beta: 0.1 })
    const { relaxation, iterate, value } = await valueOf(problem)
    const program = copositiveProgram({ X: problem.X, Y: problem.Y, beta: 0.1 }, relaxation.cells, relaxation.variant)
    const general = iterate ? provenDualValue(program, iterate) : 0
    expect(general).toBeLessThanOrEqual(value)
    expect(general).toBeGreaterThan(value * (1 - 1e-8))
  })
})

describe('given patterns', () => {
  test('never make a bound on all networks, not even when they are all there are', async () => {
    const problem = createProblem({ ...planarFixture, beta: 0.1 })
    const patterns = enumerateCells(problem.X).cells.map(({ pattern }) => pattern)
    const all = await valueOf(problem, { patterns })
    expect(all).toMatchObject({
      lowerBound: null,
      scope: 'given-patterns',
      relaxation: { complete: false, exact: false },
    })
    expect(all.bound.scope).toBe('given-patterns')
    expect(all.value).toBeCloseTo(0.65413806, 8)
    const some = await valueOf(problem, {
      patterns: sampleCells(problem.X, seededRandom(2), { draws: 4 }).map(({ pattern }) => pattern),
    })
    expect(some.value).toBeGreaterThan(all.value + 1e-3)
    expect(some.lowerBound).toBeNull()
  })

  test('D = I is (20), the closed form on whitened data', async () => {
    const labels = [0, 0, 0, 1, 1, 2, 0]
    const Y = fromRows(labels.map((label) => [0, 1, 2].map((k) => (k === label ? 1 : 0))))
    const { Q } = qr(randomMatrix(seededRandom(3), 9, 7))
    const X = matrix(
      7,
      9,
      Float64Array.from({ length: 63 }, (_, k) => Q.data[(k % 9) * 7 + Math.floor(k / 9)]),
    )
    for (const beta of [0.3, 1.2]) {
      const problem = createProblem({ X, Y, beta })
      const { Xr } = problem.reduction
      const all = { size: 7, words: Uint32Array.of(0b1111111) }
      const { value, relaxation } = await valueOf(problem, { patterns: [all] })
      const closed = [4, 2, 1].reduce(
        (sum, n) => sum + (Math.sqrt(n) > beta ? beta * Math.sqrt(n) - beta ** 2 / 2 : n / 2),
        0,
      )
      expect(relaxation.facets).toBe(7)
      expect(Xr.cols).toBe(7)
      expect(Math.abs(value - closed)).toBeLessThan(1e-7)
    }
  })

  test('patterns of another number of samples are refused', async () => {
    const patterns = [{ size: 5, words: Uint32Array.of(1) }]
    const value = copositiveValue(createProblem({ ...planarFixture, beta: 0.1 }), { patterns })
    await expect(value).rejects.toThrow('copositive: patterns must be of 6 samples, got one of 5')
  })

  test('a pattern that no direction has is refused, with advice', async () => {
    const patterns = [{ size: 6, words: Uint32Array.of(0b111111) }] // the rows span the plane positively
    const value = copositiveValue(createProblem({ ...planarFixture, beta: 0.1 }), { patterns })
    await expect(value).rejects.toThrow(RangeError)
    await expect(value).rejects.toThrow(
      'every pattern must be that of some u ≠ 0, (2D − I)Xu ≥ 0, got one that none has',
    )
  })

  test('a pattern whose cone is a ray does no harm', async () => {
    const problem = createProblem({ X: fromRows([[1, 0], [-1, 0], [0, 1]]), Y: fromRows([[1], [2], [3]]), beta: 0.1 }) // biome-ignore format: a matrix
    const pattern = { size: 3, words: Uint32Array.of(0b111) }
    const { value } = await valueOf(problem, { patterns: [pattern] })
    // Only u = (0, 1) is left: the third sample alone can be fitted.
    expect(value).toBeCloseTo((1 + 4) / 2 + 0.1 * 3 - 0.005, 5)
  })
})

describe('at the edges', () => {
  test('zero targets cost nothing, zero data cost ½‖Y‖², and so does β ≥ βmax', async () => {
    const { X, Y } = planarFixture
    expect((await valueOf(createProblem({ X, Y: matrix(6, 2), beta: 0.1 }))).lowerBound).toBe(0)
    const half = Y.data.reduce((sum, value) => sum + (value * value) / 2, 0)
    expect((await valueOf(createProblem({ X: matrix(6, 2), Y, beta: 0.1 }))).lowerBound).toBeCloseTo(half, 12)
    expect((await valueOf(createProblem({ X, Y, beta: 2.4 }))).lowerBound).toBeCloseTo(half, 8)
  })

  test('one sample: β‖x‖‖y‖ − β²‖x‖²/2', async () => {
    const { lowerBound } = await valueOf(createProblem({ X: [[3, 4]], Y: [[2]], beta: 0.1 }))
    expect(lowerBound).toBeCloseTo((0.1 * 2) / 5 - 0.01 / 50, 10)
  })

  test('too many cells are refused by number, before any are listed', async () => {
    const problem = random(1, 60, 5, 1, 0.1)
    await expect(relaxCopositively(problem)).rejects.toThrow(UnsupportedProblemError)
    await expect(relaxCopositively(problem)).rejects.toThrow(
      'at most 5000 cells (maxCells), got up to 978812 of 60 samples in rank 5',
    )
  })

  test('a relaxation of other data, or one that was tampered with, makes no bound', async () => {
    const [one, other] = [random(1, 6, 2, 1, 0.1), random(2, 6, 2, 1, 0.1)]
    const relaxation = await relaxCopositively(one)
    if (!relaxation) throw new Error('expected a relaxation')
    const first = (problem: Problem, of: typeof relaxation): Promise<unknown> => copositiveValues(problem, of).next()
    await expect(first(other, relaxation)).rejects.toThrow(RangeError)
    await expect(first(one, { ...relaxation, complete: true })).rejects.toThrow('got a copy or that of others')
    expect(await first(withBeta(one, 0.2), relaxation)).toMatchObject({ done: false })
  })

  test('without time there is no value', async () => {
    expect(await copositiveValue(random(1, 6, 2, 1, 0.1), { pacer: createPacer({ timeLimitSeconds: 0 }) })).toBeNull()
  })
})

/** Lists cells in peace, then stops the conic method after so many steps. */
function pacerAfter(steps: number): ReturnType<typeof createPacer> {
  let left = steps + 2000
  return { ...createPacer(), expired: () => left-- <= 0 }
}

function degenerate(): ProblemSpec[] {
  const next = seededRandom(7)
  const X = randomMatrix(next, 5, 2)
  const Y = randomMatrix(next, 5, 2)
  const rows = (order: readonly number[]): number[][] =>
    order.map((i) =>
      i === 0 ? [0, 0] : Array.from(X.data.slice(2 * Math.abs(i) - 2, 2 * Math.abs(i)), (v) => Math.sign(i) * v),
    )
  return [
    { X: scaled(X, 1e-6), Y, beta: 1e-7 },
    { X: scaled(X, 1e8), Y: scaled(Y, 1e-5), beta: 1e2 },
    { X: scaled(X, 1e120), Y: scaled(Y, 1e-90), beta: 1e29 },
    { X: fromRows(rows([1, 1, -1, 2, 0])), Y, beta: 0.1 },
    { X: fromRows(rows([1, -1, 2, -2, 3])), Y, beta: 0.05 },
    { X: fromRows([[1e5, 1], [1e-5, 1], [1, 1e6], [3, -2], [1e-9, 1e-9]]), Y, beta: 0.1 }, // biome-ignore format: a matrix
  ]
}
