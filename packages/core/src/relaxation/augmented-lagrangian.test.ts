import { expect, test } from 'vitest'
import { planarFixture } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { augmentedLagrangian, lagrangianIterates } from './augmented-lagrangian.ts'
import { coneMaximumProgram } from './cone-maximum.ts'
import { FactoredProgram } from './factored-program.ts'
import { doublyNonnegativeConformance } from './relaxation.conformance.ts'
import { identity, randomSymmetric } from './relaxation.fixtures.ts'
import { semidefiniteProgram } from './semidefinite-program.ts'

doublyNonnegativeConformance('augmentedLagrangian', augmentedLagrangian, { accuracy: 1e-4 })

test('the gradient is that of the augmented Lagrangian: hard, soft and sign constraints', () => {
  const program = semidefiniteProgram({ ...planarFixture, beta: 0.3 }, 1)
  const factored = new FactoredProgram(program)
  const next = seededRandom(4)
  const random = (length: number): Float64Array => Float64Array.from({ length }, () => next() - 0.5)
  const [at, direction] = [random(factored.length), random(factored.length)]
  const multipliers = { y: random(program.targets.length), N: factored.none().N.map((N) => random(N.length)) }
  const gradient = new Float64Array(factored.length)
  factored.evaluate(at, multipliers, 3, gradient)
  const slope = gradient.reduce((sum, value, k) => sum + value * direction[k], 0)
  const step = 1e-6
  const value = (length: number): number =>
    factored.evaluate(
      at.map((x, k) => x + length * direction[k]),
      multipliers,
      3,
      new Float64Array(at.length),
    )
  expect(Math.abs((value(step) - value(-step)) / (2 * step) - slope)).toBeLessThan(1e-6 * Math.abs(slope))
})

test('violations fall', async () => {
  const R = randomSymmetric(seededRandom(3), 8)
  const found: number[] = []
  for await (const { violation } of lagrangianIterates(coneMaximumProgram(R, identity(8)))) found.push(violation)
  expect(found.length).toBeGreaterThan(2)
  expect(found[found.length - 1]).toBeLessThan(found[0] / 10)
})
