import { describe, expect, test } from 'vitest'
import { eigh } from '../linalg/eigh.ts'
import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import { svd } from '../linalg/svd.ts'
import { coneQuadraticMaximum } from '../oracle/cone-pca.ts'
import { createPacer } from '../pacer.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import type { ConicBlock, ConicIterate, ConicProgram, DoublyNonnegativeSolver } from '../relaxation.ts'
import { coneMaximumProgram } from './cone-maximum.ts'
import { copositiveProgram } from './copositive-program.ts'
import { provenDualValue } from './proven-dual-value.ts'
import { identity, negated, randomSymmetric } from './relaxation.fixtures.ts'

/** What every implementation of `DoublyNonnegativeSolver` must do: reach known optima from both sides, and stop when told. */
export function doublyNonnegativeConformance(
  name: string,
  solver: DoublyNonnegativeSolver,
  { accuracy }: { readonly accuracy: number },
): void {
  describe(`${name} is a doubly nonnegative solver:`, () => {
    const reaches = async (program: ConicProgram, optimum: number): Promise<void> => {
      const iterates = await all(solver, program)
      const bounds = iterates.map((iterate) => provenDualValue(program, iterate))
      const scale = Math.max(1, Math.abs(optimum))
      for (const bound of bounds) expect(bound).toBeLessThanOrEqual(optimum + 1e-9 * scale)
      expect(Math.max(...bounds)).toBeGreaterThan(optimum - accuracy * scale)
      expect(Math.abs(Math.min(...iterates.map(({ primalValue }) => primalValue)) - optimum)).toBeLessThan(
        accuracy * scale,
      )
    }

    test('the smallest eigenvalue: no pairs, one hard constraint', async () => {
      const C = randomSymmetric(seededRandom(1), 5)
      await reaches(coneMaximumProgram(negated(C), matrix(0, 5)), eigh(C).values[0])
    })

    test('a linear program: blocks of order one share one constraint', async () => {
      const [costs, shares] = [[3, 1, 2, 5], [1, 0.2, 0.5, 4]] // biome-ignore format: a table
      const blocks = costs.map((cost, b) => scalarBlock(cost, Math.sqrt(shares[b])))
      const start = Float64Array.of(0.5)
      const program = {
        blocks,
        targets: Float64Array.of(2),
        curvatures: Float64Array.of(0),
        trace: 40,
        magnitude: 10,
        start,
      }
      await reaches(program, 2 * (5 / 4))
    })

    test('a quadratic: soft thresholding of a number', async () => {
      const about = { curvatures: Float64Array.of(1), trace: 10, magnitude: 2, start: Float64Array.of(0) }
      const program = (target: number): ConicProgram => ({
        blocks: [scalarBlock(0.5, 1)],
        targets: Float64Array.of(target),
        ...about,
      })
      await reaches(program(2), 0.5 * 2 - 0.125)
      await reaches(program(0.3), 0.045)
    })

    test('a nuclear norm: soft thresholding of singular values', async () => {
      const Y = randomMatrix(seededRandom(2), 4, 3)
      const everything = { size: 4, words: Uint32Array.of(0b1111) }
      const cell = { pattern: everything, facets: matrix(0, 4) }
      const program = copositiveProgram({ X: identity(4), Y, beta: 0.7 }, [cell], 'gated')
      const optimum = svd(Y).S.reduce((sum, s) => sum + (s > 0.7 ? 0.7 * s - 0.245 : s ** 2 / 2), 0)
      await reaches(program, optimum)
    })

    test.each([2, 3, 4])('doubly nonnegative matrices of order %i: the cone-constrained maximum', async (order) => {
      const R = randomSymmetric(seededRandom(order), order)
      await reaches(coneMaximumProgram(R, identity(order)), -coneQuadraticMaximum(R, identity(order)).bound)
    })

    test('out of time it ends, and what it has is valid', async () => {
      const R = randomSymmetric(seededRandom(5), 12)
      const program = coneMaximumProgram(R, identity(12))
      const full = Math.max(...(await all(solver, program)).map((iterate) => provenDualValue(program, iterate)))
      const early = await all(solver, program, createPacer({ timeLimitSeconds: 0 }))
      expect(early.length).toBeLessThan(2)
      for (const iterate of early) expect(provenDualValue(program, iterate)).toBeLessThanOrEqual(full + 1e-6)
    })
  })
}

async function all(
  solver: DoublyNonnegativeSolver,
  program: ConicProgram,
  pacer = createPacer(),
): Promise<ConicIterate[]> {
  const out: ConicIterate[] = []
  for await (const iterate of solver.iterates(program, { pacer })) out.push(iterate)
  return out
}

/** cost · u for u ≥ 0, which enters constraint 0 as size² u. */
function scalarBlock(cost: number, size: number): ConicBlock {
  const vectors: Matrix = matrix(1, 1)
  row(vectors, 0)[0] = size
  const couplings = [{ constraint: 0, left: 0, right: 0 }]
  return { cost: matrix(1, 1, Float64Array.of(cost)), vectors, nonnegative: [], couplings }
}
