import { expect, test } from 'vitest'
import { trainBaseline } from './train-baseline.ts'
import { sgd } from './sgd.ts'
import { planarFixture } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'

const problem = createProblem({ ...planarFixture, beta: 0.1 })

test('options out of range are refused by name', async () => {
  await expect(trainBaseline(problem, sgd(), { neurons: 0 })).rejects.toThrow(
    'trainBaseline: neurons must be a whole number of at least 1, got 0',
  )
  await expect(trainBaseline(problem, sgd(), { epochs: 1.5 })).rejects.toThrow('epochs must be a whole number')
  await expect(trainBaseline(problem, sgd(), { timeLimitSeconds: Number.NaN })).rejects.toThrow('timeLimitSeconds')
})

test('progress tells the lowest objective so far', async () => {
  const seen: number[] = []
  const best: number[] = []
  await trainBaseline(problem, sgd(), {
    neurons: 10,
    epochs: 60,
    onProgress({ objective, bestObjective }) {
      seen.push(objective)
      best.push(bestObjective)
    },
  })
  expect(seen).toHaveLength(60)
  best.forEach((value, k) => expect(value).toBeLessThanOrEqual(Math.min(...seen.slice(0, k + 1))))
})
