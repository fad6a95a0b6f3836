import { expect, test } from 'vitest'
import { fromRows, matrix, multiply, scaled, transpose } from './linalg/matrix.ts'
import { norm2 } from './linalg/norms.ts'
import { polarValue } from './oracle/evaluate.ts'
import { randomMatrix } from './problem.fixtures.ts'
import { seededRandom } from './random.ts'
import { lift, project, reduce } from './reduction.ts'

test('data of full column rank are left alone', () => {
  const X = randomMatrix(seededRandom(1), 6, 3)
  expect(reduce(X)).toEqual({ rank: 3, Xr: X, V: null, discarded: 0, stretch: 1 })
  expect(reduce(X).Xr).toBe(X)
})

test.each([
  ['wide', 3, 7, 3],
  ['a product of thin factors', 8, 6, 2],
])('%s data reduce to their rank, and what is lost is rounding', (_, n, d, rank) => {
  const random = seededRandom(2)
  const X = multiply(randomMatrix(random, n, rank), randomMatrix(random, rank, d))
  const reduction = reduce(X)
  expect(reduction.rank).toBe(rank)
  expect(reduction.discarded).toBeLessThan(1e-13)
  expect(reduction.stretch).toBeGreaterThanOrEqual(1)
  expect(reduction.stretch).toBeLessThan(1 + 1e-13)
})

test('the discarded part is bounded from above, also when singular values are dropped on purpose', () => {
  const X = fromRows([
    [3, 0, 0],
    [0, 1, 0],
    [0, 0, 1e-3],
    [0, 0, 0],
  ])
  const reduction = reduce(X, { tolerance: 1e-2 })
  expect(reduction.rank).toBe(2)
  expect(reduction.discarded).toBeGreaterThanOrEqual(1e-3)
  expect(reduction.discarded).toBeLessThan(1.1e-3)
})

test('ω(Z) ≤ ‖V‖ ω_r(Z) + ‖Z‖ discarded, attained direction by attained direction', () => {
  const random = seededRandom(3)
  const X = randomMatrix(random, 6, 5)
  const reduction = reduce(X, { tolerance: 0.6 })
  expect(reduction.rank).toBeLessThan(5)
  const Z = randomMatrix(random, 6, 2)
  for (let k = 0; k < 200; k++) {
    const u = randomMatrix(random, 1, 5).data
    const length = norm2(u)
    const ur = project(reduction, u)
    const reduced = (polarValue(reduction.Xr, Z, ur) * norm2(ur)) / length
    // sprung by leaving the discarded term out: the difference below then exceeds 0 for some u
    expect(polarValue(X, Z, u) - reduced).toBeLessThanOrEqual(norm2(Z.data) * reduction.discarded)
  }
})

test('lifting and projecting undo each other in the row space', () => {
  const random = seededRandom(4)
  const reduction = reduce(multiply(randomMatrix(random, 5, 2), randomMatrix(random, 2, 4)))
  const ur = Float64Array.of(0.3, -1.2)
  expect(Array.from(project(reduction, lift(reduction, ur)))).toEqual([
    expect.closeTo(0.3, 13),
    expect.closeTo(-1.2, 13),
  ])
})

test('X = 0 has rank 0, discards nothing, and lifts the empty vector to 0', () => {
  const reduction = reduce(matrix(3, 2))
  expect(reduction).toMatchObject({ rank: 0, discarded: 0, stretch: 1 })
  expect(reduction.Xr).toEqual(matrix(3, 0))
  expect(Array.from(lift(reduction, new Float64Array(0)))).toEqual([0, 0])
  expect(project(reduction, Float64Array.of(1, 2))).toHaveLength(0)
})

test('the rank does not depend on the unit of X', () => {
  const random = seededRandom(5)
  const X = multiply(randomMatrix(random, 7, 3), randomMatrix(random, 3, 5))
  for (const factor of [1e-9, 1, 1e9, 1e-150, 1e150]) expect(reduce(scaled(X, factor)).rank).toBe(3)
})

test('one row, one column, duplicate and zero columns are ordinary data', () => {
  expect(reduce(fromRows([[2]])).rank).toBe(1)
  expect(reduce(fromRows([[2, 0, -1]])).rank).toBe(1)
  expect(
    reduce(
      transpose(
        fromRows([
          [1, 2, 3],
          [1, 2, 3],
          [0, 0, 0],
        ]),
      ),
    ).rank,
  ).toBe(1)
})
