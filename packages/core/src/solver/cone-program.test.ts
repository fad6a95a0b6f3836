import { describe, expect, test } from 'vitest'
import { enumerateCells } from '../arrangement/enumerate.ts'
import { isActive, type Pattern, patternOf } from '../arrangement.ts'
import { InvalidProblemError, UnsupportedProblemError } from '../errors.ts'
import { dot, matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { predict } from '../network.ts'
import { polarValue } from '../oracle/evaluate.ts'
import { exactOracle } from '../oracle/exact.ts'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { train } from '../train.ts'
import { crossover, type Piece } from './cone-program/crossover.ts'
import { givenPatternsOracle } from './cone-program/given-patterns.ts'
import { coneProgram } from './cone-program.ts'
import { contextOf, solverConformance } from './solver.conformance.ts'

solverConformance('coneProgram', () => coneProgram(), { outputs: 'one', data: 'any', gap: 1e-8 })

const X = planarFixture.X
const y = Float64Array.from({ length: 6 }, (_, i) => planarFixture.Y.data[2 * i])
const problem = createProblem({ X, Y: matrix(6, 1, y), beta: 0.1 })

function random(seed: number, n: number, d: number, beta = 0.2): Problem {
  const generator = seededRandom(seed)
  return createProblem({ X: randomMatrix(generator, n, d), Y: randomMatrix(generator, n, 1), beta })
}

describe('over given patterns', () => {
  const half = enumerateCells(X).cells.filter((_, k) => k % 2 === 0).map(({ pattern }) => pattern) // biome-ignore format: short

  test('the bound claims the given patterns only, and the optimum is no better than that over all', async () => {
    const { status, certificate } = await train(problem, { solver: coneProgram({ patterns: half }), tolerance: 1e-8 })
    expect([status, certificate.scope]).toEqual(['optimal-in-scope', 'given-patterns'])
    expect(certificate.objective).toBeGreaterThan(0.39451238)
  })

  test('asked for all networks, the same network has the bound over all of them', async () => {
    const solver = coneProgram({ patterns: half, scope: 'all-networks' })
    const { status, certificate } = await train(problem, { solver, tolerance: 1e-8 })
    expect([status, certificate.scope]).toEqual(['stalled', 'all-networks'])
    expect(certificate.lowerBound).toBeLessThanOrEqual(0.39451239)
  })

  test('the patterns of the optimal neurons are enough', async () => {
    const given = random(1, 15, 3)
    const { network, certificate } = await train(given, { tolerance: 1e-10 })
    // Off the hyperplanes that they lie on, to either side of all of them.
    const generator = seededRandom(2)
    const near = network.neurons.flatMap(({ u }) =>
      Array.from({ length: 20 }, () => {
        const noise = randomMatrix(generator, 1, 3).data
        return patternOf(given.X, u.map((value, k) => value + 1e-6 * norm2(u) * noise[k])) // biome-ignore format: short
      }),
    )
    const solver = coneProgram({ patterns: near, scope: 'all-networks' })
    const result = await train(given, { solver, tolerance: 1e-8 })
    expect(result.status).toBe('optimal')
    expect(result.certificate.objective).toBeCloseTo(certificate.objective, 7)
  })

  test('pricing them: no direction of their closed cells exceeds the bound, and all cells give ω', async () => {
    const generator = seededRandom(3)
    const Z = randomMatrix(generator, 6, 1)
    const { bound, candidates } = await givenPatternsOracle(problem, half).price(Z)
    expect(bound.scope).toBe('given-patterns')
    expect(candidates[0].value).toBeGreaterThan(bound.value * (1 - 1e-12))
    for (let t = 0; t < 500; t++) {
      const u = randomMatrix(generator, 1, 2).data
      const pattern = patternOf(X, u)
      if (!half.some((one) => one.words.every((word, k) => word === pattern.words[k]))) continue
      expect(polarValue(X, Z, u)).toBeLessThanOrEqual(bound.value)
    }
    const all = enumerateCells(X).cells.map(({ pattern }) => pattern)
    const omega = (await exactOracle(problem).price(Z)).bound.value
    expect((await givenPatternsOracle(problem, all).price(Z)).bound.value).toBeCloseTo(omega, 11)
  })

  test('a pattern of another size, or without an open cell, is refused', async () => {
    const closed: Pattern = { size: 6, words: Uint32Array.of(0b111111) } // no u has all Xu > 0
    const other: Pattern = { size: 5, words: Uint32Array.of(1) }
    for (const pattern of [closed, other]) {
      await expect(train(problem, { solver: coneProgram({ patterns: [pattern] }) })).rejects.toThrow(
        InvalidProblemError,
      )
    }
  })
})

test('several outputs and too many cells are refused', async () => {
  const vector = createProblem({ ...planarFixture, beta: 0.1 })
  expect(() => coneProgram().claims(vector, contextOf())).toThrow(UnsupportedProblemError)
  await expect(train(problem, { solver: coneProgram({ maxCells: 5 }) })).rejects.toThrow('at most 5 cells')
})

describe('the crossover', () => {
  test('no piece leaves its closed cell, and the objective does not rise', async () => {
    const given = random(4, 12, 3)
    const { Xr } = given.reduction
    const generator = seededRandom(5)
    const pieces = Array.from(
      { length: 8 },
      (_, k): Piece => ({ w: randomMatrix(generator, 1, 3).data, sign: k % 2 ? 1 : -1 }),
    )
    const value = (all: readonly Piece[]): number => {
      const neurons = all.map(({ w, sign }) => ({ u: w, v: Float64Array.of(sign) }))
      const F = predict({ inputs: 3, outputs: 1, neurons }, Xr)
      const cost = all.reduce((total, { w }) => total + norm2(w), 0)
      return norm2(F.data.map((entry, i) => entry - given.Y.data[i])) ** 2 / 2 + given.beta * cost
    }
    const settled = crossover(Xr, given.Y.data, given.beta, pieces)
    expect(value(settled)).toBeLessThan(value(pieces))
    for (const { w, sign } of settled) {
      const same = pieces.some((piece) => {
        const pattern = patternOf(Xr, piece.w)
        return (
          piece.sign === sign &&
          Array.from({ length: 12 }, (_, i) => dot(row(Xr, i), w) * (isActive(pattern, i) ? 1 : -1)).every(
            (side) => side >= -1e-12,
          )
        )
      })
      expect(same).toBe(true)
    }
  })
})
