import { spawnSync } from 'node:child_process'
import { fromRows } from '@relucent/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { modelCard } from './card.ts'
import { shellText } from './command-line.ts'
import { reportPage } from './document.ts'
import { fenced, plain, table } from './markdown.ts'
import { subjectOf } from './report.fixtures.ts'
import type { Subject } from './subject.ts'

const special = fc.string({
  unit: fc.constantFrom('a', ' ', "'", '"', '\\', '$', '`', '*', '\n', '~', '!', '|', '<', '汉'),
})

test('a POSIX shell reads the arguments back', ({ skip }) => {
  if (process.platform === 'win32') skip('no POSIX shell')
  fc.assert(
    fc.property(fc.array(special, { minLength: 1, maxLength: 4 }), (args) => {
      const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${shellText(args)}`], { encoding: 'utf8' })
      expect(stdout.split('\0').slice(0, -1)).toEqual(args)
    }),
    { numRuns: 20 },
  )
})

describe('Markdown', () => {
  test('nothing in a text starts a tag, a cell, a heading or a list', () => {
    fc.assert(
      fc.property(special, (text) => {
        const written = plain(text)
        expect(written).not.toMatch(/[\n<>]|(?<!\\)(?:\\\\)*[|`*[\]]/)
        expect(written).not.toMatch(/^(?:[-+=#]|\d+[.)])/)
      }),
    )
    expect(plain('# a')).toBe('\\# a')
    expect(plain('1. a')).toBe('1\\. a')
    expect(plain('-0.5')).toBe('\\-0.5')
    expect(plain('plain text (with 3.5 − 2)')).toBe('plain text (with 3.5 − 2)')
  })

  test('a table has as many cells in every row as in its head', () => {
    const rows = table(
      ['a', 'b|c'],
      [
        ['|', '\\|'],
        ['\n', 'x'],
      ],
    ).split('\n')
    for (const row of rows) expect(row.match(/(?<!\\)(?:\\\\)*\|/g)).toHaveLength(3)
  })

  test('a fence is longer than what it holds', () => {
    expect(fenced('a ```` b', 'sh')).toBe('`````sh\na ```` b\n`````')
  })
})

async function small(): Promise<Subject> {
  const X = fromRows([[0], [1], [2], [3]])
  return subjectOf({ X, y: [0, 1, 0, 1], bias: true })
}

describe('a model whose file states another objective than its network has', () => {
  test('is called contradicted by page and card, and nothing is called certified', async () => {
    const subject = await small()
    const certificate = { ...subject.model.certificate, objective: subject.model.certificate.objective / 2 }
    const forged = { ...subject, model: { ...subject.model, certificate } }
    expect(reportPage(subject)).toContain('class="verdict good"')
    for (const text of [reportPage(forged), modelCard(forged, { model: 'm.json' })]) {
      expect(text).toContain('Contradicted')
      expect(text).not.toContain('Certified')
    }
    expect(reportPage(forged)).toContain('class="verdict bad"')
  })
})

test('a fit that stopped early is not shown as one that was certified', async () => {
  const X = fromRows([[0.3], [1], [2], [3.1]])
  const subject = await subjectOf({ X, y: [0, 1, 0, 1], bias: true, maxIterations: 1 })
  expect(subject.model.status).toBe('iteration-limit')
  expect(reportPage(subject)).toContain('class="verdict open"')
})

test('without rows the page says what is missing, and a card without a score says how to get one', async () => {
  const subject = { ...(await small()), rows: undefined, history: [] }
  const page = reportPage(subject)
  expect(page.match(/Not drawn: no data were given/g)).toHaveLength(2)
  expect(page).toContain('a model file keeps none')
  expect(modelCard(subject, { model: 'm.json' })).toContain('None: a model file stores no scores')
})

test('of more outputs, classes, neurons or rows than can be drawn, the page says how many it leaves out', async () => {
  const rows = Array.from({ length: 2500 }, (_, i) => [Math.cos(i), Math.sin(i)])
  const subject = await subjectOf({
    X: fromRows(rows),
    y: fromRows(rows.map(([a, b]) => [a, b, a, b, a])),
    maxIterations: 1,
  })
  const page = reportPage(subject)
  expect(page).toContain('2000 of the 2500 rows are drawn')
  expect(page).toContain('The first 4 of 5')
})
