import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { betaMax } from '../beta-max.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { fromRows, type Matrix, matrix } from '../linalg/matrix.ts'
import type { OracleFactory } from '../oracle.ts'
import { createProblem } from '../problem.ts'
import { checkProof } from '../proof/check.ts'
import { type Random, seededRandom } from '../random.ts'
import { train } from '../train.ts'
import { frobeniusUpper } from '../linalg/norms.ts'
import { branchAndBoundOracle } from './branch-and-bound.ts'
import { enumerationOracle } from './enumeration.ts'
import { type Instance, instanceOf, massOf, withRowScaled } from './oracle.fixtures.ts'
import { planarOracle } from './planar.ts'
import { prove } from './prove.ts'
import {
  type ExactPolar,
  exactDot,
  exactly,
  exactPolar,
  isLess,
  plus,
  type Rational,
  times,
} from './rational.fixtures.ts'
import { trivialOracle } from './trivial.ts'

const oracles: readonly [name: string, factory: OracleFactory][] = [
  ['the sweep', planarOracle],
  ['branch and bound', branchAndBoundOracle],
  ['enumeration', (problem) => enumerationOracle(problem)],
  ['the trivial oracle', trivialOracle],
]

/** How far above ω the bounds may be where a search ran to its end. */
const tight: Tolerances = { 'the sweep': 1e-9, 'branch and bound': 1e-9, enumeration: 1e-9 }

/** Between hyperplanes that nearly coincide enumeration overlooks cells, and pays for them in its bound; cuts lose digits. */
const tightOnCloseHyperplanes: Tolerances = { 'the sweep': 1e-9, 'branch and bound': 1e-8 }

type Tolerances = Readonly<Record<string, number>>

/** What the oracles are asked for: a search that must not stop above ω leaves its rounding nowhere to hide. */
const relativeTolerance = 0

/** Ways in which small integers make hyperplanes coincide. */
const kinds = [
  'any',
  'duplicate rows',
  'opposite rows',
  'collinear rows',
  'zero rows',
  'rank deficient',
  'ties',
] as const

interface Recipe {
  readonly kind: (typeof kinds)[number]
  readonly seed: number
  readonly n: number
  readonly d: number
  readonly c: number
}

const recipes: fc.Arbitrary<Recipe> = fc.record({
  kind: fc.constantFrom(...kinds),
  seed: fc.integer(),
  n: fc.integer({ min: 1, max: 6 }),
  d: fc.integer({ min: 1, max: 3 }),
  c: fc.integer({ min: 1, max: 3 }),
})

function dataOf({ kind, seed, n, d, c }: Recipe): { X: Matrix; Z: Matrix } {
  const next = seededRandom(seed)
  const [X, Z] = [
    integerMatrix(next, n, d, kind === 'ties' ? 1 : 4),
    integerMatrix(next, n, c, kind === 'ties' ? 1 : 5),
  ]
  for (let i = 1; i < n; i++) {
    const [x, other] = [X.data.subarray(i * d, (i + 1) * d), X.data.subarray((i - 1) * d, i * d)]
    if (next() < 0.4) continue
    if (kind === 'duplicate rows') x.set(other)
    if (kind === 'opposite rows') x.set(other.map((value) => -value))
    if (kind === 'collinear rows') x.set(X.data.subarray(0, d).map((value) => value * between(next, 3)))
    if (kind === 'zero rows') x.fill(0)
  }
  if (kind === 'rank deficient' && d > 1) for (let i = 0; i < n; i++) X.data[i * d] = 2 * X.data[i * d + 1]
  return { X, Z }
}

/** Doubles that round, in pairs of equal rows whose large duals nearly cancel: rounding is 10⁵ times what is left. */
function cancelling({ seed, n, d, c }: Recipe): { X: Matrix; Z: Matrix } {
  const next = seededRandom(seed)
  const [X, Z] = [matrix(2 * n, d), matrix(2 * n, c)]
  for (let k = 0; k < n * d; k++) X.data[k] = X.data[n * d + k] = 2 * next() - 1
  for (let k = 0; k < n * c; k++) {
    Z.data[k] = 1e5 * next()
    Z.data[n * c + k] = 2 * next() - 1 - Z.data[k]
  }
  return { X, Z }
}

