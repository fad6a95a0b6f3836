import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { betaMax } from './beta-max.ts'
import { proveBound } from './bound.ts'
import { dot, fromRows, type Matrix, matrix, multiply, row, scaled, toRows } from './linalg/matrix.ts'
import { norm2, spectralUpper } from './linalg/norms.ts'
import { qr } from './linalg/qr.ts'
import { network, objective, predict, zeroNetwork } from './network.ts'
import { branchAndBoundOracle } from './oracle/branch-and-bound.ts'
import { multistartOracle } from './oracle/multistart.ts'
import { kinds, questionOfKind } from './oracle/pricing.fixtures.ts'
import { trivialOracle } from './oracle/trivial.ts'
import { planarFixture, problems, randomMatrix, rivals, umbrellaFixture } from './problem.fixtures.ts'
import { createProblem, type Problem, withBeta } from './problem.ts'
import { seededRandom } from './random.ts'
import type { Solver, SolverClaim } from './solver.ts'
import { columnGeneration } from './solver/column-generation.ts'
import { type Progress, train, type TrainOptions, type TrainResult } from './train.ts'

const tight = { tolerance: 1e-8 } as const

/** Both ends of a certificate that must meet at a known optimum. */
function expectOptimum({ status, certificate }: TrainResult, optimum: number, digits = 1e-8): void {
  expect(status).toBe('optimal')
  expect(certificate.relativeGap).toBeLessThanOrEqual(digits)
  expect(certificate.objective).toBeGreaterThanOrEqual(optimum * (1 - digits))
  expect(certificate.objective).toBeLessThanOrEqual(optimum * (1 + digits))
  expect(certificate.lowerBound).toBeLessThanOrEqual(optimum * (1 + digits))
  expect(certificate.lowerBound).toBeGreaterThanOrEqual(optimum * (1 - 2 * digits))
}

function firstColumn(Y: Matrix): number[] {
  return toRows(Y).map(([value]) => value)
}

describe('fixtures with known optima', () => {
  // Eight digits are stored: 1e-8 is their rounding.
  test.each([
    ['six samples, two outputs, β = 0.1', { ...planarFixture, beta: 0.1 }, 0.65413806],
    ['six samples, two outputs, β = 0.5', { ...planarFixture, beta: 0.5 }, 2.00537741],
    ['its first output, β = 0.1', { X: planarFixture.X, Y: firstColumn(planarFixture.Y), beta: 0.1 }, 0.39451238],
    ['its first output, β = 0.5', { X: planarFixture.X, Y: firstColumn(planarFixture.Y), beta: 0.5 }, 1.28182089],
    ['umbrella rows, five facets a cell, β = 1.6', { ...umbrellaFixture, beta: 1.6 }, 6.259313035],
  ])('%s', async (_, spec, optimum) => {
    expectOptimum(await train(createProblem(spec), tight), optimum, 2e-8)
  })
})

