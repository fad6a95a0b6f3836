import { describe, expect, test } from 'vitest'
import type { TightenCone } from '../bench/bounds/bound.ts'
import { copositiveHeight } from '../bench/bounds/copositive-height.ts'
import { normalised, sliceOf } from '../bench/bounds/moments.ts'
import { quadraticBound } from '../bench/bounds/quadratic.ts'
import { quadraticsFor } from '../bench/bounds/quadratics.ts'
import { strongBranching } from '../bench/bounds/strong-branching.ts'
import type { Cone, ConeContext, Sign } from '../packages/core/src/oracle/branch-and-bound/cone.ts'
import { orthant, unitIn } from '../packages/core/src/oracle/branch-and-bound/cone.fixtures.ts'
import { plainKernel } from '../packages/core/src/oracle/branch-and-bound/plain-kernel.ts'
import { coneQuestion } from '../packages/core/src/oracle/branch-and-bound/question.ts'
import { randomMatrix } from '../packages/core/src/problem.fixtures.ts'
import { seededRandom } from '../packages/core/src/random.ts'

const rounding = 1e-12

test('the quadratics lie above and below |t| on their interval, whatever the moments', () => {
  const random = seededRandom(1)
  for (let trial = 0; trial < 500; trial++) {
    const [high, low] = [10 ** (6 * random() - 3), 10 ** (6 * random() - 3)]
    const first = (high + low) * (3 * random() - 1.5)
    const [o2, o1, o0, u2, u1] = quadraticsFor(high, low, first, random() < 0.2 ? 0 : first * first * (1 + random()))
    let least = Number.POSITIVE_INFINITY
    for (let step = 0; step <= 40; step++) {
      const t = -low + ((high + low) * step) / 40
      least = Math.min(least, o2 * t * t + o1 * t + o0 - Math.abs(t), Math.abs(t) - u2 * t * t - u1 * t)
    }
    expect(least).toBeGreaterThanOrEqual(-rounding * (high + low))
  }
})

describe('copositiveHeight', () => {
  test('nothing attained by a nonnegative vector is above it', () => {
    const random = seededRandom(2)
    for (let trial = 0; trial < 300; trial++) {
      const r = 2 + (trial % 6)
      const { G } = sliceOf(orthant(random, r), r)
      const M = symmetric(r, () => random() - 0.4)
      const { bound } = copositiveHeight(M, G, r, 0, 1e3)
      let attained = Number.NEGATIVE_INFINITY
      for (let probe = 0; probe < 60; probe++) {
        const x = Float64Array.from({ length: r }, () => (random() < 0.5 ? 0 : random()))
        if (form(G, x) > 0) attained = Math.max(attained, form(M, x) / form(G, x))
      }
      expect(attained).toBeLessThanOrEqual(bound + rounding)
    }
  })

  test('it is the largest eigenvalue of a nonnegative matrix, to the resolution it has', () => {
    // All pairs of equal weight: the eigenvector of 1 1ᵀ is nonnegative, and its eigenvalue r.
    const identity = symmetric(5, (j, k) => (j === k ? 1 : 0))
    const { bound } = copositiveHeight(new Float64Array(25).fill(1), identity, 5, 0, 100)
    expect(bound).toBeGreaterThanOrEqual(5)
    expect(bound).toBeLessThanOrEqual(5 * (1 + 1 / 8))
  })

  test('what is not a number proves nothing', () => {
    const identity = symmetric(3, (j, k) => (j === k ? 1 : 0))
    expect(copositiveHeight(new Float64Array(9).fill(Number.NaN), identity, 3, 0, 1).bound).toBe(
      Number.POSITIVE_INFINITY,
    )
  })
})

test('moments to begin with are those of a distribution, also where none are given', () => {
  for (const given of [
    new Float64Array(9),
    new Float64Array(9).fill(Number.NaN),
    Float64Array.of(1, -1, 0, -1, 1, 0, 0, 0, 2),
  ]) {
    const moments = normalised(given, 3)
    expect(moments.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12)
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(0)
  }
})

test.for([
  [2, 1],
  [3, 1],
  [3, 2],
  [4, 3],
  [5, 1],
  [5, 2],
])('in rank %i with %i outputs no direction of a cone or of its children exceeds the quadratic bound', ([r, c]) => {
  const random = seededRandom(10 * r + c)
  let [checked, tighter] = [0, 0]
  for (let trial = 0; trial < 6; trial++) {
    const { context } = coneQuestion(randomMatrix(random, 40, r), randomMatrix(random, 40, c))
    const kernel = plainKernel(context!)
    const tighten = quadraticBound.start(context!)
    let cone = kernel.root(orthant(random, r), c === 1 ? (trial % 2 === 0 ? 1 : -1) : 0, 0)
    checkCone(context!, cone, tighten, null)
    for (let depth = 0; depth < 6 && cone.cut; depth++) {
      const from = { parent: cone, cut: cone.cut }
      const children = kernel.split(cone, cone.cut, 0)
      for (const child of children) checkCone(context!, child, tighten, from)
      cone = children[random() < 0.5 ? 0 : 1]
    }
  }
  expect(checked).toBeGreaterThan(30)
  expect(tighter).toBeGreaterThan(0)

  function checkCone(context: ConeContext, cone: Cone, bound: TightenCone, from: Parameters<TightenCone>[2]): void {
    const found = bound(cone, 0, from)
    if (found < cone.bound) tighter++
    checked++
    let attained = Number.NEGATIVE_INFINITY
    for (let probe = 0; probe < 40; probe++) {
      const u = probe === 0 ? cone.point : unitIn(random, cone.generators, r)
      attained = Math.max(attained, valueAt(context, cone.sign, u))
    }
    expect(attained).toBeLessThanOrEqual(found * (1 + rounding) + rounding)
  }
})

test('strong branching keeps the pair of children whose larger bound is smallest among the candidates', () => {
  const random = seededRandom(5)
  const { context } = coneQuestion(randomMatrix(random, 60, 4), randomMatrix(random, 60, 2))
  const plain = plainKernel(context!)
  const strong = strongBranching(plain, 4, context!.metric.data, 4)
  let gained = 0
  for (let trial = 0; trial < 20; trial++) {
    const cone = plain.root(orthant(random, 4), 0, 0)
    const worst = (children: readonly [Cone, Cone]): number => Math.max(children[0].bound, children[1].bound)
    const [own, chosen] = [worst(plain.split(cone, cone.cut!, 0)), worst(strong.split(cone, cone.cut!, 0))]
    expect(chosen).toBeLessThanOrEqual(own * 1.002)
    if (chosen < own) gained++
  }
  expect(gained).toBeGreaterThan(0)
})

function symmetric(r: number, entry: (j: number, k: number) => number): Float64Array {
  const M = new Float64Array(r * r)
  for (let j = 0; j < r; j++) for (let k = 0; k <= j; k++) M[j * r + k] = M[k * r + j] = entry(j, k)
  return M
}

function form(M: Float64Array, x: Float64Array): number {
  return M.reduce((total, value, e) => total + value * x[Math.floor(e / x.length)] * x[e % x.length], 0)
}

/** ‖F(u)‖, or sign · F(u). */
function valueAt({ X, Z, r, c }: ConeContext, sign: Sign, u: Float64Array): number {
  const F = new Float64Array(c)
  for (let i = 0; i < X.rows; i++) {
    let t = 0
    for (let q = 0; q < r; q++) t += X.data[i * r + q] * u[q]
    for (let p = 0; p < c; p++) F[p] += Z.data[i * c + p] * Math.max(0, t)
  }
  return sign === 0 ? Math.hypot(...F) : sign * F[0]
}
