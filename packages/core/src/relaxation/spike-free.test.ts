import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidProblemError, UnsupportedProblemError } from '../errors.ts'
import { eigh } from '../linalg/eigh.ts'
import { fromRows, type Matrix, matrix, multiply, scaled } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { huberLoss } from '../loss/huber.ts'
import { objective } from '../network.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, problems, randomMatrix, rivals } from '../problem.fixtures.ts'
import { createProblem, type Problem, type ProblemSpec } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { train } from '../train.ts'
import { completelyPositive } from './completely-positive.ts'
import { interiorPoint } from './interior-point.ts'
import { identity } from './relaxation.fixtures.ts'
import { feasibleValue, nonnegativePolarUpper } from './spike-free-bound.ts'
import { spikeFreeNetwork } from './spike-free-network.ts'
import { oneHotOptimum, oneHotTargets, spikeFreeProgram, umbrellaTargets, whitenedRows } from './spike-free.fixtures.ts'
import { type SpikeFreeOptions, spikeFreePath, type SpikeFreeValue, spikeFreeValue } from './spike-free.ts'

const half = (Y: Matrix): number => Y.data.reduce((sum, value) => sum + value ** 2 / 2, 0)

/** Between bound and value lies the optimum of (20); the share is that of rounding in what it is compared with. */
function expectBracket({ lowerBound, value }: SpikeFreeValue, optimum: number): void {
  expect(lowerBound).toBeLessThanOrEqual(optimum * (1 + 1e-11))
  expect(value).toBeGreaterThanOrEqual(optimum * (1 - 1e-11))
}

describe('closed forms', () => {
  test.each([0.1, 1, 1.8, 3])('one-hot targets, (16), at β = %f: bound, value and network', async (beta) => {
    const X = whitenedRows(seededRandom(1), 11, 20)
    const problem = createProblem({ X, Y: oneHotTargets(11, 3), beta })
    const optimum = oneHotOptimum([4, 4, 3], beta)
    const found = await spikeFreeValue(problem)
    expectBracket(found, optimum)
    expect(found.gap).toBeLessThanOrEqual(1e-5)
    const { network, objective: attained } = await spikeFreeNetwork(problem, found)
    expect(attained).toBe(objective(problem, network))
    expect(attained).toBeGreaterThanOrEqual(found.lowerBound)
    expect(attained).toBeLessThan(optimum * (1 + 1e-5))
  })

  test('one output: y₊ and y₋ are fitted apart', async () => {
    const random = seededRandom(2)
    const Y = randomMatrix(random, 9, 1)
    const beta = 0.7
    const optimum = [1, -1].reduce((total, side) => {
      const t = norm2(Y.data.map((value) => Math.max(0, side * value)))
      return total + (t > beta ? beta * t - beta ** 2 / 2 : t ** 2 / 2)
    }, 0)
    const found = await spikeFreeValue(createProblem({ X: whitenedRows(random, 9, 9), Y, beta }), { tolerance: 1e-7 })
    expectBracket(found, optimum)
    expect(found.gap).toBeLessThanOrEqual(1e-7)
  })

  test('targets made for S = the umbrella’s Gram matrix: (20) is known, and no network attains it', async () => {
    const beta = 0.8
    const { Y, optimum } = umbrellaTargets(beta)
    const problem = createProblem({ X: whitenedRows(seededRandom(3), 5, 5), Y, beta })
    const found = await spikeFreeValue(problem, { tolerance: 1e-8 })
    expectBracket(found, optimum)
    expect(found.gap).toBeLessThanOrEqual(1e-8)
    // The program is strictly convex, and its only solution is no sum of wwᵀ with w ≥ 0.
    expect(completelyPositive(found.S, identity(5)).distance).toBeGreaterThan(0.1)
    const { objective: attained } = await spikeFreeNetwork(problem, found)
    expect(attained).toBeGreaterThan(optimum * (1 + 1e-3))
    expect(attained).toBeLessThan(optimum * (1 + 2e-2))
  })
})

