import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromRows, type Matrix, matrix, multiply, row } from './linalg/matrix.ts'
import { norm2 } from './linalg/norms.ts'
import { qr } from './linalg/qr.ts'
import { randomMatrix } from './problem.fixtures.ts'
import { seededRandom } from './random.ts'
import { overshoot, testSpikeFree } from './spike-free.ts'

/** The largest overshoot over random directions and over combinations of the rows: the definition, sampled. */
function sampledOvershoot(X: Matrix, seed: number, count = 400): number {
  const random = seededRandom(seed)
  let most = 0
  for (let t = 0; t < count; t++) {
    most = Math.max(most, overshoot(X, randomMatrix(random, 1, X.cols).data))
    const weights = randomMatrix(random, 1, X.rows)
    most = Math.max(most, overshoot(X, multiply(weights, X).data))
  }
  return most
}

describe('data that are spike-free', () => {
  const random = seededRandom(1)
  const orthonormal = qr(randomMatrix(random, 7, 4)).Q
  const turned = matrix(
    4,
    7,
    Float64Array.from({ length: 28 }, (_, k) => orthonormal.data[(k % 7) * 4 + Math.floor(k / 7)]),
  )
  const cases: readonly [string, Matrix][] = [
    ['one row', randomMatrix(random, 1, 3)],
    ['a positive diagonal', fromRows([[2, 0, 0], [0, 0.5, 0], [0, 0, 30]])], // biome-ignore format: a matrix
    ['whitened rows', turned],
    ['two rows at an acute angle', fromRows([[1, 0], [1, 0.2]])], // biome-ignore format: a matrix
    ['rank one with a nonnegative factor', fromRows([[1, 2], [3, 6], [0, 0]])], // biome-ignore format: a matrix
    ['repeated and scaled rows of whitened data', multiply(fromRows([[1, 0], [2, 0], [0, 3], [0, 0]]), fromRows([[0.6, 0.8, 0], [0, 0, 1]]))], // biome-ignore format: a matrix
    ['no rows but zero', matrix(3, 2)],
  ]

  test.each(cases)('%s: the verdict says so, and no direction overshoots', (_what, X) => {
    const { verdict, witness, stretch, deviation } = testSpikeFree(X)
    expect(verdict).toBe('spike-free')
    expect(witness).toBeNull()
    expect(stretch - 1).toBeLessThan(1e-11)
    expect(deviation).toBeLessThan(1e-11 * (1 + norm2(X.data)))
    expect(sampledOvershoot(X, 2)).toBeLessThan(1e-7)
  })
})

describe('data that are not', () => {
  const random = seededRandom(3)
  const cases: readonly [string, Matrix][] = [
    ['a tall Gaussian matrix', randomMatrix(random, 6, 2)],
    ['two rows at an obtuse angle', fromRows([[1, 0], [-0.3, 1]])], // biome-ignore format: a matrix
    ['opposite rows', fromRows([[1, 0], [-2, 0], [0, 1]])], // biome-ignore format: a matrix
    ['whitened rows less their column means', fromRows([[0.5, -0.2], [-0.5, 0.1], [0, 0.1]])], // biome-ignore format: a matrix
  ]

  test.each(cases)('%s: a unit witness overshoots', (_what, X) => {
    const { verdict, witness, stretch } = testSpikeFree(X)
    expect(verdict).toBe('not-spike-free')
    expect(norm2(witness!)).toBeCloseTo(1, 12)
    expect(overshoot(X, witness!)).toBeGreaterThan(1e-9)
    expect(stretch).toBe(Number.POSITIVE_INFINITY)
  })

  test('an obtuse angle overshoots by 1/√(1 − cos²) − 1, and the witness finds it', () => {
    const cosine = -0.6
    const X = fromRows([[1, 0], [cosine, Math.sqrt(1 - cosine ** 2)]]) // biome-ignore format: a matrix
    expect(overshoot(X, testSpikeFree(X).witness!)).toBeCloseTo(1 / Math.sqrt(1 - cosine ** 2) - 1, 12)
  })
})

test('the criterion agrees with the definition, sampled, on random small data', () => {
  const recipe = fc.record({ seed: fc.integer(), n: fc.integer({ min: 1, max: 4 }), d: fc.integer({ min: 1, max: 4 }) })
  let both = 0
  fc.assert(
    fc.property(recipe, ({ seed, n, d }) => {
      const X = randomMatrix(seededRandom(seed), n, d)
      // Half of the cases are in the positive orthant, where spike-free data are not rare.
      if (seed % 2 === 0) for (let k = 0; k < X.data.length; k++) X.data[k] = Math.abs(X.data[k])
      const { verdict, witness } = testSpikeFree(X)
      if (verdict === 'not-spike-free') expect(overshoot(X, witness!)).toBeGreaterThan(1e-9)
      const sampled = sampledOvershoot(X, seed, 100)
      if (verdict === 'spike-free') expect(sampled).toBeLessThan(1e-7)
      if (sampled > 1e-6) expect(verdict).toBe('not-spike-free')
      both |= verdict === 'spike-free' ? 1 : 2
    }),
    { numRuns: 150 },
  )
  expect(both).toBe(3)
})

test('an angle that is obtuse by rounding is not guessed at', () => {
  // cos = −5e-6 overshoots by 1.25e-11: more than what counts as nothing, less than what a witness must show.
  const X = fromRows([[1, 0], [-5e-6, 1]]) // biome-ignore format: a matrix
  const { verdict, witness } = testSpikeFree(X)
  expect(verdict).toBe('undecided')
  expect(witness).toBeNull()
})

test('the verdict depends on the directions of the rows, not on their lengths or order', () => {
  const X = fromRows([[1, 0.1, 0], [0.2, 1, 0.1], [0, 0.1, 1]]) // biome-ignore format: a matrix
  const scaled = fromRows([2, 0, 1].map((i) => Array.from(row(X, i), (value) => value * 10 ** (3 * i - 3))))
  expect(testSpikeFree(scaled).verdict).toBe(testSpikeFree(X).verdict)
})
