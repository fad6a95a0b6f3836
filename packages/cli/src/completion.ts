import type { Argument, Command, Option } from 'commander'
import { namesFile, placeholder } from './options.ts'

/** What may follow on a command line, as shells are told: read off commander's own tree, so nothing can be forgotten. */
export interface Grammar {
  readonly program: string
  readonly options: readonly Flag[]
  readonly commands: readonly CommandGrammar[]
}

export interface CommandGrammar {
  readonly name: string
  readonly about: string
  readonly options: readonly Flag[]
  readonly arguments: readonly Operand[]
}

export interface Flag {
  readonly long: string
  readonly about: string
  /** Undefined for a flag that takes no value. */
  readonly value: Operand | undefined
}

export interface Operand {
  readonly name: string
  readonly kind: 'choice' | 'file' | 'free'
  readonly choices: readonly string[]
}

export function grammarOf(program: Command): Grammar {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    about: brief(command.description()),
    options: flagsOf(command),
    arguments: command.registeredArguments.map((argument) => argumentOperand(argument)),
  }))
  const names = commands.map(({ name }) => name)
  const help = {
    name: 'help',
    about: 'Prints the help of a command',
    options: [],
    arguments: [operand('command', names)],
  }
  return { program: program.name(), options: flagsOf(program), commands: [...commands, help] }
}

function flagsOf(command: Command): Flag[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) =>
      option.long ? [{ long: option.long, about: brief(option.description), value: valueOf(option) }] : [],
    )
}

function valueOf(option: Option): Operand | undefined {
  const name = placeholder(option)
  return name === undefined ? undefined : operand(name, option.argChoices, namesFile(option) ? 'file' : 'free')
}

/** Whatever is not a choice among words is a file: commands take nothing else. */
function argumentOperand(argument: Argument): Operand {
  return operand(argument.name(), argument.argChoices, 'file')
}

function operand(name: string, choices: readonly string[] = [], otherwise: 'file' | 'free' = 'free'): Operand {
  return { name, kind: choices.length > 0 ? 'choice' : otherwise, choices }
}

/** Menus of shells have one line: the first sentence, without what is in parentheses. */
function brief(text: string): string {
  const plain = text.replaceAll(/ \([^)]*\)/g, '').replaceAll(/\s+/g, ' ')
  return plain.split(/[.;] |\.$/)[0]
}