describe('(20) and all networks', () => {
  test('up to four samples they agree to 1e-6', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const random = seededRandom(seed)
      const n = 2 + (seed % 3)
      const X = whitenedRows(random, n, n + (seed % 2))
      const Y = randomMatrix(random, n, 1 + (seed % 4))
      const problem = createProblem({ X, Y, beta: [0.05, 0.3, 0.9][seed % 3] })
      const found = await spikeFreeValue(problem, { tolerance: 1e-7 })
      const { certificate } = await train(problem, { tolerance: 1e-7 })
      expect(found.lowerBound).toBeLessThanOrEqual(certificate.objective * (1 + 1e-12))
      expect(found.value).toBeGreaterThanOrEqual(certificate.lowerBound * (1 - 1e-12))
      expect(found.value - found.lowerBound).toBeLessThanOrEqual(1e-6 * found.value)
      expect(Math.abs(found.value - certificate.objective)).toBeLessThanOrEqual(1e-6 * certificate.objective)
    }
  }, 30_000)

  test('on rows that are orthonormal only nearly the value is still that of (20), and the bound is below', async () => {
    const random = seededRandom(12)
    const noise = randomMatrix(random, 9, 12)
    const X = whitenedRows(random, 9, 12)
    for (let k = 0; k < X.data.length; k++) X.data[k] += 1e-8 * noise.data[k]
    const problem = createProblem({ X, Y: oneHotTargets(9, 2), beta: 0.5 })
    const found = await spikeFreeValue(problem)
    expectBracket(found, oneHotOptimum([5, 4], 0.5))
    expect(found.gap).toBeLessThanOrEqual(1e-5)
  })

  test('the interior point method finds the same value of the same program', async () => {
    const random = seededRandom(4)
    const Y = randomMatrix(random, 7, 3)
    const beta = 0.4
    const found = await spikeFreeValue(createProblem({ X: whitenedRows(random, 7, 8), Y, beta }), { tolerance: 1e-8 })
    let other = Number.NaN
    for await (const { dualValue } of interiorPoint.iterates(spikeFreeProgram(Y, beta))) other = dualValue
    expect(Math.abs(found.value - other)).toBeLessThan(1e-6 * other)
    expect(found.gap).toBeLessThanOrEqual(1e-8)
  })
})

