import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { event, openEventLog } from './events.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relucent-events-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const start = { version: '1.2.3', command: 'fit', arguments: ['data.csv'], settings: { seed: 1, out: null } }
const progress = {
  iteration: 1,
  objective: 2,
  lowerBound: Number.NEGATIVE_INFINITY,
  relativeGap: null,
  neurons: 0,
  elapsedSeconds: 0.5,
  phase: 'start',
}
const failure = { code: 'x', message: 'm', file: null, row: null, byte: null, column: null, hint: null }

function linesOf(path: string): { event: string }[] {
  const text = readFileSync(path, 'utf8')
  expect(text === '' || text.endsWith('\n')).toBe(true)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { event: string })
}

describe('an event file', () => {
  test('has each event as one whole line before the call returns', () => {
    const path = join(folder, 'run.ndjson')
    const log = openEventLog(path, () => new Date(0))
    const steps: [() => void, string][] = [
      [() => log.start(start), 'start'],
      [() => log.phase('pricing'), 'phase'],
      [() => log.progress(progress), 'progress'],
      [() => log.note('a note\nof two lines'), 'note'],
      [() => log.warning('a warning'), 'warning'],
      [() => log.end({ status: 'error', exitCode: 1, error: failure }), 'end'],
    ]
    steps.forEach(([write, kind], k) => {
      write()
      const lines = linesOf(path)
      expect(lines).toHaveLength(k + 1)
      expect(lines[k].event).toBe(kind)
    })
    log.close()
    for (const line of linesOf(path)) expect(event.parse(line)).toEqual(line)
    expect(linesOf(path)[2]).toMatchObject({ lowerBound: null, relativeGap: null, time: '1970-01-01T00:00:00.000Z' })
  })

  test('is appended to, and never to anything but events', () => {
    const path = join(folder, 'again.ndjson')
    for (let k = 0; k < 2; k++) {
      const log = openEventLog(path)
      log.start(start)
      log.close()
    }
    expect(linesOf(path)).toHaveLength(2)
    const data = join(folder, 'data.csv')
    for (const text of ['a,b\n1,2\n', '{', '{"event', '{\n  "format": "relucent-model"}']) {
      writeFileSync(data, text)
      expect(() => openEventLog(data)).toThrow('something else than events')
      expect(readFileSync(data, 'utf8')).toBe(text)
    }
  })

  test('is refused with a reason where it cannot be written', () => {
    expect(() => openEventLog(join(folder, 'none', 'x.ndjson'))).toThrow('there is no folder')
    expect(() => openEventLog(folder)).toThrow('found a folder')
    expect(() => openEventLog('-')).toThrow('expected a file, found -')
  })

  test.skipIf(process.platform !== 'linux')('that cannot be written any more is said once, and ends nothing', () => {
    const log = openEventLog('/dev/full')
    const said: string[] = []
    log.start(start)
    log.onLost((why) => said.push(why))
    log.note('lost')
    expect(said).toHaveLength(1)
    log.close()
  })
})
