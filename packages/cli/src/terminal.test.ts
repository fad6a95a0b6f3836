import { describe, expect, test, vi } from 'vitest'
import { createTerminal, gapBar, type Screen, wantsColor } from './terminal.ts'

function recorder(isTTY: boolean): Screen & { readonly text: () => string } {
  let text = ''
  return {
    isTTY,
    columns: 60,
    write: (piece) => {
      text += piece
    },
    text: () => text,
  }
}

const progress = {
  iteration: 3,
  objective: 16.5929841,
  lowerBound: 16.2,
  relativeGap: 0.0237,
  neurons: 12,
  elapsedSeconds: 0.5,
  phase: 'master',
}

describe('without a terminal', () => {
  test('plain lines come about every second, and a last one at the end', () => {
    vi.useFakeTimers()
    const screen = recorder(false)
    const terminal = createTerminal({ screen })
    terminal.start('looking for βmax')
    terminal.progress(progress)
    vi.advanceTimersByTime(2500)
    expect(screen.text().trimEnd().split('\n')).toHaveLength(2)
    terminal.stop()
    terminal.stop()
    vi.useRealTimers()
    const lines = screen.text().trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[2]).toMatch(/s {2}objective 16\.592984 {2}lower bound 16\.2 {2}neurons 12 {2}gap 2\.4e-2 {2}master$/)
    expect(screen.text()).not.toContain('\u001b')
  })
})

describe('on a terminal', () => {
  test('two lines are drawn over themselves, never wider than the screen, and vanish at the end', () => {
    vi.useFakeTimers()
    const screen = recorder(true)
    const terminal = createTerminal({ screen, tolerance: 1e-6 })
    terminal.start('looking for βmax')
    terminal.progress({ ...progress, phase: 'a phase with a name so long that it cannot possibly fit' })
    vi.advanceTimersByTime(600)
    terminal.stop()
    vi.useRealTimers()
    const text = screen.text()
    expect(text).toContain('█')
    expect(text.endsWith('\r\u001b[2A\u001b[J')).toBe(true)
    const lines = text.replaceAll('\r\u001b[2A\u001b[J', '').split('\n')
    for (const line of lines) expect(line.length).toBeLessThan(60)
  })

  test('a message while the display is up does not get mixed into it', () => {
    vi.useFakeTimers()
    const screen = recorder(true)
    const terminal = createTerminal({ screen })
    terminal.start('pricing')
    vi.advanceTimersByTime(250)
    terminal.note('hello')
    terminal.stop()
    vi.useRealTimers()
    expect(screen.text()).toContain('\r\u001b[2A\u001b[Jhello\n')
  })
})

test('--quiet says nothing, but warnings are still kept for --json', () => {
  vi.useFakeTimers()
  const screen = recorder(true)
  const terminal = createTerminal({ screen, quiet: true })
  terminal.start('pricing')
  terminal.progress(progress)
  terminal.warn('careful')
  vi.advanceTimersByTime(3000)
  terminal.stop()
  vi.useRealTimers()
  expect(screen.text()).toBe('')
  expect(terminal.warnings).toEqual(['careful'])
})

test('the bar is empty at a gap of 1, full at the tolerance, half full half way on a logarithmic scale', () => {
  const filled = (gap: number | null): number => gapBar(gap, 1e-6).replaceAll('░', '').length
  expect([filled(1), filled(null), filled(Number.NaN), filled(5)]).toEqual([0, 0, 0, 0])
  expect(filled(1e-3)).toBe(15)
  expect([filled(1e-6), filled(0)]).toEqual([30, 30])
})

test('colors need a terminal, and NO_COLOR and --no-color both turn them off', () => {
  const on = recorder(true)
  expect(wantsColor(on, true, {})).toBe(true)
  expect(wantsColor(on, false, {})).toBe(false)
  expect(wantsColor(on, true, { NO_COLOR: '1' })).toBe(false)
  expect(wantsColor(on, true, { NO_COLOR: '' })).toBe(true)
  expect(wantsColor(on, true, { TERM: 'dumb' })).toBe(false)
  expect(wantsColor(recorder(false), true, {})).toBe(false)
})