function integerMatrix(random: Random, rows: number, cols: number, most: number): Matrix {
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => between(random, most)),
  )
}

function between(random: Random, most: number): number {
  return Math.round((2 * random() - 1) * (most + 0.49))
}

/** The square of a double, exactly. */
function squareOf(value: number): Rational {
  return times(exactly(value), exactly(value))
}

/** `value` ≥ ω, in exact arithmetic. */
function expectAbove(polar: ExactPolar, value: number): void {
  expect(value).toBeGreaterThanOrEqual(0)
  if (value < Number.POSITIVE_INFINITY) expect(polar.squareExceeds(squareOf(value))).toBe(false)
}

/** ω > value / (1 + tolerance) − rounding, in exact arithmetic. */
function expectTight(polar: ExactPolar, value: number, tolerance: number, rounding: number): void {
  const least = value / (1 + tolerance) - rounding
  if (least > 0) expect(polar.squareExceeds(squareOf(least))).toBe(true)
}

/** Prices with every oracle that applies. */
async function checkAll(instance: Instance, tolerances: Tolerances = tight): Promise<void> {
  const polar = exactPolar(instance.problem.X, instance.Z)
  for (const [name, factory] of oracles) {
    const value = await boundOf(factory, instance)
    if (value === undefined) continue
    expectAbove(polar, value)
    if (name in tolerances) expectTight(polar, value, tolerances[name], roundingOf(instance))
  }
}

/** What a proof file shows. */
async function checkProven({ problem, Z }: Instance): Promise<void> {
  const { bound } = await branchAndBoundOracle(problem).price(Z)
  const { bytes } = await prove(problem, Z, { target: bound.value })
  if (bytes) expectAbove(exactPolar(problem.X, Z), (await checkProof(problem, bytes)).polarBound)
}

/** Room for the rounding of values near 0, and for what a reduction of the rank discards. */
function roundingOf(instance: Instance): number {
  const { problem, Z } = instance
  return 1e-12 * massOf(instance) + 2 * problem.reduction.discarded * frobeniusUpper(Z) + 1e-300
}

/** Undefined where the oracle does not do such problems. */
async function boundOf(factory: OracleFactory, { problem, Z }: Instance): Promise<number | undefined> {
  try {
    return (await factory(problem).price(Z, { relativeTolerance })).bound.value
  } catch (error) {
    if (error instanceof UnsupportedProblemError) return undefined
    throw error
  }
}

describe('the exact polar', () => {
  test('one sample: ω² = ‖z‖²‖x‖²', () => {
    const polar = exactPolar(fromRows([[3, 4, 12]]), fromRows([[1, -2, 2]]))
    expect(polar.squareExceeds(exactly(9 * 169))).toBe(false)
    expect(polar.squareExceeds(plus(exactly(9 * 169), exactly(-(2 ** -60))))).toBe(true)
  })

  test('orthogonal samples, one output: ω² = max(Σ_{z>0} z²‖x‖², Σ_{z<0} z²‖x‖²)', () => {
    const { num, den } = exactPolar(fromRows([[1, 1, 0], [1, -1, 0], [0, 0, 3]]), fromRows([[2], [1], [-1]])).square() // biome-ignore format: matrices
    expect(num).toBe(10n * den)
  })

  test('one output: the largest projection and the sign of a quadratic form agree to the last digit', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { X, Z } = dataOf({ ...recipe, c: 1 })
        const polar = exactPolar(X, Z)
        const square = polar.square()
        expect(polar.squareExceeds(square)).toBe(false)
        const below = times(square, { num: 10n ** 40n - 1n, den: 10n ** 40n })
        expect(polar.squareExceeds(below)).toBe(square.num > 0n)
      }),
    )
  })
})

