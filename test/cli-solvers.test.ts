import { describe, expect, test } from 'vitest'
import { expectExit, type Outcome, relucent, scratchFolder } from './cli-harness.ts'

const { path, write } = scratchFolder()
const cwd = () => ({ cwd: path() })
const json = ({ stdout }: Outcome) => JSON.parse(stdout)

const line = `a,b,y,kind\n${Array.from({ length: 12 }, (_, i) => {
  const [a, b] = [Math.sin(3 * i), Math.cos(5 * i)]
  return [a, b, Math.max(0, a) - Math.max(0, b), 'uv'[i % 2]].join(',')
}).join('\n')}\n`

/** Fewer rows than columns, so that whitening can make the rows orthonormal. */
const wide = `${Array.from({ length: 9 }, (_, k) => `p${k}`).join(',')},kind\n${Array.from({ length: 6 }, (_, i) =>
  [...Array.from({ length: 9 }, (_, k) => Math.sin(3 + 7 * i * k + i * i + k)), 'uv'[i % 2]].join(','),
).join('\n')}\n`

describe('--solver', () => {
  test('every solver for any data certifies the same optimum', async () => {
    const data = write('line.csv', line)
    const options = ['--target', 'y', '--exclude', 'kind', '--beta', '0.1', '--tolerance', '1e-5', '--force', '--json']
    const objectives: number[] = []
    for (const solver of ['column-generation', 'hybrid', 'frank-wolfe', 'cutting-plane', 'cone-program']) {
      const outcome = await relucent(['fit', data, ...options, '--solver', solver], cwd())
      expectExit(outcome, 0)
      expect(json(outcome)).toMatchObject({ status: 'optimal', solver, scope: 'all-networks' })
      objectives.push(json(outcome).objective)
    }
    for (const objective of objectives) expect(objective / objectives[0]).toBeCloseTo(1, 4)
  })

  test('a solver that cannot take the problem says so before anything is solved: exit 2', async () => {
    const data = write('line.csv', line)
    const fit = (...args: string[]) => relucent(['fit', data, '--beta', '0.1', '--out', 'none.json', ...args], cwd())
    const classes = ['--target', 'kind', '--exclude', 'y']
    for (const [args, message] of [
      [['--solver', 'cone-program', ...classes], 'the finite convex program is for one output, got 2'],
      [['--solver', 'spike-free-program', ...classes], 'needs spike-free data, got data that are not'],
      [['--solver', 'soft-thresholded-svd', ...classes], 'needs whitened data'],
      [['--solver', 'soft-thresholded-svd', '--oracle', 'planar', ...classes], 'leave out --oracle planar'],
      [['--solver', 'semidefinite', '--oracle', 'planar', ...classes], 'prices nothing — leave out --oracle planar'],
      [['--solver', 'semidefinite', '--output-bias', ...classes], 'an output bias or a skip connection are not'],
    ] as const) {
      const outcome = await fit(...args)
      expectExit(outcome, 2)
      expect(outcome.stderr).toContain(message)
    }
  })
})

describe('--solver semidefinite', () => {
  const target = ['--target', 'y', '--exclude', 'kind', '--beta', '0.1', '--json', '--force']

  test('a bound on all networks from the relaxation, a network that is the optimum, and exit 3: there is a gap', async () => {
    const X = [[1.3, -0.2], [0.4, 0.9], [-0.7, 1.1], [-1.2, -0.3], [0.1, -1.4], [0.8, 0.6]] // biome-ignore format: a matrix
    const Y = [[1, -0.5], [0.2, 0.8], [-0.6, 1.5], [0.9, 0.1], [-1.1, 0.4], [0.3, -0.7]] // biome-ignore format: a matrix
    const data = write('planar.csv', ['a,b,y,z', ...X.map((row, i) => [...row, ...Y[i]].join(','))].join('\n'))
    const options = ['--target', 'y,z', '--beta', '0.1', '--json', '--force']
    const files = ['--out', 'relaxed.json', '--certificate', 'relaxed-cert.json']
    const outcome = await relucent(['fit', data, ...options, ...files, '--solver', 'semidefinite'], cwd())
    expectExit(outcome, 3)
    const record = json(outcome)
    const about = { solver: 'semidefinite', oracle: 'none', scope: 'all-networks', boundFrom: 'relaxation' }
    expect(record).toMatchObject({ status: 'stalled', ...about })
    // The optimum, and the value of the relaxation.
    expect(record.objective).toBeCloseTo(0.65413806, 6)
    expect(record.lowerBound).toBeLessThanOrEqual(0.60220909 + 1e-8)
    expect(record.lowerBound).toBeGreaterThan(0.602)
    expectExit(await relucent(['verify', 'relaxed.json', data, '--certificate', 'relaxed-cert.json'], cwd()), 0)
  })

  test('too many rows are refused with the estimate', async () => {
    const rows = Array.from({ length: 700 }, (_, i) => [Math.sin(i), Math.cos(i), i % 3].join(','))
    const data = write('long.csv', ['a,b,y', ...rows].join('\n'))
    const outcome = await relucent(
      ['fit', data, '--target', 'y', '--beta', '1', '--solver', 'semidefinite', '--force'],
      cwd(),
    )
    expectExit(outcome, 2)
    expect(outcome.stderr).toMatch(/at most 2n \+ r \+ c = 1200 .*, got 1403, which takes about \d+ MiB/)
  })

  test('a dry run says where the bounds come from', async () => {
    const data = write('line.csv', line)
    const outcome = await relucent(['fit', data, ...target, '--solver', 'semidefinite', '--dry-run'], cwd())
    expect(json(outcome).reason).toBe('semidefinite has its bounds from a semidefinite program, and prices nothing')
  })
})

describe('--preprocess whiten', () => {
  test('rows made orthonormal: the closed form, certified, stored, verified and applied to other rows', async () => {
    const data = write('wide.csv', wide)
    const files = ['--out', 'white.json', '--certificate', 'white-cert.json', '--force']
    const options = [
      '--target',
      'kind',
      '--beta',
      '0.5',
      '--preprocess',
      'whiten-rows',
      '--solver',
      'soft-thresholded-svd',
    ]
    const fitted = await relucent(['fit', data, ...options, ...files, '--json'], cwd())
    expectExit(fitted, 0)
    // Two classes of three: 2 (β√3 − β²/2).
    expect(json(fitted).objective).toBeCloseTo(2 * (0.5 * Math.sqrt(3) - 0.125), 9)
    expect(json(fitted)).toMatchObject({ preprocessing: 'whiten-rows', boundFrom: 'closed-form', neurons: 2 })
    expectExit(await relucent(['verify', 'white.json', data, '--certificate', 'white-cert.json'], cwd()), 0)
    expectExit(await relucent(['export', 'white.json', 'white.onnx', '--double'], cwd()), 0)
    const one = write('one.csv', wide.split('\n').slice(0, 2).join('\n'))
    expectExit(await relucent(['predict', 'white.json', one], cwd()), 0)
  })
})
