import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ConeBlock, type ConeLeastSquares, solveConeLeastSquares } from './interior-point.ts'
import { polish } from './interior-point/polish.ts'
import { dot, type Matrix, matrix, multiplyTransposedVector, multiplyVector } from './linalg/matrix.ts'
import { norm2 } from './linalg/norms.ts'
import { createPacer } from './pacer.ts'
import { randomMatrix } from './problem.fixtures.ts'
import { seededRandom } from './random.ts'

const identity = (n: number): Matrix =>
  matrix(
    n,
    n,
    Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0)),
  )

function free(A: Matrix, sign: 1 | -1 = 1): ConeBlock {
  return { A, sign, walls: null, interior: null }
}

function residualOf({ blocks, target }: ConeLeastSquares, weights: readonly Float64Array[]): Float64Array {
  const rest = target.slice()
  blocks.forEach(({ A, sign }, b) => multiplyVector(A, weights[b]).forEach((value, i) => (rest[i] -= sign * value)))
  return rest
}

/** Primal minus dual, the dual at the scaled residual, over blocks without walls. */
function gapOf(program: ConeLeastSquares, weights: readonly Float64Array[]): number {
  const { blocks, target, beta, budget } = program
  const rest = residualOf(program, weights)
  const cost = weights.reduce((total, w) => total + norm2(w), 0)
  const pull = Math.max(...blocks.map(({ A }) => norm2(multiplyTransposedVector(A, rest))))
  const square = dot(rest, rest)
  if (budget !== undefined) return budget * pull - dot(target, rest) + square
  const scale = Math.min(1, beta / pull)
  return square / 2 + beta * cost - scale * dot(target, rest) + (scale * scale * square) / 2
}

describe('closed forms', () => {
  const y = Float64Array.of(3, -1, 2)
  const positive = Float64Array.of(3, 0, 2)

  test('one block with A = I: the target, shortened by β', async () => {
    const { weights } = await solveConeLeastSquares({ blocks: [free(identity(3))], target: y, beta: 0.5 })
    weights[0].forEach((value, k) => expect(value).toBeCloseTo(y[k] * (1 - 0.5 / norm2(y)), 8))
  })

  test('the same within a budget: the target, shortened to it', async () => {
    const program = { blocks: [free(identity(3))], target: y, beta: 0, budget: 1.5 }
    const { weights } = await solveConeLeastSquares(program)
    weights[0].forEach((value, k) => expect(value).toBeCloseTo((1.5 * y[k]) / norm2(y), 7))
  })

  test('behind the walls w ≥ 0: the positive part, shortened by β', async () => {
    const interior = new Float64Array(3).fill(1 / Math.sqrt(3))
    const block: ConeBlock = { A: identity(3), sign: 1, walls: identity(3), interior }
    const { weights } = await solveConeLeastSquares({ blocks: [block], target: y, beta: 0.5 })
    weights[0].forEach((value, k) => expect(value).toBeCloseTo(positive[k] * (1 - 0.5 / norm2(positive)), 6))
    expect(weights[0].every((value) => value > 0)).toBe(true)
  })

  test('a sign turns the fit around', async () => {
    const { weights } = await solveConeLeastSquares({ blocks: [free(identity(3), -1)], target: y, beta: 0.5 })
    weights[0].forEach((value, k) => expect(value).toBeCloseTo(-y[k] * (1 - 0.5 / norm2(y)), 8))
  })

  test('β beyond every pull: nothing but zeros', async () => {
    const { weights } = await solveConeLeastSquares({ blocks: [free(identity(3))], target: y, beta: 4 })
    expect(norm2(weights[0])).toBeLessThan(1e-8)
  })
})

describe('group lasso', () => {
  const recipes = fc.record({
    seed: fc.integer(),
    n: fc.integer({ min: 1, max: 8 }),
    count: fc.integer({ min: 1, max: 6 }),
    k: fc.integer({ min: 1, max: 3 }),
    budget: fc.constantFrom(undefined, 0.1, 0.5),
  })

  test('ends with primal and dual within 1e-4 of each other, and polished within 1e-9', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async ({ seed, n, count, k, budget }) => {
        const random = seededRandom(seed)
        const blocks = Array.from({ length: count }, () => free(randomMatrix(random, n, k)))
        const target = randomMatrix(random, 1, n).data
        // The fit is no longer than this: the budget binds.
        fc.pre(budget === undefined || budget * Math.max(...blocks.map(({ A }) => norm2(A.data))) < norm2(target))
        const program = budget === undefined ? { blocks, target, beta: 0.3 } : { blocks, target, beta: 0, budget }
        const { weights } = await solveConeLeastSquares(program)
        const scale = dot(target, target) + 1e-3
        expect(gapOf(program, weights)).toBeLessThanOrEqual(1e-4 * scale)
        const polished = polish(program, weights)
        expect(gapOf(program, polished)).toBeLessThanOrEqual(1e-9 * scale)
        const cost = polished.reduce((total, w) => total + norm2(w), 0)
        if (budget !== undefined) expect(cost).toBeLessThanOrEqual(budget * (1 + 1e-12))
      }),
      { numRuns: 40 },
    )
  })

  test('out of time: what there is so far, finite', async () => {
    const pacer = createPacer({ timeLimitSeconds: 0 })
    const program = { blocks: [free(identity(2))], target: Float64Array.of(1, 1), beta: 0.1 }
    const { weights, iterations } = await solveConeLeastSquares(program, { pacer })
    expect(iterations).toBe(0)
    expect(weights[0].every(Number.isFinite)).toBe(true)
  })
})
