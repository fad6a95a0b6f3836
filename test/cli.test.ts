import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseModel } from '@relucent/core'
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

describe('fit', () => {
  test('--json prints one object with everything DESIGN §7 promises, in full precision', async () => {
    const outcome = await run('fit train.csv --target y --beta-ratio 0.05 --out shape.json --json')
    const record = json(outcome)
    expectExit(outcome, 0)
    const promised = (
      'schemaVersion version status objective lowerBound gap relativeGap scope boundFrom neurons n d c rank beta ' +
      'betaRatio betaMax loss bias task classes features preprocessing solver oracle iterations elapsedSeconds seed ' +
      'threads dataHash warnings exitCode'
    ).split(' ')
    expect(Object.keys(record)).toEqual(expect.arrayContaining(promised))
    expect(record).toMatchObject({
      status: 'optimal',
      scope: 'all-networks',
      boundFrom: 'sweep',
      n: 40,
      d: 2,
      c: 1,
      rank: 2,
    })
    expect(record).toMatchObject({
      task: 'regression',
      classes: null,
      features: ['x1', 'x2'],
      exitCode: 0,
      warnings: [],
    })
    expect(record.beta).toBe((record.betaMax as number) * 0.05)
    expect(record.relativeGap).toBeLessThanOrEqual(1e-6)
    const model = parseModel(read('shape.json'))
    expect(model.certificate).toMatchObject({ objective: record.objective, lowerBound: record.lowerBound })
    expect(model.beta).toBe(record.beta)
  })

  test('in words, the certificate says what is proven and what is not', async () => {
    const { stdout, code } = await run('fit train.csv --target y --beta 1 --out words.json')
    expect(code).toBe(0)
    expect(stdout).toContain('Certified: a global optimum')
    expect(stdout).toContain('No two-layer ReLU network of any width')
    expect(stdout).toContain('Not claimed: anything about test error')
    expect(stdout).toContain('Wrote words.json.')
  })

  test('a β that was not asked for announces itself on standard error', async () => {
    const { stderr } = await run('fit train.csv --target y --out default.json')
    expect(stderr).toContain('β is not given: using 0.01 βmax')
    expect(stderr).toContain('rank 2')
  })

  test('--quiet says nothing on standard error, without a terminal progress is plain lines', async () => {
    const quiet = await run('fit train.csv --target y --out quiet.json --quiet')
    expect(quiet.stderr).toBe('')
    const loud = await run('fit train.csv --target y --out loud.json')
    expect(loud.stderr).toMatch(/objective \S+ {2}lower bound \S+ {2}neurons \d+ {2}gap/)
    expect(loud.stderr + loud.stdout).not.toContain('\u001b')
  })

  test('a run that stops early exits with 3 and still writes a model with a valid bound', async () => {
    scratch.write('hard.csv', plantedCsv(4, { n: 200, d: 50 }))
    const start = performance.now()
    const outcome = await run('fit hard.csv --target y --time-limit 2 --out hard.json --json')
    expect(performance.now() - start).toBeLessThan(8000)
    expectExit(outcome, 3)
    const record = json(outcome)
    expect(record.status).toBe('time-limit')
    expect(record.lowerBound).toBeLessThanOrEqual(record.objective as number)
    expect(outcome.stderr).toContain('rank 50: exact certificate unlikely; you get a network and a bound')
    expect(parseModel(read('hard.json')).status).toBe('time-limit')
  })

  test('--dry-run says what would happen and writes nothing', async () => {
    const before = readdirSync(scratch.path())
    const outcome = await run('fit train.csv --target y --out y.json --dry-run --json')
    expectExit(outcome, 0)
    expect(json(outcome)).toMatchObject({ status: 'dry-run', rank: 2, solver: 'column-generation', exitCode: 0 })
    expect((await run('fit train.csv --target y --dry-run')).stdout).toContain('nothing was solved or written')
    expect(readdirSync(scratch.path())).toEqual(before)
  })

  test('standard input, columns by number, no header, another delimiter', async () => {
    const text = read('train.csv').split('\n').slice(1).join('\n').replaceAll(',', ';')
    const outcome = await run(
      'fit - --no-header --delimiter ; --target 3 --features 1,2 --beta 0.5 --out stdin.json --json',
      text,
    )
    expectExit(outcome, 0)
    const { objective } = parseModel(read('y.json')).certificate
    expect(json(outcome)).toMatchObject({ features: ['c1', 'c2'], targets: ['c3'] })
    expect(json(outcome).objective).toBeCloseTo(objective, 5)
  })

  test('--force overwrites, --init starts from a model, --oracle is obeyed', async () => {
    const line = 'fit train.csv --target y --beta 0.5 --out again.json --json'
    expectExit(await run(line), 0)
    expectExit(await run(line), 4)
    const third = await run(`${line} --force --init y.json --oracle branch-and-bound`)
    expectExit(third, 0)
    expect(json(third).boundFrom).toBe('branch-and-bound')
  })

  test('warnings name the flag that helps', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => `${(i % 5) - 2},${1000 * ((i % 3) - 1)},${50 + (i % 4)}\n`)
    scratch.write('scales.csv', `small,large,y\n${rows.join('')}`)
    const outcome = await run('fit scales.csv --target y --out scales.json --json')
    const warnings = json(outcome).warnings as string[]
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toContain('--preprocess standardize')
    expect(warnings[1]).toContain('--bias')
  })

  test('--test-fraction and --test score on rows that were not trained on', async () => {
    const split = json(
      await run('fit clouds.csv --target color --bias --beta 0.5 --test-fraction 0.2 --out s.json --json'),
    )
    expect(split.n).toBe(24)
    expect(split.score).toMatchObject({ metric: 'accuracy' })
    expect((split.score as { test: number }).test).toBeGreaterThan(0.5)
    const held = json(await run('fit train.csv --target y --test test.csv --out t.json --json'))
    expect(held.n).toBe(40)
    expect((held.score as { test: number | null }).test).not.toBeNull()
  })

  test('a β beyond βmax gives the certified zero network, and says so', async () => {
    const outcome = await run('fit train.csv --target y --beta 1e6 --out zero.json --json')
    expectExit(outcome, 0)
    expect(json(outcome)).toMatchObject({ status: 'optimal', neurons: 0 })
    expect((json(outcome).warnings as string[])[0]).toContain('the zero network')
    expect((await run('predict zero.json test.csv')).stdout.split('\n')[1]).toBe('0')
  })
})

