import { readFileSync } from 'node:fs'
import type { EventLog } from './events.ts'
import type { OutputFlags } from './options.ts'
import { outputText } from './output.ts'
import type { OutputRecord } from './records.ts'
import { createTerminal, type Terminal, wantsColor } from './terminal.ts'

/** What a command needs of the world around it. */
export interface Session {
  readonly terminal: Terminal
  readonly json: boolean
  /** The result, on standard output: one JSON object, or words. */
  result(record: OutputRecord, words: string): void
}

export function openSession(flags: OutputFlags, tolerance?: number): Session {
  const { json = false, quiet, verbose, color, events } = flags
  const screen = process.stderr
  const terminal = createTerminal({
    screen,
    quiet,
    verbose,
    color: wantsColor(screen, color, process.env),
    tolerance,
  })
  return {
    terminal: events ? recorded(terminal, events) : terminal,
    json,
    result(record, words) {
      events?.end(record)
      process.stdout.write(json ? outputText(record) : `${words}\n`)
    },
  }
}

/** A terminal whose messages go into an event file as well; with --quiet, only there. */
function recorded(terminal: Terminal, events: EventLog): Terminal {
  events.onLost((why) => terminal.warn(`no more events are written: ${why}`))
  return {
    ...terminal,
    note(text) {
      events.note(text)
      terminal.note(text)
    },
    warn(text) {
      events.warning(text)
      terminal.warn(text)
    },
    start(phase) {
      events.phase(phase)
      terminal.start(phase)
    },
    progress(progress) {
      events.progress(progress)
      terminal.progress(progress)
    },
  }
}

/** The version of this package, from the package.json that is published with it. */
export const version: string = readVersion()

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return isManifest ? String(manifest.version) : 'unknown'
}
