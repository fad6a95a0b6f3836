import { writeCsv } from '@relucent/io'
import type { Command, Option } from 'commander'
import { messageOf } from '../files.ts'
import { badConfig, type Config, type ConfigEntry, readConfig } from './read.ts'
import { namesColumns } from './schema.ts'

/**
 * Sets options of a command from the settings file its command line names, before that command line is parsed and has the
 * last word: a value given there replaces the file's, and silences what it conflicts with.
 *
 * @param words what follows the name of the command
 */
export async function applyConfig(command: Command, words: readonly string[]): Promise<void> {
  const given = optionsGiven(command, words)
  const path = given.find(({ option }) => option.attributeName() === 'config')?.value
  if (path === undefined) return
  const config = await readConfig(path, command)
  refuseConflicts(config)
  for (const entry of config.entries) {
    const { option } = entry.key
    if (given.some((other) => other.option.attributeName() === option.attributeName())) continue
    if (given.some((other) => conflict(other.option, option))) continue
    command.setOptionValueWithSource(option.attributeName(), accepted(entry, config.file), 'config')
  }
}

interface Given {
  readonly option: Option
  readonly value: string | undefined
}

/** The options on a command line, read as commander reads them: a required value is the next word, whatever it is. */
function optionsGiven(command: Command, words: readonly string[]): Given[] {
  const given: Given[] = []
  for (let k = 0; k < words.length && words[k] !== '--'; k++) {
    const [, flag, inline] = /^(--[^=]+)(?:=([\s\S]*))?$/.exec(words[k]) ?? []
    const option = command.options.find((candidate) => candidate.long === flag)
    if (flag === undefined || option === undefined) continue
    const separate = option.required && inline === undefined
    given.push({ option, value: separate ? words[k + 1] : inline })
    if (separate) k++
  }
  return given
}

function refuseConflicts({ file, entries }: Config): void {
  for (const { key } of entries) {
    const rival = entries.find((other) => conflict(key.option, other.key.option))
    if (rival) throw badConfig(`${key.spelling} cannot be used with ${rival.key.spelling}`, { file })
  }
}

function conflict(a: Option, b: Option): boolean {
  return conflictsOf(a).includes(b.attributeName()) || conflictsOf(b).includes(a.attributeName())
}

/** Commander keeps what `conflicts` was told in a field that its types leave out. */
function conflictsOf(option: Option): readonly unknown[] {
  const names: unknown = Reflect.get(option, 'conflictsWith')
  return Array.isArray(names) ? names : []
}

/** What passes the schema may still fail its parser, whose words are about the command line. */
function accepted(entry: ConfigEntry, file: string): unknown {
  try {
    return optionValue(entry)
  } catch (error) {
    const why = messageOf(error).replace(/^--[\w-]+: /, '')
    throw badConfig(`${entry.key.spelling}: ${why}`, { file })
  }
}

/** The value as the command line would have brought it: through the same parser. */
function optionValue({ key: { option, inverted }, value }: ConfigEntry): unknown {
  if (typeof value === 'boolean') return inverted ? !value : value
  if (Array.isArray(value)) {
    if (namesColumns(option)) return writeCsv(value.map(String), []).trimEnd()
    return value.reduce<unknown>((previous, item) => parsed(option, String(item), previous), undefined)
  }
  return parsed(option, String(value), undefined)
}

function parsed(option: Option, text: string, previous: unknown): unknown {
  if (option.parseArg) return option.parseArg(text, previous)
  if (!option.variadic) return text
  return [...(Array.isArray(previous) ? previous : []), text]
}
