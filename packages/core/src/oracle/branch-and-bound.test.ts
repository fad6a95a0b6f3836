import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dot, fromRows, type Matrix, matrix, row, scaled } from '../linalg/matrix.ts'
import { norm2, spectralUpper } from '../linalg/norms.ts'
import { qr } from '../linalg/qr.ts'
import { compensatedDot } from '../linalg/sum.ts'
import type { PriceOptions, Priced } from '../oracle.ts'
import { createPacer } from '../pacer.ts'
import { createProblem } from '../problem.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { lift } from '../reduction.ts'
import { branchAndBoundOracle } from './branch-and-bound.ts'
import { enumerationOracle } from './enumeration.ts'
import { polarValue } from './evaluate.ts'
import { multistartOracle } from './multistart.ts'
import { oracleConformance } from './oracle.conformance.ts'
import {
  kinds,
  massOf,
  pacerOfTurns,
  type Question,
  question,
  questionOfKind,
  questions,
  randomQuestion,
  sampledPolar,
} from './pricing.fixtures.ts'

oracleConformance('branchAndBoundOracle', branchAndBoundOracle, { exact: true, maxRank: 4, relativeTolerance: 1e-9 })

const price = ({ problem, Z }: Question, options: PriceOptions = {}): Promise<Priced> =>
  branchAndBoundOracle(problem).price(Z, options)

/** ω as cell enumeration finds it: attained, so no bound may be below it. */
async function omegaOf({ problem, Z }: Question): Promise<number> {
  return (await enumerationOracle(problem).price(Z)).candidates[0]?.value ?? 0
}

describe('branch and bound = enumeration of all faces', () => {
  test.each(kinds)('%s, ranks 2, 3 and 4, one to three outputs', async (kind) => {
    // Sprung, among others, by reporting only the open cones' bounds at the end, or only the closed cones'.
    for (let seed = 0; seed < 36; seed++) {
      const random = seededRandom(seed)
      const asked = questionOfKind(
        kind,
        random,
        1 + Math.floor(8 * random()),
        2 + (seed % 3),
        1 + Math.floor(3 * random()),
      )
      const omega = await omegaOf(asked)
      const { candidates, bound } = await price(asked, { relativeTolerance: 1e-10 })
      const rounding = 1e-13 * massOf(asked) + Number.MIN_VALUE
      expect(bound.value).toBeGreaterThanOrEqual(omega)
      expect(bound.value).toBeLessThanOrEqual(omega * (1 + 1e-9) + rounding)
      expect(Math.abs((candidates[0]?.value ?? 0) - omega)).toBeLessThanOrEqual(1e-9 * omega + rounding)
    }
  })

  test('samples exactly on the hyperplanes of others: integer grids in R³', async () => {
    const grid = [-1, 0, 1].flatMap((a) => [-1, 0, 1].flatMap((b) => [0, 1].map((c) => [a, b, c])))
    for (let seed = 0; seed < 6; seed++) {
      const random = seededRandom(seed)
      const chosen = grid.filter(() => random() < 0.5)
      const asked = question(fromRows(chosen), randomMatrix(random, chosen.length, 2))
      if (asked.problem.reduction.rank < 3) continue
      const omega = await omegaOf(asked)
      const { bound } = await price(asked, { relativeTolerance: 1e-10 })
      expect(bound.value).toBeGreaterThanOrEqual(omega)
      expect(bound.value).toBeLessThanOrEqual(omega * (1 + 1e-9))
    }
  })

  test('columns that differ by 1e-3 to 1e-9: the bound holds and closes', async () => {
    for (const share of [1e-3, 1e-5, 1e-7, 1e-9]) {
      const random = seededRandom(4)
      const base = randomMatrix(random, 9, 3)
      for (let i = 0; i < 9; i++)
        for (let k = 1; k < 3; k++) base.data[3 * i + k] = base.data[3 * i] + share * base.data[3 * i + k]
      const asked = question(base, randomMatrix(random, 9, 2))
      expect(asked.problem.reduction.rank).toBe(3)
      const omega = await omegaOf(asked)
      const { bound, nodes } = await price(asked)
      expect(bound.value).toBeGreaterThanOrEqual(omega)
      expect(bound.value).toBeLessThanOrEqual(omega * (1 + 1e-8))
      expect(nodes).toBeLessThan(2000)
    }
  })
})

