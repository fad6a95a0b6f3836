import { describe, expect, test } from 'vitest'
import { certify } from '../certificate.ts'
import { huberLoss } from '../loss/huber.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, randomMatrix, randomNetwork, umbrellaFixture } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { predict } from '../network.ts'
import { seededRandom } from '../random.ts'
import type { SolverClaim } from '../solver.ts'
import { train } from '../train.ts'
import { columnGeneration } from './column-generation.ts'
import { hybrid, type HybridOptions } from './hybrid.ts'
import { contextOf, solverConformance } from './solver.conformance.ts'

solverConformance('hybrid', () => hybrid(), { outputs: 'any', data: 'any', gap: 1e-6 })

/** Planted, of rank 10: where branch and bound proves little. */
function highRank(n = 30): Problem {
  const next = seededRandom(1)
  const X = randomMatrix(next, n, 10)
  return createProblem({ X, Y: predict(randomNetwork(next, 10, 1, 4), X), beta: 0.5 })
}

async function claimsOf(problem: Problem, options: HybridOptions, most: number): Promise<SolverClaim[]> {
  const claims: SolverClaim[] = []
  for await (const claim of hybrid(options).claims(
    problem,
    contextOf({ pacer: createPacer({ timeLimitSeconds: 20 }) }),
  )) {
    claims.push(claim)
    if (claims.length >= most) break
  }
  return claims
}

describe('the hybrid solver', () => {
  test('in rank 10 its bound is one that column generation does not come near', async () => {
    const problem = highRank()
    const alone = await train(problem, { solver: columnGeneration(), timeLimitSeconds: 1.5 })
    const both = await train(problem, { solver: hybrid(), timeLimitSeconds: 30, tolerance: 0.15 })
    expect(both.status).toBe('optimal')
    expect(both.certificate.boundFrom).toBe('relaxation')
    expect(both.certificate.scope).toBe('all-networks')
    expect(alone.certificate.relativeGap).toBeGreaterThan(0.3)
    expect(both.certificate.lowerBound).toBeLessThanOrEqual(alone.certificate.objective)
    expect(both.certificate.lowerBound).toBeGreaterThan(1.2 * alone.certificate.lowerBound)
  })

  test('both take turns: claims of the relaxation come with the network found so far', async () => {
    const problem = createProblem({ ...umbrellaFixture, beta: 0.4 })
    const claims = await claimsOf(problem, { headStartSeconds: 0 }, 12)
    const relaxed = claims.filter(({ phase }) => phase === 'semidefinite')
    expect(relaxed.length).toBeGreaterThan(1)
    expect(relaxed.length).toBeLessThan(claims.length - 1)
    claims.forEach((claim, at) => {
      const before = claims.slice(0, at).findLast(({ phase }) => phase !== 'semidefinite')
      if (claim.phase === 'semidefinite') expect(claim.network).toBe(before?.network)
      expect(certify(problem, claim).crossed).toBe(false)
    })
  })

  test('easy data are solved before the relaxation begins', async () => {
    const problem = createProblem({ ...planarFixture, beta: 0.5 })
    const { history, status } = await train(problem, { solver: hybrid({ headStartSeconds: 60 }) })
    expect(status).toBe('optimal')
    expect(history.some(({ phase }) => phase === 'semidefinite')).toBe(false)
  })

  test('when the relaxation ends first, column generation goes on to the optimum', async () => {
    const problem = createProblem({ ...umbrellaFixture, beta: 1.6 })
    const relaxation = { maxCuts: 1 }
    const ended = async function* () {} // a method that gives up at once
    const solver = { name: 'none', iterates: ended }
    const { certificate, status } = await train(problem, {
      solver: hybrid({ headStartSeconds: 0, relaxation: { ...relaxation, solver } }),
      tolerance: 1e-7,
    })
    expect(status).toBe('optimal')
    expect(certificate.objective).toBeCloseTo(6.259313035, 6)
  })

  test.each([
    ['another loss', { loss: huberLoss(1) }],
    ['weights', { weights: [1, 2, 1, 1, 1, 1] }],
    ['a free output bias', { outputBias: true }],
  ])('%s: column generation alone, with a note', async (_what, more) => {
    const problem = createProblem({ ...planarFixture, beta: 0.3, ...more })
    expect(hybrid().note?.(problem)).toMatch(/^the bound comes from column generation alone: semidefiniteValue: /)
    const claims = await claimsOf(problem, {}, 100)
    expect(claims.some(({ phase }) => phase === 'semidefinite')).toBe(false)
    const own = await train(problem, { solver: hybrid() })
    const other = await train(problem)
    expect(own.certificate).toEqual(other.certificate)
  })

  test('too many samples: column generation alone, and the note says how many there may be', async () => {
    const problem = createProblem({ ...planarFixture, beta: 0.3 })
    const small = hybrid({ relaxation: { maxOrder: 10 } })
    expect(small.note?.(problem)).toContain('at most 2n + r + c = 10 (maxOrder), got 16')
    expect((await train(problem, { solver: small })).status).toBe('optimal')
    expect(hybrid().note?.(problem)).toBeNull()
  })

  test('stopped at any claim, and aborted in the middle, it leaves a bound that holds', async () => {
    const problem = highRank(12)
    const best = (await train(problem, { timeLimitSeconds: 1 })).certificate.objective
    for (const stop of [1, 4, 9]) {
      const controller = new AbortController()
      const { certificate, status } = await train(problem, {
        solver: hybrid({ headStartSeconds: 0 }),
        signal: controller.signal,
        onProgress: ({ iteration }) => {
          if (iteration >= stop) controller.abort()
        },
      })
      expect(status).toBe('interrupted')
      expect(certificate.lowerBound).toBeLessThanOrEqual(best * (1 + 1e-12))
    }
  })
})
