import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dot, fromRows, type Matrix, matrix, multiplyVector, row, scaled } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import { type Random, seededRandom } from '../../random.ts'
import { combined, generatorsInOrthant, orthant, projectedOnto, rowsOf, unit, unitIn } from './cone.fixtures.ts'
import { polarValue } from '../evaluate.ts'
import { kinds, type Question, questionOfKind } from '../pricing.fixtures.ts'
import { type Cone, type ConeContext, childCone, coneContext, rootCone, signsInto } from './simplicial-cone.ts'

interface Setting {
  readonly random: Random
  readonly context: ConeContext
  readonly cone: Cone
}

const settings: fc.Arbitrary<Setting> = fc
  .record({
    seed: fc.integer(),
    kind: fc.constantFrom(...kinds),
    n: fc.integer({ min: 1, max: 12 }),
    r: fc.integer({ min: 1, max: 5 }),
    c: fc.constantFrom(1, 1, 2, 3, 7),
    closeness: fc.constantFrom(1, 1, 0.3, 1e-3, 1e-7),
    splits: fc.integer({ min: 0, max: 6 }),
  })
  .map((spec) => {
    const { seed, kind, n, r, c, closeness, splits } = spec
    const random = seededRandom(seed)
    const context = contextOf(questionOfKind(kind, random, n, r, c))
    let cone = rootCone(
      context,
      closeness === 1 ? orthant(random, context.r) : generatorsInOrthant(random, context.r, closeness),
    )
    for (let k = 0; k < splits && context.r > 1; k++) cone = someChild(random, context, cone)
    return { random, context, cone, [fc.toStringMethod]: () => JSON.stringify(spec) }
  })

