import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openOutput } from '../files.ts'
import { InterruptedError, type Settings } from './experiment.ts'

const format = 'relucent-reproduction-part'

/** Raised when the way a part is computed changes: older answers are not used then. */
const formatVersion = 1

export interface Parts {
  readonly computed: number
  readonly reused: number
  get<T>(name: string, settings: Settings, work: () => Promise<T>): Promise<T>
}

/**
 * Answers kept as JSON files, one a part, each with a hash of the settings it was computed with: a run that was interrupted
 * goes on where it stopped, and other settings never meet old numbers. A file that cannot be read counts as absent.
 */
export function openParts(folder: string, version: string, signal: AbortSignal): Parts {
  let [computed, reused] = [0, 0]
  const refuse = (): void => {
    if (signal.aborted) throw new InterruptedError('interrupted')
  }
  return {
    get computed() {
      return computed
    },
    get reused() {
      return reused
    },
    async get<T>(name: string, settings: Settings, work: () => Promise<T>): Promise<T> {
      const path = join(folder, `${name}.json`)
      const hash = hashOf({ format, formatVersion, version, name, settings })
      const kept = await readPart<T>(path, hash)
      if (kept !== undefined) {
        reused++
        return kept.value
      }
      refuse()
      const value = await work()
      refuse()
      const text = JSON.stringify({ format, formatVersion, version, name, hash, settings, value })
      await (await openOutput(path, { force: true })).write(`${text}\n`)
      computed++
      // As the next run will read it: numbers that JSON does not have are null from the start.
      return (JSON.parse(text) as { readonly value: T }).value
    },
  }
}

async function readPart<T>(path: string, hash: string): Promise<{ readonly value: T } | undefined> {
  try {
    const stored = JSON.parse(await readFile(path, 'utf8')) as { readonly hash?: unknown; readonly value: T }
    return stored.hash === hash ? stored : undefined
  } catch {
    return undefined
  }
}

function hashOf(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