describe('closed forms', () => {
  test.each([0.1, 1, 2.9, 3.1])('one sample, β = %f: soft thresholding of ‖y‖ at β/‖x‖', async (beta) => {
    const [x, y] = [Math.hypot(0.6, -0.8, 2), Math.hypot(1, -0.5)]
    const threshold = beta / x
    const optimum = y > threshold ? threshold * y - threshold ** 2 / 2 : y ** 2 / 2
    const problem = createProblem({ X: [[0.6, -0.8, 2]], Y: [[1, -0.5]], beta })
    expectOptimum(await train(problem, tight), optimum)
  })

  test.each([0.2, 1.2, 1.9, 2.5])('XXᵀ = I, one-hot targets, β = %f: each class on its own', async (beta) => {
    const { Q } = qr(randomMatrix(seededRandom(5), 6, 6))
    const counts = [4, 2]
    const Y = fromRows([0, 1, 2, 3, 4, 5].map((i) => (i < 4 ? [1, 0] : [0, 1])))
    const terms = counts.map((n) => (Math.sqrt(n) > beta ? beta * Math.sqrt(n) - beta ** 2 / 2 : n / 2))
    const problem = createProblem({ X: Q, Y, beta })
    expectOptimum(await train(problem, { tolerance: 1e-7, timeLimitSeconds: 60 }), terms[0] + terms[1], 1e-7)
  })

  test('one sample: the one neuron lies along x, its outputs along y', async () => {
    const [x, y] = [Float64Array.of(0.6, -0.8, 2), Float64Array.of(1, -0.5)]
    const { network: net } = await train(createProblem({ X: [Array.from(x)], Y: [Array.from(y)], beta: 0.3 }), tight)
    expect(net.neurons).toHaveLength(1)
    const [{ u, v }] = net.neurons
    const cosine = (a: Float64Array, b: Float64Array): number => dot(a, b) / norm2(a) / norm2(b)
    expect(cosine(u, x)).toBeCloseTo(1, 8)
    expect(cosine(v, y)).toBeCloseTo(1, 8)
    // ‖x‖w shrinks y by β/‖x‖, and the neuron is balanced.
    expect(norm2(u) * norm2(v) * norm2(x)).toBeCloseTo(norm2(y) - 0.3 / norm2(x), 8)
    expect(norm2(u)).toBeCloseTo(norm2(v), 10)
  })

  test('rank one: two neurons, one for each side, each a soft threshold', async () => {
    // X = x aᵀ: atoms are x₊ and (−x)₊, with disjoint supports.
    const x = [2, -1, 0.5, 0, -3]
    const Y = [[1, 0], [2, -1], [0, 1], [5, 5], [-1, 2]] // biome-ignore format: a matrix
    for (const beta of [0.3, 2, 5, 8]) {
      const side = (sign: number): number => {
        const active = x.map((value) => Math.max(0, sign * value))
        const pull = [0, 1].map((k) => active.reduce((total, a, i) => total + a * Y[i][k], 0))
        return Math.max(0, Math.hypot(...pull) - beta) ** 2 / 2 / Math.hypot(...active) ** 2
      }
      const optimum = Y.flat().reduce((total, value) => total + value * value, 0) / 2 - side(1) - side(-1)
      const direction = [0.6, 0, 0.8]
      const X = x.map((value) => direction.map((a) => value * a))
      const problem = createProblem({ X, Y, beta })
      expect(problem.reduction.rank).toBe(1)
      expectOptimum(await train(problem, tight), optimum)
    }
  })

  test('a bias is a column of ones, inside the weight decay', async () => {
    const random = seededRandom(61)
    const [X, Y] = [randomMatrix(random, 8, 2), randomMatrix(random, 8, 2)]
    const withOnes = fromRows(toRows(X).map((values) => [...values, 1]))
    const [one, other] = [createProblem({ X, Y, beta: 0.2, bias: true }), createProblem({ X: withOnes, Y, beta: 0.2 })]
    const [a, b] = [await train(one, tight), await train(other, tight)]
    expectOptimum(a, b.certificate.objective)
    // One constant sample: the bias alone, x = 1.
    expectOptimum(
      await train(createProblem({ X: [[0]], Y: [2], beta: 0.5, bias: true }), tight),
      0.5 * 2 - 0.5 ** 2 / 2,
    )
  })

  test('β ≥ βmax: the zero network is optimal; just below it is not', async () => {
    const problem = createProblem({ ...planarFixture, beta: 1 })
    const { value, bound } = await betaMax(problem)
    expect(value).toBeCloseTo(2.39703818, 8)
    const above = await train(withBeta(problem, bound), tight)
    expect(above.status).toBe('optimal')
    expect(above.network.neurons).toHaveLength(0)
    expect(above.certificate.gap).toBe(0)
    const below = await train(withBeta(problem, 0.999 * value), tight)
    expect(below.status).toBe('optimal')
    expect(below.network.neurons.length).toBeGreaterThan(0)
  })

  test.each([
    ['Y = 0', { X: planarFixture.X, Y: matrix(6, 2), beta: 0.1 }],
    ['X = 0', { X: matrix(6, 2), Y: planarFixture.Y, beta: 0.1 }],
  ])('%s: the zero network, gap 0', async (_, spec) => {
    const result = await train(createProblem(spec))
    expect(result.status).toBe('optimal')
    expect(result.network.neurons).toHaveLength(0)
    expect(result.certificate.gap).toBe(0)
  })
})

