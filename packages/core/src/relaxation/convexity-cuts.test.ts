import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromRows, type Matrix, matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { polarValue } from '../oracle/evaluate.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, problems, randomMatrix } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { gaussian, type Random, seededRandom } from '../random.ts'
import { train } from '../train.ts'
import { conicalRepresentation } from './conical-representation.ts'
import { type ConvexityCut, convexityCut, valueAt } from './convexity-cuts.ts'
import { freshCuts } from './cut-choice.ts'
import { entrywiseSplitting } from './entrywise-splitting.ts'
import { interiorPoint } from './interior-point.ts'
import { semidefinitePolarUpper } from './semidefinite-bound.ts'
import { productSlack, semidefiniteProgram } from './semidefinite-program.ts'
import { semidefiniteValue, semidefiniteValues } from './semidefinite.ts'

/** Data at which rows are nearly, exactly or not at all dependent. */
const awkward: readonly [string, Matrix][] = [
  ['rows a rounding apart', fromRows([[1, 1], [1, 1 + 1e-15], [-1, -1 + 1e-14], [0.3, 2]])], // biome-ignore format: a matrix
  ['rows 1e-7 apart', fromRows([[1, 1], [1, 1 + 1e-7], [1 + 1e-7, 1], [-2, 0.1]])], // biome-ignore format: a matrix
  ['parallel, opposite and zero rows', fromRows([[1, 2], [2, 4], [-1, -2], [0, 0], [3, -1], [1, 0]])], // biome-ignore format: a matrix
  ['rows of sizes 1e±8', fromRows([[1e8, 1e8], [1e-8, -2e-8], [1, 0.5], [-1e4, 3e4]])], // biome-ignore format: a matrix
  ['a nearly flat fan in space', fromRows([[1, 0, 1e-9], [0, 1, 0], [1, 1, 1e-9], [1, -1, 0], [2, 1, 1e-3]])], // biome-ignore format: a matrix
]

describe('−x_k as a nonnegative combination of signed rows', () => {
  test('weights are nonnegative, at most r of them, and add up', () => {
    for (const [n, r] of [
      [4, 1],
      [6, 2],
      [9, 3],
      [20, 7],
    ]) {
      // biome-ignore format: pairs
      const X = randomMatrix(seededRandom(n), n, r)
      for (let k = 0; k < n; k++) {
        const terms = conicalRepresentation(X, k, new Float64Array(2 * n).fill(1)) ?? []
        expect(terms.length).toBe(r === 1 ? 0 : r) // in rank 1 all rows are parallel
        const sum = row(X, k).slice()
        for (const { sample, side, weight } of terms) {
          expect(weight).toBeGreaterThanOrEqual(0)
          expect(sample).not.toBe(k)
          row(X, sample).forEach((value, q) => (sum[q] += side * weight * value))
        }
        if (terms.length > 0) expect(norm2(sum)).toBeLessThan(1e-11)
      }
    }
  })

  test('the least cost, against all bases', () => {
    const next = seededRandom(3)
    for (let trial = 0; trial < 20; trial++) {
      const X = randomMatrix(next, 6, 2)
      const costs = Float64Array.from({ length: 12 }, () => next())
      const terms = conicalRepresentation(X, 0, costs) ?? []
      const found = terms.reduce(
        (sum, { sample, side, weight }) => sum + weight * costs[side > 0 ? sample : 6 + sample],
        0,
      )
      expect(found).toBeCloseTo(cheapestPair(X, costs), 10)
    }
  })

  test('none where the others do not span the row', () => {
    expect(conicalRepresentation(fromRows([[1, 2], [2, 4], [0, 0], [-1, -2]]), 0, new Float64Array(8))).toBeNull() // biome-ignore format: a matrix
    expect(conicalRepresentation(fromRows([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]]), 3, new Float64Array(8))).toBeNull() // biome-ignore format: a matrix
  })
})

describe('a cut', () => {
  test.each(awkward)('%s: nowhere below −slack, nor beyond its size', async (_what, X) => {
    const cuts = await freshCuts(X, undefined, 10, createPacer())
    for (const cut of cuts) expectHolds(X, cut, seededRandom(1))
    if (_what !== 'rows a rounding apart') expect(cuts.length).toBeGreaterThan(0)
  })

  test('of weights that are off pays for it: the slack covers what is negative, and little more', () => {
    const X = randomMatrix(seededRandom(2), 6, 3)
    const terms = conicalRepresentation(X, 2, new Float64Array(12).fill(1)) ?? []
    for (const error of [1e-9, 1e-3, 0.5]) {
      const wrong = terms.map((term) => ({ ...term, weight: term.weight * (1 - error) }))
      const cut = convexityCut(X, 2, wrong)
      expect(cut).not.toBeNull()
      if (!cut) continue
      expectHolds(X, cut, seededRandom(3))
      expect(cut.slack).toBeGreaterThan(0.1 * error * norm2(row(X, 2)) * -cut.coefficients[2])
      expect(lowest(X, cut, seededRandom(4))).toBeLessThan(0)
    }
  })

  test('negative weights, weights that are not numbers and repeated samples make none', () => {
    const { X } = planarFixture
    const term = { sample: 1, side: 1, weight: 1 } as const
    for (const terms of [
      [{ ...term, weight: -1e-9 }],
      [{ ...term, weight: Number.NaN }],
      [term, term],
      [{ ...term, sample: 0 }],
    ]) {
      expect(convexityCut(X, 0, terms)).toBeNull()
    }
  })
})

