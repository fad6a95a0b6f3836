import { describe, expect, test } from 'vitest'
import { certify } from '../certificate.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { objective } from '../network.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, randomMatrix, umbrellaFixture } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import type { SolverClaim, SolverContext } from '../solver.ts'
import { train } from '../train.ts'
import { copositive } from './copositive.ts'

const random = (seed: number, n: number, d: number, c: number, beta: number): Problem => {
  const next = seededRandom(seed)
  return createProblem({ X: randomMatrix(next, n, d), Y: randomMatrix(next, n, c), beta })
}

async function all(problem: Problem): Promise<SolverClaim[]> {
  const claims: SolverClaim[] = []
  const context: SolverContext = { pacer: createPacer(), tolerance: 1e-6, seed: 0, timed: (_kind, work) => work() }
  for await (const claim of copositive().claims(problem, context)) claims.push(claim)
  return claims
}

describe('train with the copositive solver', () => {
  test.each([
    [0.1, 0.65413806],
    [0.5, 2.00537741],
  ])('certifies the optimum of six samples in the plane at β = %f', async (beta, optimum) => {
    const { status, certificate, solver } = await train(createProblem({ ...planarFixture, beta }), {
      solver: copositive(),
      tolerance: 1e-8,
    })
    expect(status).toBe('optimal')
    expect(solver).toBe('copositive')
    expect(certificate.scope).toBe('all-networks')
    expect(certificate.objective).toBeCloseTo(optimum, 8)
  })

  test('agrees with column generation in ranks one to four', async () => {
    for (const problem of [
      random(1, 5, 1, 2, 0.1),
      random(2, 12, 2, 1, 0.05),
      random(3, 8, 3, 3, 0.3),
      random(4, 6, 4, 2, 0.3),
    ]) {
      const ours = (await train(problem, { solver: copositive() })).certificate
      const other = (await train(problem)).certificate
      expect(ours.lowerBound).toBeLessThanOrEqual(other.objective)
      expect(other.lowerBound).toBeLessThanOrEqual(ours.objective)
      expect(ours.objective).toBeLessThan(other.objective * (1 + 1e-5))
    }
  })

  test('where the relaxation is not tight it proves less, and pricing the residual of the master may prove more', async () => {
    const problem = createProblem({ ...umbrellaFixture, beta: 1.6 })
    const claims = await all(problem)
    const bounds = (phase: (name: string) => boolean): number[] =>
      claims.filter((claim) => phase(claim.phase)).map((claim) => certify(problem, claim).lowerBound)
    expect(Math.max(...bounds((phase) => phase === 'conic'))).toBeCloseTo(5.97252, 5)
    expect(Math.max(...bounds(() => true))).toBeLessThanOrEqual(6.259313036)
    const { certificate } = await train(problem, { solver: copositive() })
    expect(certificate.objective).toBeGreaterThanOrEqual(6.259313034)
    expect(certificate.lowerBound).toBeLessThanOrEqual(6.259313036)
  })

  test('every claim belongs to its dual, and its objective is above every bound', async () => {
    const problem = random(5, 7, 3, 2, 0.1)
    const claims = await all(problem)
    expect(claims.length).toBeGreaterThan(5)
    for (const { bound, dual, network } of claims) {
      expect(bound.matches(problem, dual)).toBe(true)
      expect(bound.scope).toBe('all-networks')
      expect(objective(problem, network)).toBeGreaterThan(0)
    }
  })

  test('starts from a given network, and stops in time with a valid gap', async () => {
    const problem = random(6, 10, 3, 2, 0.1)
    const init = (await train(problem, { maxIterations: 4 })).network
    const { status, certificate } = await train(problem, { solver: copositive(), init, maxIterations: 3 })
    expect(status).toBe('iteration-limit')
    expect(certificate.objective).toBeLessThanOrEqual(objective(problem, init) * (1 + 1e-14))
    expect(certificate.lowerBound).toBeGreaterThan(0)
    const late = await train(problem, { solver: copositive(), timeLimitSeconds: 0 })
    expect(late.status).toBe('time-limit')
  })

  test('refuses arrangements with too many cells', async () => {
    const small = train(random(7, 8, 3, 1, 0.1), { solver: copositive({ maxCells: 57 }) })
    await expect(small).rejects.toThrow(UnsupportedProblemError)
    await expect(small).rejects.toThrow('at most 57 cells (maxCells), got up to 58')
  })
})
