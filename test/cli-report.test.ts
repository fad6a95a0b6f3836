import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseModel } from '@relucent/core'
import { writeCsv } from '@relucent/io'
import { beforeAll, describe, expect, test } from 'vitest'
import { cloudsCsv, expectExit, main, type Outcome, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string, stdin?: string) => relucent(line.split(' '), { cwd: scratch.path(), stdin })
const read = (name: string) => readFileSync(join(scratch.path(), name), 'utf8')

type Json = Record<string, unknown>

function json({ stdout }: Outcome): Json {
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  return JSON.parse(stdout) as Json
}

/** Column names that would break a page, a drawing, a shell and a table, were they pasted into them. */
const hostile = ['</svg><script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "it's, `$(id)` | a"]

beforeAll(async () => {
  scratch.write('train.csv', plantedCsv(1, { n: 40, d: 2 }))
  scratch.write('other.csv', plantedCsv(2, { n: 10, d: 2 }))
  scratch.write('clouds.csv', cloudsCsv(3))
  const rows = Array.from({ length: 20 }, (_, i) => [Math.cos(i), Math.sin(2 * i), Math.cos(i) + 0.1 * i])
  scratch.write('hostile.csv', writeCsv(hostile, rows))
  expectExit(await run('fit train.csv --target y --beta 0.5 --out y.json --report y.html'), 0)
  expectExit(await run('fit clouds.csv --target color --bias --beta 0.5 --out color.json'), 0)
  expectExit(
    await run('fit hostile.csv --target 3 --bias --beta 0.5 --threads 1 --out hostile.json --report hostile.html'),
    0,
  )
})

const figures = (page: string): number => page.split('<figure>').length - 1

describe('fit --report', () => {
  test('the page has verdict, what is not claimed, convergence, and the command that was typed', () => {
    const page = read('y.html')
    expect(page).toContain('Certified: a global optimum')
    expect(page).toContain('Not claimed: anything about test error')
    expect(page).toContain('relucent fit train.csv --target y --beta 0.5 --out y.json --report y.html')
    expect(page).toContain(parseModel(read('y.json')).certificate.problem.dataHash)
    expect(figures(page)).toBe(4)
  })

  test('an existing page is not overwritten without --force, and nothing is solved before that is known', async () => {
    const outcome = await run('fit train.csv --target y --beta 0.5 --out new.json --report y.html')
    expectExit(outcome, 4)
    expect(outcome.stderr).toContain('y.html: the file exists')
    expect(() => read('new.json')).toThrow('ENOENT')
  })

  test('--json names the page', async () => {
    const record = json(await run('fit train.csv --target y --beta 1 --out j.json --report j.html --json'))
    expect(record).toMatchObject({ model: 'j.json', report: 'j.html' })
    expect(json(await run('fit train.csv --target y --beta 1 --out k.json --json'))).toMatchObject({ report: null })
  })

  test('column names are text in the page, whatever is in them', () => {
    const page = read('hostile.html')
    expect(page).not.toMatch(/<script|<img/)
    expect(page).toContain('&lt;/svg&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
  })
})

describe('report', () => {
  test('on the rows trained on it draws what fit drew, but for the course of the fit', async () => {
    const record = json(await run('report y.json train.csv --out again.html --json'))
    expect(record).toMatchObject({ command: 'report', report: 'again.html', figures: 3, sameData: true, warnings: [] })
    const drawn = (page: string): string[] => [...page.matchAll(/<figure>.*?<\/figure>/gs)].map(([figure]) => figure)
    expect(drawn(read('again.html'))).toEqual(drawn(read('y.html')).slice(1))
    expect(read('again.html')).toContain('a model file keeps none')
  })

  test('on other rows it says that the certificate is not about them', async () => {
    const outcome = await run('report y.json other.csv --out other.html')
    expectExit(outcome, 0)
    expect(outcome.stderr).toContain('not the rows the model was trained on')
    expect(read('other.html')).toContain('These are not the rows the model was trained on')
  })

  test('--figures writes each figure as a file that stands alone, and none over an existing one', async () => {
    const record = json(await run('report y.json train.csv --out f.html --figures pictures --json'))
    const files = record.figureFiles as string[]
    const vectors = files.filter((name) => name.endsWith('.svg'))
    expect(vectors).toHaveLength(3)
    for (const name of vectors) {
      expect(read(name)).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/)
      expect(read(name)).not.toMatch(/var\(|color:currentColor/)
    }
    const outcome = await run('report y.json train.csv --out g.html --figures pictures')
    expectExit(outcome, 4)
    expect(() => read('g.html')).toThrow('ENOENT')
  })

  test('without data it draws what the model alone shows', async () => {
    const record = json(await run('report color.json --out alone.html --json'))
    expect(record).toMatchObject({ figures: 1, sameData: null })
  })

  test('a model file that states an objective its network does not have is called contradicted', async () => {
    const forged = JSON.parse(read('y.json')) as { certificate: { objective: number } }
    forged.certificate.objective *= 0.9
    writeFileSync(join(scratch.path(), 'forged.json'), JSON.stringify(forged))
    const outcome = await run('report forged.json train.csv --out forged.html')
    expectExit(outcome, 0)
    expect(outcome.stderr).toContain('another objective')
    expect(read('forged.html')).toContain('Contradicted')
  })

  test('the command it gives trains the same network, also where names are hard to quote', async ({ skip }) => {
    if (process.platform === 'win32') skip('the command is for a POSIX shell')
    const { reproduce } = json(await run('report hostile.json hostile.csv --out h.html --json'))
    const [program, ...args] = [
      `'${process.execPath}' '${main}'`,
      String(reproduce).replace(/^relucent /, ''),
      '--threads 1 --out again.json', // several threads may end a rounding apart
    ]
    const { status, stderr } = spawnSync('sh', ['-c', [program, ...args].join(' ')], {
      cwd: scratch.path(),
      encoding: 'utf8',
    })
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
    const [first, second] = ['hostile.json', 'again.json'].map((name) => parseModel(read(name)))
    expect(second.network).toEqual(first.network)
    expect(second.certificate).toEqual(first.certificate)
  })
})

describe('card', () => {
  test('has every section, and a score where there are rows', async () => {
    const { stdout, code } = await run('card color.json clouds.csv')
    expect(code).toBe(0)
    const sections = ['Model', 'Intended use', 'Training data', 'Metrics', 'Certificate', 'Not claimed', 'Reproduce']
    expect([...stdout.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(sections)
    expect(stdout).toContain('| accuracy | 1 | 30, the training rows |')
    expect(stdout).toContain('relucent verify color.json clouds.csv')
  })

  test('--out writes it, --json has it as text, and names cannot break out of it', async () => {
    expectExit(await run('card hostile.json --out card.md'), 0)
    expectExit(await run('card hostile.json --out card.md'), 4)
    const record = json(await run('card hostile.json --json'))
    expect(record).toMatchObject({ command: 'card', card: null, sameData: null, text: read('card.md') })
    const outside = read('card.md').replaceAll(/^```[\s\S]*?^```/gm, '')
    expect(outside).not.toMatch(/<script|<img/)
    for (const line of outside.split('\n').filter((text) => text.startsWith('| ') && text.includes('ReLU'))) {
      expect(line.match(/(?<!\\)\|/g)).toHaveLength(3)
    }
  })
})
