import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromRows, type Matrix, matrix, multiply, row, scaled, transpose } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { qr } from '../linalg/qr.ts'
import { balance, objective } from '../network.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, randomMatrix, rivals, umbrellaFixture } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import type { Solver, SolverClaim, SolverContext } from '../solver.ts'
import { train, type TrainResult } from '../train.ts'
import { columnGeneration } from './column-generation.ts'

export interface SolverTraits {
  /** Whether it takes several outputs. */
  readonly outputs: 'one' | 'any'
  /** What data it takes: all, or only those with orthonormal rows. */
  readonly data: 'any' | 'orthonormal-rows'
  /** The relative gap it is asked for, and reaches. */
  readonly gap: number
  /** Rank 3 costs an exact search per step: more than a test should take where there are many steps. */
  readonly maxRank?: 2 | 3
  /**
   * False for a solver whose bounds do not meet the optimum, a relaxation: it need not certify what it finds, but it has to
   * find it, to the gap.
   */
  readonly tight?: boolean
  /** Problems of the property test. */
  readonly runs?: number
}

/** Rounding of an objective or a bound, relative. */
const rounding = 1e-12

/** What every solver promises. A lower bound above what some network attains is the worst it could do. */
export function solverConformance(name: string, create: () => Solver, traits: SolverTraits): void {
  const { outputs, data, gap, maxRank = 3, tight = true, runs = 12 } = traits
  /** Orthonormal rows have a rank as large as their number. */
  const most = data === 'any' ? 6 : 4
  const solve = (problem: Problem, options = {}): Promise<TrainResult> =>
    train(problem, { solver: create(), tolerance: gap, timeLimitSeconds: 30, ...options })

  function draw(seed: number, n: number, d: number, c: number): { X: Matrix; Y: Matrix } {
    const random = seededRandom(seed)
    const X = data === 'any' ? randomMatrix(random, n, d) : orthonormalRows(randomMatrix(random, n + d, n))
    return { X, Y: randomMatrix(random, n, outputs === 'one' ? 1 : c) }
  }

  /** Solved to the gap, or without a limit in the way where bounds do not meet the optimum. */
  async function solved(problem: Problem): Promise<number> {
    const { certificate, status } = await solve(problem)
    const stops = tight ? ['optimal'] : ['optimal', 'stalled']
    expect([stops.includes(status), certificate.relativeGap]).toEqual([true, expect.any(Number)])
    expect(certificate.lowerBound).toBeLessThanOrEqual(certificate.objective)
    expect(certificate.scope).toBe('all-networks')
    return certificate.objective
  }

  function expectClose(a: number, b: number): void {
    expect(Math.abs(a - b)).toBeLessThanOrEqual(2 * gap * Math.max(Math.abs(a), Math.abs(b)) + 1e-12)
  }

  describe(`${name} as a solver`, () => {
    test('no network beats its lower bound, and no bound of column generation is above its objective', async () => {
      const recipes = fc.record({
        seed: fc.integer(),
        n: fc.integer({ min: 1, max: most }),
        d: fc.integer({ min: 1, max: maxRank }),
        c: fc.integer({ min: 1, max: 3 }),
        beta: fc.constantFrom(0.05, 0.3, 2),
        rounds: fc.constantFrom(1, 3, 1000),
      })
      await fc.assert(
        fc.asyncProperty(recipes, rivals, async ({ seed, n, d, c, beta, rounds }, rival) => {
          const problem = createProblem({ ...draw(seed, n, d, c), beta })
          const { certificate } = await solve(problem, { maxIterations: rounds, timeLimitSeconds: 5 })
          expect(certificate.crossed).toBe(false)
          expect(objective(problem, rival(problem))).toBeGreaterThanOrEqual(certificate.lowerBound)
          const other = (await train(problem, { tolerance: 1e-7, timeLimitSeconds: 2 })).certificate
          const slack = rounding * other.objective
          expect(certificate.lowerBound).toBeLessThanOrEqual(other.objective + slack)
          expect(other.lowerBound).toBeLessThanOrEqual(certificate.objective + slack)
        }),
        { numRuns: runs },
      )
    })

    test('every bound belongs to its own dual, to the end', async () => {
      const problem = createProblem({ ...draw(2, 4, 2, 2), beta: 0.1 })
      const claims: SolverClaim[] = []
      for await (const claim of create().claims(problem, contextOf())) {
        claims.push(claim)
        if (claims.length >= 40) break
      }
      expect(claims.length).toBeGreaterThan(0)
      for (const { bound, dual, network } of claims) {
        expect(bound.matches(problem, dual)).toBe(true)
        expect([network.inputs, network.outputs]).toEqual([problem.X.cols, problem.Y.cols])
      }
    })

    test('agrees with column generation to the reported gaps', async () => {
      for (const [seed, n, d] of [
        [3, most, 2],
        [4, most - 1, maxRank],
      ]) {
        const problem = createProblem({ ...draw(seed, n, d, 2), beta: 0.2 })
        const own = await solved(problem)
        const limits = { tolerance: 1e-8, timeLimitSeconds: 5 }
        const other = (await train(problem, { solver: columnGeneration(), ...limits })).certificate
        expect(Math.abs(own - other.objective)).toBeLessThanOrEqual(gap * own + other.gap + rounding)
      }
    })

    test('one sample: βt − β²/2 with t = ‖x‖‖y‖ above β, ½‖y‖² otherwise, x a unit vector', async () => {
      const y = [0.6, -0.8, 1.5].slice(0, outputs === 'one' ? 1 : 3)
      const size = norm2(Float64Array.from(y))
      for (const beta of [0.3 * size, 0.9 * size, 1.1 * size]) {
        const value = await solved(createProblem({ X: [[0.6, 0.8]], Y: [y], beta }))
        expectClose(value, beta < size ? beta * size - beta ** 2 / 2 : size ** 2 / 2)
      }
    })

    test('orthonormal rows and classes: Σ_k β√n_k − β²/2, classes with √n_k ≤ β left out', async () => {
      const X = orthonormalRows(randomMatrix(seededRandom(5), 6, 3))
      const Y = outputs === 'one' ? [1, 1, 0] : [[1, 0], [1, 0], [0, 1]] // biome-ignore format: a matrix
      const [first, second] = [Math.SQRT2, outputs === 'one' ? 0 : 1]
      for (const beta of [0.2, 1.2]) {
        const value = (size: number): number => (size > beta ? beta * size - beta ** 2 / 2 : size ** 2 / 2)
        expectClose(await solved(createProblem({ X, Y, beta })), value(first) + value(second))
      }
    })

    test('β at or above βmax: the zero network, certified', async () => {
      const { X, Y } = draw(6, 4, 2, 2)
      const problem = createProblem({ X, Y, beta: 2 * norm2(X.data) * norm2(Y.data) })
      const { network, status } = await solve(problem)
      expect(status).toBe('optimal')
      expect(network.neurons).toHaveLength(0)
    })

    test('Y = 0: the zero network, certified', async () => {
      const { X } = draw(7, 3, 2, 1)
      const { network, certificate } = await solve(createProblem({ X, Y: matrix(3, 1), beta: 0.1 }))
      expect(network.neurons).toHaveLength(0)
      expect([certificate.objective, certificate.relativeGap]).toEqual([0, 0])
    })

    test('samples permuted, features rotated, outputs and β scaled: the same optimum, scaled', async () => {
      const { X, Y } = draw(8, most - 1, 2, 2)
      const value = await solved(createProblem({ X, Y, beta: 0.2 }))
      const order = Array.from({ length: most - 1 }, (_, k) => (2 * k + 1) % (most - 1))
      const shuffled = createProblem({ X: pick(X, order), Y: pick(Y, order), beta: 0.2 })
      expectClose(await solved(shuffled), value)
      const { Q } = qr(randomMatrix(seededRandom(9), X.cols, X.cols))
      expectClose(await solved(createProblem({ X: multiply(X, Q), Y, beta: 0.2 })), value)
      expectClose((await solved(createProblem({ X, Y: scaled(Y, 100), beta: 20 }))) / 1e4, value)
    })

    test.runIf(data === 'any')('a sample twice is one of √2 the size, and a zero row costs ½‖y‖²', async () => {
      const { X, Y } = draw(10, 4, 2, 2)
      const twice = [0, 1, 2, 3, 3]
      const larger = (a: Matrix): Matrix =>
        matrix(
          a.rows,
          a.cols,
          a.data.map((value, k) => (k < 3 * a.cols ? value : Math.SQRT2 * value)),
        )
      const value = await solved(createProblem({ X: pick(X, twice), Y: pick(Y, twice), beta: 0.2 }))
      expectClose(await solved(createProblem({ X: larger(X), Y: larger(Y), beta: 0.2 })), value)
      const empty = matrix(5, 2, Float64Array.of(...X.data, 0, 0))
      const targets = matrix(5, Y.cols, Float64Array.of(...Y.data, ...new Float64Array(Y.cols).fill(2)))
      const short = await solved(createProblem({ X, Y, beta: 0.2 }))
      expectClose(await solved(createProblem({ X: empty, Y: targets, beta: 0.2 })), short + 2 * Y.cols)
    })

    test.runIf(data === 'any').each(degenerate)('%s: certified', async (_what, X) => {
      const Y = outputs === 'one' ? matrix(X.rows, 1) : matrix(X.rows, 2)
      Y.data.forEach((_, k) => (Y.data[k] = [1, -1, 0.5, 2, -1.5][k % 5]))
      await solved(createProblem({ X, Y, beta: 0.2 }))
    })

    test.runIf(data === 'any')('the planar fixture, to its known optimum', async () => {
      const { X, Y } = planarFixture
      if (outputs === 'one') {
        const y = Float64Array.from({ length: 6 }, (_, i) => Y.data[2 * i])
        expectClose(await solved(createProblem({ X, Y: matrix(6, 1, y), beta: 0.1 })), 0.39451238)
        expectClose(await solved(createProblem({ X, Y: matrix(6, 1, y), beta: 0.5 })), 1.28182089)
      } else {
        expectClose(await solved(createProblem({ X, Y, beta: 0.1 })), 0.65413806)
        expectClose(await solved(createProblem({ X, Y, beta: 0.5 })), 2.00537741)
      }
    })

    test.runIf(data === 'any' && outputs === 'any' && maxRank >= 3)('the umbrella, cells of five facets', async () => {
      expectClose(await solved(createProblem({ ...umbrellaFixture, beta: 1.6 })), 6.259313035)
    })

    test('aborted or out of time from the start: a network and a bound that holds', async () => {
      const problem = createProblem({ ...draw(11, 4, 2, 2), beta: 0.1 })
      const best = (await train(problem, { tolerance: 1e-7 })).certificate.objective
      const aborted = await solve(problem, { signal: AbortSignal.abort() })
      const expired = await solve(problem, { timeLimitSeconds: 0 })
      for (const { certificate, network, status } of [aborted, expired]) {
        expect(['interrupted', 'time-limit', 'optimal']).toContain(status)
        expect(certificate.lowerBound).toBeLessThanOrEqual(best * (1 + rounding))
        expect(objective(problem, network)).toBeGreaterThanOrEqual(best * (1 - 1e-6))
      }
    })

    test('the same run twice gives the same figures', async () => {
      const problem = createProblem({ ...draw(12, 4, 2, 2), beta: 0.1 })
      const [a, b] = [await solve(problem, { maxIterations: 10 }), await solve(problem, { maxIterations: 10 })]
      expect(a.certificate).toEqual(b.certificate)
      expect(balance(a.network)).toEqual(balance(b.network))
    })
  })
}

/** Small data at which something vanishes or coincides. */
const degenerate: readonly [string, Matrix][] = [
  ['one sample', fromRows([[2, -1]])],
  ['collinear rows of either sign', fromRows([[1, 2], [-2, -4], [0.5, 1], [3, 6]])], // biome-ignore format: a matrix
  ['a rank-deficient X', fromRows([[1, 2, 3], [2, 4, 6], [1, 0, 1], [0, 2, 2]])], // biome-ignore format: a matrix
  ['a sample on the hyperplane of another', fromRows([[1, 0], [0, 1], [-1, 0], [0, -2]])], // biome-ignore format: a matrix
  ['one feature', fromRows([[1], [-2], [3], [0], [-0.5]])], // biome-ignore format: a matrix
]

export function contextOf(options: Partial<SolverContext> = {}): SolverContext {
  return { pacer: createPacer(), tolerance: 1e-8, seed: 0, timed: (_kind, work) => work(), ...options }
}

function orthonormalRows(tall: Matrix): Matrix {
  return transpose(qr(tall).Q)
}

function pick(a: Matrix, order: readonly number[]): Matrix {
  const out = matrix(order.length, a.cols)
  order.forEach((i, at) => row(out, at).set(row(a, i)))
  return out
}
