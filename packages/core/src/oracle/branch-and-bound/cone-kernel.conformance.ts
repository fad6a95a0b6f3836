import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  dot,
  fromRows,
  type Matrix,
  matrix,
  multiplyTransposed,
  multiplyVector,
  row,
  scaled,
} from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import { type Random, seededRandom } from '../../random.ts'
import { combined, generatorsInOrthant, orthant, projectedOnto, rowsOf, unit, unitIn } from './cone.fixtures.ts'
import { polarValue } from '../evaluate.ts'
import { kinds, type Question, questionOfKind } from '../pricing.fixtures.ts'
import { type Cone, type ConeContext, type ConeKernel, coneContext as contextFor, type Sign } from './cone.ts'

interface Setting {
  readonly random: Random
  readonly context: ConeContext
  readonly kernel: ConeKernel
  readonly cone: Cone
}

/**
 * What every cone kernel must do: bounds that hold on the whole cone, for the sign they are about, whatever is cut; nothing
 * lost between a parent and its children.
 */
export function coneKernelConformance(kernelOf: (context: ConeContext) => ConeKernel): void {
  const rootCone = (context: ConeContext, W: Float64Array, sign: Sign = context.c === 1 ? 1 : 0): Cone =>
    kernelOf(context).root(W, sign, 0)

  const settings: fc.Arbitrary<Setting> = fc
    .record({
      seed: fc.integer(),
      kind: fc.constantFrom(...kinds),
      n: fc.integer({ min: 1, max: 12 }),
      r: fc.integer({ min: 1, max: 5 }),
      c: fc.constantFrom(1, 1, 2, 3, 7),
      closeness: fc.constantFrom(1, 1, 0.3, 1e-3, 1e-7),
      splits: fc.integer({ min: 0, max: 6 }),
      floor: fc.constantFrom(0, 0, 0.5, 1, Number.POSITIVE_INFINITY),
    })
    .map((spec) => {
      const { seed, kind, n, r, c, closeness, splits, floor } = spec
      const random = seededRandom(seed)
      const context = contextOf(questionOfKind(kind, random, n, r, c))
      const kernel = kernelOf(context)
      const sign = context.c > 1 ? 0 : random() < 0.5 ? 1 : -1
      let cone = kernel.root(
        closeness === 1 ? orthant(random, context.r) : generatorsInOrthant(random, context.r, closeness),
        sign,
        floor * massOf(context),
      )
      for (let k = 0; k < splits && context.r > 1; k++) {
        cone = someChildren(random, kernel, cone, floor * massOf(context))[random() < 0.5 ? 0 : 1]
      }
      return { random, context, kernel, cone, [fc.toStringMethod]: () => JSON.stringify(spec) }
    })

  describe('the bound of a cone', () => {
    test('no unit vector of the cone has a larger ‖Zᵀ(Xu)₊‖, or sign · Zᵀ(Xu)₊', () => {
      // Sprung by, each for itself:
      //  – a chord for the concave samples' slopes, or a slope outside [0, 1];
      //  – choosing e = min((x_iᵀw_k)₊, (−x_iᵀw_k)₊) for every k on its own: mixed over k, the heights no longer belong to
      //    one linear function;
      //  – leaving the crossing samples out of F(w_k);
      //  – forgetting what of F is across g, or its half mass.
      fc.assert(
        fc.property(settings, ({ random, context, cone }) => {
          expectBounds(random, context, cone, 40)
        }),
        { numRuns: 3000 },
      )
    })

    test('a child never has a larger bound than its parent; the two cover it: no vector of the parent exceeds both bounds', () => {
      fc.assert(
        fc.property(settings, ({ random, context, kernel, cone }) => {
          if (context.r < 2) return
          const children = someChildren(random, kernel, cone, 0)
          for (const child of children) {
            expect(child.bound).toBeLessThanOrEqual(cone.bound)
            expectBounds(random, context, child, 20)
          }
          const bound = Math.max(...children.map((child) => child.bound))
          for (let k = 0; k < 40; k++)
            expectBelow(context, cone.sign, unitIn(random, cone.generators, context.r), bound)
        }),
        { numRuns: 500 },
      )
    })

    test('children leave their parent, and each other, as they were; the same cut gives the same children', () => {
      fc.assert(
        fc.property(settings, ({ random, context, kernel, cone }) => {
          const { r } = context
          if (r < 2) return
          const before = structuredClone(cone)
          const cut = { from: 0, to: 1, point: between(random, cone, r, 0, 1) }
          const first = kernel.split(cone, cut, 0)
          const firstBefore = structuredClone(first)
          const second = kernel.split(cone, cut, 0)
          expect(cone).toEqual(before)
          expect(first).toEqual(firstBefore)
          expect(second).toEqual(firstBefore)
        }),
        { numRuns: 200 },
      )
    })

    test('its point is a unit vector, and its value is attained there', () => {
      fc.assert(
        fc.property(settings, ({ context, cone }) => {
          const tolerance = 1e-13 * massOf(context)
          expect(norm2(cone.point)).toBeCloseTo(1, 12)
          expect(Math.abs(cone.value - polarValue(context.X, context.Z, cone.point))).toBeLessThanOrEqual(tolerance)
          expectBelow(context, cone.sign, cone.point, cone.bound)
        }),
        { numRuns: 300 },
      )
    })

    test('its cut lies strictly between two generators', () => {
      fc.assert(
        fc.property(settings, ({ context, cone }) => {
          if (!cone.cut) return
          const { from, to, point } = cone.cut
          const rows = rowsOf(cone.generators, context.r)
          expect(norm2(point)).toBeCloseTo(1, 12)
          expect(from).not.toBe(to)
          for (const end of [from, to]) expect(norm2(rows[end].map((value, q) => value - point[q]))).toBeGreaterThan(0)
          const [a, b] = [dot(rows[from], point), dot(rows[to], point)]
          // Between: the two angles add up to the one of the edge.
          const angle = Math.acos(Math.min(1, a)) + Math.acos(Math.min(1, b))
          expect(angle).toBeCloseTo(Math.acos(Math.min(1, dot(rows[from], rows[to]))), 6)
        }),
        { numRuns: 300 },
      )
    })

    test('one output and nothing crossing: the bound is exact for either sign', () => {
      fc.assert(
        fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), fc.constantFrom<Sign>(1, -1), (seed, r, sign) => {
          const random = seededRandom(seed)
          const W = generatorsInOrthant(random, r, 0.5)
          // Samples inside the cone spanned by the axes of W's orthant see all of it from one side when W is acute.
          const X = matrix(r, r, Float64Array.from(rowsOf(W, r).flatMap((w) => Array.from(w))))
          const Z = matrix(r, 1, Float64Array.from({ length: r }, () => random() - 0.5)) // biome-ignore format: a call
          const cone = rootCone(coneContext(X, Z), W, sign)
          expect(cone.crossing).toHaveLength(0)
          const a = combined(rowsOf(X.data, r), Z.data).map((value) => sign * value)
          const attained = Math.max(0, norm2(projectedOnto(W, a, r, 2000)), ...rowsOf(W, r).map((w) => dot(w, a)))
          expect(cone.bound).toBeLessThanOrEqual(attained * (1 + 1e-6) + 1e-9)
        }),
        { numRuns: 100 },
      )
    })

    test('a kink of concave samples costs nothing: the slopes find it', () => {
      // sign · F(u) = 2 u₁ + 2 u₂ − 3 |u₁ − u₂| on the quadrant, largest on the kink u₁ = u₂. A chord, or either side's
      // slope alone, leaves at least 10 % of it open.
      for (const sign of [1, -1] as const) {
        const X = fromRows([[1, 0], [0, 1], [1, -1], [-1, 1]]) // biome-ignore format: a matrix
        const Z = fromRows([[2 * sign], [2 * sign], [-3 * sign], [-3 * sign]])
        expect(rootCone(coneContext(X, Z), Float64Array.of(1, 0, 0, 1), sign).bound).toBeCloseTo(2 * Math.SQRT2, 9)
        // Off the middle, where the first guess of the sides is wrong for one of the samples.
        const skewed = fromRows([[1, 0], [0, 1], [1, -2], [-1, 2]]) // biome-ignore format: a matrix
        expect(rootCone(coneContext(skewed, Z), Float64Array.of(1, 0, 0, 1), sign).bound).toBeCloseTo(
          6 / Math.sqrt(5),
          2,
        )
      }
    })

    test('F may point against g: what is far behind counts like what is ahead', () => {
      // In the middle F = (3 + 3 − 5, 0)/√3 points ahead, at the third axis F = (−5, 0): sprung by heights √(max(B, 0)² + D²).
      const X = fromRows([[1, 0, 0], [0, 1, 0], [0, 0, 1]]) // biome-ignore format: a matrix
      const Z = fromRows([
        [3, 0],
        [3, 0],
        [-5, 0],
      ])
      expect(rootCone(coneContext(X, Z), Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)).bound).toBeGreaterThanOrEqual(5)
    })

    test('slopes are improved until the floor and no further', () => {
      fc.assert(
        fc.property(settings, ({ kernel, cone }) => {
          const tight = kernel.root(cone.generators, cone.sign, 0).bound
          const loose = kernel.root(cone.generators, cone.sign, tight * 1.5).bound
          expect(loose).toBeGreaterThanOrEqual(tight)
        }),
        { numRuns: 200 },
      )
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
            const bounds = (c === 1 ? [1, -1] : [0]).map(
              (s) => rootCone(context, Float64Array.of(1, 0, 0, 1), s as Sign).bound,
            )
            expect(Math.max(...bounds)).toBeGreaterThanOrEqual(hair)
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
}

function contextOf({ problem, Z }: Question): ConeContext {
  return coneContext(problem.reduction.rank > 0 ? problem.reduction.Xr : matrix(Z.rows, 1), Z)
}

/** With the samples' own metric. */
function coneContext(X: Matrix, Z: Matrix): ConeContext {
  return contextFor(X, Z, multiplyTransposed(X, X))
}

function expectBounds(random: Random, context: ConeContext, cone: Cone, count: number): void {
  const { generators, sign, bound } = cone
  for (let k = 0; k < count; k++) expectBelow(context, sign, unitIn(random, generators, context.r), bound)
  for (const w of rowsOf(generators, context.r)) expectBelow(context, sign, unit(w), bound)
}

function expectBelow(context: ConeContext, sign: Sign, u: Float64Array, bound: number): void {
  const F = polar(context.X, context.Z, u)
  expect(sign === 0 ? norm2(F) : sign * F[0]).toBeLessThanOrEqual(bound + 4 * Number.EPSILON * massOf(context))
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

function someChildren(random: Random, kernel: ConeKernel, cone: Cone, floor: number): readonly [Cone, Cone] {
  const r = cone.point.length
  const from = Math.floor(random() * r)
  const to = (from + 1 + Math.floor(random() * (r - 1))) % r
  return kernel.split(cone, { from, to, point: between(random, cone, r, from, to) }, floor)
}
