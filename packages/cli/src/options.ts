import { type FormatName, formats, parseNumber } from '@relucent/io'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import type { EventLog } from './events.ts'
import { defaultThreads } from './threads.ts'

/** Turns the text after an option into a value, or explains what would have been right. */
export interface Reader<T> {
  (text: string): T
  /** What would be right, in words. */
  readonly expected?: string
  /** The same value in a settings file. */
  readonly schema?: z.ZodType
}

interface DescribedReader<T> extends Reader<T> {
  readonly expected: string
  readonly schema: z.ZodType
}

function reader<T>(read: (text: string) => T, expected: string, schema: z.ZodType): DescribedReader<T> {
  return Object.assign((text: string) => read(text), { expected, schema })
}

function numberWhere(
  accept: (value: number) => boolean,
  expected: string,
  schema: z.ZodNumber = z.number(),
): DescribedReader<number> {
  const read = (text: string): number => {
    const parsed = parseNumber(text)
    if (parsed.kind === 'number' && accept(parsed.value)) return parsed.value
    throw new InvalidArgumentError(`Expected ${expected}.`)
  }
  return reader(read, expected, schema.refine(accept).describe(expected))
}

export const positive: Reader<number> = numberWhere((value) => value > 0, 'a positive number', z.number().positive())
export const notNegative: Reader<number> = numberWhere(
  (value) => value >= 0,
  'a number that is not negative',
  z.number().nonnegative(),
)
export const fraction: Reader<number> = numberWhere(
  (value) => value > 0 && value < 1,
  'a number between 0 and 1',
  z.number().gt(0).lt(1),
)
export const count: Reader<number> = numberWhere(
  (value) => Number.isSafeInteger(value) && value >= 1,
  'a whole number of at least 1',
  z.int().min(1),
)
export const seed: Reader<number> = numberWhere(
  (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32,
  'a whole number from 0 to 4294967295',
  z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
)

const seconds = numberWhere((value) => value > 0, 'a positive number of seconds, or none', z.number().positive())

/** Seconds, or `none` for no limit. */
export const timeLimit: Reader<number> = reader(
  (text) => (text === 'none' ? Number.POSITIVE_INFINITY : seconds(text)),
  seconds.expected,
  z.union([seconds.schema, z.literal('none')]),
)

const namedDelimiters: Readonly<Record<string, string>> = {
  '\\t': '\t',
  tab: '\t',
  space: ' ',
  comma: ',',
  semicolon: ';',
}

/** One character, or the name of one that is hard to type. */
export const delimiter: Reader<string> = reader(
  (text) => {
    const character = namedDelimiters[text] ?? text
    if (character.length === 1 && !'"\r\n'.includes(character)) return character
    throw new InvalidArgumentError('Expected one character, or tab.')
  },
  'one character, or tab',
  z.string(),
)

/** The default printed as people write it. */
export function toleranceOption(description: string): Option {
  return new Option('--tolerance <e>', description).argParser(notNegative).default(1e-6, '1e-6')
}

export function threadsOption(description = 'threads to search on; 1 starts none'): Option {
  return new Option('--threads <t>', description)
    .argParser(count)
    .default(defaultThreads(), 'as many as the machine has, 8 at most')
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
}

/** Bytes as a number: `800MB`, `2 GB`, `1.5GiB`, `1e9`. */
export const memorySize: Reader<number> = reader(
  (text) => bytesIn(text),
  'a size such as 800MB or 2GB',
  z.union([z.string(), z.number().positive()]).describe('a size such as 800MB or 2GB'),
)

function bytesIn(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+(?:e\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? []
  const parsed = parseNumber(number)
  const factor = units[unit.toLowerCase()]
  if (parsed.kind === 'number' && parsed.value > 0 && factor !== undefined) return Math.floor(parsed.value * factor)
  throw new InvalidArgumentError('Expected a size such as 800MB or 2GB.')
}

/** Names of formats, for an option. */
export function formatOption(flags: string, description: string, names: readonly string[]): Option {
  return new Option(flags, description).choices(names)
}

/** Headings of `--help`. */
export const groups = {
  data: 'Data:',
  problem: 'Problem:',
  search: 'Search:',
  files: 'Files:',
  general: 'General:',
} as const

/** Options every command has that reads a table. */
export function addTableOptions(command: Command): Command {
  const names = formats.map(({ name }) => name)
  return addReadOptions(command).addOption(
    formatOption(
      '--data-format <format>',
      'of the data (default: told from the name and the first bytes)',
      names,
    ).helpGroup(groups.data),
  )
}

/** How a table is read, whatever its format is. */
export function addReadOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--no-header', 'the first row is data; the columns are called c1, c2, …').helpGroup(groups.data),
    )
    .addOption(
      new Option('--delimiter <c>', 'column separator (default: guessed among , ; tab |)')
        .argParser(delimiter)
        .helpGroup(groups.data),
    )
    .addOption(
      new Option('--labels <file>', 'labels of IDX images (default: the file beside them, by its name)').helpGroup(
        groups.data,
      ),
    )
    .addOption(
      new Option('--memory-limit <size>', 'most that the data may take, as 800MB or 2GB (default: half of the memory)')
        .argParser(memorySize)
        .helpGroup(groups.data),
    )
}

/** Options about what is said, and where; every command has them. None of them changes what is computed. */
export function addOutputOptions(command: Command): Command {
  for (const option of outputOptions()) command.addOption(option.helpGroup(groups.general))
  return command
}

function outputOptions(): Option[] {
  return [
    new Option('--config <file>', 'settings from a YAML or JSON file; the command line wins (start: relucent config)'),
    new Option('--json', 'print one JSON object on standard output (its schema: relucent schema)'),
    new Option('--events <file>', 'append what happens, as it happens, one JSON object a line'),
    new Option('--quiet', 'no progress, notes or warnings').conflicts('verbose'),
    new Option('--verbose', 'every step of the progress; where an internal error happened'),
    new Option('--no-color', 'no colors (as the environment variable NO_COLOR)'),
  ]
}

/** Whether an option says how to report, and not what to do. */
export function isOutputOption(option: Option): boolean {
  return outputNames.has(option.attributeName())
}

const outputNames: ReadonlySet<string> = new Set(outputOptions().map((option) => option.attributeName()))

/** `--x` and `--no-x`, which take no value. */
export function isSwitch(option: Option): boolean {
  return option.isBoolean() || option.negate
}

/** What stands for a file in options and arguments: shells complete these by file names. */
const filePlaceholders: ReadonlySet<string> = new Set(['file', 'model', 'data', 'folder'])

/** `file` of `--out <file>`; undefined for a switch. */
export function placeholder(option: Option): string | undefined {
  return /[<[]([^>\].]+)/.exec(option.flags)?.[1]
}

export function namesFile(option: Option): boolean {
  return filePlaceholders.has(placeholder(option) ?? '')
}

export interface TableFlags {
  readonly header: boolean
  readonly delimiter?: string
  readonly dataFormat?: FormatName
  readonly labels?: string
  readonly memoryLimit?: number
}

export interface OutputFlags {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly color: boolean
  /** Opened from the path on the command line before the command starts. */
  readonly events?: EventLog
}
