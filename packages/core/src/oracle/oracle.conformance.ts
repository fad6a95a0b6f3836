import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromRows, type Matrix, matrix, multiply, row, scaled } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { nullSpace, qr } from '../linalg/qr.ts'
import { compensatedDot } from '../linalg/sum.ts'
import type { OracleFactory, PriceOptions, Priced } from '../oracle.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import type { Problem } from '../problem.ts'
import { gaussian, type Random, seededRandom } from '../random.ts'
import { lift } from '../reduction.ts'
import {
  degenerateCases,
  follow,
  type Instance,
  instanceOf,
  massOf,
  pickRows,
  randomInstance,
  recipesUpTo,
  withRowScaled,
} from './oracle.fixtures.ts'

export interface OracleTraits {
  /** Its bound meets its value; otherwise it may prove nothing, but what it proves must hold. */
  readonly exact: boolean
  /** Data of a higher rank are not asked for. */
  readonly maxRank: number
  /** The oracle is asked to close the gap to this, and results are compared to this. */
  readonly relativeTolerance: number
  /** Threads that race for the work answer with the same figures, up to the tolerance, but not by the same way. */
  readonly repeatable?: boolean
}

/** Rounding that a bound or a value may show, as a share of Σ ‖z_i‖‖x_i‖. */
const rounding = 1e-12

