import { gaussian, seededRandom } from '@relucent/core'
import { describe, expect, test } from 'vitest'
import { expectExit, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()

/** Rank `columns`, targets a ReLU of the first two inputs and a little noise. */
function table(seed: number, rows: number, columns: number): string {
  const random = seededRandom(seed)
  const names = Array.from({ length: columns }, (_, k) => `x${k}`)
  const lines = Array.from({ length: rows }, () => {
    const x = names.map(() => gaussian(random))
    return [...x, Math.max(0, x[0] + x[1]) + 0.1 * gaussian(random)].join(',')
  })
  return [[...names, 'y'].join(','), ...lines].join('\n')
}

describe('fit --solver hybrid', () => {
  const fit = (file: string, ...options: string[]): ReturnType<typeof relucent> =>
    relucent(['fit', file, '--target', 'y', '--solver', 'hybrid', '--json', '--force', ...options], {
      cwd: scratch.path(),
    })

  test('in rank 12 it proves a gap, by the relaxation, over all networks', async () => {
    scratch.write('wide.csv', table(1, 50, 12))
    const outcome = await fit('wide.csv', '--beta', '1', '--tolerance', '0.2', '--time-limit', '30')
    expectExit(outcome, 0)
    const record = JSON.parse(outcome.stdout)
    expect(record).toMatchObject({ status: 'optimal', solver: 'hybrid', scope: 'all-networks', rank: 12 })
    expect(record.boundFrom).toBe('relaxation')
    expect(record.lowerBound).toBeLessThanOrEqual(record.objective)
    expect(record.warnings).toEqual([])
  })

  test('says why the relaxation has no part in it, and goes on without', async () => {
    scratch.write('small.csv', table(2, 10, 2))
    const outcome = await fit('small.csv', '--beta', '0.3', '--loss', 'huber')
    expectExit(outcome, 0)
    expect(JSON.parse(outcome.stdout).warnings.join(' ')).toContain(
      'the bound comes from column generation alone: semidefiniteValue: the loss must be squared',
    )
  })
})
