import { existsSync } from 'node:fs'
import { listed, nearest, quoted } from '@relucent/io'
import { type Argument, type Command, type CommanderError, InvalidArgumentError, type Option } from 'commander'
import { type CliError, usageError } from './errors.ts'

/** Has every value of every command refused in one form, with what was expected, what was found, and the nearest choice. */
export function explainValues(program: Command): void {
  program.showSuggestionAfterError(false) // `inOurWords` suggests, by the same measure as for columns and settings
  for (const command of program.commands) {
    for (const option of command.options) explained(option, option.long ?? option.flags)
    for (const argument of command.registeredArguments) explained(argument, `<${argument.name()}>`)
  }
}

function explained(subject: Option | Argument, name: string): void {
  const { parseArg: read, argChoices: choices = [] } = subject
  if (!read) return
  const explain = (text: string, previous: never): never => {
    try {
      return read(text, previous)
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error
      const expected = choices.length > 0 ? oneOf(choices) : withoutCapital(error.message)
      throw usageError(`${name}: expected ${expected}, found ${quoted(text)}`, valueHint(text, choices))
    }
  }
  subject.parseArg = Object.assign(explain, read) // with what a settings file knows about the value
}

function valueHint(text: string, choices: readonly string[]): string | undefined {
  const close = nearest(text, choices)
  if (close !== undefined) return `did you mean ${close}?`
  return text.startsWith('--') ? 'its value seems to be missing' : undefined
}

function oneOf(choices: readonly string[]): string {
  return choices.join(', ').replace(/, (?=[^,]*$)/, ' or ')
}

function withoutCapital(message: string): string {
  return message.replace(/^Expected /, '').replace(/\.$/, '')
}

/** What commander has to say about a command line, in the form of all other errors: what is wrong, and what to do. */
export function inOurWords(error: CommanderError, program: Command, args: readonly string[]): CliError {
  const command = program.commands.find((candidate) => candidate.name() === args.find((word) => !word.startsWith('-')))
  const seeHelp = `see relucent ${command ? `${command.name()} ` : ''}--help`
  const [first = '', second = ''] = [...error.message.matchAll(/'([^']*)'/g)].map(([, inside]) => inside)
  switch (error.code) {
    case 'commander.unknownOption':
      return usageError(`unknown option ${first}`, optionHint(first, program, command) ?? seeHelp)
    case 'commander.unknownCommand':
      return usageError(`there is no command ${quoted(first)}`, commandHint(first, program))
    case 'commander.missingArgument':
      return usageError(missingArgument(first, command), seeHelp)
    case 'commander.optionMissingArgument':
      return usageError(`${flagOf(first)} needs a value, as in ${first}`, seeHelp)
    case 'commander.missingMandatoryOptionValue':
      return usageError(`${flagOf(first)} is missing, expected ${first}`, seeHelp)
    case 'commander.conflictingOption':
      return usageError(`${flagOf(first)} cannot be used with ${flagOf(second)}`, 'leave one of them out')
    case 'commander.excessArguments':
      return usageError(excessArguments(error, command), `options begin with --; ${seeHelp}`)
    default:
      return usageError(error.message.replace(/^error: /, ''), seeHelp)
  }
}

function flagOf(flags: string): string {
  return flags.split(' ')[0]
}

function optionHint(flag: string, program: Command, command: Command | undefined): string | undefined {
  const long = flag.replace(/^-+/, '--')
  if (command?.options.some((option) => option.long === flag)) {
    return `options come after the command: relucent ${command.name()} … ${flag}`
  }
  const options = (command ?? program).options.filter(({ hidden }) => !hidden).flatMap((option) => option.long ?? [])
  if (/^-\w$/.test(flag)) {
    const begun = options.filter((option) => option.startsWith(`-${flag}`))
    return `options have long names${begun.length > 0 ? `: ${begun.join(', ')}` : ''}`
  }
  const close = nearest(long, [...options, '--help'])
  if (close !== undefined) return `did you mean ${close}?`
  const owners = program.commands.filter((other) => other.options.some((option) => option.long === long))
  if (owners.length === 0) return undefined
  return `${long} is an option of relucent ${owners.map((owner) => owner.name()).join(', ')}`
}

/** What other tools call these. */
const synonyms: Readonly<Record<string, string>> = {
  train: 'fit',
  optimize: 'fit',
  evaluate: 'score',
  test: 'score',
  infer: 'predict',
  apply: 'predict',
  check: 'verify',
  describe: 'info',
  show: 'info',
  onnx: 'export',
  save: 'export',
  version: '--version',
}

function commandHint(name: string, program: Command): string {
  const names = program.commands.map((command) => command.name())
  const meant = nearest(name, names) ?? synonyms[name.toLowerCase()]
  if (meant !== undefined) return `did you mean ${meant}?`
  if (existsSync(name)) return `to train on this file: relucent fit ${name} --target <columns>`
  return `the commands are ${names.join(', ')}`
}

function missingArgument(name: string, command: Command | undefined): string {
  const argument = command?.registeredArguments.find((candidate) => candidate.name() === name)
  const about = argument?.description ? `: ${argument.description}` : ''
  return `${command?.name() ?? 'the command'} needs <${name}>${about}`
}

function excessArguments(error: CommanderError, command: Command | undefined): string {
  if (!command) return error.message.replace(/^error: /, '')
  const expected = command.registeredArguments.length
  const surplus = command.args.slice(expected)
  return `${command.name()} takes ${expected === 1 ? '1 argument' : `${expected} arguments`}, found also ${listed(surplus)}`
}