/** What every pricing oracle promises. A bound below an attained value is the worst a solver can be handed. */
export function oracleConformance(name: string, factory: OracleFactory, traits: OracleTraits): void {
  const { exact, maxRank, relativeTolerance, repeatable = true } = traits
  const cases = degenerateCases().filter(([, { problem }]) => problem.reduction.rank <= maxRank)
  const recipes = recipesUpTo(maxRank)
  const price = ({ problem, Z }: Instance, options: PriceOptions = {}): Promise<Priced> =>
    factory(problem).price(Z, { relativeTolerance, ...options })

  /** The best value found, once the whole answer has been checked. */
  async function checked(instance: Instance, seed = 1): Promise<number> {
    const before = instance.Z.data.slice()
    const priced = await price(instance)
    expect(instance.Z.data).toEqual(before)
    expectHolds(instance, priced, seed)
    const best = priced.candidates[0]?.value ?? 0
    if (exact) {
      const allowed = best * (1 + relativeTolerance) + rounding * massOf(instance) + tail(instance) + 1e-200
      expect(priced.bound.value).toBeLessThanOrEqual(allowed)
    }
    return best
  }

  async function expectOmega(instance: Instance, omega: number): Promise<void> {
    const best = await checked(instance)
    const { bound } = await price(instance)
    expect(bound.value).toBeGreaterThanOrEqual(omega * (1 - 1e-14))
    expect(best).toBeLessThanOrEqual(omega * (1 + 1e-14))
    if (exact) expectRatio(best, omega)
  }

  describe(`${name} as a pricing oracle`, () => {
    test('no direction exceeds the bound, and every candidate attains what it says', async () => {
      await fc.assert(
        fc.asyncProperty(recipes, async (recipe) => {
          await checked(follow(recipe), recipe.seed)
        }),
        { numRuns: 60 },
      )
    })

    test.each(cases)('holds on %s', async (_what, instance) => {
      for (const seed of [1, 2, 3]) await checked(instance, seed)
    })

    test.each(cases)('holds when a row of %s is scaled by 1e±9', async (_what, { problem, Z }) => {
      for (const factor of [1e9, 1e-9]) {
        for (const i of [0, problem.X.rows - 1]) {
          const stretched = instanceOf(withRowScaled(problem.X, i, factor), Z)
          // Nearly rank-deficient data may have a higher rank once a row is larger.
          if (stretched.problem.reduction.rank <= maxRank) await checked(stretched)
          await checked({ problem, Z: withRowScaled(Z, i, factor) })
        }
      }
    })

    test('one sample: ω = ‖z‖‖x‖', async () => {
      const instance = instanceOf(fromRows([[3, 4].slice(0, Math.min(2, maxRank))]), fromRows([[1, -2, 2]]))
      await expectOmega(instance, norm2(instance.problem.X.data) * 3)
    })

    test('orthonormal samples and one output: ω = max(‖z₊‖, ‖z₋‖)', async () => {
      const r = Math.min(3, maxRank)
      const { Q } = qr(randomMatrix(seededRandom(5), r, r))
      const z = [2, -1, 0.5].slice(0, r)
      const positive = Math.hypot(...z.map((value) => Math.max(0, value)))
      const negative = Math.hypot(...z.map((value) => Math.min(0, value)))
      await expectOmega(instanceOf(Q, fromRows(z.map((value) => [value]))), Math.max(positive, negative))
    })

    test('Z = 0 and X = 0: the bound is 0, and there is nothing to report', async () => {
      const X = randomMatrix(seededRandom(6), 5, Math.min(2, maxRank))
      for (const instance of [
        instanceOf(X, matrix(5, 2)),
        instanceOf(matrix(5, 2), randomMatrix(seededRandom(7), 5, 2)),
      ]) {
        expect(await checked(instance)).toBe(0)
        if (exact) expect((await price(instance)).bound.value).toBeLessThan(1e-200)
      }
    })

    test('NaN or Infinity in Z proves nothing', async () => {
      for (const poison of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const { problem, Z } = randomInstance(8, 6, Math.min(2, maxRank), 2)
        Z.data[3] = poison
        const { bound, candidates } = await price({ problem, Z })
        expect(bound.value).toBe(Number.POSITIVE_INFINITY)
        expect(bound.matches(problem, Z)).toBe(true)
        for (const { value } of candidates) expect(value).not.toBe(Number.POSITIVE_INFINITY)
      }
    })

    test('huge and tiny data: the bound holds or is Infinity', async () => {
      for (const [x, z] of [
        [1e150, 1e150],
        [1e-150, 1e-150],
        [1e200, 1e-200],
        [1e-300, 1e300],
        [1e300, 1e300],
      ]) {
        // biome-ignore format: pairs
        const { problem, Z } = randomInstance(9, 6, Math.min(2, maxRank), 2)
        const instance = instanceOf(scaled(problem.X, x), scaled(Z, z))
        expectHolds(instance, await price(instance), 1)
      }
    })

    test('the answer belongs to this problem and this Z', async () => {
      const { problem, Z } = randomInstance(10, 6, Math.min(2, maxRank), 2)
      const { bound } = await price({ problem, Z })
      expect(bound.matches(problem, Z)).toBe(true)
      expect(bound.matches(problem, scaled(Z, 1))).toBe(false)
    })

    test.runIf(repeatable)('the same call gives the same answer', async () => {
      const instance = randomInstance(11, 7, Math.min(3, maxRank), 2)
      expect(await price(instance)).toEqual(await price(instance))
      if (!exact) return
      const oracle = factory(instance.problem)
      expect(await oracle.price(instance.Z)).toEqual(await oracle.price(instance.Z))
    })

    test('maxCandidates limits the list and keeps the best', async () => {
      const instance = randomInstance(12, 9, Math.min(2, maxRank), 3)
      const all = await price(instance)
      const one = await price(instance, { maxCandidates: 1 })
      expect(one.candidates).toHaveLength(Math.min(1, all.candidates.length))
      expect(one.candidates[0]?.value).toBe(all.candidates[0]?.value)
    })

    test('starts are hints: useless ones change nothing that is proven', async () => {
      const r = Math.min(2, maxRank)
      const instance = randomInstance(13, 7, r, 2)
      const starts = [new Float64Array(r), Float64Array.from({ length: r }, (_, k) => 1e-200 * (k + 1))]
      expectHolds(instance, await price(instance, { starts }), 1)
    })

    test('an aborted or expired call answers at once, with a bound that holds', async () => {
      const instance = randomInstance(14, 12, Math.min(4, maxRank), 3)
      const expired = createPacer({ timeLimitSeconds: 0 })
      const aborted = createPacer({ signal: AbortSignal.abort() })
      for (const pacer of [expired, aborted]) {
        const start = performance.now()
        const priced = await price(instance, { pacer })
        expect(performance.now() - start).toBeLessThan(1000)
        expectHolds(instance, priced, 1)
      }
    })

    if (!exact) return

    test('a target below ω is exceeded, and the bound still holds', async () => {
      const instance = randomInstance(15, 10, Math.min(3, maxRank), 2)
      const omega = await checked(instance)
      for (const share of [0, 0.5, 0.99]) {
        const priced = await price(instance, { target: share * omega })
        expect(priced.candidates[0].value).toBeGreaterThan(share * omega)
        expectHolds(instance, priced, 1)
      }
    })

    test('a target above ω is proven', async () => {
      const instance = randomInstance(16, 10, Math.min(3, maxRank), 2)
      const omega = await checked(instance)
      for (const factor of [1.001, 1.5, 100]) {
        const priced = await price(instance, { target: factor * omega })
        expect(priced.bound.value).toBeLessThanOrEqual(factor * omega)
        expectHolds(instance, priced, 1)
      }
    })

    test('ω(sZ) = |s| ω(Z), and scaling X scales ω', async () => {
      const { problem, Z } = randomInstance(17, 8, Math.min(3, maxRank), 2)
      const omega = await checked({ problem, Z })
      for (const s of [-1, 3, 1e9, 1e-9, 2 ** 60]) {
        expectRatio(await checked({ problem, Z: scaled(Z, s) }), Math.abs(s) * omega)
        expectRatio(await checked(instanceOf(scaled(problem.X, Math.abs(s)), Z)), Math.abs(s) * omega)
      }
    })

    test('ω does not depend on the order of the samples, nor on rotations of inputs and outputs', async () => {
      await fc.assert(
        fc.asyncProperty(recipes, async (recipe) => {
          const { problem, Z } = follow(recipe)
          const next = seededRandom(recipe.seed + 1)
          const omega = await checked({ problem, Z })
          const order = shuffled(Z.rows, next)
          const turned = instanceOf(
            multiply(pickRows(problem.X, order), qr(randomMatrix(next, problem.X.cols, problem.X.cols)).Q),
            multiply(pickRows(Z, order), qr(randomMatrix(next, Z.cols, Z.cols)).Q),
          )
          const difference = Math.abs((await checked(turned)) - omega)
          expect(difference).toBeLessThanOrEqual(relativeTolerance * omega + 10 * rounding * massOf({ problem, Z }))
        }),
        { numRuns: 20 },
      )
    })

    test.runIf(maxRank >= 2)('finds βmax = ω(Y) = 2.39703818 of the planar fixture', async () => {
      const instance = instanceOf(planarFixture.X, planarFixture.Y)
      const { candidates, bound } = await price(instance)
      expect(Math.abs(candidates[0].value / 2.39703818 - 1)).toBeLessThan(Math.max(1e-8, relativeTolerance))
      expect(bound.value).toBeGreaterThanOrEqual(candidates[0].value)
      expect(candidates[0].weights[0]).toBeCloseTo(-0.56797986, 4)
      expect(candidates[0].weights[1]).toBeCloseTo(0.82304245, 4)
    })
  })

  function expectRatio(actual: number, expected: number): void {
    expect(Math.abs(actual / expected - 1)).toBeLessThanOrEqual(relativeTolerance + 1e-11)
  }
}

