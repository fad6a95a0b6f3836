import { describe, expect, test } from 'vitest'
import type { Baseline } from '../baseline.ts'
import { matrix } from '../linalg/matrix.ts'
import { objective } from '../network.ts'
import { planarFixture } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { train } from '../train.ts'
import { trainBaseline } from './train-baseline.ts'

/** Optimum 0.65413806. */
const planar = createProblem({ ...planarFixture, beta: 0.1 })

/** What every method must do, whatever it is. */
export function baselineConformance(create: () => Baseline): void {
  describe('as every baseline', () => {
    test('ends near the certified optimum in the plane, and never below its lower bound', async () => {
      const { certificate } = await train(planar)
      const runs = await Promise.all(
        [0, 1, 2].map((seed) => trainBaseline(planar, create(), { neurons: 30, epochs: 3000, seed })),
      )
      for (const run of runs) expect(run.objective).toBeGreaterThanOrEqual(certificate.lowerBound)
      expect(Math.min(...runs.map((run) => run.objective))).toBeLessThan(1.02 * certificate.objective)
    })

    test('reports the objective of its network, which is at most the lowest it has seen', async () => {
      const run = await trainBaseline(planar, create(), { neurons: 8, epochs: 50 })
      const { objective: seen, seconds } = run.history
      expect(run.objective).toBe(objective(planar, run.network))
      expect(run.objective).toBeLessThanOrEqual(Math.min(...seen) * (1 + 1e-12))
      expect(run.objective).toBeLessThan(seen[0])
      expect([seen.length, seconds.length]).toEqual([run.epochs + 1, run.epochs + 1])
      expect(run.evaluations).toBeGreaterThan(run.epochs)
    })

    test('is determined by its seed', async () => {
      const options = { neurons: 8, epochs: 20 }
      const [first, again, other] = await Promise.all([
        trainBaseline(planar, create(), { ...options, seed: 4 }),
        trainBaseline(planar, create(), { ...options, seed: 4 }),
        trainBaseline(planar, create(), { ...options, seed: 5 }),
      ])
      expect(again.network).toEqual(first.network)
      expect(other.objective).not.toBe(first.objective)
    })

    test('stops at its limits, and says which one', async () => {
      const atOnce = AbortSignal.abort()
      const controller = new AbortController()
      const aborted = trainBaseline(planar, create(), {
        epochs: 1e9,
        signal: controller.signal,
        onProgress: ({ epoch }) => epoch >= 3 && controller.abort(),
      })
      expect((await aborted).status).toBe('interrupted')
      expect((await trainBaseline(planar, create(), { signal: atOnce })).status).toBe('interrupted')
      expect((await trainBaseline(planar, create(), { timeLimitSeconds: 0 })).status).toBe('time-limit')
      expect(await trainBaseline(planar, create(), { epochs: 2 })).toMatchObject({
        status: 'iteration-limit',
        epochs: 2,
      })
    })

    test('answers on degenerate data: one sample, equal rows, a zero row, zero targets', async () => {
      for (const [X, Y] of [
        [[[1, 2]], [3]],
        [
          [[1], [1], [1]],
          [1, 2, 3],
        ],
        [
          [
            [0, 0],
            [1, 0],
          ],
          [1, 1],
        ],
        [
          [
            [1, -1],
            [2, 1],
          ],
          [0, 0],
        ],
      ] as const) {
        const problem = createProblem({ X: X.map((row) => [...row]), Y: [...Y], beta: 0.1 })
        const run = await trainBaseline(problem, create(), { neurons: 5, epochs: 1000 })
        const zero = problem.loss.value(matrix(problem.Y.rows, 1), problem.Y)
        expect(run.objective).toBeLessThanOrEqual(zero + 0.1)
      }
    })

    test('says that nothing finite was seen when the targets overflow', async () => {
      const problem = createProblem({ X: [[1e150]], Y: [1e200], beta: 1 })
      expect((await trainBaseline(problem, create(), { neurons: 2, epochs: 5 })).status).toBe('numerical-error')
    })
  })
}
