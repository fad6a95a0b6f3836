import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '@relucent/core'
import { parseCsv } from '@relucent/io'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectExit, type Outcome, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string) => relucent(line.split(' '), { cwd: scratch.path() })
const read = (name: string) => readFileSync(join(scratch.path(), name), 'utf8')

interface Record {
  readonly status: string
  readonly experiments: readonly {
    readonly name: string
    readonly page: string
    readonly files: readonly string[]
    readonly partsComputed: number
    readonly partsReused: number
  }[]
  readonly warnings: readonly string[]
}

const json = ({ stdout }: Outcome): Record => JSON.parse(stdout) as Record

/** One named column of numbers. */
function column(file: string, name: string): number[] {
  const { names, columns } = parseCsv(read(file))
  return columns[names.indexOf(name)].map(Number)
}

/** Records of random pixels, each class `perClass` times. */
function imageFile(classes: number, labelBytes: 1 | 2, perClass: number, seed: number): Uint8Array {
  const random = seededRandom(seed)
  const size = labelBytes + 3072
  const bytes = new Uint8Array(classes * perClass * size)
  for (let i = 0; i < classes * perClass; i++) {
    bytes[i * size + labelBytes - 1] = i % classes
    for (let k = 0; k < 3072; k++) bytes[i * size + labelBytes + k] = 256 * random()
  }
  return bytes
}

/** Random pictures of 28 × 28 in the format of MNIST. */
function idxFile(count: number, seed: number): Uint8Array {
  const random = seededRandom(seed)
  const header = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28]
  return Uint8Array.from({ length: 16 + count * 784 }, (_, k) => (k < 16 ? header[k] : 256 * random()))
}

beforeAll(() => {
  for (const folder of ['cifar-10-batches-bin', 'cifar-100-binary']) {
    mkdirSync(join(scratch.path(), 'data', folder), { recursive: true })
  }
  scratch.write('data/cifar-10-batches-bin/data_batch_1.bin', imageFile(10, 1, 3, 1))
  scratch.write('data/cifar-10-batches-bin/test_batch.bin', imageFile(10, 1, 2, 2))
  scratch.write('data/cifar-100-binary/train.bin', imageFile(100, 2, 1, 3))
  scratch.write('data/cifar-100-binary/test.bin', imageFile(100, 2, 1, 4))
  mkdirSync(join(scratch.path(), 'data', 'mnist'))
  scratch.write('data/mnist/train-images-idx3-ubyte', idxFile(9, 5))
})

test('fig1: no run of gradient descent is below the certified optimum; a second run computes nothing', async () => {
  const outcome = await run('reproduce fig1 --quick --out one --json')
  expectExit(outcome, 0)
  const [{ page, files, partsReused }] = json(outcome).experiments
  expect(partsReused).toBe(0)
  expect(files.filter((file) => file.endsWith('.svg'))).toEqual(['one/fig1.svg', 'one/fig1-gap.svg'])
  for (const file of [page, ...files]) expect(read(file).length).toBeGreaterThan(0)
  expect(Math.min(...column('one/fig1-runs.csv', 'above the optimum'))).toBeGreaterThan(0)
  expect(read(page)).toContain('numbers are not those of the experiment')
  const before = read('one/fig1-runs.csv')
  const [again] = json(await run('reproduce fig1 --quick --out one --json')).experiments
  expect(again.partsComputed).toBe(0)
  expect(read('one/fig1-runs.csv')).toBe(before)
})

test('fig3: bounds are below the optimum, networks are not, and the relaxation is tight in the plane', async () => {
  expectExit(await run('reproduce fig3 --quick --out one'), 0)
  const optimum = column('one/fig3.csv', 'optimum')
  const gap = column('one/fig3.csv', 'certified gap')
  const bound = column('one/fig3.csv', 'relaxation, bound')
  const descent = column('one/fig3.csv', 'gradient descent')
  expect(optimum.length).toBe(3)
  optimum.forEach((value, k) => {
    expect(gap[k]).toBeLessThanOrEqual(1e-8)
    expect(bound[k]).toBeLessThanOrEqual(value)
    expect(bound[k]).toBeGreaterThan(value * (1 - 2e-6))
    expect(descent[k]).toBeGreaterThanOrEqual(value * (1 - gap[k]))
  })
})