/** No sampled direction beats the bound; candidates are unit, sorted, attained, and do not beat it either. */
function expectHolds(instance: Instance, { candidates, bound }: Priced, seed: number): void {
  const { problem, Z } = instance
  const { Xr, rank } = problem.reduction
  // NaN where the data are so large that not even Σ ‖z_i‖‖x_i‖ fits in a float: nothing can be compared then.
  const mass = massOf(instance)
  const limit = bound.value + 8 * Number.EPSILON * mass
  const directions = [...candidates.map(({ weights }) => lift(problem.reduction, weights)), ...samples(problem, seed)]
  for (const u of directions) expect(evaluate(problem.X, Z, u)).not.toBeGreaterThan(limit)
  candidates.forEach(({ weights, value }, k) => {
    expect(weights).toHaveLength(rank)
    expect(Math.abs(norm2(weights) - 1)).toBeLessThan(1e-12)
    expect(value).toBeGreaterThan(0)
    expect(Math.abs(evaluate(Xr, Z, weights) - value)).not.toBeGreaterThan(rounding * mass)
    expect(value).not.toBeGreaterThan(limit)
    if (k > 0) expect(value).toBeLessThanOrEqual(candidates[k - 1].value)
  })
}

/** ‖Zᵀ(Xu)₊‖/‖u‖ with compensated sums: right to a few ε Σ ‖z_i‖‖x_i‖, whatever n. */
function evaluate(X: Matrix, Z: Matrix, u: Float64Array): number {
  const active = Float64Array.from({ length: X.rows }, (_, i) => Math.max(0, compensatedDot(row(X, i), u)))
  const outputs = Float64Array.from({ length: Z.cols }, (_, k) =>
    compensatedDot(
      active,
      Float64Array.from({ length: Z.rows }, (_value, i) => Z.data[i * Z.cols + k]),
    ),
  )
  return norm2(outputs) / norm2(u)
}

/** Directions where a bound is likely to fail: random ones, samples, points on faces of every dimension, rays, steps off them. */
function samples(problem: Problem, seed: number): Float64Array[] {
  const { X, reduction } = problem
  const { Xr, rank } = reduction
  const next = seededRandom(seed)
  const out: Float64Array[] = []
  const keep = (u: Float64Array): void => {
    if (norm2(u) > 0) out.push(u, u.map((value) => -value)) // biome-ignore format: a pair
  }
  for (let k = 0; k < 30; k++) keep(randomMatrix(next, 1, X.cols).data)
  for (let i = 0; i < X.rows; i++) keep(row(X, i).map((value) => value / (norm2(row(X, i)) || 1)))
  for (let k = 0; rank > 0 && k < 40; k++) {
    const on = Array.from({ length: 1 + Math.floor(next() * Math.max(1, rank - 1)) }, () => Math.floor(next() * X.rows))
    const basis = nullSpace(pickRows(Xr, on))
    const coordinates = matrix(
      basis.cols,
      1,
      Float64Array.from({ length: basis.cols }, () => gaussian(next)),
    )
    const face = multiply(basis, coordinates).data
    keep(lift(reduction, face))
    keep(lift(reduction, face).map((value) => value + 1e-7 * gaussian(next)))
  }
  return out
}

/** What the bound must include for the part of X that the reduction dropped. */
function tail({ problem, Z }: Instance): number {
  return norm2(Z.data) * problem.reduction.discarded * (1 + 1e-9)
}

function shuffled(n: number, next: Random): number[] {
  return Array.from({ length: n }, (_, i) => ({ i, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ i }) => i)
}
