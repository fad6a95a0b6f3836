import { gaussian, seededRandom } from '@relucent/core'
import { describe, expect, test } from 'vitest'
import { expectExit, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()

function table(seed: number, rows: number, columns: number): string {
  const random = seededRandom(seed)
  const names = Array.from({ length: columns }, (_, k) => `x${k}`)
  const lines = Array.from({ length: rows }, () => [...names, 'y'].map(() => gaussian(random)).join(','))
  return [[...names, 'y'].join(','), ...lines].join('\n')
}

describe('fit --solver copositive', () => {
  const fit = (file: string, ...options: string[]): ReturnType<typeof relucent> =>
    relucent(['fit', file, '--target', 'y', '--solver', 'copositive', '--json', '--force', ...options], {
      cwd: scratch.path(),
    })

  test('certifies the optimum that column generation finds, and its certificate can be verified', async () => {
    scratch.write('small.csv', table(1, 10, 2))
    const ours = await fit('small.csv', '--beta', '0.3', '--certificate', 'cert.json')
    expectExit(ours, 0)
    const record = JSON.parse(ours.stdout)
    expect(record).toMatchObject({ status: 'optimal', solver: 'copositive', scope: 'all-networks', exitCode: 0 })
    const args = ['fit', 'small.csv', '--target', 'y', '--beta', '0.3', '--json', '--out', 'other.json']
    const other = JSON.parse((await relucent(args, { cwd: scratch.path() })).stdout)
    expect(record.objective).toBeCloseTo(other.objective, 5)
    expect(record.lowerBound).toBeLessThanOrEqual(other.objective)
    const verify = ['verify', 'model.json', 'small.csv', '--certificate', 'cert.json']
    expectExit(await relucent(verify, { cwd: scratch.path() }), 0)
  })

  test('says how many cells are too many, and what to do', async () => {
    scratch.write('large.csv', table(2, 60, 5))
    const outcome = await fit('large.csv', '--beta', '0.3')
    expectExit(outcome, 2)
    expect(outcome.stdout).toContain('at most 5000 cells (maxCells), got up to 978812 of 60 samples in rank 5')
    expect(outcome.stdout).toContain('column generation has no such limit')
  })
})