describe('in exact arithmetic, every bound is at least ω, and tight where the search ended', () => {
  test('on small integers, degenerate or not', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const { X, Z } = dataOf(recipe)
        await checkAll(instanceOf(X, Z))
      }),
      { numRuns: 150 },
    )
  })

  test('where nearly all of Z cancels', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const { X, Z } = cancelling(recipe)
        await checkAll(instanceOf(X, Z))
        await checkProven(instanceOf(X, Z))
      }),
    )
  })

  test('in rank 4', async () => {
    for (const seed of [1, 2, 3]) {
      const { X, Z } = dataOf({ kind: 'any', seed, n: 6, d: 4, c: 2 })
      await checkAll(instanceOf(X, Z))
    }
  })

  test.each([1e9, 1e-9, 2 ** 200, 2 ** -200])(
    'when rows, columns or all of X and Z are scaled by %d',
    async (factor) => {
      await fc.assert(
        fc.asyncProperty(recipes, fc.constantFrom(...stretches), fc.nat(), async (recipe, stretch, at) => {
          const { X, Z } = dataOf(recipe)
          await checkAll(instanceOf(...stretch(X, Z, factor, at)), tightOnCloseHyperplanes)
        }),
        { numRuns: 40 },
      )
    },
  )
})

/** Where a factor may go: X, Z, one row of either, one column of either. */
const stretches: readonly ((X: Matrix, Z: Matrix, factor: number, at: number) => [X: Matrix, Z: Matrix])[] = [
  (X, Z, factor) => [scaledWhere(X, factor, () => true), Z],
  (X, Z, factor) => [X, scaledWhere(Z, factor, () => true)],
  (X, Z, factor, at) => [withRowScaled(X, at % X.rows, factor), Z],
  (X, Z, factor, at) => [X, withRowScaled(Z, at % Z.rows, factor)],
  (X, Z, factor, at) => [scaledWhere(X, factor, (k) => k % X.cols === at % X.cols), Z],
  (X, Z, factor, at) => [X, scaledWhere(Z, factor, (k) => k % Z.cols === at % Z.cols)],
]

function scaledWhere(A: Matrix, factor: number, chosen: (at: number) => boolean): Matrix {
  return matrix(A.rows, A.cols, A.data.map((value, k) => (chosen(k) ? value * factor : value))) // biome-ignore format: short
}

describe('in exact arithmetic', () => {
  test('βmax lies between what betaMax says is attained and what it says is proven', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const { X, Z: Y } = dataOf(recipe)
        const polar = exactPolar(X, Y)
        const { value, bound } = await betaMax(createProblem({ X, Y, beta: 1 }))
        expectAbove(polar, bound)
        expectTight(polar, value, 0, roundingOf(instanceOf(X, Y)))
      }),
      { numRuns: 30 },
    )
  })

  test('the scaled dual of a certificate is feasible, and its value is at least the lower bound', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, fc.constantFrom(0.1, 1, 1e9, 1e-9), async (recipe, size) => {
        const { X, Z } = dataOf(recipe)
        const Y = scaledWhere(Z, size, () => true)
        const problem = createProblem({ X, Y, beta: 0.7 * size })
        const { dual, certificate } = await train(problem, { maxIterations: 6 })
        if (certificate.lowerBound === 0) return
        // |τ| ω ≤ β
        const [tau, beta] = [exactly(certificate.scale), exactly(problem.beta)]
        const limit = { num: beta.num ** 2n * tau.den ** 2n, den: beta.den ** 2n * tau.num ** 2n }
        expect(exactPolar(X, dual).squareExceeds(limit)).toBe(false)
        // τ⟨Z, Y⟩ − ½τ²‖Z‖²
        const quadratic = times(times(tau, tau), exactDot(dual.data, dual.data))
        const value = plus(times(tau, exactDot(dual.data, Y.data)), { num: -quadratic.num, den: 2n * quadratic.den })
        expect(isLess(value, exactly(certificate.lowerBound))).toBe(false)
      }),
      { numRuns: 30 },
    )
  })
})
