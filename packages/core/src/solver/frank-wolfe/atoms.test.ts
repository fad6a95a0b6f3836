import { describe, expect, test } from 'vitest'
import { multiplyTransposedVector, subtract } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import { createPacer } from '../../pacer.ts'
import { planarFixture, randomMatrix } from '../../problem.fixtures.ts'
import { createProblem } from '../../problem.ts'
import { seededRandom } from '../../random.ts'
import { unit } from '../parts.ts'
import { Atoms } from './atoms.ts'

const problem = createProblem({ ...planarFixture, beta: 0.1 })

function drawn(count: number, seed = 1): Atoms {
  const random = seededRandom(seed)
  let atoms = new Atoms(problem)
  for (let k = 0; k < count; k++)
    atoms = atoms.with(unit(randomMatrix(random, 1, 2).data), randomMatrix(random, 1, 2).data)
  return atoms
}

describe('atoms', () => {
  test('a direction at hand takes a new weight in', () => {
    const u = Float64Array.of(0.6, 0.8)
    const atoms = new Atoms(problem).with(u, Float64Array.of(1, 2)).with(u.slice(), Float64Array.of(1, -1))
    expect(atoms.all).toHaveLength(1)
    expect(atoms.all[0].w).toEqual(Float64Array.of(2, 1))
  })

  test('many are pruned to nc + 1 and less, with the same fit and no higher gauge', () => {
    const bound = problem.Y.data.length + 1
    const before = drawn(bound + 64)
    expect(before.all.length).toBe(bound + 64)
    const after = before.with(unit(Float64Array.of(0.3, -0.7)), Float64Array.of(0, 0))
    expect(after.all.length).toBeLessThanOrEqual(bound)
    expect(norm2(subtract(after.F, before.F).data)).toBeLessThanOrEqual(1e-9 * norm2(before.F.data))
    expect(after.gauge()).toBeLessThanOrEqual(before.gauge() * (1 + 1e-9))
  })

  test('a correction is optimal for its directions: ‖Rᵀa‖ ≤ β, with equality and R ᵀa ∥ w where w is not zero', async () => {
    const atoms = await drawn(8).corrected({ beta: 0.1 }, createPacer())
    const dual = atoms.residual()
    expect(atoms.all.length).toBeGreaterThan(0)
    for (const { a, w } of atoms.all) {
      const pull = multiplyTransposedVector(dual, a)
      pull.forEach((value, k) => expect(value).toBeCloseTo((0.1 * w[k]) / norm2(w), 8))
    }
  })

  test('a correction within a budget uses it up where that helps', async () => {
    const atoms = await drawn(8).corrected({ beta: 0, budget: 0.5 }, createPacer())
    expect(atoms.gauge()).toBeLessThanOrEqual(0.5 * (1 + 1e-12))
    expect(atoms.gauge()).toBeGreaterThan(0.5 * (1 - 1e-6))
  })
})