describe('the bound with cuts', () => {
  test('holds whatever the multipliers are, also of cuts that are plainly wrong', async () => {
    for (const [, X] of [...awkward, ['random', randomMatrix(seededRandom(5), 5, 2)] as const]) {
      if (norm2(X.data) > 1e3) continue
      const next = seededRandom(6)
      const [n, r] = [X.rows, X.cols]
      const Z = randomMatrix(next, n, 2)
      const wrong = convexityCut(X, 0, [{ sample: n - 1, side: 1, weight: 0.7 }])
      const cuts = [...(await freshCuts(X, undefined, n, createPacer())), ...(wrong ? [wrong] : [])]
      for (const size of [0.01, 1, 1e4]) {
        const pairs = semidefiniteProgram({ X, Y: Z, beta: 1 }, 1, cuts).blocks[0].nonnegative.length
        const y = Float64Array.from({ length: 3 * n }, (_, k) => (k < 2 * n ? Z.data[k] : -size * next()))
        const multipliers = [Float64Array.from({ length: pairs }, () => size * gaussian(next))]
        const bound = semidefinitePolarUpper(X, Z, 0.5, { y, multipliers }, cuts)
        for (let k = 0; k < 300; k++) expect(polarValue(X, Z, randomMatrix(next, 1, r).data)).toBeLessThanOrEqual(bound)
      }
    }
  })

  test('a wrong cut is charged for: its multipliers would else prove what is false', () => {
    const X = fromRows([[1, 0], [0.6, 0.8]]) // biome-ignore format: a matrix
    const cut = convexityCut(X, 0, [{ sample: 1, side: -1, weight: 0.9 }])
    expect(cut).not.toBeNull()
    if (!cut) return
    const pairs = semidefiniteProgram({ X, Y: matrix(2, 1), beta: 1 }, 1, [cut]).blocks[0].nonnegative.length
    const multipliers = new Float64Array(pairs)
    expect(productSlack(X, [cut], multipliers)).toBe(0)
    multipliers[pairs - 4] = 3 // the cut times α_1
    const direction = Float64Array.of(-1, 0)
    expect(productSlack(X, [cut], multipliers)).toBeGreaterThanOrEqual(-3 * valueAt(X, cut.coefficients, direction))
    expect(productSlack(X, [cut], multipliers)).toBeCloseTo(3 * cut.slack, 10)
  })

  test('a program made false by wrong cuts is not believed: what it would prove is charged for', async () => {
    const { X, Y } = planarFixture
    const cuts = Array.from({ length: 6 }, (_, k) => {
      const terms = conicalRepresentation(X, k, new Float64Array(12).fill(1)) ?? []
      return convexityCut(X, k, terms.map((term) => ({ ...term, weight: 0.6 * term.weight }))) // biome-ignore format: short
    }).filter((cut) => cut !== null)
    expect(cuts).toHaveLength(6)
    let exploited = 0
    for await (const iterate of entrywiseSplitting.iterates(semidefiniteProgram({ X, Y, beta: 0.5 }, 1, cuts), {
      tolerance: 1e-4,
    })) {
      const Z = matrix(6, 2, iterate.y.slice(0, 12))
      const attained = sweptPolar(X, Z)
      const bound = semidefinitePolarUpper(X, Z, 0.5, iterate, cuts)
      expect(bound).toBeGreaterThanOrEqual(attained)
      if (bound - productSlack(X, cuts, iterate.multipliers[0]) < 0.99 * attained) exploited++
    }
    expect(exploited).toBeGreaterThan(0)
  })

  test.each([
    [0.1, 0.60220909, 0.65413806],
    [0.5, 1.99884276, 2.00537741],
  ])('six samples in the plane at β = %f: nearly all of what was missing', async (beta, without, optimum) => {
    const problem = createProblem({ ...planarFixture, beta })
    const { lowerBound } = await semidefiniteValue(problem, { inequalities: 'conic', tolerance: 1e-6 })
    expect(lowerBound).toBeLessThanOrEqual(optimum + 1e-8)
    expect(optimum - lowerBound).toBeLessThan(0.001 * (optimum - without))
  })

  test('two methods agree on the program', async () => {
    const cuts = await freshCuts(planarFixture.X, undefined, 6, createPacer())
    expect(cuts).toHaveLength(6)
    const program = semidefiniteProgram({ ...planarFixture, beta: 0.5 }, 1, cuts)
    const values: number[] = []
    for (const solver of [entrywiseSplitting, interiorPoint]) {
      let last = 0
      for await (const { dualValue } of solver.iterates(program, { tolerance: 1e-6 })) last = dualValue
      values.push(last)
    }
    expect(values[0]).toBeCloseTo(values[1], 4)
  })

  test('is tighter in rank 3 too, by cuts that the solution violates, and stays below the optimum', async () => {
    const next = seededRandom(11)
    const problem = createProblem({ X: randomMatrix(next, 10, 3), Y: randomMatrix(next, 10, 2), beta: 0.1 })
    const { certificate } = await train(problem, { tolerance: 1e-7 })
    const plain = await semidefiniteValue(problem, { tolerance: 1e-3 })
    const options = { tolerance: 1e-3, inequalities: 'conic', solver: entrywiseSplitting } as const
    const wanted = plain.lowerBound + 0.003 * certificate.objective
    let best = 0
    for await (const { lowerBound } of semidefiniteValues(problem, options)) {
      expect(lowerBound).toBeLessThanOrEqual(certificate.objective * (1 + 1e-12))
      best = Math.max(best, lowerBound)
      if (best > wanted) break
    }
    expect(best).toBeGreaterThan(wanted)
  })

  test('no bound along the way is above the certified optimum', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { certificate } = await train(problem, { tolerance: 1e-6, timeLimitSeconds: 2 })
        let left = 30
        for await (const { lowerBound } of semidefiniteValues(problem, {
          inequalities: 'conic',
          tolerance: 1e-2,
          solver: entrywiseSplitting,
        })) {
          expect(lowerBound).toBeLessThanOrEqual(certificate.objective * (1 + 1e-12))
          if (left-- === 0) break
        }
      }),
      { numRuns: 8 },
    )
  })
})

