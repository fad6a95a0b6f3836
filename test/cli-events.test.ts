import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { event } from '../packages/cli/src/events.ts'
import { expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string) => relucent(line.split(' '), { cwd: scratch.path() })

interface Line {
  readonly event: string
  readonly [key: string]: unknown
}

function eventsOf(name: string): Line[] {
  const text = readFileSync(join(scratch.path(), name), 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  const lines = text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  for (const line of lines) expect(event.parse(line)).toEqual(line)
  return lines
}

const kinds = (lines: readonly Line[]): string[] => lines.map((line) => line.event)

beforeAll(() => {
  scratch.write('data.csv', plantedCsv(1, { n: 30, d: 2 }))
  scratch.write('hard.csv', plantedCsv(4, { n: 200, d: 50 }))
})

describe('--events', () => {
  test('starts with the settings, has the progress, and ends with what --json prints; --quiet silences none of it', async () => {
    const outcome = await run('fit data.csv --target y --beta 0.5 --bias --events fit.ndjson --json --quiet')
    expectExit(outcome, 0)
    const lines = eventsOf('fit.ndjson')
    expect(lines[0]).toMatchObject({ event: 'start', command: 'fit', arguments: ['data.csv'] })
    expect(lines[0].settings).toMatchObject({ target: 'y', beta: 0.5, bias: true, tolerance: 1e-6, seed: 0 })
    expect(lines.at(-1)?.result).toEqual(JSON.parse(outcome.stdout))
    const bounds = lines.filter(({ event: kind }) => kind === 'progress').map((line) => line.lowerBound as number)
    expect(bounds.length).toBeGreaterThan(1)
    expect(bounds).toEqual(bounds.toSorted((a, b) => a - b))
  })

  test('works with every command that reads a model, and appends', async () => {
    for (const command of ['certify', 'verify', 'score', 'predict']) {
      expectExit(await run(`${command} model.json data.csv --events more.ndjson`), 0)
    }
    const lines = eventsOf('more.ndjson')
    const started = lines.filter(({ event: kind }) => kind === 'start').map((line) => line.command)
    expect(started).toEqual(['certify', 'verify', 'score', 'predict'])
    expect(kinds(lines).filter((kind) => kind === 'end')).toHaveLength(4)
  })

  test('ends with the error of a run that fails', async () => {
    const outcome = await run('fit data.csv --target z --out z.json --events failed.ndjson --json')
    expectExit(outcome, 4)
    const lines = eventsOf('failed.ndjson')
    expect(kinds(lines)).toEqual(['start', 'end'])
    expect(lines[1].result).toEqual(JSON.parse(outcome.stdout))
  })

  test('can be followed while the run goes on, and a killed run leaves whole lines and no end', async () => {
    let sent = false
    const outcome = await relucent('fit hard.csv --target y --out h.json --verbose --events killed.ndjson'.split(' '), {
      cwd: scratch.path(),
      onStderr(text, kill) {
        if (sent || !text.includes('objective')) return
        sent = true
        expect(kinds(eventsOf('killed.ndjson'))).toContain('progress')
        kill('SIGKILL')
      },
    })
    expect(outcome.code).toBeNull()
    expect(sent).toBe(true)
    const left = kinds(eventsOf('killed.ndjson'))
    expect(left[0]).toBe('start')
    expect(left).not.toContain('end')
  })

  test('does not write where something else is, or goes', async () => {
    for (const [line, words] of [
      ['fit data.csv --target y --events data.csv --force', 'holds something else than events'],
      ['fit data.csv --target y --events same --out same', '--events and --out name the same file'],
      ['fit data.csv --target y --force --events -', 'standard output is for the result'],
    ]) {
      const { code, stderr } = await run(line)
      expect(code).not.toBe(0)
      expect(stderr).toContain(words)
    }
    expect(readFileSync(join(scratch.path(), 'data.csv'), 'utf8')).toBe(plantedCsv(1, { n: 30, d: 2 }))
  })
})
