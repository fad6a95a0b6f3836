import { afterAll, describe, expect, test } from 'vitest'
import { WorkerError } from '../../errors.ts'
import { createPacer } from '../../pacer.ts'
import { randomMatrix } from '../../problem.fixtures.ts'
import { seededRandom } from '../../random.ts'
import { CandidatePool } from '../candidate-pool.ts'
import { multistartOracle } from '../multistart.ts'
import { pacerOfTurns, randomQuestion } from '../pricing.fixtures.ts'
import { climbAll } from './climbs.ts'
import { type Faults, localWorkers } from './local-worker.fixtures.ts'
import { Threads } from './threads.ts'

const workers = localWorkers()
const three = new Threads(workers.spawn, 3)
afterAll(() => three.close())

/** Enough for several handfuls each. */
const asked = randomQuestion(1, 500, 5, 3)
const starts = 40

describe('ascents on several threads', () => {
  test('give the answer of one thread, to the bit and in the same order', async () => {
    const alone = await multistartOracle(asked.problem, { starts }).price(asked.Z)
    const together = await multistartOracle(asked.problem, { starts, threads: three }).price(asked.Z)
    expect(workers.started).toBe(2)
    expect(together.candidates).toEqual(alone.candidates)
  })

  test('stopped at any moment, what they found is attained', async () => {
    for (const turns of [0, 1, 10, 40]) {
      const options = { pacer: pacerOfTurns(turns) }
      const { candidates } = await multistartOracle(asked.problem, { starts, threads: three }).price(asked.Z, options)
      expect(candidates.length).toBeLessThanOrEqual(2 * starts)
      if (turns === 0) expect(candidates).toEqual([])
    }
  })

  async function climbWith(faults: Faults): Promise<void> {
    const { spawn } = localWorkers(faults)
    const threads = new Threads(spawn, 2, { silenceSeconds: 0.2 })
    const { problem, Z: dual } = asked
    const { Xr } = problem.reduction
    const random = seededRandom(3)
    const directions = Array.from({ length: 200 }, () => randomMatrix(random, 1, 5).data)
    const pool = new CandidatePool(Xr, dual)
    try {
      await climbAll(pool, Xr, dual, directions, createPacer(), threads)
    } finally {
      threads.close()
    }
  }

  const garbage: readonly (readonly [what: string, tamper: Faults['tamper']])[] = [
    ['null', () => null],
    ['too few maxima', ({ job }) => ({ job, answer: { answered: 1, maxima: [] } })],
    [
      'maxima of another space',
      ({ job }) => ({ job, answer: { answered: 1, maxima: [{ value: 1, weights: new Float64Array(4) }] } }),
    ],
    [
      'a direction without length',
      ({ job }) => ({ job, answer: { answered: 1, maxima: [{ value: 1, weights: new Float64Array(5) }] } }),
    ],
    ['a failure', ({ job }) => ({ job, failed: 'it broke' })],
    ['nothing any more', () => undefined],
  ]

  test.each(garbage)('fail when a worker answers %s', async (_what, tamper) => {
    await expect(climbWith({ tamper: tamper! })).rejects.toThrow(WorkerError)
  })
})