describe('weak duality', () => {
  test('no network beats the certified lower bound, however early the run was stopped', async () => {
    await fc.assert(
      fc.asyncProperty(problems, rivals, fc.integer({ min: 1, max: 6 }), async (problem, rival, maxIterations) => {
        const { certificate, history } = await train(problem, { maxIterations, timeLimitSeconds: 5 })
        const theirs = objective(problem, rival(problem))
        expect(theirs).toBeGreaterThanOrEqual(certificate.lowerBound * (1 - 1e-12))
        for (const { lowerBound } of history)
          expect(certificate.objective).toBeGreaterThanOrEqual(lowerBound * (1 - 1e-9))
      }),
      { numRuns: 60 },
    )
  })

  test('a network with F = 2Y as the start yields no false bound (−Z = Y is feasible only up to β/ω̄)', async () => {
    // X = I: u = e_i, v = 2 y_i gives F = 2Y, hence Z = −Y and ⟨Z,Y⟩/‖Z‖² = −1; unclamped, τ = −1 would "prove" ½‖Y‖².
    const Y = [3, 1]
    const problem = createProblem({ X: [[1, 0], [0, 1]], Y, beta: 0.5 }) // biome-ignore format: a matrix
    const init = network(2, 1, [
      { u: Float64Array.of(1, 0), v: Float64Array.of(6) },
      { u: Float64Array.of(0, 1), v: Float64Array.of(2) },
    ])
    expect(Array.from(predict(init, problem.X).data)).toEqual([6, 2])
    const { certificate } = await train(problem, { init, maxIterations: 1 })
    const { certificate: best } = await train(problem, tight)
    expect(certificate.lowerBound).toBeLessThanOrEqual(best.objective)
    expect(best.objective).toBeLessThan(5)
  })

  test('no network beats any lower bound on the way, from any start: at every iteration, on degenerate data too', async () => {
    const near = fc.record({ seed: fc.integer(), kind: fc.constantFrom(...kinds), c: fc.integer({ min: 1, max: 3 }) })
    await fc.assert(
      fc.asyncProperty(near, rivals, rivals, async ({ seed, kind, c }, start, rival) => {
        const random = seededRandom(seed)
        const drawn = questionOfKind(kind, random, 7, 3, c)
        const problem = createProblem({ X: drawn.problem.X, Y: drawn.Z, beta: 0.05 * spectralUpper(drawn.Z) })
        const bounds: number[] = []
        const onProgress = ({ lowerBound }: Progress): void => void bounds.push(lowerBound)
        const { network: best, certificate } = await train(problem, {
          init: start(problem),
          onProgress,
          maxIterations: 30,
        })
        const theirs = Math.min(objective(problem, rival(problem)), objective(problem, best))
        expect(Math.max(...bounds)).toBeLessThanOrEqual(theirs * (1 + 1e-9))
        expect(certificate.crossed).toBe(false)
        for (let k = 1; k < bounds.length; k++) expect(bounds[k]).toBeGreaterThanOrEqual(bounds[k - 1])
      }),
      { numRuns: 60 },
    )
  })

  test('heuristic pricing alone never certifies', async () => {
    const solver = columnGeneration({ exact: (problem) => multistartOracle(problem) })
    const result = await train(createProblem({ ...planarFixture, beta: 0.1 }), { solver })
    expect(result.status).toBe('stalled')
    expect(result.certificate.boundFrom).toBe('trivial')
    expect(result.certificate.lowerBound).toBeLessThan(0.65413807)
  })
})

