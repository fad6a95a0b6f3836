import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BoundFrom, proveBound, type Scope, unproven } from './bound.ts'
import { type Certificate, certify, combine, feasibleScale } from './certificate.ts'
import { fromRows, type Matrix, matrix, scaled, subtract } from './linalg/matrix.ts'
import type { Loss } from './loss.ts'
import { squaredLoss } from './loss/squared.ts'
import { network, objective, predict, zeroNetwork } from './network.ts'
import { polarValue } from './oracle/evaluate.ts'
import { trivialOracle } from './oracle/trivial.ts'
import { createProblem, type Problem, withBeta } from './problem.ts'
import { planarFixture, problems, rivals } from './problem.fixtures.ts'

/** One sample x = 1 and target 1: p*(β) = β − β²/2 for β ≤ 1, at u = v = √(1 − β). ω(Z) = |Z|. */
const scalar = (beta: number): Problem => createProblem({ X: [[1]], Y: [1], beta })

const zero = (problem: Problem): ReturnType<typeof zeroNetwork> => zeroNetwork(problem.X.cols, problem.Y.cols)

/** Certifies the zero network with a dual whose polar is given rather than searched for. */
function certified(
  problem: Problem,
  dual: Matrix,
  polar: number,
  from: BoundFrom = 'closed-form',
  scope?: Scope,
): Certificate {
  return certify(problem, { network: zero(problem), dual, bound: proveBound(problem, dual, polar, from, scope) })
}

describe('weak duality', () => {
  test('no network, of whatever size and width, has an objective below the certified lower bound', async () => {
    await fc.assert(
      fc.asyncProperty(problems, rivals, rivals, async (problem, believed, rival) => {
        const claimed = believed(problem)
        const dual = subtract(problem.Y, predict(claimed, problem.X))
        const { bound } = await trivialOracle(problem).price(dual)
        const { lowerBound } = certify(problem, { network: claimed, dual, bound })
        expect(objective(problem, rival(problem))).toBeGreaterThanOrEqual(lowerBound)
      }),
    )
  })

  test('one sample: the bound meets the closed form β − β²/2, from any multiple of the dual', () => {
    for (const multiple of [1, -1, 2, -3, 1e-9, 1e9]) {
      const { lowerBound } = certified(scalar(0.25), fromRows([[multiple]]), Math.abs(multiple))
      expect(lowerBound).toBeLessThanOrEqual(0.25 - 0.25 ** 2 / 2)
      expect(lowerBound).toBeCloseTo(0.25 - 0.25 ** 2 / 2, 13)
    }
  })
})

