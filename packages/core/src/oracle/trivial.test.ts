import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromRows, matrix, multiplyTransposed, scaled } from '../linalg/matrix.ts'
import { spectralUpper } from '../linalg/norms.ts'
import { compensatedDot } from '../linalg/sum.ts'
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

test('the rounding of ZᵀX is paid for: long sums that drift down', async () => {
  // z = x: both norms meet at ω = Σ x_i². Sprung by trusting the plain sum in ZᵀX, which drifts by far more than a few ε.
  let drifted = 0
  for (const [n, value] of [
    [3000, 0.1],
    [20_000, 0.3],
    [50_000, 1 / 3],
    [30_000, 0.7],
  ]) {
    // biome-ignore format: pairs
    const X = matrix(n, 1, new Float64Array(n).fill(value))
    const Z = scaled(X, 1)
    const omega = compensatedDot(X.data, Z.data)
    const { bound } = await trivialOracle(createProblem({ X, Y: Z, beta: 1 })).price(Z)
    expect(bound.value).toBeGreaterThanOrEqual(omega)
    expect(bound.value).toBeLessThan(omega * (1 + 1e-10))
    if (multiplyTransposed(Z, X).data[0] < omega * (1 - 1e-14)) drifted++
  }
  expect(drifted).toBeGreaterThan(0)
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
