import { expect, test } from 'vitest'
import { seededRandom } from '../random.ts'
import { coneMaximumProgram } from './cone-maximum.ts'
import { interiorPoint } from './interior-point.ts'
import { provenDualValue } from './proven-dual-value.ts'
import { doublyNonnegativeConformance } from './relaxation.conformance.ts'
import { identity, randomSymmetric } from './relaxation.fixtures.ts'

doublyNonnegativeConformance('interiorPoint', interiorPoint, { accuracy: 1e-7 })

test('every iterate is feasible for the dual but for rounding: its value is its bound', async () => {
  const program = coneMaximumProgram(randomSymmetric(seededRandom(1), 8), identity(8))
  let steps = 0
  for await (const iterate of interiorPoint.iterates(program)) {
    const { dualValue } = iterate
    expect(Math.abs(provenDualValue(program, iterate) - dualValue)).toBeLessThan(1e-10 * Math.abs(dualValue))
    expect(iterate.multipliers[0].every((value) => value > 0)).toBe(true)
    steps++
  }
  expect(steps).toBeGreaterThan(4)
  expect(steps).toBeLessThan(40)
})

test('a start on the boundary of the dual, where rounding decides, ends without an iterate', async () => {
  const program = coneMaximumProgram(identity(3), identity(3))
  const iterates = interiorPoint.iterates({ ...program, start: Float64Array.of(-1) })
  for await (const iterate of iterates) expect(iterate).toBeUndefined()
})
