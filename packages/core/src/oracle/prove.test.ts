import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frobeniusUpper } from '../linalg/norms.ts'
import { createPacer } from '../pacer.ts'
import { checkProof } from '../proof/check.ts'
import { exactOracle } from './exact.ts'
import { degenerateCases, follow, type Instance, massOf, randomInstance, recipesUpTo } from './oracle.fixtures.ts'
import { prove } from './prove.ts'

/** What is proven once more, and checked: the bound of the exact oracle for this rank. */
async function expectProven(instance: Instance, relativeTolerance: number): Promise<void> {
  const { problem, Z } = instance
  const target = (await exactOracle(problem).price(Z, { relativeTolerance })).bound.value
  const { bytes, bound } = await prove(problem, Z, { target })
  const rounding = 1e-12 * massOf(instance) + 2 * problem.reduction.discarded * frobeniusUpper(Z) + 1e-200
  if (bytes === undefined) {
    expect(target).toBeLessThanOrEqual(rounding)
    return
  }
  const { polarBound, dual } = await checkProof(problem, bytes)
  expect(dual).toEqual(Z)
  expect(bound.value).toBeLessThanOrEqual(target * (1 + 2e-9) + rounding)
  expect(polarBound).toBeLessThanOrEqual(target * (1 + 4e-9) + 10 * rounding)
  const best = (await exactOracle(problem).price(Z)).candidates[0]?.value ?? 0
  expect(polarBound).toBeGreaterThanOrEqual(best)
}

describe('what an exact oracle proves can be written down and is confirmed by the checker', () => {
  test.each(degenerateCases())('on %s', (_what, instance) => expectProven(instance, 1e-6))

  test('on data of every kind', async () => {
    await fc.assert(
      fc.asyncProperty(recipesUpTo(4), (recipe) => expectProven(follow(recipe), 1e-6)),
      { numRuns: 80 },
    )
  })

  test.each([[300, 2, 2, 1e-7], [200, 3, 1, 1e-6], [200, 3, 3, 1e-4], [80, 4, 2, 1e-3], [40, 5, 2, 1e-2]])('with n = %d, rank %d, %d outputs', (n, r, c, tolerance) => expectProven(randomInstance(1, n, r, c), tolerance)) // biome-ignore format: a table
})

test('on integers, whose ties and zeros fall to one side by rounding', async () => {
  for (const [n, d, seed] of [
    [3, 3, 3],
    [4, 4, 18],
  ]) {
    // biome-ignore format: a table
    const { problem, Z } = follow({ seed, n, d, c: 2, kind: 'integers' })
    const target = 1.05 * (await exactOracle(problem).price(Z, { relativeTolerance: 1e-3 })).bound.value
    const { bytes, bound } = await prove(problem, Z, { target })
    expect((await checkProof(problem, bytes!)).polarBound).toBeLessThanOrEqual(bound.value * (1 + 1e-9))
  }
})

test('a proof that ran out of time shows what was reached', async () => {
  const { problem, Z } = randomInstance(2, 60, 4, 3)
  const pacer = { ...createPacer(), expired: () => turns-- < 0 }
  let turns = 40
  const { bytes, bound } = await prove(problem, Z, { target: 1e-3, pacer })
  expect(bound.value).toBeGreaterThan(1e-3)
  expect((await checkProof(problem, bytes!)).polarBound).toBeLessThanOrEqual(bound.value * (1 + 1e-9))
})

test('there is no proof of an infinite bound, nor where there is nothing to cover', async () => {
  const { problem, Z } = randomInstance(2, 5, 2, 1)
  for (const target of [Number.POSITIVE_INFINITY, Number.NaN, 0]) {
    expect((await prove(problem, Z, { target })).bytes).toBeUndefined()
  }
})