describe('the bound of a cone', () => {
  test('no unit vector of the cone has a larger ‖Zᵀ(Xu)₊‖', () => {
    // Sprung by, each for itself:
    //  – choosing e = min((x_iᵀw_k)₊, (−x_iᵀw_k)₊) for every k on its own: mixed over k, the heights no longer belong to
    //    one linear function above g·F;
    //  – leaving the crossing samples out of F(w_k);
    //  – dropping the half mass, or taking −½ Σ e z_i the wrong way round.
    fc.assert(
      fc.property(settings, ({ random, context, cone }) => {
        expectBounds(random, context, cone, 40)
      }),
      { numRuns: 3000 },
    )
  })

  test('a child never has a larger bound than its parent, and holds for its own part', () => {
    fc.assert(
      fc.property(settings, ({ random, context, cone }) => {
        if (context.r < 2) return
        const child = someChild(random, context, cone)
        expect(child.bound).toBeLessThanOrEqual(cone.bound)
        expectBounds(random, context, child, 20)
      }),
      { numRuns: 300 },
    )
  })

  test('the two children of a cut cover the parent: no vector of the parent exceeds both bounds', () => {
    fc.assert(
      fc.property(settings, fc.nat(), fc.nat(), (setting, a, b) => {
        const { random, context, cone } = setting
        const { r } = context
        if (r < 2) return
        const [from, to] = [a % r, (a + 1 + (b % (r - 1))) % r]
        const point = between(random, cone, r, from, to)
        const bound = Math.max(childCone(context, cone, from, point).bound, childCone(context, cone, to, point).bound)
        for (let k = 0; k < 40; k++) expectBelow(context, unitIn(random, cone.generators, r), bound)
      }),
      { numRuns: 300 },
    )
  })

  test('children leave their parent, and each other, as they were', () => {
    fc.assert(
      fc.property(settings, ({ random, context, cone }) => {
        const { r } = context
        if (r < 2) return
        const before = structuredClone(cone)
        const point = between(random, cone, r, 0, 1)
        const first = childCone(context, cone, 0, point)
        const firstBefore = structuredClone(first)
        const second = childCone(context, cone, 1, point)
        expect(cone).toEqual(before)
        expect(first).toEqual(firstBefore)
        expect(childCone(context, cone, 1, point)).toEqual(second)
      }),
      { numRuns: 200 },
    )
  })

  test('its incumbent is the best generator, evaluated', () => {
    fc.assert(
      fc.property(settings, ({ context, cone }) => {
        const values = rowsOf(cone.generators, context.r).map((w) => polarValue(context.X, context.Z, w))
        const tolerance = 1e-13 * massOf(context)
        expect(Math.abs(cone.bestValue - Math.max(...values))).toBeLessThanOrEqual(tolerance)
        expect(values[cone.best]).toBeGreaterThanOrEqual(Math.max(...values) - tolerance)
        expect(cone.bound).toBeGreaterThanOrEqual(cone.bestValue - tolerance)
      }),
      { numRuns: 300 },
    )
  })

  test('one output and nothing crossing: the bound is exact, because g = +1 and g = −1 are kept apart to the end', () => {
    // Sprung by merging the two signs generator by generator, B_k = max(B_k⁺, B_k⁻): valid, but a = (1, −1) on the
    // nonnegative quadrant then gets √2 instead of 1.
    const context = coneContext(fromRows([[1, 0], [0, 1]]), fromRows([[1], [-1]])) // biome-ignore format: matrices
    expect(rootCone(context, Float64Array.of(1, 0, 0, 1)).bound).toBeCloseTo(1, 12)
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), (seed, r) => {
        const random = seededRandom(seed)
        const W = generatorsInOrthant(random, r, 0.5)
        // Samples inside the cone spanned by the axes of W's orthant see all of it from one side when W is acute.
        const X = matrix(r, r, Float64Array.from(rowsOf(W, r).flatMap((w) => Array.from(w))))
        const Z = matrix(
          r,
          1,
          Float64Array.from({ length: r }, () => random() - 0.5),
        )
        const setting = coneContext(X, Z)
        const cone = rootCone(setting, W)
        expect(cone.crossing).toHaveLength(0)
        const a = combined(rowsOf(X.data, r), Z.data)
        const attained = [a, a.map((value) => -value)].map((v) => norm2(projectedOnto(W, v, r, 2000)))
        expect(cone.bound).toBeLessThanOrEqual(Math.max(...attained, cone.bestValue) * (1 + 1e-6) + 1e-9)
      }),
      { numRuns: 100 },
    )
  })

  test('λ̄ is never below the largest eigenvalue: outputs in one direction, whatever the direction', () => {
    // At w₁ every crossing sample counts in full, with e = (x_iᵀw₁)₊: B₁ = ½‖Σ e z_i‖ + ½√(Σ e‖z_i‖ · λ̄), which for
    // parallel outputs is the attained value exactly. Sprung by a power iteration that starts orthogonal to them, or that
    // stops early: any λ̄ below λmax makes the bound too low.
    for (const direction of [
      [1, 1],
      [1, -1],
      [1, 0],
      [0, 1],
      [1, 0, -1],
      [1, 1, -2],
      [0, 0, 1],
      [1, -1, 1, -1],
    ]) {
      // biome-ignore format: vectors
      const c = direction.length
      const X = fromRows([[1, -1.1], [1, -1.2], [1, -1.3]]) // biome-ignore format: a matrix
      const Z = fromRows([direction, direction, direction])
      const context = coneContext(X, Z)
      const cone = rootCone(context, Float64Array.of(1, 0, 0, 1))
      expect(cone.crossing).toHaveLength(3)
      expect(cone.bound).toBeGreaterThanOrEqual(3 * norm2(Float64Array.from(direction)))
      // Nearly parallel outputs in two clusters: λmax decides between them.
      const mixed = fromRows([
        direction,
        direction.map((z, k) => z + (k === 0 ? 1e-3 : 0)),
        direction.map((z) => -1e-3 * z),
      ])
      const bound = rootCone(coneContext(X, mixed), Float64Array.of(1, 0, 0, 1)).bound
      expect(bound).toBeGreaterThanOrEqual(norm2(polar(X, mixed, Float64Array.of(1, 0))))
      expect(c).toBeGreaterThan(1)
    }
  })
})

