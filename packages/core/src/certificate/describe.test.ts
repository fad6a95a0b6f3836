import { describe as group, expect, test } from 'vitest'
import { type Certificate, combine, type LowerBound } from '../certificate.ts'
import { zeroNetwork } from '../network.ts'
import { createProblem } from '../problem.ts'
import { planarFixture } from '../problem.fixtures.ts'
import { describe } from './describe.ts'

const problem = createProblem({ ...planarFixture, beta: 0.1 })
const proven: LowerBound = { lowerBound: 4.2, polarBound: 1, scale: 0.1, scope: 'all-networks', boundFrom: 'sweep' }

function certificate(best: Partial<LowerBound> = {}, objective = 5.5): Certificate {
  return combine(problem, zeroNetwork(2, 2), objective, { ...proven, ...best })
}

group('describe', () => {
  test('says what no network can do, how far the found one is from it, and how that was proven', () => {
    const text = describe(certificate())
    expect(text).toContain('No two-layer ReLU network of any width has an objective below 4.2 on these data at this β.')
    expect(text).toContain('The network found has objective 5.5.')
    expect(text).toContain('The gap is 1.30e+0, relative 2.36e-1.')
    expect(text).toContain('proven by sweeping')
  })

  test('says what is not claimed', () => {
    expect(describe(certificate())).toContain(
      'Not claimed: anything about test error or other data, or about another β.',
    )
    const withBias = createProblem({ ...planarFixture, beta: 0.1, bias: true })
    const text = describe(combine(withBias, zeroNetwork(3, 2), 5.5, proven))
    expect(text).toContain('The bias is inside the weight decay.')
    expect(text).toContain('3 inputs (the last is the constant 1 of the bias)')
  })

  test('a bound of smaller scope is never worded as one over all networks', () => {
    for (const scope of ['given-patterns', 'gated'] as const) {
      const text = describe(certificate({ scope }))
      expect(text).not.toContain('No two-layer ReLU network of any width has')
      expect(text).toContain('Not claimed: that no other two-layer ReLU network does better.')
    }
  })

  test('the trivial bound 0, a failed computation and an infinite objective say so', () => {
    expect(describe(certificate({ lowerBound: 0 }))).toContain('nothing sharper was proven')
    expect(describe(certificate({ lowerBound: 6 }, 5))).toContain('the computation failed, nothing is certified')
    expect(describe(certificate({}, Number.POSITIVE_INFINITY))).toContain('nothing is certified')
  })

  test('a gap within rounding is called a global optimum', () => {
    const value = 4.2 * (1 + Number.EPSILON)
    expect(describe(certificate({}, value))).toContain('a global optimum')
  })

  test('printed bounds are true as printed: the lower one rounded down, the objective up', () => {
    for (const value of [1 / 3, 2 / 3, 1e-7 / 3, 200 / 3, 0.1 + 0.2, 99999999999.7, 5]) {
      const text = describe(certificate({ lowerBound: value }, value * (1 + 1e-4)))
      const lower = Number(/objective below (\S+) on/.exec(text)?.[1])
      const upper = Number(/has objective (\S+)\.\n/.exec(text)?.[1])
      expect(lower).toBeLessThanOrEqual(value)
      expect(lower).toBeGreaterThan(value * (1 - 1e-8))
      expect(upper).toBeGreaterThanOrEqual(value * (1 + 1e-4))
      expect(upper).toBeLessThan(value * (1 + 1.001e-4))
    }
  })
})
