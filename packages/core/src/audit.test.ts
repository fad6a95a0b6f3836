import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { appraise, audit } from './audit.ts'
import { networkFromLayers } from './network/layers.ts'
import { balance, network, objective, predict } from './network.ts'
import { planarFixture, problems, randomMatrix, randomNetwork, rivals } from './problem.fixtures.ts'
import { createProblem } from './problem.ts'
import { seededRandom } from './random.ts'
import { train } from './train.ts'

/** Optimum 0.65413806. */
const planar = createProblem({ ...planarFixture, beta: 0.1 })
const foreign = randomNetwork(seededRandom(1), 2, 2, 9)

describe('appraise', () => {
  test('the gap of any network is its distance from the certified optimum', async () => {
    const { certificate, best } = await appraise(planar, foreign, { tolerance: 1e-9 })
    expect(certificate.objective).toBe(objective(planar, foreign))
    expect(Math.abs(certificate.gap - (certificate.objective - 0.65413806))).toBeLessThan(1e-8)
    expect(best.status).toBe('optimal')
    expect(best.certificate.objective).toBeLessThan(0.65413807)
  })

  test('an optimum proves itself by its own residual', async () => {
    const optimum = (await train(planar, { tolerance: 1e-9 })).network
    const { method, certificate, best } = await appraise(planar, optimum, { tolerance: 1e-6 })
    expect(method).toBe('residual')
    expect(certificate.relativeGap).toBeLessThanOrEqual(1e-6)
    expect(best).toMatchObject({ network: optimum, status: 'optimal', solver: null })
  })

  test('no network beats the lower bound, and the best network is no worse than the one given', async () => {
    await fc.assert(
      fc.asyncProperty(problems, rivals, rivals, async (problem, mine, theirs) => {
        const own = mine(problem)
        const { certificate, best } = await appraise(problem, own, { timeLimitSeconds: 0.5, tolerance: 1e-3 })
        const other = theirs(problem)
        expect(certificate.crossed).toBe(false)
        expect(objective(problem, other) * (1 + 1e-12)).toBeGreaterThanOrEqual(certificate.lowerBound)
        expect(best.certificate.objective).toBeLessThanOrEqual(certificate.objective)
        expect(best.certificate.objective).toBe(objective(problem, best.network))
      }),
      { numRuns: 25 },
    )
  })

  test('without time it still answers with a valid bound', async () => {
    const { certificate, best } = await appraise(planar, foreign, { timeLimitSeconds: 0 })
    expect(certificate.lowerBound).toBeGreaterThanOrEqual(0)
    expect(certificate.lowerBound).toBeLessThanOrEqual(0.65413807)
    expect(best.status).toBe('time-limit')
    const aborted = await appraise(planar, foreign, { signal: AbortSignal.abort() })
    expect(aborted.best.status).toBe('interrupted')
  })
})

describe('audit', () => {
  test('layers scaled against each other have the same audit: only the function counts', async () => {
    const scaled = network(
      2,
      2,
      foreign.neurons.map(({ u, v }, j) => ({ u: u.map((a) => a * (j + 1)), v: v.map((a) => a / (j + 1)) })),
    )
    const [plain, rescaled] = [await audit(planar, foreign), await audit(planar, scaled)]
    expect(rescaled.certificate.objective).toBeCloseTo(plain.certificate.objective, 12)
    expect(rescaled.certificate.gap).toBeCloseTo(plain.certificate.gap, 5)
    expect(plain.certificate.objective).toBeLessThanOrEqual(objective(planar, scaled))
    predict(plain.network, planar.X).data.forEach((value, k) => {
      expect(value).toBeCloseTo(predict(foreign, planar.X).data[k], 12)
    })
  })

  test('with a hidden and an output bias, every bias counted: no network of that class beats the bound', async () => {
    const random = seededRandom(7)
    const X = randomMatrix(random, 10, 1)
    const Y = randomMatrix(random, 10, 2)
    const problem = createProblem({ X, Y, beta: 0.2, bias: true })
    const layers = (): ReturnType<typeof networkFromLayers> =>
      networkFromLayers({
        hidden: randomMatrix(random, 1, 4),
        hiddenBias: randomMatrix(random, 1, 4).data,
        output: randomMatrix(random, 4, 2),
        outputBias: randomMatrix(random, 1, 2).data,
      })
    const { certificate, best } = await audit(problem, layers().network)
    expect(best.status).toBe('optimal')
    for (let k = 0; k < 200; k++) {
      expect(objective(problem, balance(layers().network))).toBeGreaterThanOrEqual(certificate.lowerBound)
    }
  })

  test('at an optimum nothing can be added, and little taken away', async () => {
    const { network: optimum } = await train(planar, { tolerance: 1e-10 })
    const { simplification, addition } = await audit(planar, optimum)
    expect(simplification.objective).toBeGreaterThanOrEqual(0.65413805)
    expect(addition?.gain ?? 0).toBeLessThan(1e-8)
  })
})
