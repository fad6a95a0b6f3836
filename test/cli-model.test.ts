import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCertificate, parseModel } from '@relucent/core'
import { parseCsv } from '@relucent/io'
import { beforeAll, describe, expect, test } from 'vitest'
import { cloudsCsv, expectExit, type Outcome, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string, stdin?: string) => relucent(line.split(' '), { cwd: scratch.path(), stdin })
const read = (name: string) => readFileSync(join(scratch.path(), name), 'utf8')

type Json = Record<string, unknown>

/** The one object a command printed. */
function json({ stdout }: Outcome): Json {
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  return JSON.parse(stdout) as Json
}

beforeAll(async () => {
  scratch.write('train.csv', plantedCsv(1, { n: 40, d: 2 }))
  scratch.write('test.csv', plantedCsv(2, { n: 10, d: 2 }))
  scratch.write('clouds.csv', cloudsCsv(3))
  const fitted = await run('fit train.csv --target y --beta 0.5 --out y.json --certificate y-cert.json')
  expectExit(fitted, 0)
  const classified = await run('fit clouds.csv --target color --bias --beta 0.5 --out color.json')
  expectExit(classified, 0)
})

describe('predict and score', () => {
  test('predictions are the network on the preprocessed data, and score agrees with them', async () => {
    expectExit(await run('fit train.csv --target y --beta 0.5 --preprocess standardize --bias --out scaled.json'), 0)
    const table = parseCsv((await run('predict scaled.json test.csv')).stdout)
    expect(table.names).toEqual(['y'])
    const predicted = table.columns[0].map(Number)
    const truth = parseCsv(read('test.csv')).columns[2].map(Number)
    const mse = predicted.reduce((sum, value, i) => sum + (value - truth[i]) ** 2, 0) / truth.length
    const scored = json(await run('score scaled.json test.csv --metric mse --json'))
    expect(scored.value).toBeCloseTo(mse, 12)
    expect((await run('score scaled.json train.csv')).stdout).toMatch(/^R² 0\.\d+ on 40 rows\n$/)
  })

  test('a classifier answers with the labels it was trained on, from standard input, as CSV or JSON', async () => {
    const stdin = 'north,extra,east\n0,x,2.5\n3,x,-1\n'
    const csv = await run('predict color.json -', stdin)
    expect(csv.stdout).toBe('color\nlime\nred\n')
    const rows = await run('predict color.json - --format json', stdin)
    expect(JSON.parse(rows.stdout)).toEqual([{ color: 'lime' }, { color: 'red' }])
    expect(json(await run('score color.json clouds.csv --json'))).toMatchObject({
      metric: 'accuracy',
      n: 30,
      value: 1,
    })
  })

  test('--out is written whole, and not over an existing file without --force', async () => {
    expectExit(await run('predict y.json test.csv --out p.csv'), 0)
    expect(parseCsv(read('p.csv')).rows).toBe(10)
    expectExit(await run('predict y.json test.csv --out p.csv'), 4)
    expectExit(await run('predict y.json test.csv --out p.csv --force'), 0)
  })
})

describe('certify', () => {
  test('an optimal model is certified again, from its residual or a solve', async () => {
    const outcome = await run('certify y.json train.csv --max-gap 1e-5 --json')
    expectExit(outcome, 0)
    const record = json(outcome)
    expect(record.relativeGap).toBeLessThanOrEqual(1e-5)
    expect(record.objective).toBeCloseTo(parseModel(read('y.json')).certificate.objective, 9)
  })

  test('at another β the same model is far from optimal, --max-gap notices, and the bound stays below the objective', async () => {
    const outcome = await run('certify y.json train.csv --beta 5 --max-gap 1e-3 --json')
    expectExit(outcome, 6)
    const record = json(outcome)
    expect(record).toMatchObject({ method: 'solve', exitCode: 6, beta: 5 })
    expect(record.bestObjective).toBeLessThan(record.objective as number)
    expect(record.lowerBound).toBeLessThanOrEqual(record.bestObjective as number)
    const words = await run('certify y.json train.csv --beta 5 --max-gap 1e-3')
    expect(words.stdout).toContain('A better network exists')
    expect(words.stdout).toContain('exceeds --max-gap')
  })
})

describe('verify', () => {
  test('a genuine certificate is confirmed by another oracle family', async () => {
    const outcome = await run('verify y.json train.csv --certificate y-cert.json --json')
    expectExit(outcome, 0)
    expect(json(outcome)).toMatchObject({ status: 'confirmed', sameOracleFamily: false })
    expect((await run('verify y.json train.csv --certificate y-cert.json')).stdout).toContain('Confirmed')
  })

  test('a bound raised by hand is refuted', async () => {
    const stored = parseCertificate(read('y-cert.json'))
    const forged = read('y-cert.json').replace(
      `"lowerBound": ${stored.lowerBound}`,
      `"lowerBound": ${stored.lowerBound * 1.01}`,
    )
    expect(forged).not.toBe(read('y-cert.json'))
    writeFileSync(join(scratch.path(), 'forged.json'), forged)
    const outcome = await run('verify y.json train.csv --certificate forged.json --json')
    expectExit(outcome, 6)
    expect(json(outcome).status).toBe('refuted')
  })

  test('other data are noticed', async () => {
    const outcome = await run('verify y.json test.csv --certificate y-cert.json')
    expect(outcome.code).toBe(6)
    expect(outcome.stdout).toContain('Refuted')
  })

  test('without a certificate file the residual of the model is priced', async () => {
    const outcome = await run('verify y.json train.csv --json --tolerance 1e-3')
    expectExit(outcome, 0)
    expect(json(outcome).status).toBe('confirmed')
  })
})
