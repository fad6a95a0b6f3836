import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { feasibleDual, remainderOf } from './dual.ts'
import { type Matrix, matrix, scaled } from './linalg/matrix.ts'
import { lossNames } from './loss/named.ts'
import { problemFor } from './loss/problems.fixtures.ts'
import type { Problem } from './problem.ts'
import { randomMatrix } from './problem.fixtures.ts'
import { seededRandom } from './random.ts'

/** A dual that has nothing to do with the equalities, inside the domain. */
function anyDual(problem: Problem, seed: number): Matrix {
  const { loss, Y } = problem
  return loss.project(scaled(loss.dual(randomMatrix(seededRandom(seed), Y.rows, Y.cols), Y), 0.7), Y)
}

/** WᵀZ in exact arithmetic: entries of both are integers times 2^−1074. */
function exactResidual(W: Matrix, Z: Matrix, j: number, k: number): bigint {
  let total = 0n
  for (let i = 0; i < Z.rows; i++) total += fixed(W.data[i * W.cols + j]) * fixed(Z.data[i * Z.cols + k])
  return total
}

function fixed(value: number): bigint {
  let [mantissa, shift] = [value, 0n]
  while (!Number.isInteger(mantissa)) [mantissa, shift] = [mantissa * 2, shift + 1n]
  return BigInt(mantissa) << (1074n - shift)
}

const drawn = fc.record({
  name: fc.constantFrom(...lossNames),
  seed: fc.integer({ min: 0, max: 1000 }),
  skip: fc.boolean(),
  weighted: fc.boolean(),
})

describe('feasible duals', () => {
  test('without an unpenalised part: the projection onto the domain, and nothing is left over', () => {
    for (const name of lossNames) {
      const problem = problemFor(name, 1)
      const Z = anyDual(problem, 2)
      expect(feasibleDual(problem, Z)).toBe(Z)
      expect(remainderOf(problem, Z)).toEqual({ norm: 0, radius: undefined })
    }
  })

  test('with one: inside the domain, WᵀZ is rounding, and the remainder is shown to be small', () => {
    let certified = 0
    fc.assert(
      fc.property(drawn, ({ name, seed, skip, weighted }) => {
        const problem = problemFor(name, seed, { outputBias: true, skip, weighted })
        const Z = feasibleDual(problem, anyDual(problem, seed))
        const { norm, radius } = remainderOf(problem, Z)
        // Classes that the unpenalised part separates have no other dual than 0: there is nothing to find.
        if (!(problem.loss.dualValue(Z, problem.Y, 1, radius) > Number.NEGATIVE_INFINITY && radius)) return
        expect(norm).toBeLessThan(1e-9)
        certified++
      }),
      { numRuns: 60 },
    )
    expect(certified).toBeGreaterThan(40)
  })

  test('the remainder covers the exact distance to the equalities: ‖WᵀZ‖ ≤ ‖W‖ · ‖Z′ − Z‖ column by column', () => {
    fc.assert(
      fc.property(drawn, ({ name, seed, skip, weighted }) => {
        const problem = problemFor(name, seed, { outputBias: true, skip, weighted })
        const Z = feasibleDual(problem, anyDual(problem, seed))
        const { radius } = remainderOf(problem, Z)
        fc.pre(radius !== undefined)
        const W = problem.free!
        for (let j = 0; j < W.cols; j++) {
          for (let k = 0; k < Z.cols; k++) {
            // What |W|ᵀ radius allows, in the same fixed point.
            let allowed = 0n
            for (let i = 0; i < Z.rows; i++) {
              const entry = fixed(W.data[i * W.cols + j])
              allowed += (entry < 0n ? -entry : entry) * fixed(radius.data[i * Z.cols + k])
            }
            const residual = exactResidual(W, Z, j, k)
            expect((residual < 0n ? -residual : residual) <= allowed).toBe(true)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('trap: a dual off the equalities by more than rounding has a remainder as large as that', () => {
    // Sprung by a certificate that takes Zᵀ1 ≈ 0 for 0: the bound would then hold for no output bias.
    const problem = problemFor('squared', 3, { outputBias: true })
    const Z = matrix(problem.Y.rows, 1, new Float64Array(problem.Y.rows).fill(0.1))
    expect(remainderOf(problem, Z).norm).toBeGreaterThan(0.1 * Math.sqrt(problem.Y.rows) * (1 - 1e-12))
  })

  test('hinge, all on the edge and the classes of one size: drawn inwards a little, and certified all the same', () => {
    const problem = problemFor('hinge', 0, { outputBias: true, balanced: true })
    const Z = feasibleDual(problem, problem.Y) // z y = 1 throughout: no entry may move outwards
    const { norm, radius } = remainderOf(problem, Z)
    expect(norm).toBeLessThan(1e-9)
    const n = problem.Y.rows
    expect(problem.loss.dualValue(Z, problem.Y, 1, radius)).toBeGreaterThan(n * (1 - 1e-8))
  })

  test('NaN in, no bound out', () => {
    for (const name of ['squared', 'logistic', 'softmax'] as const) {
      const problem = problemFor(name, 1, { outputBias: true })
      const Z = anyDual(problem, 1)
      Z.data[0] = Number.NaN
      expect(remainderOf(problem, Z).norm).toBe(Number.POSITIVE_INFINITY)
    }
  })
})