describe('invariances of the optimum', () => {
  const X = randomMatrix(seededRandom(21), 9, 3)
  const Y = randomMatrix(seededRandom(22), 9, 2)
  const optimum = async (x: Matrix, y: Matrix, beta = 0.3): Promise<number> => {
    const { status, certificate } = await train(createProblem({ X: x, Y: y, beta }), { tolerance: 1e-7 })
    expect(status).toBe('optimal')
    return certificate.objective
  }

  test('permuting samples, rotating features, adding a zero sample or feature changes nothing', async () => {
    const value = await optimum(X, Y)
    const order = [4, 0, 8, 2, 6, 1, 7, 3, 5]
    const permuted = (a: Matrix): Matrix => fromRows(order.map((i) => Array.from(row(a, i))))
    expect(await optimum(permuted(X), permuted(Y))).toBeCloseTo(value, 5)
    const { Q } = qr(randomMatrix(seededRandom(23), 3, 3))
    expect(await optimum(multiply(X, Q), Y)).toBeCloseTo(value, 5)
    const wider = fromRows(toRows(X).map((x) => [...x, 0]))
    expect(await optimum(wider, Y)).toBeCloseTo(value, 5)
    const longer = fromRows([...toRows(X), [0, 0, 0]])
    expect(await optimum(longer, fromRows([...toRows(Y), [0, 0]]))).toBeCloseTo(value, 5)
  })

  test('Y and β scaled together scale the objective by the square; X and β together leave it', async () => {
    const value = await optimum(X, Y)
    for (const s of [1e-6, 7, 1e6]) {
      expect((await optimum(X, scaled(Y, s), 0.3 * s)) / (s * s)).toBeCloseTo(value, 5)
      expect(await optimum(scaled(X, s), Y, 0.3 * s)).toBeCloseTo(value, 5)
    }
  })

  test('every row twice at 2β is twice the objective', async () => {
    const twice = (a: Matrix): Matrix => fromRows(toRows(a).flatMap((values) => [values, values]))
    expect(await optimum(twice(X), twice(Y), 0.6)).toBeCloseTo(2 * (await optimum(X, Y)), 4)
  })

  test('a duplicated feature is a rank-deficient problem with its own optimum, certified all the same', async () => {
    const doubled = fromRows(toRows(X).map(([a, b]) => [a, b, a]))
    const problem = createProblem({ X: doubled, Y, beta: 0.3 })
    expect(problem.reduction.rank).toBe(2)
    const { status, certificate } = await train(problem, { tolerance: 1e-7 })
    expect(status).toBe('optimal')
    expect(certificate.boundFrom).toBe('sweep')
  })
})

describe('the network that is handed out', () => {
  test('has at most nc + 1 neurons and the objective that was certified', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { network: net, certificate } = await train(problem, { timeLimitSeconds: 5 })
        expect(net.neurons.length).toBeLessThanOrEqual(problem.Y.data.length + 1)
        expect(objective(problem, net)).toBeCloseTo(certificate.objective, 10)
      }),
      { numRuns: 30 },
    )
  })

  test('one seed, one result', async () => {
    const problem = createProblem({
      X: randomMatrix(seededRandom(31), 20, 3),
      Y: randomMatrix(seededRandom(32), 20, 1),
      beta: 0.5,
    })
    const [a, b] = [await train(problem, { seed: 3 }), await train(problem, { seed: 3 })]
    expect(a.network).toEqual(b.network)
    expect(a.iterations).toBe(b.iterations)
  })

  test('thirty planted samples in the plane take at most 20 rounds', async () => {
    const random = seededRandom(0)
    const X = randomMatrix(random, 30, 2)
    const teacher = network(2, 1, [{ u: Float64Array.of(1, -2), v: Float64Array.of(1) }])
    const { status, iterations } = await train(createProblem({ X, Y: predict(teacher, X), beta: 0.1 }), tight)
    expect(status).toBe('optimal')
    expect(iterations).toBeLessThanOrEqual(20)
  })
})

/** A solver that says what it is told to. */
function says(claims: (problem: Problem) => AsyncIterable<SolverClaim>): Solver {
  return { name: 'stub', oracleName: () => 'stub', claims }
}

