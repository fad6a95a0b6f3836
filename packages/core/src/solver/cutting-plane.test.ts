import { describe, expect, test } from 'vitest'
import { type Matrix, matrix, multiplyTransposedVector, row, scaled, subtract } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { atomOf } from '../master/residual.ts'
import { addOuterInto } from '../network.ts'
import { countingOracle } from '../oracle/counting.ts'
import { planarOracle } from '../oracle/planar.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { train } from '../train.ts'
import { analyticCentre } from './cutting-plane/centre.ts'
import { barrierAt, barrierValue, dualObjective, type Localisation, multipliers } from './cutting-plane/localisation.ts'
import { cuttingPlane } from './cutting-plane.ts'
import { unit } from './parts.ts'
import { contextOf, solverConformance } from './solver.conformance.ts'

solverConformance('cuttingPlane', () => cuttingPlane(), { outputs: 'any', data: 'any', gap: 1e-7 })

const { X, Y } = planarFixture
const beta = 0.5

/** Cuts in every direction of the samples, conic or linear, about the point 0. */
function localisation(kind: 'conic' | 'linear'): Localisation {
  const cuts = Array.from({ length: X.rows }, (_, i) => {
    const u = unit(row(X, i))
    const a = atomOf(X, u)
    return { u, a, g: kind === 'linear' ? unit(multiplyTransposedVector(Y, a)) : null }
  })
  return { Y, beta, cuts, level: -0.2, tangents: kind === 'linear' ? [scaled(Y, 0.01)] : null }
}

describe('the barrier', () => {
  const Z = scaled(Y, 0.05)

  test.each(['conic', 'linear'] as const)('%s: its gradient and Hessian are those of its value', (kind) => {
    const set = localisation(kind)
    const { gradient, hessian, value } = barrierAt(set, Z)
    expect(value).toBe(barrierValue(set, Z))
    const step = 1e-5
    for (let k = 0; k < Z.data.length; k++) {
      const moved = [step, -step].map((by): Matrix => matrix(6, 2, Z.data.map((entry, q) => (q === k ? entry + by : entry)))) // biome-ignore format: short
      const [up, down] = moved.map((at) => barrierAt(set, at))
      expect((up.value - down.value) / (2 * step)).toBeCloseTo(gradient[k], 4)
      for (let q = 0; q < Z.data.length; q++) {
        const slope = (up.gradient[q] - down.gradient[q]) / (2 * step)
        expect(slope / hessian.data[k * 12 + q]).toBeCloseTo(1, 4)
      }
    }
  })

  test('outside the set it is infinite', () => {
    for (const kind of ['conic', 'linear'] as const) {
      expect(barrierValue(localisation(kind), scaled(Y, 3))).toBe(Number.POSITIVE_INFINITY)
    }
  })

  test('at the centre the gradient vanishes, and the multipliers make a network whose residual is the centre', async () => {
    const set = localisation('conic')
    const centre = await analyticCentre(set, Z, createPacer())
    const { gradient, value } = barrierAt(set, centre)
    expect(value).toBeLessThan(barrierValue(set, Z))
    expect(norm2(gradient)).toBeLessThan(1e-7)
    const F = matrix(6, 2)
    multipliers(set, centre).forEach((v, j) => addOuterInto(1, set.cuts[j].a, v, F))
    expect(norm2(subtract(subtract(Y, F), centre).data)).toBeLessThan(1e-8)
  })

  test('the gap at a centre is at most a quarter of what the level left', async () => {
    const set = localisation('conic')
    const centre = await analyticCentre(set, Z, createPacer())
    const cost = multipliers(set, centre).reduce((total, v) => total + norm2(v), 0)
    const primal = norm2(centre.data) ** 2 / 2 + beta * cost
    const dual = dualObjective(Y, centre)
    expect(primal - dual).toBeGreaterThanOrEqual(0)
    expect(primal - dual).toBeLessThanOrEqual((dual - set.level) / 2 + 1e-8)
  })
})

describe('cutting planes', () => {
  test('linear cuts, as in the paper: the same optimum, to 1e-4', async () => {
    const problem = createProblem({ X, Y, beta })
    const { status, certificate } = await train(problem, { solver: cuttingPlane({ cuts: 'linear' }), tolerance: 1e-4 })
    expect(status).toBe('optimal')
    expect(certificate.objective).toBeCloseTo(2.00537741, 3)
  })

  test('conic cuts: at most 20 oracle calls for 1e-7 on the planar fixture', async () => {
    // Measured: 10.
    const problem = createProblem({ X, Y, beta })
    const counted = countingOracle(planarOracle(problem))
    const { status } = await train(problem, { solver: cuttingPlane({ exact: () => counted }), tolerance: 1e-7 })
    expect(status).toBe('optimal')
    expect(counted.calls).toBeLessThanOrEqual(20)
  })

  test('problems whose n·c is too large are refused, with the remedy', () => {
    const random = seededRandom(1)
    const large = createProblem({ X: randomMatrix(random, 30, 2), Y: randomMatrix(random, 30, 2), beta })
    const solver = cuttingPlane({ maxOrder: 50 })
    expect(() => solver.claims(large, contextOf())).toThrow(
      'n·c must be at most 50 (maxOrder), got 30·2; use column-generation',
    )
  })
})
