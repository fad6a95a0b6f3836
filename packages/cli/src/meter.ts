import { formatBytes, formatSeconds } from './format.ts'
import type { Screen } from './terminal.ts'

/** Says how far reading or writing has come. */
export interface Meter {
  readonly update: (done: number, total?: number) => void
  /** Removes what is shown. */
  readonly stop: () => void
}

/** What takes less is not worth a word. */
const silentSeconds = 1

/**
 * A line about bytes, redrawn on a terminal, repeated elsewhere at growing intervals.
 *
 * @param what for example `reading data.csv`
 */
export function createMeter(
  what: string,
  { screen, quiet = false, now = () => performance.now() }: { screen: Screen; quiet?: boolean; now?: () => number },
): Meter {
  const start = now()
  const draws = screen.isTTY === true && process.env.TERM !== 'dumb'
  let next = silentSeconds
  let shown = false
  return {
    update(done, total) {
      const seconds = (now() - start) / 1000
      if (quiet || seconds < next) return
      next = draws ? seconds + 0.2 : Math.max(seconds + 1, 1.5 * seconds)
      const share = total ? ` of ${formatBytes(total)} (${Math.floor((100 * done) / total)} %)` : ''
      const line = `${what}: ${formatBytes(done)}${share}, ${formatSeconds(seconds)}`
      screen.write(draws ? `\r\u001b[K${line.slice(0, (screen.columns ?? 80) - 1)}` : `${line}\n`)
      shown = draws
    },
    stop() {
      if (shown) screen.write('\r\u001b[K')
      shown = false
    },
  }
}