describe('traps', () => {
  test('F = 2Y: a residual that points away from the targets is scaled negatively, and not beyond −β/ω̄', () => {
    // Z = Y − 2Y = −Y, so the best unclamped τ is −1 and its dual value is ½‖Y‖² = 1.5, far above the optimum.
    // Sprung by clamping τ from above only (Math.min(best, limit)): the bound then exceeds what a network attains.
    const problem = createProblem({ X: [[1], [1], [1]], Y: [1, 1, 1], beta: 0.1 })
    const doubled = network(1, 1, [{ u: Float64Array.of(Math.SQRT2), v: Float64Array.of(Math.SQRT2) }])
    const dual = subtract(problem.Y, predict(doubled, problem.X))
    const bound = proveBound(problem, dual, 3, 'closed-form') // ω(−1) = ‖−1 · 3‖
    const { lowerBound, scale } = certify(problem, { network: doubled, dual, bound })
    expect(scale).toBeLessThan(0)
    expect(Math.abs(scale) * bound.value).toBeLessThanOrEqual(problem.beta)
    const good = network(1, 1, [{ u: Float64Array.of(0.98), v: Float64Array.of(0.98) }])
    expect(lowerBound).toBeGreaterThan(0)
    expect(lowerBound).toBeLessThanOrEqual(objective(problem, good))
  })

  test('the largest scale never exceeds β/ω̄ in exact arithmetic', () => {
    // Sprung by the plain quotient: rounding to nearest exceeds β/ω̄ for about half of all pairs.
    let roundedUp = 0
    const sizes = fc.double({ min: 1e-9, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(sizes, sizes, (beta, polar) => {
        expect(product(feasibleScale(beta, polar), polar) <= product(beta, 1)).toBe(true)
        if (product(beta / polar, polar) > product(beta, 1)) roundedUp++
      }),
      { numRuns: 500 },
    )
    expect(roundedUp).toBeGreaterThan(50)
  })

  test('the scaled dual of a certificate is feasible in exact arithmetic', () => {
    const problem = createProblem({ X: [[1]], Y: [1], beta: 0.1 })
    for (const polar of [1, 3, 0.7, 1 / 3, 49]) {
      const { scale, polarBound } = certified(problem, fromRows([[polar]]), polar)
      expect(product(scale, polarBound) <= product(0.1, 1)).toBe(true)
    }
  })

  test('a bound that is not a number proves nothing', () => {
    // Sprung by `Math.min(best, β/ω̄)` on NaN, by `Math.max(0, NaN)`, and by any comparison that lets NaN through.
    const problem = scalar(0.25)
    for (const polar of [Number.NaN, -1, Number.NEGATIVE_INFINITY]) {
      const { lowerBound, scale, relativeGap } = certified(problem, fromRows([[1]]), polar)
      expect({ lowerBound, scale, relativeGap }).toEqual({ lowerBound: 0, scale: 0, relativeGap: 1 })
    }
    expect(feasibleScale(Number.NaN, 1)).toBe(0)
    expect(feasibleScale(1, Number.NaN)).toBe(0)
    expect(feasibleScale(1, -1)).toBe(0)
  })

  test('an unproven bound leaves the run uncertified, without a special case', () => {
    const problem = scalar(0.25)
    const dual = fromRows([[1]])
    const certificate = certify(problem, { network: zero(problem), dual, bound: unproven(problem, dual) })
    expect(certificate).toMatchObject({
      lowerBound: 0,
      scale: 0,
      polarBound: Number.POSITIVE_INFINITY,
      boundFrom: 'trivial',
    })
  })

  test('0 · Infinity: a zero dual, and a polar bound of zero, give finite certificates', () => {
    // Sprung by scaling before clamping: an infinite limit times a zero entry of Z is NaN.
    const zeroDual = certified(scalar(0.25), matrix(1, 1), 0)
    expect(zeroDual).toMatchObject({ lowerBound: 0, scale: 0, crossed: false })
    const silent = createProblem({ X: [[0], [0]], Y: [3, 4], beta: 1 })
    const certificate = certified(silent, silent.Y, 0)
    expect(certificate.lowerBound).toBeCloseTo(12.5, 13)
    expect(certificate).toMatchObject({ objective: 12.5, gap: 0, relativeGap: 0, crossed: false })
  })

  test('a bound proven for another dual is refused', () => {
    // Sprung by trusting `bound.value`: the second Z is four times larger, and so is its polar.
    const problem = scalar(0.25)
    const priced = fromRows([[1]])
    const bound = proveBound(problem, priced, 1, 'closed-form')
    for (const other of [fromRows([[4]]), fromRows([[1]])]) {
      expect(() => certify(problem, { network: zero(problem), dual: other, bound })).toThrow('certify: the bound')
    }
  })

  test('a dual changed after it was priced is refused', () => {
    // Sprung by comparing identity alone.
    const problem = scalar(0.25)
    const dual = fromRows([[1]])
    const bound = proveBound(problem, dual, 1, 'closed-form')
    dual.data[0] = 4
    expect(() => certify(problem, { network: zero(problem), dual, bound })).toThrow('certify: the bound')
  })

  test('a bound proven on other data is refused; one from another β is not, since ω does not depend on β', () => {
    // Sprung, first part, by tying the bound to Z alone: on X = 2 the same Z has twice the polar.
    const problem = scalar(0.25)
    const dual = fromRows([[1]])
    const bound = proveBound(problem, dual, 1, 'closed-form')
    const doubled = createProblem({ X: [[2]], Y: [1], beta: 0.25 })
    expect(() => certify(doubled, { network: zero(doubled), dual, bound })).toThrow('certify: the bound')
    const other = withBeta(problem, 0.5)
    expect(certify(other, { network: zero(other), dual, bound }).lowerBound).toBeCloseTo(0.5 - 0.125, 13)
  })

  test('a loss whose best scale is not feasible is not believed', () => {
    // Sprung by using what `bestScale` returns: the unscaled dual proves 0.5, and 0.21875 is attained.
    const careless: Loss = { ...squaredLoss, bestScale: () => 1 }
    const problem = createProblem({ X: [[1]], Y: [1], beta: 0.25, loss: careless })
    expect(certified(problem, fromRows([[1]]), 1)).toMatchObject({ scale: 0, lowerBound: 0 })
  })

  test('a network that is not finite never reads as optimal', () => {
    // Sprung by `gap <= rounding` alone: Infinity − 0 is within an infinite rounding error.
    const problem = scalar(0.25)
    for (const weight of [Number.NaN, Number.POSITIVE_INFINITY, 1e200]) {
      const broken = network(1, 1, [{ u: Float64Array.of(weight), v: Float64Array.of(1) }])
      const { relativeGap, gap } = combine(problem, broken, objective(problem, broken), null)
      expect(relativeGap).toBeNull()
      expect(gap).not.toBe(0)
    }
  })

  test('the best network and the best dual may come from different claims', () => {
    const problem = scalar(0.25)
    const best = certified(problem, fromRows([[1]]), 1)
    const optimum = network(1, 1, [{ u: Float64Array.of(Math.sqrt(0.75)), v: Float64Array.of(Math.sqrt(0.75)) }])
    const both = combine(problem, optimum, objective(problem, optimum), best)
    expect(both).toMatchObject({ lowerBound: best.lowerBound, scale: best.scale, gap: 0, relativeGap: 0 })
  })
})

describe('gap', () => {
  test('is 0 for the zero network at Y = 0, where objective and bound are both 0', () => {
    const problem = createProblem({ X: [[1], [2]], Y: [0, 0], beta: 1 })
    expect(certified(problem, problem.Y, 0)).toMatchObject({
      objective: 0,
      lowerBound: 0,
      gap: 0,
      relativeGap: 0,
      crossed: false,
    })
  })

  test('is relative to the larger of the two, hence 1 without any bound', () => {
    const problem = scalar(0.25)
    expect(combine(problem, zero(problem), 0.5, null)).toMatchObject({ gap: 0.5, relativeGap: 1, lowerBound: 0 })
  })

  test('a lower bound above the objective by more than rounding is reported as crossed, without a relative gap', () => {
    const problem = scalar(0.25)
    const false_ = certified(problem, fromRows([[1]]), 0.5) // ω(1) is 1, not 0.5
    const optimum = network(1, 1, [{ u: Float64Array.of(Math.sqrt(0.75)), v: Float64Array.of(Math.sqrt(0.75)) }])
    const { crossed, relativeGap, gap } = combine(problem, optimum, objective(problem, optimum), false_)
    expect(crossed).toBe(true)
    expect(relativeGap).toBeNull()
    expect(gap).toBeLessThan(0)
  })

  test('is not swallowed by the rounding allowance: a part in 10⁹ remains visible', () => {
    const problem = createProblem({ ...planarFixture, beta: 0.1 })
    const value = objective(problem, zero(problem))
    const near = {
      lowerBound: value * (1 - 1e-9),
      polarBound: 1,
      scale: 1,
      scope: 'all-networks',
      boundFrom: 'sweep',
    } as const
    expect(combine(problem, zero(problem), value, near).relativeGap).toBeCloseTo(1e-9, 12)
  })

  test('the scope and origin of the bound are reported as proven, and of 0 as trivial', () => {
    const problem = scalar(0.25)
    const restricted = certified(problem, fromRows([[1]]), 1, 'enumeration', 'given-patterns')
    expect(restricted).toMatchObject({ scope: 'given-patterns', boundFrom: 'enumeration' })
    expect(certified(problem, matrix(1, 1), 1, 'enumeration', 'given-patterns')).toMatchObject({
      scope: 'all-networks',
      boundFrom: 'trivial',
    })
  })
})

test('a certificate names the exact problem', () => {
  const problem = createProblem({ ...planarFixture, beta: 0.1, bias: true })
  const { dataHash, ...facts } = combine(problem, zero(problem), 1, null).problem
  expect(dataHash).toMatch(/^[0-9a-f]{16}$/)
  expect(facts).toEqual({
    formula: '½‖F − Y‖² + β/2 Σ_j (‖u_j‖² + ‖v_j‖²), F = Σ_j (X u_j)₊ v_jᵀ',
    beta: 0.1,
    loss: 'squared',
    architecture: 'dense',
    bias: true,
    n: 6,
    d: 3,
    c: 2,
    rank: 3,
    discarded: 0,
  })
})

test('invariance: scaling targets, dual and β together scales the bound by the square', () => {
  const problem = createProblem({ ...planarFixture, beta: 0.5 })
  const polar = 3
  const there = certified(problem, problem.Y, polar).lowerBound
  for (const factor of [2 ** -30, 2 ** 30]) {
    const other = createProblem({ X: planarFixture.X, Y: scaled(planarFixture.Y, factor), beta: 0.5 * factor })
    expect(certified(other, other.Y, polar * factor).lowerBound / factor ** 2).toBeCloseTo(there, 12)
  }
  expect(polarValue(problem.X, problem.Y, Float64Array.of(-0.56797986, 0.82304245))).toBeCloseTo(2.39703818, 7)
})

/** a · b exactly, as an integer multiple of 2^−2200. */
function product(a: number, b: number): bigint {
  return exact(a) * exact(b)
}

function exact(value: number): bigint {
  let [mantissa, shift] = [value, 1100n]
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    shift -= 1n
  }
  return BigInt(mantissa) * 2n ** shift
}
