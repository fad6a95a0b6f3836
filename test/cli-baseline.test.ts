import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseModel } from '@relucent/core'
import { parseCsv } from '@relucent/io'
import { beforeAll, expect, test } from 'vitest'
import { expectExit, type Outcome, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string) => relucent(line.split(' '), { cwd: scratch.path() })
const read = (name: string) => readFileSync(join(scratch.path(), name), 'utf8')

interface Baseline {
  readonly status: string
  readonly certified: boolean
  readonly objective: number
  readonly seed: number
  readonly runs: readonly { seed: number; objective: number; epochs: number; evaluations: number }[]
}

const json = ({ stdout }: Outcome): Baseline => JSON.parse(stdout) as Baseline

beforeAll(() => {
  scratch.write('data.csv', plantedCsv(3, { n: 25, d: 2 }))
})

test.each(['sgd', 'adam', 'lbfgs'])(
  '%s: the best of the runs is written, uncertified, and certify gives its gap',
  async (method) => {
    const line = `baseline data.csv --target y --beta 0.5 --method ${method} --neurons 15 --epochs 300 --runs 3 --seed 7 --threads 1`
    const record = json(await run(`${line} --out ${method}.json --json`))
    expect(record.certified).toBe(false)
    expect(record.runs.map(({ seed }) => seed)).toEqual([7, 8, 9])
    expect(record.objective).toBe(Math.min(...record.runs.map(({ objective }) => objective)))
    const model = parseModel(read(`${method}.json`))
    expect(model).toMatchObject({
      status: record.status,
      settings: { solver: method, oracle: 'none', seed: record.seed },
    })
    expect(model.certificate).toMatchObject({ objective: record.objective, lowerBound: 0, boundFrom: 'trivial' })
    const certified = JSON.parse((await run(`certify ${method}.json data.csv --json`)).stdout) as {
      gap: number
      lowerBound: number
    }
    expect(certified.lowerBound).toBeGreaterThan(0)
    expect(certified.gap).toBeGreaterThan(0)
  },
)

test('threads do not change the answers, and the history has every epoch of every run', async () => {
  const line = 'baseline data.csv --target y --beta 0.5 --neurons 12 --epochs 120 --runs 3 --json'
  const alone = json(await run(`${line} --threads 1 --out a.json --history a.csv`))
  const together = json(await run(`${line} --threads 2 --out b.json --history b.csv`))
  const figures = ({ seed, objective, epochs, evaluations }: Baseline['runs'][number]) => ({
    seed,
    objective,
    epochs,
    evaluations,
  })
  expect(together.runs.map(figures)).toEqual(alone.runs.map(figures))
  const history = parseCsv(read('b.csv'))
  expect(history.names).toEqual(['seed', 'epoch', 'objective', 'seconds'])
  expect(history.rows).toBe(together.runs.reduce((total, { epochs }) => total + epochs + 1, 0))
  expect(history.columns.slice(0, 3)).toEqual(parseCsv(read('a.csv')).columns.slice(0, 3))
})

test('the first sentence for people says that nothing is certified', async () => {
  const { stdout } = await run('baseline data.csv --target y --beta 0.5 --epochs 50 --out words.json')
  expect(stdout).toMatch(/^Not certified: gradient descent with momentum proves nothing/)
  expect(stdout).toContain('relucent certify words.json data.csv')
})

test('an interrupted run writes its best network and ends with 130', async () => {
  let killed = false
  const outcome = await relucent(
    'baseline data.csv --target y --beta 0.5 --neurons 200 --epochs 100000000 --patience 100000000 --runs 2 --threads 2 --out cut.json'.split(
      ' ',
    ),
    {
      cwd: scratch.path(),
      onStderr(text, kill) {
        if (killed || !text.includes('epoch')) return
        killed = true
        kill('SIGINT')
      },
    },
  )
  expectExit(outcome, 130)
  expect(parseModel(read('cut.json')).status).toBe('interrupted')
})

test('wrong usage is refused', async () => {
  expectExit(await run('baseline data.csv --target y --method lbfgs --learning-rate 1'), 2)
  expectExit(await run('baseline data.csv --target y --neurons 0'), 2)
  expectExit(await run('baseline data.csv --target y --out same.csv --history same.csv'), 2)
})
