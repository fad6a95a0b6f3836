import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromRows, matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { OracleFactory } from '../oracle.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { branchAndBoundOracle } from './branch-and-bound.ts'
import { enumerationOracle } from './enumeration.ts'
import { polarValue, polarVector } from './evaluate.ts'
import { planarOracle } from './planar.ts'
import { type Question, question } from './pricing.fixtures.ts'
import { standardForm } from './standard-form.ts'
import { trivialOracle } from './trivial.ts'

/** Rows of X of sizes 10^±spread, those of Z of sizes to match or not. */
function wild(seed: number, r: number, spread: number): Question {
  const random = seededRandom(seed)
  const n = 1 + Math.floor(5 * random())
  const [X, Z] = [randomMatrix(random, n, r), randomMatrix(random, n, 1 + Math.floor(2 * random()))]
  for (let i = 0; i < n; i++) {
    const size = 10 ** (spread * (2 * random() - 1))
    const other = random() < 0.5 ? 1 / size : 10 ** (spread * (2 * random() - 1))
    row(X, i).forEach((value, k) => (X.data[i * r + k] = size * value))
    row(Z, i).forEach((value, k) => (Z.data[i * Z.cols + k] = other * value))
  }
  // Reduction is about the sizes of columns, not of rows: it is left out.
  const { problem } = question(fromRows(identity(r)), matrix(r, Z.cols))
  return { problem: { ...problem, X, reduction: { ...problem.reduction, Xr: X } }, Z }
}

describe('standardForm', () => {
  test('the same function, times the unit, exactly', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0, 5, 60), (seed, spread) => {
        const { problem, Z } = wild(seed, 3, spread)
        const form = standardForm(problem.X, Z)
        const u = randomMatrix(seededRandom(seed + 1), 1, 3).data
        const [given, scaled] = [polarVector(problem.X, Z, u), polarVector(form.X, form.Z, u)]
        let mass = 0
        for (let i = 0; i < Z.rows; i++) mass += norm2(row(problem.X, i)) * norm2(row(Z, i))
        for (let k = 0; k < Z.cols; k++) {
          expect(Math.abs(scaled[k] * form.unit - given[k])).toBeLessThanOrEqual(1e-14 * mass * norm2(u))
        }
        // Order one: every x_i between 1 and 2√r or zero, the largest z_i between 1 and 2√c.
        for (let i = 0; i < Z.rows; i++) expect(norm2(row(form.X, i))).toBeLessThan(4)
        expect(Math.max(...form.Z.data.map(Math.abs))).toBeGreaterThanOrEqual(1)
        expect(Math.max(...form.Z.data.map(Math.abs))).toBeLessThan(2)
      }),
    )
  })

  test('zero rows, nothing at all, and what is not a number', () => {
    const { X, Z, unit } = standardForm(matrix(2, 1, Float64Array.of(0, 3)), matrix(2, 1, Float64Array.of(5, 0)))
    expect([...X.data, ...Z.data]).toEqual([0, 0, 0, 0])
    expect(unit).toBeGreaterThan(0)
    for (const poison of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const form = standardForm(matrix(2, 1, Float64Array.of(1, 3)), matrix(2, 1, Float64Array.of(5, poison)))
      expect([...form.X.data, ...form.Z.data, form.unit].every(Number.isFinite)).toBe(false)
    }
  })
})

const oracles: readonly [name: string, factory: OracleFactory, r: number][] = [
  ['the sweep', planarOracle, 2],
  ['enumeration', (problem) => enumerationOracle(problem), 3],
  ['branch and bound', branchAndBoundOracle, 3],
  ['the trivial bound', trivialOracle, 3],
]

test.each(oracles)('%s: no bound below an attained value, whatever the sizes of single rows', async (_, factory, r) => {
  // Sprung by one common scale for X and one for Z: from rows 1e60 apart on, squares underflow that matter, and bounds
  // of 0.94 were "proven" where 1.33 is attained.
  for (const spread of [9, 60, 90, 150]) {
    for (let seed = 0; seed < 150; seed++) {
      const asked = wild(seed, r, spread)
      const { bound } = await factory(asked.problem).price(asked.Z, { maxNodes: 2000 })
      const random = seededRandom(seed)
      for (let k = 0; k < 20 + asked.Z.rows; k++) {
        const u = k < 20 ? randomMatrix(random, 1, r).data : unit(row(asked.problem.X, k - 20))
        for (const side of [u, u.map((value) => -value)]) {
          expect(polarValue(asked.problem.X, asked.Z, side)).toBeLessThanOrEqual(bound.value * (1 + 1e-12))
        }
      }
    }
  }
})

function unit(x: Float64Array): Float64Array {
  const size = norm2(x)
  return x.map((value) => value / size)
}

function identity(n: number): number[][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_k, k) => (i === k ? 1 : 0)))
}

test('a problem of sizes 1e±60 is priced as the same problem of sizes one', async () => {
  const random = seededRandom(1)
  const [X, Z] = [randomMatrix(random, 6, 3), randomMatrix(random, 6, 2)]
  const plain = await branchAndBoundOracle(createProblem({ X, Y: Z, beta: 1 })).price(Z)
  const far = question(X, Z)
  const sizes = [1e60, 1e-60, 1, 1e30, 1e-30, 1e10].map((size) => 2 ** Math.round(Math.log2(size)))
  const [Xs, Zs] = [matrix(6, 3, X.data.map((x, k) => x * sizes[Math.floor(k / 3)])), matrix(6, 2, Z.data.map((z, k) => z / sizes[Math.floor(k / 2)]))] // biome-ignore format: a pair
  const problem = { ...far.problem, X: Xs, reduction: { ...far.problem.reduction, Xr: Xs } }
  const { bound } = await branchAndBoundOracle(problem).price(Zs)
  expect(Math.abs(bound.value / plain.bound.value - 1)).toBeLessThan(3e-9)
})
