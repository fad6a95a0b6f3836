import { describe, expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { objective } from '../network.ts'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import type { SolverClaim } from '../solver.ts'
import { train } from '../train.ts'
import { semidefinite } from './semidefinite.ts'
import { contextOf, solverConformance } from './solver.conformance.ts'

// Its bound needs no more digits than the relaxation has: it is not tight.
const rough = (): ReturnType<typeof semidefinite> => semidefinite({ tolerance: 1e-2 })

solverConformance('semidefinite', rough, { outputs: 'any', data: 'any', gap: 1e-6, tight: false, runs: 8 })

async function all(problem: Problem): Promise<SolverClaim[]> {
  const claims: SolverClaim[] = []
  for await (const claim of rough().claims(problem, contextOf())) claims.push(claim)
  return claims
}

describe('train with the semidefinite solver', () => {
  test('six samples in the plane: the bound of the relaxation, the network of the optimum, and a gap that says so', async () => {
    const problem = createProblem({ ...planarFixture, beta: 0.1 })
    const { status, certificate, solver } = await train(problem, { solver: semidefinite({ tolerance: 1e-3 }) })
    expect([status, solver]).toEqual(['stalled', 'semidefinite'])
    expect([certificate.scope, certificate.boundFrom]).toEqual(['all-networks', 'relaxation'])
    expect(certificate.objective).toBeCloseTo(0.65413806, 7)
    expect(certificate.lowerBound).toBeLessThanOrEqual(0.60220909 + 1e-8)
    expect(certificate.lowerBound).toBeGreaterThan(0.60220909 * (1 - 2e-3))
  })

  test('networks come in the order rounded, weighted, improved, each under the same proven bound', async () => {
    const next = seededRandom(4)
    const problem = createProblem({ X: randomMatrix(next, 10, 3), Y: randomMatrix(next, 10, 2), beta: 0.1 })
    const claims = (await all(problem)).filter(({ phase }) => phase === 'splitting' || phase === 'master')
    const valuesOf = (phase: string): number[] =>
      claims.filter((claim) => claim.phase === phase).map(({ network }) => objective(problem, network))
    const [rounded, weighted] = [valuesOf('splitting'), valuesOf('master')]
    expect(claims.map(({ phase }) => phase)).toEqual([
      ...rounded.map(() => 'splitting'),
      ...weighted.map(() => 'master'),
    ])
    expect(rounded.length).toBeGreaterThan(1)
    expect(weighted).toEqual(weighted.toSorted((a, b) => b - a))
    expect(weighted[0]).toBeLessThan(Math.min(...rounded))
    expect(new Set(claims.map(({ bound }) => bound)).size).toBe(1)
  })

  test('a limit leaves time for a network, and the network that is given is no worse afterwards', async () => {
    const next = seededRandom(6)
    const problem = createProblem({ X: randomMatrix(next, 30, 4), Y: randomMatrix(next, 30, 2), beta: 0.1 })
    const init = (await train(problem, { maxIterations: 3 })).network
    const { certificate } = await train(problem, { solver: semidefinite(), init, timeLimitSeconds: 1 })
    expect(certificate.objective).toBeLessThan(objective(problem, init))
    expect(certificate.lowerBound).toBeGreaterThan(0)
  })

  test('what the relaxation does not take is refused before any work', async () => {
    const next = seededRandom(1)
    const [X, Y] = [randomMatrix(next, 40, 2), randomMatrix(next, 40, 1)]
    const small = semidefinite({ maxOrder: 50 })
    expect(() => small.check?.(createProblem({ X, Y, beta: 0.1 }))).toThrow(UnsupportedProblemError)
    expect(() => small.check?.(createProblem({ X, Y, beta: 0.1 }))).toThrow(
      'at most 2n + r + c = 50 (maxOrder), got 83',
    )
    expect(() => small.check?.(createProblem({ X, Y, beta: 0.1, outputBias: true }))).toThrow('output bias')
  })
})