describe('weak duality', () => {
  test('no network beats the bound, on any data, however early the method stops', async () => {
    await fc.assert(
      fc.asyncProperty(problems, rivals, fc.constantFrom(1e-1, 1e-4), async (problem, rival, tolerance) => {
        const { lowerBound } = await spikeFreeValue(problem, { tolerance, anyData: true })
        expect(lowerBound).toBeGreaterThanOrEqual(0)
        expect(lowerBound).toBeLessThanOrEqual(objective(problem, rival(problem)))
      }),
      { numRuns: 40, seed: 3 },
    )
  })

  test('no bound exceeds the certified optimum: nearly whitened, badly scaled, repeated, opposite and zero rows', async () => {
    for (const spec of specimens()) {
      const problem = createProblem(spec)
      const { certificate } = await train(problem, { tolerance: 1e-6 })
      const { lowerBound, value } = await spikeFreeValue(problem, { anyData: true })
      expect(lowerBound).toBeGreaterThan(0)
      expect(lowerBound).toBeLessThanOrEqual(value)
      expect(lowerBound).toBeLessThanOrEqual(certificate.objective * (1 + 1e-12))
    }
  }, 30_000)

  test('ω̄ holds for every w ≥ 0, whatever the multipliers are', () => {
    const random = seededRandom(5)
    const Z = randomMatrix(random, 6, 3)
    for (const size of [0, 0.1, 10]) {
      const N = scaled(randomMatrix(random, 6, 6), size)
      const bound = nonnegativePolarUpper(Z, N)
      for (let k = 0; k < 300; k++) {
        const w = randomMatrix(random, 1, 6).data.map((value) => Math.max(0, value))
        expect(norm2(multiply(matrix(1, 6, w), Z).data)).toBeLessThanOrEqual(bound * norm2(w))
      }
    }
    for (const scale of [1e-170, 1e170]) {
      const [w, N] = [Float64Array.of(0.6, 0, 0, 0, 0.8, 0), scaled(matrix(6, 6, matrix(6, 6).data.fill(1)), scale)]
      const bound = nonnegativePolarUpper(scaled(Z, scale), N)
      expect(norm2(multiply(matrix(1, 6, w), Z).data) * scale).toBeLessThanOrEqual(bound)
    }
    expect(nonnegativePolarUpper(scaled(Z, Number.NaN), matrix(6, 6))).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('what is returned', () => {
  const random = seededRandom(6)
  const X = whitenedRows(random, 8, 10)
  const Y = randomMatrix(random, 8, 12)
  const problem = createProblem({ X, Y, beta: 0.5 })

  test('S is feasible, and costs what is said', async () => {
    const { S, value, dual } = await spikeFreeValue(problem)
    expect(Math.min(...S.data)).toBeGreaterThanOrEqual(0)
    expect(eigh(S).values[0]).toBeGreaterThan(-1e-14)
    const again = feasibleValue(Y, 0.5, S)
    expect(Math.abs(again.value - value)).toBeLessThan(1e-12 * value)
    expect([dual.rows, dual.cols]).toEqual([8, 12])
  })

  test('an S that is not semidefinite is repaired, one that is not a number costs infinitely much', () => {
    const { S, value } = feasibleValue(fromRows([[1], [-1]]), 1, fromRows([[0, 2], [2, 0]])) // biome-ignore format: a matrix
    expect(eigh(S).values[0]).toBeGreaterThanOrEqual(0)
    expect(S.data[1]).toBe(2)
    // (I + 2S)⁻¹ is 1 on (1, −1), and tr S = 4.
    expect(value).toBeCloseTo(1 + 4, 10)
    expect(feasibleValue(fromRows([[1]]), 1, fromRows([[Number.NaN]])).value).toBe(Number.POSITIVE_INFINITY)
  })

  test('along a path each β has its own proof, wherever it starts from', async () => {
    const betas = [3, 1, 0.3, 0.1, 0.5]
    let at = 0
    for await (const warm of spikeFreePath(problem, betas)) {
      const cold = await spikeFreeValue({ ...problem, beta: betas[at] })
      expect(warm.beta).toBe(betas[at++])
      expect(Math.max(warm.gap, cold.gap)).toBeLessThanOrEqual(1e-5)
      expect(Math.max(warm.lowerBound, cold.lowerBound)).toBeLessThanOrEqual(Math.min(warm.value, cold.value))
    }
    expect(at).toBe(5)
  })

  test('rotating outputs, permuting samples and common powers of two of Y and β change nothing', async () => {
    const tolerance = 1e-7
    const { value } = await spikeFreeValue(problem, { tolerance })
    const turned = multiply(Y, whitenedRows(seededRandom(7), 12, 12))
    const rows = Array.from({ length: 8 }, (_, i) => Array.from(Y.data.subarray(12 * i, 12 * i + 12)))
    for (const [other, factor] of [
      [createProblem({ X, Y: turned, beta: 0.5 }), 1],
      [createProblem({ X, Y: rows.toReversed(), beta: 0.5 }), 1],
      [createProblem({ X, Y: scaled(Y, 2 ** 40), beta: 2 ** 39 }), 2 ** 80],
      [createProblem({ X, Y: scaled(Y, 2 ** -60), beta: 2 ** -61 }), 2 ** -120],
    ] as const) {
      const found = await spikeFreeValue(other, { tolerance })
      expect(Math.abs(found.value / factor - value)).toBeLessThan(2e-7 * value)
      expect(found.lowerBound / factor).toBeLessThanOrEqual(value)
    }
  })
})

describe('at the edges', () => {
  const random = seededRandom(8)
  const X = whitenedRows(random, 6, 6)
  const Y = randomMatrix(random, 6, 2)
  const of = (spec: Partial<ProblemSpec>, options: SpikeFreeOptions = {}): Promise<SpikeFreeValue> =>
    spikeFreeValue(createProblem({ X, Y, beta: 0.3, ...spec }), options)

  test('zero targets cost nothing; beyond βmax the zero network is all', async () => {
    expect(await of({ Y: matrix(6, 2) })).toMatchObject({ lowerBound: 0, value: 0, gap: 0 })
    for (const beta of [10, 1e300]) {
      const found = await of({ beta })
      expectBracket(found, half(Y))
      expect(found.gap).toBeLessThan(1e-12)
      expect(Math.max(...found.S.data)).toBe(0)
    }
  })

  test('one sample, and scales that floats barely hold', async () => {
    // w = 1: β‖y‖ − β²/2.
    expectBracket(await of({ X: [[0.6, 0.8]], Y: [[3, 4]], beta: 0.5 }), 2.5 - 0.125)
    for (const [scale, beta] of [
      [1e150, 1e149],
      [1e-160, 1e-161],
      [1, 5e-324],
      [1, 1e-170],
      [1e200, 1],
    ]) {
      const { lowerBound, value, gap } = await of(
        { Y: scaled(Y, scale), beta },
        { pacer: createPacer({ timeLimitSeconds: 0.2 }) },
      )
      expect(lowerBound).toBeGreaterThanOrEqual(0)
      expect(lowerBound).toBeLessThanOrEqual(value)
      expect(gap).not.toBeNaN()
    }
  })

  test('without time there is the bound of the data alone', async () => {
    const found = await of({}, { pacer: createPacer({ timeLimitSeconds: 0 }) })
    expect(found.steps).toBe(0)
    expect(found.lowerBound).toBeGreaterThan(0)
    expect(found.value).toBeCloseTo(half(Y), 10)
  })

  test('data that are not whitened are refused, unless only a bound is asked for', async () => {
    const problem = createProblem({ ...planarFixture, beta: 0.5 })
    await expect(spikeFreeValue(problem)).rejects.toThrow('rows of X must be orthonormal')
    await expect(spikeFreeNetwork(problem, { S: matrix(6, 6) })).rejects.toThrow(UnsupportedProblemError)
    const { lowerBound } = await spikeFreeValue(problem, { anyData: true })
    expect(lowerBound).toBeGreaterThan(0)
    expect(lowerBound).toBeLessThan(2.00537741) // the optimum
  })

  test('a network of no neurons, and an S of another problem, are refused; few neurons are still a network', async () => {
    const problem = createProblem({ X, Y, beta: 0.3 })
    const found = await spikeFreeValue(problem)
    await expect(spikeFreeNetwork(problem, found, { neurons: 0 })).rejects.toThrow('at least 1, got 0')
    await expect(spikeFreeNetwork(problem, { S: matrix(5, 5) })).rejects.toThrow('S must be 6 × 6')
    const { network, objective: attained } = await spikeFreeNetwork(problem, found, { neurons: 2 })
    expect(network.neurons.length).toBeLessThanOrEqual(2)
    expect(attained).toBeGreaterThanOrEqual(found.lowerBound)
  })

  test('sizes beyond the limit are refused with the estimate, before anything is allocated', async () => {
    const problem = { ...createProblem({ X, Y, beta: 1 }), Y: { rows: 1e6, cols: 1e6, data: new Float64Array(0) } }
    await expect(spikeFreeValue(problem as Problem)).rejects.toThrow(
      /at most n \+ min\(n, c\) = 1500 .* got 2000000.* MiB/,
    )
    await expect(of({}, { maxOrder: 7 })).rejects.toThrow('got 8')
  })

  test('what is not in the program is refused: other losses, weights, an unpenalised part, β ≤ 0', async () => {
    for (const more of [{ weights: [1, 2, 1, 1, 1, 1] }, { outputBias: true }, { loss: huberLoss(1) }]) {
      await expect(of(more)).rejects.toThrow(UnsupportedProblemError)
    }
    const first = spikeFreePath(createProblem({ X, Y, beta: 1 }), [0]).next()
    await expect(first).rejects.toThrow(InvalidProblemError)
  })
})

function specimens(): ProblemSpec[] {
  const random = seededRandom(9)
  const X = whitenedRows(random, 4, 4)
  const Y = randomMatrix(random, 4, 2)
  const noisy = (size: number): Matrix => {
    const noise = randomMatrix(random, 4, 4)
    return matrix(
      4,
      4,
      X.data.map((value, k) => value + size * noise.data[k]),
    )
  }
  const [a, b] = [0, 1].map((i) => Array.from(X.data.slice(4 * i, 4 * i + 4)))
  const opposite = a.map((value) => -value)
  return [
    { X: noisy(1e-13), Y, beta: 0.1 },
    { X: noisy(1e-7), Y, beta: 0.1 },
    { X: noisy(1e-2), Y, beta: 0.1 },
    { X: scaled(X, 1e6), Y, beta: 1e5 },
    { X: scaled(X, 1e-9), Y: scaled(Y, 1e7), beta: 1e-3 },
    { X: fromRows([a, a, b, b]), Y, beta: 0.1 },
    { X: fromRows([a, opposite, b, [0, 0, 0, 0]]), Y, beta: 0.1 },
    { X: randomMatrix(random, 8, 2), Y: randomMatrix(random, 8, 3), beta: 0.2 },
  ]
}
