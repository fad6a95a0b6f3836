import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { cloudsCsv, expectExit, type Outcome, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string): Promise<Outcome> => relucent(line.split(' '), { cwd: scratch.path() })
const bytesOf = (name: string): Uint8Array => readFileSync(join(scratch.path(), name))

beforeAll(async () => {
  scratch.write('plane.csv', plantedCsv(1, { n: 40, d: 2 }))
  scratch.write('space.csv', plantedCsv(2, { n: 25, d: 3, c: 2 }))
  scratch.write('clouds.csv', cloudsCsv(3))
  const fits = [
    'fit plane.csv --target y --beta 0.5 --out plane.json --proof plane.bin',
    'fit space.csv --target y1,y2 --beta 1 --tolerance 1e-4 --out space.json --proof space.bin --certificate space-cert.json',
    'fit clouds.csv --target color --bias --beta 0.5 --tolerance 1e-4 --out color.json --proof color.bin',
  ]
  for (const line of fits) expectExit(await run(line), 0)
})

describe('fit --proof, then verify --proof', () => {
  test.each(['plane', 'space'])('%s: the lower bound of the model is confirmed, without any search', async (name) => {
    const outcome = await run(`verify ${name}.json ${name}.csv --proof ${name}.bin --json`)
    expectExit(outcome, 0)
    expect(JSON.parse(outcome.stdout)).toMatchObject({ status: 'confirmed', oracle: 'proof', sameOracleFamily: false })
  })

  test('classes and a bias column as well, and together with a certificate', async () => {
    const words = await run('verify color.json clouds.csv --proof color.bin')
    expectExit(words, 0)
    expect(words.stdout).toContain('Checked the proof file, without any search')
    expectExit(await run('verify space.json space.csv --certificate space-cert.json --proof space.bin'), 0)
  })

  test('a bound raised by hand is refuted, other data are noticed', async () => {
    const model = readFileSync(join(scratch.path(), 'plane.json'), 'utf8')
    scratch.write(
      'forged.json',
      model.replace(/"lowerBound": (\d\.\d*)/, (_, value: string) => `"lowerBound": ${1.01 * Number(value)}`),
    )
    expectExit(await run('verify forged.json plane.csv --proof plane.bin'), 6)
    const foreign = await run('verify plane.json plane.csv --proof space.bin')
    expectExit(foreign, 6)
    expect(foreign.stdout).toContain('Refuted')
  })

  test('a damaged or shortened file is bad input, and says where', async () => {
    const bytes = bytesOf('plane.bin').slice()
    bytes[200] ^= 4
    writeFileSync(join(scratch.path(), 'damaged.bin'), bytes)
    writeFileSync(join(scratch.path(), 'short.bin'), bytes.subarray(0, 300))
    for (const name of ['damaged.bin', 'short.bin', 'plane.csv']) {
      const outcome = await run(`verify plane.json plane.csv --proof ${name}`)
      expectExit(outcome, 4)
      expect(outcome.stderr).toMatch(new RegExp(`${name}.*byte \\d+: expected`))
    }
  })

  test('the file must not be another output, and is not overwritten', async () => {
    expectExit(await run('fit plane.csv --target y --beta 0.5 --out a.bin --proof a.bin'), 2)
    expectExit(await run('fit plane.csv --target y --beta 0.5 --out new.json --proof plane.bin'), 4)
  })

  test('without a lower bound there is nothing to prove, which is said', async () => {
    const outcome = await run(
      'fit space.csv --target y1,y2 --beta 0.01 --max-iterations 1 --out early.json --proof early.bin --json',
    )
    expectExit(outcome, 3)
    const { proof, lowerBound, warnings } = JSON.parse(outcome.stdout)
    if (lowerBound === 0)
      expect([proof, warnings.join()]).toEqual([null, expect.stringContaining('no proof is written')])
    else expect(proof).toBe('early.bin')
  })
})
