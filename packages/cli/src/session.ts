import { readFileSync } from 'node:fs'
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
  const { json = false, quiet, verbose, color } = flags
  const screen = process.stderr
  return {
    terminal: createTerminal({ screen, quiet, verbose, color: wantsColor(screen, color, process.env), tolerance }),
    json,
    result: (record, words) => void process.stdout.write(json ? outputText(record) : `${words}\n`),
  }
}

/** The version of this package, from the package.json that is published with it. */
export const version: string = readVersion()

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return isManifest ? String(manifest.version) : 'unknown'
}
