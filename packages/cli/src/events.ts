import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import type { Progress } from '@relucent/core'
import { z } from 'zod'
import { setting, type Setting } from './config/setting.ts'
import { inputError, usageError } from './errors.ts'
import { messageOf, writeError } from './files.ts'
import { figure, finiteOrNull, output, schemaVersion } from './output.ts'
import type { OutputRecord } from './records.ts'

// Validators of what --events writes; their JSON schema is shipped.

const moment = { time: z.iso.datetime().describe('when it happened, UTC') }

const started = z.object({
  event: z.literal('start'),
  ...moment,
  schemaVersion: z.literal(schemaVersion),
  version: z.string(),
  command: z.string(),
  arguments: z.array(z.string()).readonly().describe('files and other words after the command'),
  settings: z.record(z.string(), setting).describe('every setting as resolved; null: not set'),
})

const phase = z.object({ event: z.literal('phase'), ...moment, phase: z.string().describe('what is being done') })

const progress = z.object({
  event: z.literal('progress'),
  ...moment,
  elapsedSeconds: z.number(),
  iteration: z.int(),
  phase: z.string(),
  objective: figure,
  lowerBound: figure,
  relativeGap: figure,
  neurons: z.int(),
})

const message = z.object({ event: z.enum(['note', 'warning']), ...moment, text: z.string() })

const ended = z.object({ event: z.literal('end'), ...moment, result: output.describe('what --json prints') })

/** One line of an event file. */
export const event: z.ZodType<{ readonly event: string; readonly time: string }> = z.union([
  started,
  phase,
  progress,
  message,
  ended,
])

/** What begins a run. */
export interface RunStart {
  readonly version: string
  readonly command: string
  readonly arguments: readonly string[]
  readonly settings: Readonly<Record<string, Setting>>
}

/** A file that follows a run, one JSON object a line. */
export interface EventLog {
  readonly path: string
  start(run: RunStart): void
  phase(name: string): void
  progress(progress: Progress): void
  note(text: string): void
  warning(text: string): void
  end(result: OutputRecord): void
  /** Who is to hear when the file cannot be written any more, as on a full disk. The run itself goes on. */
  onLost(listener: (why: string) => void): void
  close(): void
}

/**
 * Opens a file for appending: earlier runs in it are kept.
 *
 * Each event is one write of one line, made before the program goes on: `tail -f` sees it at once, and a killed run leaves
 * whole lines.
 */
export function openEventLog(path: string, now: () => Date = () => new Date()): EventLog {
  const file = openForAppending(path)
  let lost: string | undefined
  let tell: (why: string) => void = () => {}
  const write = (kind: string, fields: object): void => {
    const line = `${JSON.stringify(event.parse({ event: kind, time: now().toISOString(), ...fields }))}\n`
    if (lost !== undefined) return
    try {
      writeSync(file, line)
    } catch (error) {
      lost = messageOf(error)
      tell(lost)
    }
  }
  return {
    path,
    start: (run) => write('start', { schemaVersion, ...run }),
    phase: (name) => write('phase', { phase: name }),
    progress: ({ objective, lowerBound, relativeGap, ...rest }) =>
      write('progress', {
        ...rest,
        objective: finiteOrNull(objective),
        lowerBound: finiteOrNull(lowerBound),
        relativeGap: finiteOrNull(relativeGap),
      }),
    note: (text) => write('note', { text }),
    warning: (text) => write('warning', { text }),
    end: (result) => write('end', { result }),
    onLost(listener) {
      tell = listener
      if (lost !== undefined) tell(lost)
    },
    close: () => closeSync(file),
  }
}

function openForAppending(path: string): number {
  if (path === '-') {
    throw usageError(
      '--events: expected a file, found -',
      'standard output is for the result; /dev/stderr is a file too',
    )
  }
  try {
    const file = openSync(path, 'a')
    if (isForeign(path)) {
      closeSync(file)
      const hint = 'choose another name: events are only appended to events'
      throw inputError('file-exists', 'the file exists, and holds something else than events', { file: path, hint })
    }
    return file
  } catch (error) {
    throw error instanceof Error && 'code' in error && 'syscall' in error ? writeError(path, error) : error
  }
}

const firstBytes = '{"event":'

/** A mistyped name must not append to someone's data. Pipes and devices hold nothing. */
function isForeign(path: string): boolean {
  const { size } = statSync(path)
  if (!statSync(path).isFile() || size === 0) return false
  const file = openSync(path, 'r')
  try {
    const head = new Uint8Array(firstBytes.length)
    readSync(file, head, 0, head.length, 0)
    return new TextDecoder().decode(head) !== firstBytes
  } finally {
    closeSync(file)
  }
}
