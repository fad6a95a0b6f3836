import type { Command, Option } from 'commander'
import { z } from 'zod'
import { isSwitch, namesFile, type Reader } from '../options.ts'

/** A way to write an option in a settings file. */
export interface Key {
  readonly spelling: string
  readonly option: Option
  /** `no-header: true` means `header: false`. */
  readonly inverted: boolean
  /** The spelling that is printed: camelCase, without `no`. */
  readonly preferred: boolean
}

/**
 * The keys of a command's settings file, from its options: their long names in camelCase or kebab-case. All options may be
 * set but the one that names the file.
 */
export function configKeys(command: Command): Key[] {
  const options = command.options.filter((option) => option.attributeName() !== 'config' && !option.hidden)
  return options.flatMap((option) => {
    const camel = option.attributeName()
    const kebab = option.name()
    const bare = option.negate ? kebab.replace(/^no-/, '') : kebab
    const key = (spelling: string, inverted: boolean): Key => {
      return { spelling, option, inverted, preferred: spelling === camel }
    }
    const plain = [...new Set([camel, bare])].map((spelling) => key(spelling, false))
    return option.negate ? [...plain, ...[...new Set([kebab, camelCase(kebab)])].map((name) => key(name, true))] : plain
  })
}

/** Validates a settings file of this command. Null leaves a key at its default. */
export function configSchema(command: Command): z.ZodType<Record<string, unknown>> {
  const shape = Object.fromEntries(
    configKeys(command).map(({ spelling, option, inverted }) => {
      const about = option.negate ? `${inverted}: ${option.description}` : option.description
      return [spelling, valueSchema(option).nullable().describe(about).optional()]
    }),
  )
  return z.strictObject(shape).describe(`settings of relucent ${command.name()}`)
}

function valueSchema(option: Option): z.ZodType {
  if (isSwitch(option)) return z.boolean()
  if (option.argChoices) {
    const choice = z.enum(option.argChoices)
    return option.variadic ? z.array(choice) : choice
  }
  if (option.variadic) return z.array(z.union([z.string(), z.number()]))
  if (namesColumns(option)) return z.union([column, z.array(column).min(1)])
  return readerOf(option)?.schema ?? (option.parseArg ? z.union([z.string(), z.number()]) : z.string())
}

const column = z.union([z.string(), z.int().min(1)])

/** Columns may be given as a list, each by name or number. */
export function namesColumns(option: Option): boolean {
  return option.flags.endsWith('<columns>')
}

/** What a value must be, in words. */
export function expectedValue(option: Option): string {
  if (isSwitch(option)) return 'true or false'
  if (option.argChoices) return option.argChoices.join(', ').replace(/, (?=[^,]*$)/, ' or ')
  if (option.variadic) return 'a list'
  if (namesColumns(option)) return 'the name of a column, its number from 1, or a list of these'
  if (namesFile(option)) return 'the name of a file'
  return readerOf(option)?.expected ?? (option.parseArg ? 'text or a number' : 'text')
}

/** What a parser of ours says about itself; another's says nothing. */
function readerOf({ parseArg }: Option): Pick<Reader<unknown>, 'expected' | 'schema'> | undefined {
  return parseArg as Pick<Reader<unknown>, 'expected' | 'schema'> | undefined
}

function camelCase(kebab: string): string {
  return kebab.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
