import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseModel } from '@relucent/core'
import { parseCsv } from '@relucent/io'
import { beforeAll, describe, expect, test } from 'vitest'
import { cloudsCsv, expectExit, type Outcome, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string) => relucent(line.split(' '), { cwd: scratch.path() })
const read = (name: string) => readFileSync(join(scratch.path(), name), 'utf8')
const json = <T>({ stdout }: Outcome): T => JSON.parse(stdout) as T

interface PathOutput {
  readonly status: string
  readonly certified: number
  readonly points: readonly {
    beta: number
    objective: number
    relativeGap: number
    neurons: number
    tracks: number[]
    test: number
  }[]
}

interface CvOutput {
  readonly status: string
  readonly metric: string
  readonly chosen: number
  readonly best: number
  readonly rows: readonly {
    betaRatio: number
    certified: number
    fits: number
    boundFrom: Record<string, number>
    scores: Record<string, { test: number }>
  }[]
  readonly folds: readonly { fold: number; points: readonly { test: Record<string, number> }[] }[]
  readonly importance: readonly { name: string; mean: number }[]
  readonly dependence: readonly { name: string; at: number[]; outputs: number[][] }[]
  readonly learningCurve: readonly { rows: number; test: number }[]
  readonly refit: { status: string; model: string } | null
}

beforeAll(() => {
  scratch.write('data.csv', plantedCsv(3, { n: 30, d: 2 }))
  scratch.write('flowers.csv', cloudsCsv(3))
  scratch.write('new.csv', 'size,town\n,ulm\n2,paris\n')
  const towns = Array.from(
    { length: 20 },
    (_, i) => `${i === 4 ? '' : i % 7},${i % 2 ? 'ulm' : 'bonn'},${(i % 7) * 2 + (i % 2)}`,
  )
  scratch.write('towns.csv', `size,town,price\n${towns.join('\n')}\n`)
})

describe('path', () => {
  test('every β is certified; the table and the figure have a mark for each', async () => {
    const line = 'path data.csv --target y --points 6 --smallest-ratio 0.01 --test-fraction 0.2 --threads 1'
    const outcome = await run(`${line} --table path.csv --figure path.svg --json`)
    expectExit(outcome, 0)
    const record = json<PathOutput>(outcome)
    expect(record).toMatchObject({ status: 'complete', certified: 6 })
    for (const { relativeGap, tracks, neurons, test: score } of record.points) {
      expect(relativeGap).toBeLessThanOrEqual(1e-6)
      expect(tracks).toHaveLength(neurons)
      expect(score).not.toBeNull()
    }
    const table = parseCsv(read('path.csv'))
    expect(table.rows).toBe(6)
    expect(Array.from(table.columns[0], Number)).toEqual(record.points.map(({ beta }) => beta))
    expect(read('path.svg')).toMatch(/^<svg .*Regularisation path: 6 values/)
  })

  test('logistic with an output bias: every β is certified, and so is a loss for numbers with its parameter', async () => {
    const grid = '--output-bias --points 4 --smallest-ratio 0.1 --threads 1 --json'
    const classes = await run(`path flowers.csv --target color --loss logistic --class-weight balanced ${grid}`)
    expectExit(classes, 0)
    const common = { status: 'complete', certified: 4, outputBias: true }
    expect(json(classes)).toMatchObject({ ...common, loss: 'logistic', weighted: true, metric: 'accuracy' })
    expect(json<PathOutput & { points: { train: number }[] }>(classes).points[3].train).toBeGreaterThan(0.8)
    const numbers = await run(`path data.csv --target y --loss huber --delta 0.5 --skip ${grid}`)
    expectExit(numbers, 0)
    expect(json(numbers)).toMatchObject({ ...common, loss: 'huber:0.5', skip: true, metric: 'r2' })
  })

  test('a stop rule ends it with exit code 0, a time limit with 3, and the words say why', async () => {
    const stopped = await run('path data.csv --target y --points 6 --smallest-ratio 0.01 --explained 0.3')
    expectExit(stopped, 0)
    expect(stopped.stdout).toContain('ended where --explained is reached')
    expectExit(await run('path data.csv --target y --points 6 --time-limit 1e-9'), 3)
  })

  test('wrong usage is refused', async () => {
    expectExit(await run('path data.csv'), 2)
    expectExit(await run('path data.csv --target y --points 0'), 2)
    expectExit(await run('path data.csv --target y --table same --figure same'), 2)
  })
})

