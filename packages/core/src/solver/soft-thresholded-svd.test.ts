import { describe, expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { fromRows, type Matrix, matrix, multiply, row, transpose } from '../linalg/matrix.ts'
import { qr } from '../linalg/qr.ts'
import { polarValue } from '../oracle/evaluate.ts'
import { whitenedOracle } from '../oracle/whitened.ts'
import { applyPreprocessing, fitPreprocessing, type PreprocessingKind } from '../preprocessing.ts'
import { objective } from '../network.ts'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { train } from '../train.ts'
import { solverConformance } from './solver.conformance.ts'
import { softThresholdedSvd, softThresholdedSvdSolver } from './soft-thresholded-svd.ts'

solverConformance('softThresholdedSvdSolver', softThresholdedSvdSolver, {
  outputs: 'one',
  data: 'orthonormal-rows',
  gap: 1e-10,
})

function whitened(kind: PreprocessingKind, seed: number, n: number, d: number): Matrix {
  const raw = randomMatrix(seededRandom(seed), n, d)
  return applyPreprocessing(fitPreprocessing(kind, raw), raw)
}

/** One-hot, class k having sizes[k] samples. */
function classes(sizes: readonly number[]): Matrix {
  return fromRows(
    sizes.flatMap((size, k) => Array.from({ length: size }, () => sizes.map((_, q) => (q === k ? 1 : 0)))),
  )
}

const closedForm = (sizes: readonly number[], beta: number): number =>
  sizes.reduce((total, n) => total + (Math.sqrt(n) > beta ? beta * Math.sqrt(n) - beta ** 2 / 2 : n / 2), 0)

async function certified(problem: Problem) {
  return train(problem, { solver: softThresholdedSvdSolver(), tolerance: 1e-10 })
}

describe('Theorem 2', () => {
  const X = whitened('whiten', 1, 8, 11)

  test.each([
    [[4, 4], 0.7, 'indicator-basis'],
    [[5, 3], 1.8, 'indicator-basis'],
    [[3, 3, 2], 0.2, 'indicator-basis'],
    [[4, 4], 3, 'zero'],
  ] as const)('classes of %j at β = %d: Σ_k [β√n_k − β²/2], certified', async (sizes, beta, exactness) => {
    const Y = classes(sizes)
    const solution = softThresholdedSvd(X, Y, beta)
    expect(solution.exactness).toBe(exactness)
    expect(solution.value).toBeCloseTo(closedForm(sizes, beta), 12)
    const { status, certificate } = await certified(createProblem({ X, Y, beta }))
    expect(status).toBe('optimal')
    expect(certificate.objective).toBeCloseTo(closedForm(sizes, beta), 11)
    expect(certificate.boundFrom).toBe('closed-form')
  })

  test('outputs in a rotated basis: equal singular values, whose nonnegative vectors no decomposition returns by itself', async () => {
    const { Q } = qr(randomMatrix(seededRandom(2), 3, 3))
    const Y = multiply(classes([3, 3, 2]), Q)
    expect(softThresholdedSvd(X, Y, 0.5).exactness).toBe('nonnegative-basis')
    const { status, certificate } = await certified(createProblem({ X, Y, beta: 0.5 }))
    expect(status).toBe('optimal')
    expect(certificate.objective).toBeCloseTo(closedForm([3, 3, 2], 0.5), 10)
  })

  test('Y ≥ 0 and β above the second singular value: Perron and Frobenius', async () => {
    const random = seededRandom(3)
    const Y = matrix(
      8,
      3,
      Float64Array.from({ length: 24 }, () => random()),
    )
    const { exactness, value } = softThresholdedSvd(X, Y, 1.5)
    expect(exactness).toBe('perron-frobenius')
    const { status, certificate } = await certified(createProblem({ X, Y, beta: 1.5 }))
    expect(status).toBe('optimal')
    expect(certificate.objective).toBeCloseTo(value, 10)
  })

  test('left vectors of both signs: a lower bound only, below the optimum and above it the network', async () => {
    const [small, Y] = [whitened('whiten', 4, 4, 5), randomMatrix(seededRandom(5), 4, 2)]
    const problem = createProblem({ X: small, Y, beta: 0.3 })
    const { exactness, value, network } = softThresholdedSvd(small, Y, 0.3)
    expect(exactness).toBe('lower-bound-only')
    const { status, certificate } = await certified(problem)
    expect(status).toBe('stalled')
    expect(certificate.lowerBound).toBeCloseTo(value, 10)
    const best = (await train(problem, { tolerance: 1e-7 })).certificate
    expect(best.objective).toBeGreaterThan(value * (1 + 1e-3))
    expect(objective(problem, network)).toBeGreaterThanOrEqual(best.lowerBound)
  })

  test('a row less its own mean keeps XXᵀ = I and the theorem; less the column means, the formula is no longer the optimum', async () => {
    const Y = classes([2, 2, 2])
    const value = closedForm([2, 2, 2], 0.4)
    const rows = createProblem({ X: whitened('whiten-rows', 6, 6, 9), Y, beta: 0.4 })
    expect((await certified(rows)).certificate.objective).toBeCloseTo(value, 10)
    // XXᵀ = I − 11ᵀ/6: the class vectors are out of range, no network reaches the value, and the certificate says so.
    const columns = createProblem({ X: whitened('whiten-columns', 6, 6, 9), Y, beta: 0.4 })
    expect(softThresholdedSvd(columns.X, Y, 0.4).exactness).toBe('lower-bound-only')
    const { status, certificate } = await certified(columns)
    expect(status).toBe('stalled')
    expect(certificate.lowerBound).toBeCloseTo(value, 10)
    expect(certificate.objective).toBeGreaterThan(value + 1e-3)
    const best = (await train(columns, { tolerance: 1e-5, timeLimitSeconds: 10 })).certificate
    expect(best.lowerBound).toBeGreaterThan(value + 1e-3)
  })

  test('a sample twice, in the same class: XXᵀ is not I, and the closed form holds all the same', async () => {
    const base = randomMatrix(seededRandom(7), 7, 10)
    const raw = matrix(8, 10, Float64Array.of(...base.data, ...row(base, 6)))
    const X8 = applyPreprocessing(fitPreprocessing('whiten', raw), raw)
    const { status, certificate } = await certified(createProblem({ X: X8, Y: classes([4, 4]), beta: 0.5 }))
    expect(status).toBe('optimal')
    expect(certificate.objective).toBeCloseTo(closedForm([4, 4], 0.5), 10)
  })

  test('data that are not whitened are refused', async () => {
    const problem = createProblem({ ...planarFixture, beta: 0.1 })
    await expect(certified(problem)).rejects.toThrow(UnsupportedProblemError)
  })
})

describe('the oracle for whitened data', () => {
  test('no direction exceeds the bound, which one output attains', async () => {
    const random = seededRandom(8)
    const tall = transpose(whitened('whiten', 9, 4, 9))
    for (const X of [whitened('whiten', 9, 4, 9), whitened('whiten-columns', 10, 5, 9), tall]) {
      for (const c of [1, 3]) {
        const problem = createProblem({ X, Y: randomMatrix(random, X.rows, c), beta: 1 })
        const Z = randomMatrix(random, X.rows, c)
        const { bound, candidates } = await whitenedOracle(problem).price(Z)
        for (let t = 0; t < 200; t++) {
          expect(polarValue(X, Z, randomMatrix(random, 1, X.cols).data)).toBeLessThanOrEqual(bound.value)
        }
        for (const { value } of candidates) expect(value).toBeLessThanOrEqual(bound.value)
      }
    }
    const problem = createProblem({ X: whitened('whiten', 9, 4, 9), Y: [1, 2, 3, 4], beta: 1 })
    const { bound, candidates } = await whitenedOracle(problem).price(randomMatrix(random, 4, 1))
    expect(candidates[0].value).toBeCloseTo(bound.value, 12)
  })

  test('NaN proves nothing', async () => {
    const problem = createProblem({ X: whitened('whiten', 9, 4, 9), Y: [1, 2, 3, 4], beta: 1 })
    const { bound, candidates } = await whitenedOracle(problem).price(
      matrix(4, 1, Float64Array.of(1, Number.NaN, 0, 0)),
    )
    expect(bound.value).toBe(Number.POSITIVE_INFINITY)
    expect(candidates).toHaveLength(0)
  })
})
