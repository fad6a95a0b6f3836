import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromRows, type Matrix, matrix, multiply, multiplyTransposed, row, scaled } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { nullSpace, qr } from '../linalg/qr.ts'
import { compensatedDot } from '../linalg/sum.ts'
import type { OracleFactory, PriceOptions, Priced } from '../oracle.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { gaussian, type Random, seededRandom } from '../random.ts'
import { lift, reduce } from '../reduction.ts'

export interface OracleTraits {
  /** Its bound meets its value; otherwise it may prove nothing, but what it proves must hold. */
  readonly exact: boolean
  /** Data of a higher rank are not asked for. */
  readonly maxRank: number
  /** The oracle is asked to close the gap to this, and results are compared to this. */
  readonly relativeTolerance: number
}

/** Rounding that a bound or a value may show, as a share of Σ ‖z_i‖‖x_i‖. */
const rounding = 1e-12

/** What every pricing oracle promises. A bound below an attained value is the worst a solver can be handed. */
export function oracleConformance(name: string, factory: OracleFactory, traits: OracleTraits): void {
  const { exact, maxRank, relativeTolerance } = traits
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
        const { problem, Z } = random(8, 6, Math.min(2, maxRank), 2)
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
        const { problem, Z } = random(9, 6, Math.min(2, maxRank), 2)
        const instance = instanceOf(scaled(problem.X, x), scaled(Z, z))
        expectHolds(instance, await price(instance), 1)
      }
    })

    test('the answer belongs to this problem and this Z', async () => {
      const { problem, Z } = random(10, 6, Math.min(2, maxRank), 2)
      const { bound } = await price({ problem, Z })
      expect(bound.matches(problem, Z)).toBe(true)
      expect(bound.matches(problem, scaled(Z, 1))).toBe(false)
    })

    test('the same call gives the same answer', async () => {
      const instance = random(11, 7, Math.min(3, maxRank), 2)
      expect(await price(instance)).toEqual(await price(instance))
      if (!exact) return
      const oracle = factory(instance.problem)
      expect(await oracle.price(instance.Z)).toEqual(await oracle.price(instance.Z))
    })

    test('maxCandidates limits the list and keeps the best', async () => {
      const instance = random(12, 9, Math.min(2, maxRank), 3)
      const all = await price(instance)
      const one = await price(instance, { maxCandidates: 1 })
      expect(one.candidates).toHaveLength(Math.min(1, all.candidates.length))
      expect(one.candidates[0]?.value).toBe(all.candidates[0]?.value)
    })

    test('starts are hints: useless ones change nothing that is proven', async () => {
      const r = Math.min(2, maxRank)
      const instance = random(13, 7, r, 2)
      const starts = [new Float64Array(r), Float64Array.from({ length: r }, (_, k) => 1e-200 * (k + 1))]
      expectHolds(instance, await price(instance, { starts }), 1)
    })

    test('an aborted or expired call answers at once, with a bound that holds', async () => {
      const instance = random(14, 12, Math.min(4, maxRank), 3)
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
      const instance = random(15, 10, Math.min(3, maxRank), 2)
      const omega = await checked(instance)
      for (const share of [0, 0.5, 0.99]) {
        const priced = await price(instance, { target: share * omega })
        expect(priced.candidates[0].value).toBeGreaterThan(share * omega)
        expectHolds(instance, priced, 1)
      }
    })

    test('a target above ω is proven', async () => {
      const instance = random(16, 10, Math.min(3, maxRank), 2)
      const omega = await checked(instance)
      for (const factor of [1.001, 1.5, 100]) {
        const priced = await price(instance, { target: factor * omega })
        expect(priced.bound.value).toBeLessThanOrEqual(factor * omega)
        expectHolds(instance, priced, 1)
      }
    })

    test('ω(sZ) = |s| ω(Z), and scaling X scales ω', async () => {
      const { problem, Z } = random(17, 8, Math.min(3, maxRank), 2)
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

/** A pricing question: maximise ‖Zᵀ(Xu)₊‖ for the X of the problem. */
interface Instance {
  readonly problem: Problem
  readonly Z: Matrix
}

function instanceOf(X: Matrix, Z: Matrix): Instance {
  return { problem: createProblem({ X, Y: matrix(Z.rows, Z.cols), beta: 1 }), Z }
}

function random(seed: number, n: number, d: number, c: number): Instance {
  const next = seededRandom(seed)
  return instanceOf(randomMatrix(next, n, d), randomMatrix(next, n, c))
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

/** Σ ‖z_i‖‖x_i‖: what rounding errors are proportional to. */
function massOf({ problem, Z }: Instance): number {
  let total = 0
  for (let i = 0; i < Z.rows; i++) total += norm2(row(Z, i)) * norm2(row(problem.X, i))
  return total
}

/** What the bound must include for the part of X that the reduction dropped. */
function tail({ problem, Z }: Instance): number {
  return norm2(Z.data) * problem.reduction.discarded * (1 + 1e-9)
}

function degenerateCases(): [what: string, instance: Instance][] {
  const next = seededRandom(31)
  const X = randomMatrix(next, 6, 2)
  const Z = randomMatrix(next, 6, 2)
  const solid = randomMatrix(next, 7, 3)
  const [x1, x2] = [Array.from(row(X, 1)), Array.from(row(X, 2))]
  const kinked = fromRows([[1, 0], [0, 1], [-1, 1], [1, 1], [-1, 0], [0, -1]]) // biome-ignore format: a matrix
  const nearly = multiply(randomMatrix(next, 7, 2), randomMatrix(next, 2, 4))
  nearly.data.forEach((value, k) => (nearly.data[k] = value + 1e-16 * gaussian(next)))
  return [
    ['one sample', instanceOf(fromRows([x1]), fromRows([[1, 2]]))],
    ['one sample in R¹', instanceOf(fromRows([[-2]]), fromRows([[3]]))],
    ['rank one', instanceOf(fromRows([[1], [-2], [0], [3]]), randomMatrix(next, 4, 2))],
    ['collinear rows', instanceOf(multiply(randomMatrix(next, 6, 1), fromRows([x1])), Z)],
    ['zero rows', instanceOf(fromRows([[0, 0], x1, [0, 0], x2, [0, 0], [1, 0]]), Z)],
    ['zero rows of Z', instanceOf(X, matrix(6, 2, Z.data.map((value, k) => (k < 6 ? value : 0))))], // biome-ignore format: short
    ['duplicate rows', instanceOf(fromRows([x1, x1, x2, x2, x1, [1, 0]]), Z)],
    ['opposite rows', instanceOf(fromRows([x1, x1.map((v) => -v), x2, x2.map((v) => -3 * v), [1, 0], [-1, 0]]), Z)],
    ['samples on the hyperplanes of others', instanceOf(kinked, Z)],
    ['samples that cancel', instanceOf(fromRows([x1, x1, x2, x2, x1, x2]), fromRows([[1, 2], [-1, -2], [1, 1], [-1, -1], [2, 4], [3, 3]]))], // biome-ignore format: long
    ['one output', instanceOf(X, randomMatrix(next, 6, 1))],
    ['more outputs than inputs', instanceOf(X, randomMatrix(next, 6, 5))],
    ['proportional outputs', instanceOf(X, multiply(randomMatrix(next, 6, 1), fromRows([[1, -2, 0.5]])))],
    ['wide data', instanceOf(randomMatrix(next, 2, 5), randomMatrix(next, 2, 2))],
    ['rank three', instanceOf(solid, randomMatrix(next, 7, 2))],
    ['coordinate planes', instanceOf(fromRows([[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, 0, 0], [0, -1, 0], [0, 0, -1]]), Z)], // biome-ignore format: long
    ['a pencil of planes', instanceOf(multiply(randomMatrix(next, 6, 2), randomMatrix(next, 2, 3)), Z)],
    ['nearly rank-deficient data', instanceOf(nearly, randomMatrix(next, 7, 2))],
    ['data truncated to rank two', truncated(solid, randomMatrix(next, 7, 2))],
    ['rank four', instanceOf(randomMatrix(next, 7, 4), randomMatrix(next, 7, 3))],
  ]
}

/** The third principal component, of size 1e-3 here, is dropped: the bound must speak about the data as given. */
function truncated(solid: Matrix, Z: Matrix): Instance {
  const { Q } = qr(solid)
  const stretch = matrix(3, 3, Float64Array.of(1, 0, 0, 0, 0.5, 0, 0, 0, 1e-3))
  const instance = instanceOf(multiply(multiply(Q, stretch), qr(multiplyTransposed(solid, solid)).Q), Z)
  return { ...instance, problem: { ...instance.problem, reduction: reduce(instance.problem.X, { tolerance: 1e-2 }) } }
}

/** How to make an instance: what a failing test prints. */
interface Recipe {
  readonly seed: number
  readonly n: number
  readonly d: number
  readonly c: number
  readonly kind: 'random' | 'integers' | 'repeated' | 'close' | 'graded' | 'residual'
}

function recipesUpTo(maxRank: number): fc.Arbitrary<Recipe> {
  return fc.record({
    seed: fc.integer(),
    n: fc.integer({ min: 1, max: 8 }),
    d: fc.integer({ min: 1, max: Math.min(4, maxRank) }),
    c: fc.integer({ min: 1, max: 4 }),
    kind: fc.constantFrom('random', 'integers', 'repeated', 'close', 'graded', 'residual'),
  })
}

function follow({ seed, n, d, c, kind }: Recipe): Instance {
  const next = seededRandom(seed)
  const X = randomMatrix(next, n, d)
  const Z = randomMatrix(next, n, c)
  for (let i = 0; i < n; i++) {
    const x = row(X, i)
    const repeats = i > 0 && next() < 0.5
    if (kind === 'integers') x.set(x.map(Math.round))
    if (kind === 'repeated' && repeats) x.set(row(X, 0).map((value) => value * Math.round(gaussian(next))))
    if (kind === 'close' && repeats) x.set(row(X, 0).map((value) => -value + 1e-3 * gaussian(next)))
    if (kind === 'graded') x.set(x.map((value) => value * 10 ** Math.round(9 * (2 * next() - 1))))
    // Large on few samples, next to nothing on the others: as residuals are near the optimum.
    if (kind === 'residual') row(Z, i).set(row(Z, i).map((value) => value * 10 ** (-8 * next())))
  }
  return instanceOf(X, Z)
}

function withRowScaled(A: Matrix, i: number, factor: number): Matrix {
  return matrix(
    A.rows,
    A.cols,
    A.data.map((value, at) => (Math.floor(at / A.cols) === i ? value * factor : value)),
  )
}

function pickRows(A: Matrix, rows: readonly number[]): Matrix {
  return matrix(rows.length, A.cols, Float64Array.from(rows.flatMap((i) => Array.from(row(A, i)))))
}

function shuffled(n: number, next: Random): number[] {
  return Array.from({ length: n }, (_, i) => ({ i, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ i }) => i)
}
