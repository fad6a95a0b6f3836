import { decodeText, listed, nearest, quoted } from '@relucent/io'
import type { Command } from 'commander'
import { type CliError, inputError } from '../errors.ts'
import { displayName, readInput } from '../files.ts'
import { configKeys, configSchema, expectedValue, type Key } from './schema.ts'

/** A settings file that was found to be right: each option at most once. */
export interface Config {
  readonly file: string
  readonly entries: readonly ConfigEntry[]
}

export interface ConfigEntry {
  readonly key: Key
  readonly value: unknown
}

/** Where a key stands, for messages. */
type RowOf = (key: string) => number | undefined

interface Parsed {
  readonly value: unknown
  readonly rowOf: RowOf
}

/** Reads and validates the settings file of a command; errors name the file, the row and the key. */
export async function readConfig(path: string, command: Command): Promise<Config> {
  const file = displayName(path)
  const { value, rowOf } = await parse(decodeText(await readInput(path), { file }), file)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const hint = `start from what relucent config ${command.name()} prints`
    throw badConfig(`expected settings such as "seed: 1", found ${shown(value)}`, { file, hint })
  }
  const checked = configSchema(command).safeParse(value)
  if (!checked.success) throw refusal(checked.error.issues[0], value, command, { file, rowOf })
  const keys = new Map(configKeys(command).map((key) => [key.spelling, key]))
  // in the order of the file, which zod does not keep
  const entries = Object.keys(value).flatMap((spelling) => {
    const key = keys.get(spelling)
    const given = checked.data[spelling]
    return key === undefined || given === null || given === undefined ? [] : [{ key, value: given }]
  })
  refuseTwins(entries, { file, rowOf })
  return { file, entries }
}

/** YAML 1.2, of which JSON is a part. Loaded only when a settings file is. */
async function parse(text: string, file: string): Promise<Parsed> {
  const { LineCounter, parseDocument } = await import('yaml')
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true, logLevel: 'error' })
  const [problem] = document.errors
  if (problem) {
    const hint = 'the file must be YAML or JSON'
    throw badConfig(problem.message, { file, row: lineCounter.linePos(problem.pos[0]).line, hint })
  }
  const rowOf: RowOf = (key) => {
    const node = document.get(key, true)
    const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
    return Array.isArray(range) ? lineCounter.linePos(Number(range[0])).line : undefined
  }
  try {
    return { value: document.toJS() ?? {}, rowOf } // all commented out: no settings
  } catch (error) {
    throw badConfig(error instanceof Error ? error.message : String(error), { file })
  }
}

interface Place {
  readonly file: string
  readonly rowOf: RowOf
}

interface Issue {
  readonly code?: string
  readonly path: readonly PropertyKey[]
  readonly keys?: readonly string[]
}

function refusal(issue: Issue, value: object, command: Command, { file, rowOf }: Place): CliError {
  const keys = configKeys(command)
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys?.[0] : undefined
  if (unknown !== undefined) {
    const names = keys.filter(({ preferred }) => preferred).map(({ spelling }) => spelling)
    const close = nearest(unknown, names)
    const hint = close ? `did you mean ${close}?` : `the settings of ${command.name()} are ${names.join(', ')}`
    return badConfig(`${unknown}: there is no such setting`, { file, row: rowOf(unknown), hint })
  }
  const spelling = String(issue.path[0])
  const key = keys.find((candidate) => candidate.spelling === spelling)
  const found: unknown = Reflect.get(value, spelling)
  const expected = key === undefined ? 'another value' : expectedValue(key.option)
  const close = typeof found === 'string' ? nearest(found, key?.option.argChoices ?? []) : undefined
  const hint = close === undefined ? undefined : `did you mean ${close}?`
  return badConfig(`${spelling}: expected ${expected}, found ${shown(found)}`, { file, row: rowOf(spelling), hint })
}

/** `betaRatio` and `beta-ratio` are one setting: two values for it are a mistake. */
function refuseTwins(entries: readonly ConfigEntry[], { file, rowOf }: Place): void {
  for (const [k, { key }] of entries.entries()) {
    const twin = entries.slice(0, k).find((other) => other.key.option === key.option)
    if (!twin) continue
    const what = `${twin.key.spelling} and ${key.spelling} are the same setting, expected only one of them`
    throw badConfig(what, { file, row: rowOf(key.spelling) })
  }
}

export function badConfig(what: string, place: { file: string; row?: number; hint?: string }): CliError {
  return inputError('bad-config', what, place)
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `the list ${listed(value.map(String))}`
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return 'a group of settings'
}