describe('every status', () => {
  const problem = createProblem({
    X: randomMatrix(seededRandom(41), 30, 4),
    Y: randomMatrix(seededRandom(42), 30, 2),
    beta: 0.05,
  })
  const zero = zeroNetwork(4, 2)

  async function valid(options: TrainOptions): Promise<TrainResult> {
    const result = await train(problem, options)
    expect(result.certificate.lowerBound).toBeGreaterThan(0)
    expect(result.certificate.lowerBound).toBeLessThanOrEqual(result.certificate.objective)
    expect(result.certificate.crossed).toBe(false)
    return result
  }

  test('time-limit, with a valid bound even when there was no time at all', async () => {
    expect((await valid({ timeLimitSeconds: 0 })).status).toBe('time-limit')
    expect((await valid({ timeLimitSeconds: 0.05 })).status).toBe('time-limit')
  })

  test('iteration-limit', async () => {
    const { status, iterations } = await valid({ maxIterations: 3 })
    expect([status, iterations]).toEqual(['iteration-limit', 3])
  })

  test('interrupted, before and during', async () => {
    expect((await valid({ signal: AbortSignal.abort() })).status).toBe('interrupted')
    const controller = new AbortController()
    const onProgress = ({ iteration }: { iteration: number }): void => {
      if (iteration === 4) controller.abort()
    }
    expect((await valid({ signal: controller.signal, onProgress })).status).toBe('interrupted')
    const later = new AbortController()
    setTimeout(() => later.abort(), 30)
    expect((await valid({ signal: later.signal, tolerance: 0 })).status).toBe('interrupted')
  })

  test('stalled: the solver ended first', async () => {
    const solver = says(async function* (p) {
      yield { network: zero, dual: p.Y, bound: (await trivialOracle(p).price(p.Y)).bound, phase: 'stub' }
    })
    expect((await valid({ solver })).status).toBe('stalled')
  })

  test('optimal-in-scope: a bound over given patterns never reads as optimal', async () => {
    const above = withBeta(problem, 1e6)
    const solver = says(async function* (p) {
      yield { network: zero, dual: p.Y, bound: proveBound(p, p.Y, 1, 'enumeration', 'given-patterns'), phase: 'stub' }
    })
    const { status, certificate } = await train(above, { solver })
    expect([status, certificate.scope]).toEqual(['optimal-in-scope', 'given-patterns'])
  })

  test('numerical-error: a bound above the objective, or targets too large to square', async () => {
    const solver = says(async function* (p) {
      const { network: net } = await train(p, { maxIterations: 12 })
      yield { network: net, dual: p.Y, bound: proveBound(p, p.Y, 1e-3, 'enumeration'), phase: 'stub' } // a lie
    })
    expect((await train(problem, { solver })).status).toBe('numerical-error')
    const huge = createProblem({ X: [[1], [2]], Y: [1e200, 1e200], beta: 1 })
    expect((await train(huge)).status).toBe('numerical-error')
  })

  test('a claim with the bound of another dual is refused, a solver that fails is not covered up', async () => {
    const mismatched = says(async function* (p) {
      yield { network: zero, dual: scaled(p.Y, 2), bound: (await trivialOracle(p).price(p.Y)).bound, phase: 'stub' }
    })
    await expect(train(problem, { solver: mismatched })).rejects.toThrow('bound')
    const failing = says(() => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('a worker died')) }),
    }))
    await expect(train(problem, { solver: failing })).rejects.toThrow('a worker died')
  })

  test('a bound for a dual that was changed since is refused; one for other data too', async () => {
    const reused = says(async function* (p) {
      const dual = scaled(p.Y, 1)
      const { bound } = await trivialOracle(p).price(dual)
      dual.data[0] += 1e-9
      yield { network: zero, dual, bound, phase: 'stub' }
    })
    await expect(train(problem, { solver: reused })).rejects.toThrow('bound')
    const elsewhere = createProblem({ X: scaled(problem.X, 0.5), Y: problem.Y, beta: 1 })
    const foreign = says(async function* (p) {
      yield { network: zero, dual: p.Y, bound: (await trivialOracle(elsewhere).price(p.Y)).bound, phase: 'stub' }
    })
    await expect(train(problem, { solver: foreign })).rejects.toThrow('bound')
  })

  test('the dual handed out is the one that was certified, even when the solver goes on writing to it', async () => {
    const reusing = says(async function* (p) {
      const dual = scaled(p.Y, 1)
      yield { network: zero, dual, bound: (await trivialOracle(p).price(dual)).bound, phase: 'stub' }
      dual.data.fill(1e6)
      yield { network: zero, dual, bound: (await trivialOracle(p).price(dual)).bound, phase: 'stub' }
    })
    const { dual, certificate } = await valid({ solver: reusing })
    expect(dual.data).toEqual(problem.Y.data)
    expect(problem.loss.dualValue(dual, problem.Y, certificate.scale)).toBe(certificate.lowerBound)
  })

  test('networks and duals that are not numbers are passed over: never optimal, the best so far stays', async () => {
    const poisonous = says(async function* (p) {
      const bad = network(4, 2, [{ u: new Float64Array(4).fill(Number.NaN), v: Float64Array.of(1, 1) }])
      const dual = scaled(p.Y, Number.NaN)
      for (const net of [bad, zero]) {
        yield { network: net, dual, bound: (await branchAndBoundOracle(p).price(dual)).bound, phase: 'stub' }
        yield { network: net, dual: p.Y, bound: proveBound(p, p.Y, Number.NaN, 'sweep'), phase: 'stub' }
        yield { network: net, dual: p.Y, bound: (await trivialOracle(p).price(p.Y)).bound, phase: 'stub' }
      }
    })
    const { status, network: net } = await valid({ solver: poisonous, tolerance: 0.5 })
    expect(status).toBe('stalled')
    expect(net.neurons).toEqual([])
  })

  test('tolerance is the relative gap, absoluteTolerance the gap itself', async () => {
    const small = createProblem({ ...planarFixture, beta: 0.1 })
    const loose = await train(small, { tolerance: 0.5 })
    expect(loose.status).toBe('optimal')
    expect(loose.certificate.relativeGap).toBeLessThanOrEqual(0.5)
    expect(loose.certificate.relativeGap).toBeGreaterThan(1e-6)
    const absolute = await train(small, { tolerance: 0, absoluteTolerance: 0.1 })
    expect(absolute.status).toBe('optimal')
    expect(absolute.certificate.gap).toBeLessThanOrEqual(0.1)
    expect(absolute.iterations).toBeLessThanOrEqual((await train(small, tight)).iterations)
  })

  test('progress is reported for every claim: numbers from 1, objectives falling, bounds rising', async () => {
    const seen: Progress[] = []
    const { history, iterations, certificate } = await train(createProblem({ ...planarFixture, beta: 0.1 }), {
      onProgress: (progress) => void seen.push(progress),
    })
    expect(seen).toEqual(history)
    expect(history.map(({ iteration }) => iteration)).toEqual(history.map((_, k) => k + 1))
    expect(history).toHaveLength(iterations)
    for (let k = 1; k < history.length; k++) {
      expect(history[k].objective).toBeLessThanOrEqual(history[k - 1].objective)
      expect(history[k].lowerBound).toBeGreaterThanOrEqual(history[k - 1].lowerBound)
    }
    expect(history.at(-1)!.lowerBound).toBe(certificate.lowerBound)
  })

  test('options out of range are the caller’s mistake', async () => {
    await expect(train(problem, { tolerance: -1 })).rejects.toThrow('train: tolerance must be at least 0, got -1')
    await expect(train(problem, { timeLimitSeconds: Number.NaN })).rejects.toThrow('timeLimitSeconds')
    await expect(train(problem, { init: zeroNetwork(3, 2) })).rejects.toThrow('train: init must have 4 inputs')
  })
})

test('a long run lets timers through', async () => {
  const problem = createProblem({
    X: randomMatrix(seededRandom(51), 60, 5),
    Y: randomMatrix(seededRandom(52), 60, 3),
    beta: 0.01,
  })
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  await train(problem, { timeLimitSeconds: 1 })
  clearInterval(timer)
  expect(ticks).toBeGreaterThan(5)
})

test('two exact oracles lead to one optimum', async () => {
  const problem = createProblem({ ...planarFixture, beta: 0.3 })
  const swept = await train(problem, tight)
  const branched = await train(problem, { ...tight, solver: columnGeneration({ exact: branchAndBoundOracle }) })
  expect(branched.status).toBe('optimal')
  expect(branched.certificate.boundFrom).toBe('branch-and-bound')
  expect(branched.certificate.objective).toBeCloseTo(swept.certificate.objective, 7)
})
