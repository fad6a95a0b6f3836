import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromRows, matrix, multiplyTransposed, scaled } from '../linalg/matrix.ts'
import { spectralUpper } from '../linalg/norms.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { reduce } from '../reduction.ts'
import { enumerationOracle } from './enumeration.ts'
import { oracleConformance } from './oracle.conformance.ts'
import { massOf, question, questions, randomQuestion, sampledPolar } from './pricing.fixtures.ts'
import { trivialOracle } from './trivial.ts'

oracleConformance('trivialOracle', trivialOracle, { exact: false, maxRank: 4, relativeTolerance: 1e-9 })

test('ω(Z) ≤ ½(‖ZᵀX‖₂ + ‖Z‖₂‖X‖₂): never below a sampled value, on data of every kind', async () => {
  await fc.assert(
    fc.asyncProperty(questions({ n: 20, ranks: [1, 2, 3, 6, 12], c: 5 }), fc.integer(), async (asked, seed) => {
      const { bound } = await trivialOracle(asked.problem).price(asked.Z)
      const rounding = 8 * Number.EPSILON * massOf(asked)
      expect(bound.value).toBeGreaterThanOrEqual(sampledPolar(asked, seededRandom(seed), 40) - rounding)
      expect(bound.from).toBe('trivial')
    }),
    { numRuns: 300 },
  )
})

test('never below ω, where cells can be enumerated', async () => {
  await fc.assert(
    fc.asyncProperty(questions({ n: 8, ranks: [1, 2, 3], c: 3 }), async (asked) => {
      const { bound } = await trivialOracle(asked.problem).price(asked.Z)
      const { candidates } = await enumerationOracle(asked.problem).price(asked.Z)
      expect(bound.value).toBeGreaterThanOrEqual((candidates[0]?.value ?? 0) * (1 - 1e-14))
    }),
    { numRuns: 100 },
  )
})

test('the half bound is used, and is half the product of norms where ZᵀX = 0', async () => {
  // Sprung by the product of norms alone. Here samples come in pairs ±x with equal z, so that Zᵀ X cancels and
  // F(u) = Zᵀ|Xu| over one of each pair: the half bound is attained.
  const X = fromRows([[1, 0], [-1, 0], [0, 1], [0, -1]]) // biome-ignore format: a matrix
  const Z = fromRows([[1, 0], [1, 0], [0, 1], [0, 1]]) // biome-ignore format: a matrix
  expect(Math.max(...multiplyTransposed(Z, X).data.map(Math.abs))).toBe(0)
  const asked = question(X, Z)
  const { bound } = await trivialOracle(asked.problem).price(Z)
  expect(bound.value).toBeCloseTo(0.5 * spectralUpper(X) * spectralUpper(Z), 12)
  expect(bound.value).toBeCloseTo(1, 12)
  expect(bound.value).toBeGreaterThanOrEqual(sampledPolar(asked, seededRandom(1), 1000))
})

test('one sample: both bounds are ω = ‖z‖‖x‖', async () => {
  const asked = question(fromRows([[3, 4]]), fromRows([[1, -2, 2]]))
  expect((await trivialOracle(asked.problem).price(asked.Z)).bound.value).toBeCloseTo(15, 11)
})

test('the rounding of ZᵀX is paid for: sums that cancel in floats and not in truth', async () => {
  // ZᵀX = 1 in exact arithmetic, 0 as computed; the product of norms does not notice.
  const X = matrix(3, 1, Float64Array.of(2 ** 40, 1, 2 ** 40))
  const Z = matrix(3, 1, Float64Array.of(2 ** 40, 1, -(2 ** 40)))
  const { bound } = await trivialOracle(createProblem({ X, Y: Z, beta: 1 })).price(Z)
  expect(bound.value).toBeGreaterThanOrEqual(2 ** 80) // u = 1: 2⁸⁰ + 1 − 2⁸⁰ = 1; u with one sign only: no cancellation
})

test('directions that the reduction drops stay inside the bound', async () => {
  const random = seededRandom(2)
  const X = randomMatrix(random, 6, 3)
  const Z = randomMatrix(random, 6, 2)
  const { problem } = question(X, Z)
  const truncated = { ...problem, reduction: reduce(X, { tolerance: 0.6 }) }
  expect(truncated.reduction.rank).toBeLessThan(3)
  const { bound } = await trivialOracle(truncated).price(Z)
  expect(bound.value).toBeGreaterThanOrEqual(sampledPolar({ problem, Z }, random, 2000))
})

test('scales with Z, at once and without candidates', async () => {
  const { problem, Z } = randomQuestion(3, 30, 5, 3)
  const { bound, candidates } = await trivialOracle(problem).price(Z)
  expect(candidates).toEqual([])
  for (const s of [1e-9, 1e9]) {
    expect((await trivialOracle(problem).price(scaled(Z, s))).bound.value / s).toBeCloseTo(bound.value, 8)
  }
})