function sweptPolar(X: Matrix, Z: Matrix): number {
  let largest = 0
  for (let k = 0; k < 2000; k++) {
    const angle = (2 * Math.PI * k) / 2000
    largest = Math.max(largest, polarValue(X, Z, Float64Array.of(Math.cos(angle), Math.sin(angle))))
  }
  return largest
}

function expectHolds(X: Matrix, cut: ConvexityCut, next: Random): void {
  const rounding = 1e-15 * (norm2(cut.coefficients) * (1 + norm2(X.data)))
  expect(lowest(X, cut, next)).toBeGreaterThanOrEqual(-cut.slack - rounding)
  for (const u of directions(X, next)) {
    expect(Math.abs(valueAt(X, cut.coefficients, u))).toBeLessThanOrEqual(cut.size + rounding)
  }
}

function lowest(X: Matrix, { coefficients }: ConvexityCut, next: Random): number {
  return Math.min(...directions(X, next).map((u) => valueAt(X, coefficients, u)))
}

/** Unit vectors: random ones, the rows, and normals to them, where kinks are. */
function directions(X: Matrix, next: Random): Float64Array[] {
  const out = Array.from({ length: 200 }, () => randomMatrix(next, 1, X.cols).data)
  for (let i = 0; i < X.rows; i++) {
    const x = row(X, i)
    if (!(norm2(x) > 0)) continue
    out.push(x.slice())
    for (let k = 0; k < 10; k++) {
      const u = randomMatrix(next, 1, X.cols).data
      const along = u.reduce((sum, value, q) => sum + value * x[q], 0) / norm2(x) ** 2
      out.push(u.map((value, q) => value - along * x[q]))
    }
  }
  return out.flatMap((u) => [1, -1].map((side) => u.map((value) => (side * value) / norm2(u))))
}

function cheapestPair(X: Matrix, costs: Float64Array): number {
  const signed = Array.from({ length: 2 * X.rows }, (_, i) =>
    row(X, i % X.rows).map((value) => (i < X.rows ? value : -value)),
  )
  const [x, y] = row(X, 0).map((value) => -value)
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < signed.length; i++) {
    for (let j = 0; j < signed.length; j++) {
      if (i % X.rows === 0 || j % X.rows === 0 || i % X.rows === j % X.rows) continue
      const [a, b] = [signed[i], signed[j]]
      const det = a[0] * b[1] - a[1] * b[0]
      const [p, q] = [(x * b[1] - y * b[0]) / det, (a[0] * y - a[1] * x) / det]
      if (p >= 0 && q >= 0) least = Math.min(least, p * costs[i] + q * costs[j])
    }
  }
  return least
}