test('fig2 and fig6 share their runs; the closed form is exact without feature means, and only then', async () => {
  expectExit(await run('reproduce fig2 --quick --data-dir data --out images'), 0)
  const values = column('images/fig2-runs.csv', 'closed form, value')
  // Σ_k β√n_k − β²/2 over balanced classes: 10 of 3 at β = 1, 100 of 1 at β = ½.
  expect(values[0]).toBeCloseTo(10 * (Math.sqrt(3) - 0.5), 9)
  expect(values[1]).toBeCloseTo(100 * (0.5 - 0.125), 9)
  column('images/fig2-runs.csv', 'its network').forEach((value, k) => expect(value).toBeCloseTo(values[k], 7))
  column('images/fig2-runs.csv', 'gradient descent').forEach((value, k) => expect(value).toBeGreaterThan(values[k]))
  const [images, features] = column('images/fig2-means.csv', '‖XXᵀ − I‖, at most')
  expect(images).toBeLessThan(1e-8)
  expect(features).toBeCloseTo(1, 6)
  const [six] = json(await run('reproduce fig6 --quick --data-dir data --out images --json')).experiments
  expect(six).toMatchObject({ partsComputed: 2, partsReused: 4 })
})

test('fig4: the proven bound is below (20), and below every network, with pictures of both', async () => {
  expectExit(await run('reproduce fig4 --quick --data-dir data --out generation'), 0)
  for (const kind of ['mnist', 'cifar10']) {
    const file = `generation/fig4-${kind}.csv`
    const bound = column(file, 'proven bound')
    const value = column(file, '(20), at most')
    const gap = column(file, 'gap of (20)')
    const [network, descent] = ['network of (20)', 'gradient descent'].map((name) => column(file, name))
    expect(bound).toHaveLength(2)
    bound.forEach((least, k) => {
      expect(least).toBeGreaterThan(0)
      expect(gap[k]).toBeLessThanOrEqual(1e-5)
      expect(value[k]).toBeGreaterThanOrEqual(least)
      expect(network[k]).toBeGreaterThanOrEqual(least)
      expect(network[k]).toBeLessThan(least * 1.05)
      expect(descent[k]).toBeGreaterThanOrEqual(least)
    })
    // Eight pictures of the set, of the network and of gradient descent.
    expect(read(`generation/fig4-${kind}.svg`).match(/<image /g)).toHaveLength(24)
  }
  const [again] = json(await run('reproduce fig4 --quick --data-dir data --out generation --json')).experiments
  expect(again).toMatchObject({ partsComputed: 0, partsReused: 6 })
})

test('fig5: the linear optimum is below what ReLU networks reach, the proven bound on them as well', async () => {
  expectExit(await run('reproduce fig5 --quick --data-dir data --out planted'), 0)
  const [bound, relu, linear, training] = [
    'ReLU, proven bound',
    'ReLU, objective',
    'linear, optimum',
    'linear, training loss',
  ].map((name) => column('planted/fig5.csv', name))
  expect(bound).toHaveLength(2)
  bound.forEach((least, k) => {
    expect(relu[k]).toBeGreaterThanOrEqual(least)
    expect(relu[k]).toBeGreaterThanOrEqual(linear[k])
    expect(least).toBeGreaterThanOrEqual(linear[k] * (1 - 1e-5)) // (20) without the signs of S is the linear program
    expect(training[k]).toBeLessThan(linear[k])
  })
})