describe('what is active, inactive and crossing', () => {
  test('a sample leaves the crossing list only when its sign is proven on the whole cone', () => {
    fc.assert(
      fc.property(settings, ({ random, context, cone }) => {
        const { X, r } = context
        const crossing = new Set(cone.crossing)
        for (let k = 0; k < 20; k++) {
          const lambda = Float64Array.from({ length: r }, () => (random() < 0.4 ? 0 : random()))
          const heights = multiplyVector(X, combined(rowsOf(cone.generators, r), lambda))
          const size = lambda.reduce((total, value) => total + value, 0)
          for (let i = 0; i < X.rows; i++) {
            if (crossing.has(i)) continue
            const signs = rowsOf(cone.generators, r).map((w) => dot(row(X, i), w))
            const noise = 1e-14 * norm2(row(X, i))
            const positive = signs.some((s) => s > noise)
            const negative = signs.some((s) => s < -noise)
            expect(positive && negative).toBe(false)
            if (positive) expect(heights[i]).toBeGreaterThanOrEqual(-noise * size)
            if (negative) expect(heights[i]).toBeLessThanOrEqual(noise * size)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('A = Σ_active z_i x_iᵀ, and A w + Σ_crossing z_i (x_iᵀw)₊ = F(w) on the whole cone', () => {
    fc.assert(
      fc.property(settings, ({ random, context, cone }) => {
        const { X, Z, r, c } = context
        for (let k = 0; k < 10; k++) {
          const u = unitIn(random, cone.generators, r)
          const F = multiplyVector(matrix(c, r, cone.active), u)
          for (const i of cone.crossing) {
            const height = Math.max(0, dot(row(X, i), u))
            for (let p = 0; p < c; p++) F[p] += height * Z.data[i * c + p]
          }
          const difference = polar(X, Z, u).map((value, p) => value - F[p])
          expect(norm2(difference)).toBeLessThanOrEqual(1e-13 * massOf(context))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('signs are x_iᵀw_k for the crossing samples, zero only at rounding', () => {
    fc.assert(
      fc.property(settings, ({ context, cone }) => {
        const { X, r } = context
        const signs = signsInto(context, cone)
        cone.crossing.forEach((i, at) => {
          rowsOf(cone.generators, r).forEach((w, k) => {
            expect(Math.abs(signs[at * r + k] - dot(row(X, i), w))).toBeLessThanOrEqual(1e-14 * norm2(row(X, i)))
          })
        })
      }),
      { numRuns: 200 },
    )
  })

  test('a sample that is positive by a hair counts in full: a hair times a huge output is not nothing', () => {
    // Sprung by a zero threshold of, say, 1e-6‖x_i‖ that is not paid for with ‖z_i‖ times as much: the sample is then
    // taken for inactive although F(w₂) = 1.
    for (const hair of [1e-3, 1e-6, 1e-9, 1e-12]) {
      const context = coneContext(fromRows([[-1, hair]]), fromRows([[1 / hair, 0]]))
      const cone = rootCone(context, Float64Array.of(1, 0, 0, 1))
      expect(cone.bound).toBeGreaterThanOrEqual(1)
      if (hair > 1e-10) expect(Array.from(cone.crossing)).toEqual([0])
    }
  })

  test('signs below rounding are undecided, and cost ‖z_i‖ times their size', () => {
    // x_iᵀw₂ is 2⁻⁵² in exact arithmetic and at the threshold: whatever it is taken for, the bound covers it.
    for (const hair of [2 ** -50, 2 ** -51, 2 ** -52, 2 ** -53, 2 ** -60]) {
      for (const sign of [1, -1]) {
        for (const c of [1, 2]) {
          const Z = matrix(
            1,
            c,
            Float64Array.from({ length: c }, (_, p) => (p === 0 ? sign : 0)),
          )
          const context = coneContext(fromRows([[-1, hair]]), Z)
          expect(rootCone(context, Float64Array.of(1, 0, 0, 1)).bound).toBeGreaterThanOrEqual(hair)
        }
      }
    }
  })
})

describe('rounding', () => {
  test('outputs that cancel only after rounding: the bound is at least the value in exact arithmetic', () => {
    // 2⁶⁰ + 1 − 2⁶⁰ is 1, and 0 in floats. Sprung by a slack of 0: the bound is then 0, below the attained ‖x‖ = 1.
    for (const huge of [2 ** 53, 2 ** 60, 2 ** 80]) {
      for (const c of [1, 2]) {
        const outputs = [huge, 1, -huge].map((z) => (c === 1 ? [z] : [z, 0]))
        const context = coneContext(fromRows([[1, 0], [1, 0], [1, 0]]), fromRows(outputs)) // biome-ignore format: a matrix
        expect(rootCone(context, Float64Array.of(1, 0, 0, 1)).bound).toBeGreaterThanOrEqual(1)
      }
    }
  })

  test('the slack is a small multiple of ε Σ ‖z_i‖‖x_i‖: it covers rounding and nothing else', () => {
    const random = seededRandom(1)
    for (const n of [1, 30, 1000]) {
      const context = contextOf(questionOfKind('random', random, n, 3, 2))
      expect(context.slack / massOf(context)).toBeGreaterThanOrEqual((n + 3) * Number.EPSILON)
      expect(context.slack / massOf(context)).toBeLessThan(1e-11)
    }
  })

  test('a NaN or an infinite number in X or Z makes the slack, and every bound, not finite', () => {
    for (const poison of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const good = fromRows([[1, 2], [3, 4]]) // biome-ignore format: a matrix
      const bad = fromRows([[1, 2], [3, poison]]) // biome-ignore format: a matrix
      for (const context of [coneContext(good, bad), coneContext(bad, good)]) {
        expect(Number.isFinite(context.slack)).toBe(false)
        expect(rootCone(context, Float64Array.of(1, 0, 0, 1)).bound).toBe(Number.POSITIVE_INFINITY)
      }
    }
  })

  test('bounds scale with X and with Z', () => {
    const random = seededRandom(2)
    const { problem, Z } = questionOfKind('random', random, 8, 3, 2)
    const W = orthant(random, 3)
    const { bound } = rootCone(coneContext(problem.X, Z), W)
    for (const s of [2 ** -30, 2 ** 30]) {
      expect(rootCone(coneContext(scaled(problem.X, s), Z), W).bound / s).toBeCloseTo(bound, 12)
      expect(rootCone(coneContext(problem.X, scaled(Z, s)), W).bound / s).toBeCloseTo(bound, 12)
    }
  })
})

function contextOf({ problem, Z }: Question): ConeContext {
  return problem.reduction.rank > 0 ? coneContext(problem.reduction.Xr, Z) : coneContext(matrix(Z.rows, 1), Z)
}

function expectBounds(random: Random, context: ConeContext, cone: Cone, count: number): void {
  for (let k = 0; k < count; k++) expectBelow(context, unitIn(random, cone.generators, context.r), cone.bound)
  for (const w of rowsOf(cone.generators, context.r)) expectBelow(context, unit(w), cone.bound)
}

function expectBelow(context: ConeContext, u: Float64Array, bound: number): void {
  expect(norm2(polar(context.X, context.Z, u))).toBeLessThanOrEqual(bound + 4 * Number.EPSILON * massOf(context))
}

function polar(X: Matrix, Z: Matrix, u: Float64Array): Float64Array {
  const out = new Float64Array(Z.cols)
  multiplyVector(X, u).forEach((height, i) => {
    if (height > 0) for (let p = 0; p < Z.cols; p++) out[p] += height * Z.data[i * Z.cols + p]
  })
  return out
}

function massOf({ X, Z }: ConeContext): number {
  let total = 0
  for (let i = 0; i < X.rows; i++) total += norm2(row(X, i)) * norm2(row(Z, i))
  return total
}

/** A unit vector between two generators: anywhere, or exactly on the hyperplane of a sample that crosses there. */
function between(random: Random, cone: Cone, r: number, from: number, to: number): Float64Array {
  const share = 10 ** (-3 * random())
  const rows = rowsOf(cone.generators, r)
  return unit(combined([rows[from], rows[to]], random() < 0.5 ? [share, 1] : [1, share]))
}

function someChild(random: Random, context: ConeContext, cone: Cone): Cone {
  const { r } = context
  const from = Math.floor(random() * r)
  const to = (from + 1 + Math.floor(random() * (r - 1))) % r
  return childCone(context, cone, random() < 0.5 ? from : to, between(random, cone, r, from, to))
}