describe('cv', () => {
  const quick = '--folds 3 --points 4 --smallest-ratio 0.01 --fit-time-limit 5'

  test('chooses β, trains on all rows with it, and reports what each certificate is from', async () => {
    const outcome = await run(
      `cv flowers.csv --target color --bias --preprocess standardize ${quick} --threads 1 --out chosen.json --figure cv.svg --json`,
    )
    expectExit(outcome, 0)
    const record = json<CvOutput>(outcome)
    expect(record).toMatchObject({ status: 'complete', metric: 'accuracy' })
    expect(record.chosen).toBeGreaterThanOrEqual(record.best)
    const chosen = record.rows.find(({ betaRatio }) => betaRatio === record.chosen)!
    expect(chosen.scores.accuracy.test).toBeGreaterThan(0.8)
    expect(Object.values(chosen.boundFrom).reduce((total, count) => total + count, 0)).toBe(3)
    const model = parseModel(read('chosen.json'))
    expect(model).toMatchObject({ betaRatio: record.chosen, bias: true, preprocessing: { kind: 'standardize' } })
    expect(read('cv.svg')).toMatch(/^<svg /)
    expectExit(await run('certify chosen.json flowers.csv --max-gap 0.01'), 0)
  })

  test('softmax by log-loss, with class weights and an output bias, on threads; the model carries all of it', async () => {
    const about = '--loss softmax --output-bias --class-weight balanced --metric log-loss'
    const line = `cv flowers.csv --target color ${about} --folds 3 --points 3 --smallest-ratio 0.1 --importance`
    const outcome = await run(`${line} --threads 2 --out softmax.json --resume softmax.folds --json`)
    expectExit(outcome, 0)
    const record = json<CvOutput>(outcome)
    expect(record).toMatchObject({ metric: 'log-loss', loss: 'softmax', outputBias: true, skip: false, weighted: true })
    const [first, , last] = record.rows.map(({ scores }) => scores['log-loss'].test)
    expect(first).toBeCloseTo(Math.log(3), 1)
    expect(last).toBeLessThan(0.7)
    expect(record.refit).toMatchObject({ status: 'optimal' })
    expect(parseModel(read('softmax.json'))).toMatchObject({ weighting: { column: null, classes: [1, 1, 1] } })
    expectExit(await run('certify softmax.json flowers.csv --max-gap 0.01'), 0)
    const other = await run(`${line} --resume softmax.folds --no-refit --class-weight red=2`)
    expectExit(other, 4)
    expect(other.stderr).toContain('of other data or other settings')
  })

  test('log-loss is refused for losses without probabilities, naming those with', async () => {
    const outcome = await run('cv flowers.csv --target color --loss hinge --metric log-loss')
    expectExit(outcome, 2)
    expect(outcome.stderr).toContain('--metric log-loss needs probabilities, which --loss hinge does not give')
    expect(outcome.stderr).toContain('--loss softmax or --loss logistic')
    expectExit(await run('cv data.csv --target y --metric log-loss'), 2)
    expectExit(await run('cv data.csv --target y --class-weight balanced'), 2)
  })

  test('threads do not change the folds or their scores, and finished folds are taken from the file', async () => {
    const line = `cv data.csv --target y --bias ${quick} --no-refit --json`
    const alone = json<CvOutput>(await run(`${line} --threads 1 --resume folds.json`))
    const together = json<CvOutput>(await run(`${line} --threads 2`))
    const scores = ({ folds }: CvOutput) => folds.map(({ points }) => points.map(({ test: of }) => of))
    scores(together)
      .flat()
      .forEach((of, k) => expect(of.rmse).toBeCloseTo(scores(alone).flat()[k].rmse, 3))
    const kept = JSON.parse(read('folds.json')) as { folds: { fold: number; points: { test: { rmse: number } }[] }[] }
    expect(kept.folds.map(({ fold }) => fold)).toEqual([0, 1, 2])
    // A score that no run would find shows that the fold is not run again.
    kept.folds[1].points[0].test.rmse = 12345
    writeFileSync(join(scratch.path(), 'folds.json'), JSON.stringify({ ...kept, folds: kept.folds.slice(0, 2) }))
    const resumed = json<CvOutput>(await run(`${line} --threads 1 --resume folds.json`))
    expect(resumed.folds[1].points[0].test.rmse).toBe(12345)
    expect(resumed.folds).toHaveLength(3)
    const other = await run(`${line} --threads 1 --seed 1 --resume folds.json`)
    expectExit(other, 4)
    expect(other.stderr).toContain('of other data or other settings')
    expectExit(await run(`${line} --resume data.csv`), 4)
  })

  test('learning curve, importance and dependence are in the record', async () => {
    const outcome = await run(
      `cv data.csv --target y --bias ${quick} --learning-curve --importance --dependence x1 --threads 1 --out full.json --json`,
    )
    expectExit(outcome, 0)
    const record = json<CvOutput>(outcome)
    expect(record.learningCurve.at(-1)!.rows).toBe(20)
    expect(record.importance.map(({ name }) => name)).toEqual(['x1', 'x2'])
    expect(record.dependence[0].outputs[0]).toHaveLength(record.dependence[0].at.length)
  })

  test('grouped rows stay together, and the column of groups is no feature', async () => {
    const record = json<CvOutput & { features: string[] }>(
      await run(`cv towns.csv --target price --group-by town --folds 2 --points 2 --missing mean --no-refit --json`),
    )
    expect(record.features).toEqual(['size'])
    expect(record.folds).toHaveLength(2)
    const refused = await run('cv towns.csv --target price --group-by town --folds 3 --missing mean --no-refit')
    expectExit(refused, 4)
    expect(refused.stderr).toContain('folds must be from 2 to the 2 groups, got 3')
  })

  test('interrupted, it keeps the folds that are done and ends with 130', async () => {
    let killed = false
    const line = `cv data.csv --target y --bias --folds 10 --repeats 50 --points 4 --smallest-ratio 0.01 --threads 1 --resume cut.json --no-refit`
    const outcome = await relucent(line.split(' '), {
      cwd: scratch.path(),
      onStderr(text, kill) {
        if (killed || !/fold \d+ of 500/.test(text)) return
        killed = true
        kill('SIGINT')
      },
    })
    expectExit(outcome, 130)
    expect(outcome.stdout).toContain('It was interrupted')
    expect((JSON.parse(read('cut.json')) as { folds: unknown[] }).folds.length).toBeGreaterThan(0)
  })

  test('wrong usage is refused', async () => {
    expectExit(await run('cv data.csv'), 2)
    expectExit(await run('cv data.csv --target y --metric auc'), 2)
    expectExit(await run('cv data.csv --target y --dependence y'), 2)
    expectExit(await run('cv data.csv --target y --explained-variance 0.5'), 2)
    expectExit(await run('cv data.csv --target y --out same --figure same'), 2)
  })
})

