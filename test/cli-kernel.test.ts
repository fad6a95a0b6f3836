import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { accuracy, fitKernelModel, fromRows, predictKernelModel } from '@relucent/core'
import { parseCsv } from '@relucent/io'
import { beforeAll, expect, test } from 'vitest'
import { cloudsCsv, expectExit, type Outcome, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string) => relucent(line.split(' '), { cwd: scratch.path() })
const read = (name: string) => readFileSync(join(scratch.path(), name), 'utf8')

interface Kernel {
  readonly certified: boolean
  readonly ridge: number
  readonly n: number
  readonly d: number
  readonly score: { readonly metric: string; readonly train: number; readonly test: number | null }
  readonly predictions: string | null
  readonly predicted: string | null
}

const json = ({ stdout }: Outcome): Kernel => JSON.parse(stdout) as Kernel

beforeAll(() => {
  scratch.write('data.csv', plantedCsv(3, { n: 25, d: 2 }))
  scratch.write('clouds.csv', cloudsCsv(5, 20))
  scratch.write('others.csv', cloudsCsv(6, 10))
})

/** Numbers of all columns, and the text of the last. */
function table(name: string): { readonly X: number[][]; readonly last: string[] } {
  const [, ...lines] = read(name).trim().split('\n')
  const rows = lines.map((line) => line.split(','))
  return { X: rows.map((cells) => cells.slice(0, -1).map(Number)), last: rows.map((cells) => cells.at(-1) ?? '') }
}

test.each(['nngp', 'ntk'] as const)(
  '%s: regression predictions are those of the closed-form kernel',
  async (kernel) => {
    const line = `kernel data.csv --target y --kernel ${kernel} --beta 0.1 --out ${kernel}.csv --json`
    const outcome = await run(line)
    expectExit(outcome, 0)
    const record = json(outcome)
    const { X, last } = table('data.csv')
    const model = fitKernelModel(fromRows(X), fromRows(last.map((text) => [Number(text)])), {
      kernel,
      relativeRidge: 0.1,
    })
    const expected = predictKernelModel(model, fromRows(X))
    const { names, columns } = parseCsv(read(`${kernel}.csv`))
    expect(names).toEqual(['y'])
    expected.data.forEach((value, i) => expect(Number(columns[0][i])).toBeCloseTo(value, 12))
    expect(record).toMatchObject({ certified: false, n: 25, d: 2, predicted: 'train', predictions: `${kernel}.csv` })
    expect(record.ridge).toBeCloseTo(model.ridge, 12)
    expect(record.score).toMatchObject({ metric: 'r2', test: null })
  },
)

test('classification: the accuracy on a test file is that of argmax, with a bias column where it is asked for', async () => {
  const classes = ['blue', 'green', 'red']
  const [train, other] = [table('clouds.csv'), table('others.csv')]
  const known = classes.every((name) => train.last.includes(name)) ? classes : [...new Set(train.last)].toSorted()
  const withOnes = (rows: number[][]): number[][] => rows.map((cells) => [...cells, 1])
  const Y = fromRows(train.last.map((name) => known.map((label) => (label === name ? 1 : 0))))
  const model = fitKernelModel(fromRows(withOnes(train.X)), Y, { kernel: 'ntk', relativeRidge: 0.01 })
  const F = predictKernelModel(model, fromRows(withOnes(other.X)))
  const line = 'kernel clouds.csv --target color --kernel ntk --bias --test others.csv --out classes.csv --json'
  const outcome = await run(line)
  expectExit(outcome, 0)
  expect(json(outcome).score).toMatchObject({ metric: 'accuracy' })
  expect(json(outcome).score.test).toBeCloseTo(accuracy(F, other.last.map((name) => known.indexOf(name))), 12) // biome-ignore format: short
  const written = parseCsv(read('classes.csv'))
  expect(written.rows).toBe(other.X.length)
  expect(json(outcome)).toMatchObject({ predicted: 'test', d: 3 })
})

test('in words it says that nothing is certified; files are not overwritten, and a target is asked for', async () => {
  const { stdout } = await run('kernel data.csv --target y --test-fraction 0.4')
  expect(stdout).toMatch(/^Not certified: the neural network Gaussian process/)
  expect(stdout).toMatch(/15 rows, β = 0.01 of the mean diagonal: R² .* on the test rows/)
  expectExit(await run('kernel data.csv --target y --out data.csv'), 4)
  expectExit(await run('kernel data.csv'), 2)
  expectExit(await run('kernel data.csv --target y --beta 0'), 2)
  expectExit(await run('kernel data.csv --target y --out t.csv --test t.csv'), 2)
})