test('table1: every curve has its points, and all leaves out what needs images and says so', async () => {
  expectExit(await run('reproduce table1 --quick --out one'), 0)
  expect(parseCsv(read('one/table1-points.csv')).rows).toBe(14)
  const record = json(await run('reproduce all --quick --out one --json'))
  expect(record.experiments.map(({ name }) => name)).toEqual(['fig1', 'fig3', 'table1', 'sdp'])
  expect(record.warnings[0]).toContain('need --data-dir')
})

test('sdp: no bound is above a certified optimum and no network below it; accuracies need tables', async () => {
  expectExit(await run('reproduce sdp --quick --out one'), 0)
  const optimum = column('one/sdp-problems.csv', 'optimum')
  const gap = column('one/sdp-problems.csv', 'its certified gap')
  expect(optimum).toHaveLength(3)
  column('one/sdp-problems.csv', 'relaxation, bound').forEach((bound, k) => {
    expect(bound).toBeGreaterThan(0)
    expect(bound).toBeLessThanOrEqual(optimum[k])
  })
  for (const name of ['after local descent', 'gradient descent']) {
    column('one/sdp-problems.csv', name).forEach((value, k) =>
      expect(value).toBeGreaterThanOrEqual(optimum[k] * (1 - gap[k])),
    )
  }
  expect(existsSync(join(scratch.path(), 'one/sdp-accuracy.csv'))).toBe(false)
  expect(read('one/sdp.md')).toMatch(/Prakhya, Birdal, Yurtsever(.|\n)*left out: no --data-dir/)

  const random = seededRandom(5)
  const rows = Array.from({ length: 40 }, (_, i) =>
    [random() + (i % 2), random() - (i % 2), 1 + random(), i % 2].join(','),
  )
  mkdirSync(join(scratch.path(), 'tables'), { recursive: true })
  scratch.write('tables/iris.csv', ['a,b,c,class', ...rows].join('\n'))
  const [{ partsReused }] = json(await run('reproduce sdp --quick --data-dir tables --out one --json')).experiments
  expect(partsReused).toBe(9)
  for (const method of ['column generation', 'NNGP', 'NTK']) {
    for (const share of column('one/sdp-accuracy.csv', method)) {
      expect(share).toBeGreaterThan(0.7)
      expect(share).toBeLessThanOrEqual(1)
    }
  }
  const [bound, certified] = ['bound, relaxation', 'column generation'].map((name) =>
    column('one/sdp-objectives.csv', name),
  )
  bound.forEach((value, k) => expect(value).toBeLessThanOrEqual(certified[k]))
})

describe('what is refused', () => {
  test.each([
    ['reproduce fig2', 2, '--data-dir'],
    ['reproduce fig9 --quick', 2, 'expected fig1, fig2'],
    ['reproduce fig2 --quick --data-dir nowhere', 4, 'data_batch_1.bin'],
    ['reproduce sdp --quick --data-dir data', 4, 'iris.csv'],
    ['reproduce fig4 --quick --data-dir nowhere', 4, 'train-images-idx3-ubyte'],
    ['reproduce fig5', 2, '--data-dir'],
    ['reproduce fig1 --quick --out data', 4, 'did not write'],
  ])('%s', async (line, code, words) => {
    const outcome = await run(line)
    expectExit(outcome, code)
    expect(outcome.stderr).toContain(words)
  })
})

test('an interrupted run keeps its finished parts and goes on from them', async () => {
  let killed = false
  const cut = await relucent('reproduce fig1 --out cut --verbose'.split(' '), {
    cwd: scratch.path(),
    onStderr(text, kill) {
      if (killed || !text.includes('gradient descent')) return
      killed = true
      kill('SIGINT')
    },
  })
  expectExit(cut, 130)
  expect(cut.stdout).toContain('Interrupted')
  expect(readdirSync(join(scratch.path(), 'cut', 'parts'))).toContain('fig1-optimum.json')
  expect(existsSync(join(scratch.path(), 'cut', 'fig1.md'))).toBe(false)
})
