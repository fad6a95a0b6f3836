import { parseNumber } from '@relucent/io'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { defaultThreads } from './threads.ts'

/** Turns the text after an option into a value, or explains what would have been right. */
type Reader<T> = (text: string) => T

function numberWhere(accept: (value: number) => boolean, expected: string): Reader<number> {
  return (text) => {
    const parsed = parseNumber(text)
    if (parsed.kind === 'number' && accept(parsed.value)) return parsed.value
    throw new InvalidArgumentError(`Expected ${expected}.`)
  }
}

export const positive: Reader<number> = numberWhere((value) => value > 0, 'a positive number')
export const notNegative: Reader<number> = numberWhere((value) => value >= 0, 'a number that is not negative')
export const fraction: Reader<number> = numberWhere((value) => value > 0 && value < 1, 'a number between 0 and 1')
export const count: Reader<number> = numberWhere(
  (value) => Number.isSafeInteger(value) && value >= 1,
  'a whole number of at least 1',
)
export const seed: Reader<number> = numberWhere(
  (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32,
  'a whole number from 0 to 4294967295',
)

/** Seconds, or `none` for no limit. */
export const timeLimit: Reader<number> = (text) => {
  if (text === 'none') return Number.POSITIVE_INFINITY
  return numberWhere((value) => value > 0, 'a positive number of seconds, or none')(text)
}

/** One character, or the name of one that is hard to type. */
export const delimiter: Reader<string> = (text) => {
  const named = { '\\t': '\t', tab: '\t', space: ' ', comma: ',', semicolon: ';' }[text]
  const character = named ?? text
  if (character.length === 1 && !'"\r\n'.includes(character)) return character
  throw new InvalidArgumentError('Expected one character, or tab.')
}

/** The default printed as people write it. */
export function toleranceOption(description: string): Option {
  return new Option('--tolerance <e>', description).argParser(notNegative).default(1e-6, '1e-6')
}

export function threadsOption(description = 'threads to search on; 1 starts none'): Option {
  return new Option('--threads <t>', description)
    .argParser(count)
    .default(defaultThreads(), 'as many as the machine has, 8 at most')
}

/** Options every command has that reads a table. */
export function addTableOptions(command: Command): Command {
  return command
    .option('--no-header', 'the first row is data; the columns are called c1, c2, …')
    .option('--delimiter <c>', 'column separator (default: guessed among , ; tab |)', delimiter)
}

/** Options about what is said, and where. */
export function addOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON object on standard output (its schema: relucent schema)')
    .addOption(new Option('--quiet', 'no progress, notes or warnings').conflicts('verbose'))
    .option('--verbose', 'every step of the progress; where an internal error happened')
    .option('--no-color', 'no colors (as the environment variable NO_COLOR)')
}

export interface TableFlags {
  readonly header: boolean
  readonly delimiter?: string
}

export interface OutputFlags {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly color: boolean
}