describe('info, schema, help, demo', () => {
  test('info describes data, a model and the installation', async () => {
    scratch.write('mixed.csv', 'a,b,name\n1,2,x\n2,,y\n3,6,x\n')
    expect(json(await run('info mixed.csv --json'))).toMatchObject({
      subject: 'data',
      n: 3,
      rank: 1,
      columns: [
        { name: 'a', kind: 'numeric', missing: 0, min: 1, max: 3 },
        { name: 'b', kind: 'numeric', missing: 1 },
        { name: 'name', kind: 'text', distinct: 2 },
      ],
    })
    expect(json(await run('info y.json --json'))).toMatchObject({ subject: 'model', features: ['x1', 'x2'] })
    expect(json(await run('info --json'))).toMatchObject({ subject: 'program', node: process.version })
    for (const file of ['mixed.csv', 'y.json']) expectExit(await run('info', file), 0)
  })

  test('the schema of --json is printed, and lists every command', async () => {
    const text = (await run('schema')).stdout
    expect(JSON.parse(text)).toHaveProperty('$schema')
    for (const command of ['fit', 'certify', 'verify', 'score', 'info']) expect(text).toContain(`"${command}"`)
  })

  test('fit --help states the defaults', async () => {
    const words = (await run('fit --help')).stdout.replaceAll(/\s+/g, ' ')
    for (const value of ['1e-6', '300', '"model.json"', '0.01', '1000', 'as many as the machine has'])
      expect(words).toContain(`default: ${value}`)
  })

  test('demo trains on its own data, replaces its own model, and leaves other models alone', async () => {
    for (let k = 0; k < 2; k++) {
      const outcome = await run('demo --out spiral.json --json')
      expectExit(outcome, 0)
      expect(json(outcome)).toMatchObject({ status: 'optimal', n: 60, d: 2, c: 3, rank: 2, beta: 0.1 })
    }
    const other = await run('demo --out y.json')
    expect(other.code).toBe(4)
    expect(other.stderr).toContain('y.json')
  })
})
