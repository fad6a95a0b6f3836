import { beforeAll, describe, expect, test } from 'vitest'
import { cloudsCsv, expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string) => relucent(line.split(' '), { cwd: scratch.path() })

async function json(line: string): Promise<Record<string, unknown>> {
  const outcome = await run(`${line} --json`)
  expectExit(outcome, 0)
  return JSON.parse(outcome.stdout) as Record<string, unknown>
}

beforeAll(() => {
  scratch.write('clouds.csv', cloudsCsv(3))
  const lines = plantedCsv(1, { n: 30, d: 2 }).trim().split('\n')
  scratch.write('planted.csv', `${lines.join('\n')}\n`)
  const weighted = lines.map((line, k) => `${line.trim()},${k === 0 ? 'w' : k === 5 ? 2 : 1}`)
  scratch.write('weighted.csv', `${weighted.join('\n')}\n`)
  scratch.write('twice.csv', `${[...lines, lines[5]].join('\n')}\n`)
  scratch.write('zero.csv', 'x,y,w\n1,1,1\n2,3,0\n')
  scratch.write(
    'counts.csv',
    `x,z,y\n${Array.from({ length: 20 }, (_, i) => `${i % 5},${i % 3},${(i % 5) * (i % 3)}`).join('\n')}\n`,
  )
  scratch.write('dependent.csv', 'a,b,y\n1,2,1\n2,4,0\n3,6,5\n')
})

describe('fit with a loss', () => {
  test.each(['softmax', 'logistic', 'hinge', 'squared-hinge'])(
    '%s: certified, verified with other code, predicts classes',
    async (loss) => {
      const about = `--loss ${loss} --output-bias --class-weight balanced --beta-ratio 0.1`
      const record = await json(`fit clouds.csv --target color ${about} --out ${loss}.json --certificate ${loss}.cert`)
      expect(record).toMatchObject({ status: 'optimal', loss, outputBias: true, skip: false, weighted: true })
      const verified = await json(`verify ${loss}.json clouds.csv --certificate ${loss}.cert`)
      expect(verified).toMatchObject({ status: 'confirmed' })
      const { predictions } = (await json(`predict ${loss}.json clouds.csv`)) as { predictions: string[][] }
      expect(
        predictions.filter(([label], i) => label === ['lime', 'red', 'teal'][Math.floor(i / 10)]).length,
      ).toBeGreaterThan(24)
      expect((await json(`score ${loss}.json clouds.csv`)).value).toBeGreaterThan(0.8)
    },
  )

  test('a parameter is part of the loss that is stored, and info shows it', async () => {
    const line = 'fit planted.csv --target y --loss pinball --quantile 0.9 --bias --skip --beta-ratio 0.2 --out q.json'
    expect(await json(`${line} --proof q.proof`)).toMatchObject({ status: 'optimal', loss: 'pinball:0.9', skip: true })
    expect(await json('verify q.json planted.csv --proof q.proof')).toMatchObject({ status: 'confirmed' })
    const { stdout } = await run('info q.json')
    expect(stdout).toContain('pinball:0.9; unpenalised: skip connection')
  })

  test('a row of weight 2 is that row twice', async () => {
    const fit = '--target y --loss huber --delta 0.5 --beta 0.3 --tolerance 1e-8'
    const weighted = await json(`fit weighted.csv ${fit} --weight-column w --out w.json --certificate w.cert`)
    const twice = await json(`fit twice.csv ${fit} --out t.json`)
    expect(weighted.features).toEqual(['x1', 'x2'])
    expect(Math.abs((weighted.objective as number) / (twice.objective as number) - 1)).toBeLessThan(1e-7)
    expect(await json('verify w.json weighted.csv --certificate w.cert')).toMatchObject({ status: 'confirmed' })
  })

  test('Poisson: predictions are means', async () => {
    await json('fit counts.csv --target y --loss poisson --output-bias --beta 0.1 --out p.json')
    const { predictions } = (await json('predict p.json counts.csv')) as { predictions: number[][] }
    expect(predictions.every(([mean]) => mean > 0)).toBe(true)
  })

  test('export writes an output bias, and refuses a skip connection', async () => {
    await json('fit clouds.csv --target color --loss softmax --output-bias --beta-ratio 0.3 --out b.json')
    expectExit(await run('export b.json b.onnx'), 0)
    await json('fit clouds.csv --target color --loss softmax --skip --beta 0.5 --absolute-tolerance 1e-6 --out s.json')
    const refused = await run('export s.json s.onnx')
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain('skip connection cannot be written as ONNX')
  })
})

describe('mistakes', () => {
  test.each([
    ['planted.csv --target y --quantile 0.9', 2, '--quantile belongs to --loss pinball'],
    ['planted.csv --target y --loss hinge --task regression', 2, '--loss hinge is for classes'],
    ['clouds.csv --target color --loss huber --task classification', 2, '--loss huber:1 is for numbers'],
    ['clouds.csv --target color --class-weight mauve=2', 2, 'names the class mauve, which no row has'],
    ['planted.csv --target y --class-weight balanced', 2, '--class-weight is for classes'],
    ['clouds.csv --target color --class-weight heavy', 2, 'balanced, or a positive weight per class'],
    ['zero.csv --target y --weight-column w', 4, 'expected a positive weight, found 0'],
    ['weighted.csv --target y --weight-column y', 4, 'also named as --weight-column'],
    ['planted.csv --target y --loss poisson', 4, 'targets must be at least 0'],
    ['dependent.csv --target y --skip', 4, 'linearly independent'],
    ['planted.csv --target y --loss mse', 2, 'expected squared'],
  ])('fit %s: exit code %d, with words on what to do', async (line, code, words) => {
    const outcome = await run(`fit ${line} --beta 1 --out none.json`)
    expectExit(outcome, code)
    expect(outcome.stderr).toContain(words)
  })

  test('verify without the weight column says which one is missing', async () => {
    await json('fit weighted.csv --target y --beta 1 --weight-column w --out m.json')
    const outcome = await run('verify m.json planted.csv')
    expectExit(outcome, 4)
    expect(outcome.stderr).toContain('trained with --weight-column w')
  })
})
