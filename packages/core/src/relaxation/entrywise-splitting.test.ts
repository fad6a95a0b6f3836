import { expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { seededRandom } from '../random.ts'
import type { ConicIterate, ConicProgram } from '../relaxation.ts'
import { coneMaximumProgram } from './cone-maximum.ts'
import { extended } from './cut-choice.ts'
import { entrywiseSplitting } from './entrywise-splitting.ts'
import { interiorPoint } from './interior-point.ts'
import { provenDualValue } from './proven-dual-value.ts'
import { doublyNonnegativeConformance } from './relaxation.conformance.ts'
import { identity, randomSymmetric } from './relaxation.fixtures.ts'

doublyNonnegativeConformance('entrywiseSplitting', entrywiseSplitting, { accuracy: 1e-5 })

test('agrees with the interior-point method where doubly nonnegative is less than completely positive', async () => {
  const program = coneMaximumProgram(randomSymmetric(seededRandom(1), 12), identity(12))
  const best: number[] = []
  for (const solver of [interiorPoint, entrywiseSplitting]) {
    let bound = Number.NEGATIVE_INFINITY
    for await (const iterate of solver.iterates(program)) bound = Math.max(bound, provenDualValue(program, iterate))
    best.push(bound)
  }
  expect(Math.abs(best[1] - best[0])).toBeLessThan(1e-5 * Math.abs(best[0]))
})

test('a product asked for twice is refused, since its two constraints are not set one by one', async () => {
  const program = coneMaximumProgram(randomSymmetric(seededRandom(1), 3), identity(3))
  const [block] = program.blocks
  const twice = { ...program, blocks: [{ ...block, nonnegative: [...block.nonnegative, [1, 0] as const] }] }
  const first = entrywiseSplitting.iterates(twice)[Symbol.asyncIterator]().next()
  await expect(first).rejects.toThrow(UnsupportedProblemError)
})

test('started from its own last iterate it is there at once, also where pairs were added that hold already', async () => {
  const program = coneMaximumProgram(randomSymmetric(seededRandom(3), 4), identity(4))
  const run = async (given: ConicProgram, from?: ConicIterate): Promise<ConicIterate[]> => {
    const iterates: ConicIterate[] = []
    const options = { tolerance: 1e-6, ...(from && { from }) }
    for await (const iterate of entrywiseSplitting.iterates(given, options)) iterates.push(iterate)
    return iterates
  }
  const cold = await run(program)
  const last = cold[cold.length - 1]
  const warm = await run(program, last)
  expect(warm.length).toBeLessThan(cold.length)
  expect(warm.length).toBeLessThanOrEqual(2)
  expect(warm[warm.length - 1].dualValue).toBeCloseTo(last.dualValue, 4)
  const [block] = program.blocks
  const loose = { ...program, blocks: [{ ...block, nonnegative: block.nonnegative.slice(1) }] }
  const start = extended({ ...last, multipliers: [last.multipliers[0].slice(1)] }, loose, program)
  expect(start.multipliers[0]).toEqual(Float64Array.of(0, ...last.multipliers[0].slice(1)))
})