describe('anytime', () => {
  test('at every node budget the bound is at least ω, and never larger than ‖Z‖‖X‖', async () => {
    // Sprung by reporting the top of the heap alone: a cone closed early may have the largest bound.
    await fc.assert(
      fc.asyncProperty(questions({ n: 8, ranks: [2, 3, 4], c: 3 }), async (asked) => {
        const omega = await omegaOf(asked)
        let last = Number.POSITIVE_INFINITY
        for (const maxNodes of [0, 1, 2, 5, 20, 100, 500]) {
          const { bound, nodes } = await price(asked, { maxNodes })
          expect(bound.value).toBeGreaterThanOrEqual(omega)
          expect(bound.value).toBeLessThanOrEqual(
            spectralUpper(asked.Z) * spectralUpper(asked.problem.X) * (1 + 1e-9) + tail(asked) + Number.MIN_VALUE,
          )
          expect(bound.value).toBeLessThanOrEqual(last * (1 + 1e-12) + Number.MIN_VALUE)
          // The starting orthants are opened together, for one output once for either sign; after that a step makes two.
          const trees = asked.Z.cols === 1 ? 2 : 1
          expect(nodes).toBeLessThanOrEqual(maxNodes + 1 + trees * 2 ** (asked.problem.reduction.rank + 1))
          last = bound.value
        }
      }),
      { numRuns: 150 },
    )
  })

  test('with a target: either it is exceeded by an attained value, or it is proven; the bound holds in both cases', async () => {
    await fc.assert(
      fc.asyncProperty(
        questions({ n: 8, ranks: [2, 3, 4], c: 3 }),
        fc.constantFrom(0, 0.1, 0.7, 0.99, 1 - 1e-7, 1 + 1e-7, 1.01, 1.5, 10),
        async (asked, share) => {
          const omega = await omegaOf(asked)
          const target = share * omega
          const { bound, candidates } = await price(asked, { target, relativeTolerance: 1e-10 })
          const rounding = 1e-12 * massOf(asked) + tail(asked) + Number.MIN_VALUE
          expect(bound.value).toBeGreaterThanOrEqual(omega)
          if (share < 1 && omega > rounding) expect(candidates[0].value).toBeGreaterThan(target)
          else expect(bound.value).toBeLessThanOrEqual(Math.max(target, omega * (1 + 1e-10)) + rounding)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('interrupted at any moment, the bound is at least ω', async () => {
    await fc.assert(
      fc.asyncProperty(questions({ n: 8, ranks: [3, 4], c: 3 }), fc.nat(200), async (asked, turns) => {
        const { bound } = await price(asked, { pacer: pacerOfTurns(turns) })
        expect(bound.value).toBeGreaterThanOrEqual(await omegaOf(asked))
      }),
      { numRuns: 150 },
    )
  })

  test('an abort from outside, while it runs, ends the search with a bound that holds', async () => {
    const asked = randomQuestion(5, 400, 6, 3)
    const controller = new AbortController()
    const aborted = setTimeout(() => controller.abort(), 40)
    const { bound, nodes } = await price(asked, {
      pacer: createPacer({ signal: controller.signal }),
      relativeTolerance: 0,
    })
    clearTimeout(aborted)
    expect(controller.signal.aborted).toBe(true)
    expect(nodes).toBeGreaterThan(0)
    expect(bound.value).toBeGreaterThanOrEqual(sampledPolar(asked, seededRandom(1), 500))
    expect(bound.value).toBeLessThan(Number.POSITIVE_INFINITY)
  })

  test('more nodes, tighter bounds: the bound falls with the budget, and the root is ‖Z‖₂‖X‖₂', async () => {
    const asked = randomQuestion(6, 60, 5, 3)
    const bounds: number[] = []
    for (const maxNodes of [0, 100, 1000, 4000]) bounds.push((await price(asked, { maxNodes })).bound.value)
    for (let k = 1; k < bounds.length; k++) expect(bounds[k]).toBeLessThan(bounds[k - 1])
  })
})

describe('ranks at which orthants are opened one by one', () => {
  test('rank 10: the bound holds at every budget, against random directions and local maxima', async () => {
    const asked = randomQuestion(7, 14, 10, 2)
    const found = await multistartOracle(asked.problem).price(asked.Z)
    const best = Math.max(found.candidates[0].value, sampledPolar(asked, seededRandom(2), 3000))
    let last = Number.POSITIVE_INFINITY
    for (const maxNodes of [0, 1, 2, 10, 100, 3000]) {
      const { bound, nodes } = await price(asked, { maxNodes })
      expect(bound.value).toBeGreaterThanOrEqual(best)
      expect(bound.value).toBeLessThanOrEqual(last * (1 + 1e-12))
      expect(nodes).toBeLessThanOrEqual(maxNodes + 1) // never 2^10 at once
      last = bound.value
    }
  })

  test.each([
    [6, 1e-6],
    [7, 0.05],
    [8, 0.05],
    [9, 0.2],
    [10, 0.3],
  ])(
    'rank %i, orthonormal samples, one output: ends within %d of ω = max(‖z₊‖, ‖z₋‖)',
    async (r, relativeTolerance) => {
      const random = seededRandom(r)
      const { Q } = qr(randomMatrix(random, r, r))
      const { data } = randomMatrix(random, r, 1)
      const omega = Math.max(norm2(data.map((z) => Math.max(0, z))), norm2(data.map((z) => Math.min(0, z))))
      const { bound, candidates, nodes } = await price(question(Q, matrix(r, 1, data)), { relativeTolerance })
      expect(bound.value).toBeGreaterThanOrEqual(omega * (1 - 1e-14))
      expect(bound.value).toBeLessThanOrEqual(omega * (1 + relativeTolerance) * (1 + 1e-12))
      expect(candidates[0].value).toBeCloseTo(omega, 10)
      expect(nodes).toBeLessThan(25_000)
    },
  )

  test('rank 40: an immediate, valid and finite bound; no orthant in sight', async () => {
    const asked = randomQuestion(8, 60, 40, 2)
    const { bound, nodes } = await price(asked, { maxNodes: 300 })
    expect(nodes).toBeLessThanOrEqual(301)
    expect(bound.value).toBeGreaterThanOrEqual(sampledPolar(asked, seededRandom(3), 1000))
    expect(bound.value).toBeLessThanOrEqual(massOf(asked))
  })
})

describe('scale', () => {
  test('X, Z and single rows times 1e±9: the bound holds and closes', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const { problem, Z } = randomQuestion(seed, 7, 3, 2)
      for (const s of [1e9, 1e-9]) {
        const rows = (A: Matrix): Matrix => withRowScaled(A, seed % 7, s)
        const cases = [question(scaled(problem.X, s), Z), question(problem.X, scaled(Z, s)), question(rows(problem.X), Z), question(problem.X, rows(Z)), question(rows(problem.X), rows(Z))] // biome-ignore format: one line
        for (const asked of cases) {
          const omega = await omegaOf(asked)
          const { bound } = await price(asked)
          expect(bound.value).toBeGreaterThanOrEqual(omega)
          expect(bound.value).toBeLessThanOrEqual(omega * (1 + 1e-8) + 1e-12 * massOf(asked))
        }
      }
    }
  })

  test('rows of sizes that no common scale can hold: x tiny where z is huge, and the other way round', async () => {
    // Each product is 1; squares of the entries, or entries over the largest, would underflow. Only the products matter.
    for (const s of [1e-100, 1e-160, 1e-200, 1e-290]) {
      const X = fromRows([[s, 0, 0], [0, 1 / s, 0], [0, 0, s]]) // biome-ignore format: a matrix
      const Z = fromRows([[1 / s, 0], [s, 0], [0, 1 / s]]) // biome-ignore format: a matrix
      const problem = { ...createProblem({ X: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], Y: Z, beta: 1 }) } // biome-ignore format: short
      const asked = { problem: { ...problem, X, reduction: { ...problem.reduction, Xr: X } }, Z }
      const { bound } = await price(asked)
      expect(bound.value).toBeGreaterThanOrEqual(1)
    }
  })
})

test('long sums that drift down in floats: the bound is at least the exact value', async () => {
  // Sprung by a slack that does not grow with the number of samples.
  for (const [n, value] of [
    [3000, 0.1],
    [20_000, 0.3],
    [50_000, 1 / 3],
  ]) {
    // biome-ignore format: pairs
    const X = matrix(n, 1, new Float64Array(n).fill(value))
    const Z = scaled(X, 1)
    const { bound } = await price(question(X, Z))
    expect(bound.value).toBeGreaterThanOrEqual(compensatedDot(X.data, Z.data))
  }
})

describe('what is reported', () => {
  test('candidate values are attained on the data as given: re-evaluated, not carried over from the scaled search', async () => {
    await fc.assert(
      fc.asyncProperty(questions({ n: 8, ranks: [2, 3, 4], c: 3 }), async (asked) => {
        const { candidates } = await price(asked, { maxNodes: 100 })
        for (const { weights, value } of candidates) {
          expect(value).toBe(polarValue(asked.problem.reduction.Xr, asked.Z, weights))
          const given = polarValue(asked.problem.X, asked.Z, lift(asked.problem.reduction, weights))
          expect(Math.abs(given - value)).toBeLessThanOrEqual(1e-13 * massOf(asked) + tail(asked))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('directions that the reduction drops stay inside the bound', async () => {
    // Sprung by dropping ‖Z‖₂‖X − X_rVᵀ‖₂ in `proveBound`. The tolerance is large here so that the term matters: the
    // dropped direction is where ω is attained.
    const random = seededRandom(9)
    const X = randomMatrix(random, 8, 3)
    for (let i = 0; i < 8; i++) X.data[3 * i + 2] *= 0.3
    const Z = randomMatrix(random, 8, 2)
    const reductions = await import('../reduction.ts')
    const whole = question(X, Z)
    const problem = { ...whole.problem, reduction: reductions.reduce(X, { tolerance: 0.45 }) }
    expect(problem.reduction.rank).toBe(2)
    const omega = await omegaOf(whole)
    const truncated = await price({ problem, Z })
    expect(truncated.candidates[0].value).toBeLessThan(omega * 0.999)
    expect(truncated.bound.value).toBeGreaterThanOrEqual(omega)
  })

  test('one tree yields several violators: distinct local maxima above the target, best first', async () => {
    const random = seededRandom(10)
    // Three outputs that pull apart on three groups of samples: a local maximum for each.
    const X = randomMatrix(random, 30, 4)
    const Z = matrix(30, 3)
    for (let i = 0; i < 30; i++) Z.data[3 * i + (i % 3)] = 1
    const asked = question(X, Z)
    const { bound } = await price(asked, { relativeTolerance: 1e-3 })
    const target = 0.5 * bound.value
    const { candidates } = await price(asked, { target })
    expect(candidates.filter(({ value }) => value > target).length).toBeGreaterThan(1)
    for (let k = 1; k < candidates.length; k++) {
      expect(candidates[k].value).toBeLessThanOrEqual(candidates[k - 1].value)
      for (let j = 0; j < k; j++) expect(dot(candidates[j].weights, candidates[k].weights)).toBeLessThan(1 - 1e-12)
    }
  })

  test('node counts are reproducible, and small where the prototype’s were', async () => {
    const asked = randomQuestion(11, 100, 3, 3)
    const [first, second] = [
      await price(asked, { relativeTolerance: 1e-6 }),
      await price(asked, { relativeTolerance: 1e-6 }),
    ]
    expect(second.nodes).toBe(first.nodes)
    expect(first.nodes).toBeLessThan(1500)
  })

  test('good starts save nodes, and never change what is proven', async () => {
    const asked = randomQuestion(12, 40, 4, 2)
    const cold = await price(asked, { relativeTolerance: 1e-6 })
    const warm = await price(asked, { relativeTolerance: 1e-6, starts: [cold.candidates[0].weights] })
    expect(warm.nodes!).toBeLessThanOrEqual(cold.nodes!)
    expect(Math.abs(warm.bound.value / cold.bound.value - 1)).toBeLessThan(2e-6)
  })
})

test('crossing lists shrink on the way down: five thousand nodes on a thousand samples fit in modest memory', async () => {
  const asked = randomQuestion(13, 1000, 5, 3)
  const before = memory()
  const { nodes } = await price(asked, { maxNodes: 5000, relativeTolerance: 1e-12 })
  expect(nodes).toBeGreaterThanOrEqual(5000)
  expect(memory() - before).toBeLessThan(200e6) // a thousand samples in every one of the lists would be 20 MB; many times that is a leak
})

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function tail({ problem, Z }: Question): number {
  return norm2(Z.data) * problem.reduction.discarded * (1 + 1e-9)
}

function withRowScaled(A: Matrix, i: number, factor: number): Matrix {
  const out = matrix(A.rows, A.cols, A.data.slice())
  row(out, i).forEach((value, k) => (out.data[i * A.cols + k] = factor * value))
  return out
}
