import { expect, test } from 'vitest'
import { createMeter } from './meter.ts'

/** A meter whose clock and screen are in the test's hands. */
function metered(isTTY: boolean, quiet = false) {
  const written: string[] = []
  let seconds = 0
  const screen = { isTTY, columns: 60, write: (text: string) => written.push(text) }
  const meter = createMeter('reading d.csv', { screen, quiet, now: () => 1000 * seconds })
  const at = (time: number, done: number, total?: number): void => {
    seconds = time
    meter.update(done, total)
  }
  return { written, meter, at }
}

test('nothing is said about the first second, then less and less often', () => {
  const { written, at } = metered(false)
  for (let k = 0; k <= 100; k++) at(k / 10, k * 1e6, 1e8)
  expect(written[0]).toBe('reading d.csv: 10.0 MB of 100.0 MB (10 %), 1.00 s\n')
  expect(written).toHaveLength(5)
})

test('a terminal shows one line, which is removed at the end', () => {
  const { written, meter, at } = metered(true)
  at(1.5, 5e6)
  meter.stop()
  meter.stop()
  expect(written).toEqual(['\r\u001b[Kreading d.csv: 5.0 MB, 1.50 s', '\r\u001b[K'])
})

test('--quiet says nothing', () => {
  const { written, meter, at } = metered(true, true)
  at(9, 1)
  meter.stop()
  expect(written).toEqual([])
})
