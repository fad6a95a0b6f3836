import type { Progress } from '@relucent/core'
import { formatGap, formatSeconds, formatValue } from './format.ts'

/** Where messages go. The part of a writable stream that is needed, so that tests can pass a recorder. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface TerminalOptions {
  readonly screen: Screen
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly color?: boolean
  /** Where the log-gap bar is full. */
  readonly tolerance?: number
}

/** Everything a command says besides its result: on standard error, and not at all with --quiet. */
export interface Terminal {
  readonly verbose: boolean
  readonly warnings: readonly string[]
  note(text: string): void
  warn(text: string): void
  /** Starts the clock and the display. */
  start(phase: string): void
  progress(progress: Progress): void
  /** Removes the display; without a terminal, prints the last line. */
  stop(): void
}

const redrawMilliseconds = 200

export function createTerminal(options: TerminalOptions): Terminal {
  const { screen, quiet = false, verbose = false, color = false } = options
  const warnings: string[] = []
  const display = quiet ? undefined : createDisplay(options)
  const say = (text: string): void => {
    if (quiet) return
    display?.clear()
    screen.write(`${text}\n`)
  }
  return {
    verbose,
    warnings,
    note: say,
    warn(text) {
      warnings.push(text)
      say(`${paint('warning:', 'yellow', color)} ${text}`)
    },
    start: (phase) => display?.start(phase),
    progress: (progress) => display?.update(progress),
    stop: () => display?.stop(),
  }
}

interface Display {
  start(phase: string): void
  update(progress: Progress): void
  clear(): void
  stop(): void
}

interface State {
  readonly phase: string
  readonly progress: Progress | undefined
}

function createDisplay(options: TerminalOptions): Display {
  const draws = options.screen.isTTY === true && process.env.TERM !== 'dumb'
  const painter = draws ? redrawn(options) : lineByLine(options)
  let state: State = { phase: '', progress: undefined }
  let started = 0
  let timer: NodeJS.Timeout | undefined
  const tick = (): void => painter.draw(state, (performance.now() - started) / 1000)
  return {
    start(phase) {
      state = { phase, progress: undefined }
      started = performance.now()
      timer ??= setInterval(tick, redrawMilliseconds).unref() // one long pricing call reports nothing: time still passes
    },
    update(progress) {
      state = { phase: progress.phase, progress }
      if (options.verbose && !draws) painter.finish(state, progress.elapsedSeconds)
    },
    clear: () => painter.clear(),
    stop() {
      if (timer === undefined) return
      clearInterval(timer)
      timer = undefined
      painter.finish(state, (performance.now() - started) / 1000)
    },
  }
}

interface Painter {
  draw(state: State, seconds: number): void
  clear(): void
  finish(state: State, seconds: number): void
}

const displayLines = 2

/** Two lines that are drawn over themselves. */
function redrawn({ screen, tolerance = 1e-6, color = false }: TerminalOptions): Painter {
  const erase = `\r\u001b[${displayLines}A\u001b[J` // the terminal echoes ^C, so the cursor need not be at the left
  let shown = false
  return {
    clear() {
      if (shown) screen.write(erase)
      shown = false
    },
    draw({ phase, progress }, seconds) {
      const width = Math.max(barCells, (screen.columns ?? 80) - 1)
      const gap = progress?.relativeGap ?? null
      const bar = paint(gapBar(gap, tolerance), 'cyan', color)
      const head = ` gap ${formatGap(gap)}   ${formatSeconds(seconds)}   ${phase}`.slice(0, width - barCells)
      const figures = progress ? `objective ${figureText(progress)}` : 'no figures yet'
      screen.write(`${shown ? erase : ''}${bar}${head}\n${figures.slice(0, width)}\n`) // in one piece: no flicker
      shown = true
    },
    finish() {
      this.clear()
    },
  }
}

/** One line about every second, less often as a run grows long. */
function lineByLine({ screen }: TerminalOptions): Painter {
  let last = 0
  const line = ({ phase, progress }: State, seconds: number): void => {
    last = seconds
    const figures = progress ? `  objective ${figureText(progress)}  gap ${formatGap(progress.relativeGap)}` : ''
    screen.write(`${formatSeconds(seconds)}${figures}  ${phase}\n`)
  }
  return {
    clear() {},
    draw(state, seconds) {
      if (seconds < last) last = 0 // a new phase with a new clock
      if (seconds - last >= Math.max(1, seconds / 60)) line(state, seconds)
    },
    finish: line,
  }
}

function figureText({ objective, lowerBound, neurons }: Progress): string {
  return `${formatValue(objective)}  lower bound ${formatValue(lowerBound)}  neurons ${neurons}`
}

const barCells = 30

/** How far the relative gap has come from 1 to the tolerance, on a logarithmic scale. */
export function gapBar(gap: number | null, tolerance: number): string {
  const share = gap === null || !(gap < 1) ? 0 : gap <= tolerance ? 1 : Math.log(gap) / Math.log(tolerance)
  const filled = Math.floor(share * barCells)
  return '█'.repeat(filled) + '░'.repeat(barCells - filled)
}

const codes = { red: 31, yellow: 33, cyan: 36, green: 32 }

export function paint(text: string, color: keyof typeof codes, on: boolean): string {
  return on ? `\u001b[${codes[color]}m${text}\u001b[39m` : text
}

/** NO_COLOR (no-color.org) and --no-color both mean no color; so does output that is not a terminal. */
export function wantsColor(screen: Screen, flag: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return flag && screen.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
}