describe('categories and missing values', () => {
  test('are errors by default, with the row and what to do', async () => {
    const text = await run('fit towns.csv --target price')
    expectExit(text, 4)
    const missing = await run('fit towns.csv --target price --one-hot town')
    expectExit(missing, 4)
    expect(missing.stderr).toContain('row 6, column "size": expected a number, the cell is empty')
    expect(missing.stderr).toContain('--missing')
    expectExit(await run('fit towns.csv --target price --one-hot price'), 4)
  })

  test('are learnt in fit, stored in the model, and applied in predict, certify and export', async () => {
    const fit = await run(
      'fit towns.csv --target price --one-hot town --missing median --missing-indicator --bias --beta 0.01 --out towns.json --test-fraction 0.2',
    )
    expectExit(fit, 0)
    const { encoding, network } = parseModel(read('towns.json'))
    expect(encoding?.columns.map(({ kind }) => kind)).toEqual(['number', 'category'])
    expect(network.inputs).toBe(encoding!.columns[0].indicator ? 5 : 4)
    expectExit(await run('predict towns.json new.csv'), 0)
    expectExit(await run('certify towns.json towns.csv'), 0)
    const exported = await run('export towns.json towns.onnx')
    expectExit(exported, 0)
    expect(exported.stderr).toContain('after one-hot encoding')
  })
})
