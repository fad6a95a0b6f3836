import type { Command, Option } from 'commander'
import type { Setting } from './setting.ts'
import { isSwitch } from '../options.ts'
import { expectedValue } from './schema.ts'
import { settingOptions } from './settings.ts'

/** What a command's settings are when nothing is said about them. Null: not set. */
export function defaultSettings(command: Command): Record<string, Setting> {
  return Object.fromEntries(settingOptions(command).map((option) => [option.attributeName(), defaultOf(option)]))
}

/** A settings file to start from: every setting with what it means, those without a default commented out. */
export async function templateText(command: Command): Promise<string> {
  const { stringify } = await import('yaml')
  const entries = settingOptions(command).map((option) => {
    const name = option.attributeName()
    const value = defaultOf(option)
    if (value === null) return `# ${name}:`
    // a number as the help prints it: 1e-6, not 0.000001
    return `${name}: ${option.defaultValueDescription ?? stringify(value).trimEnd()}`
  })
  const lines = settingOptions(command).map((option, k) => `# ${explanation(option)}\n${entries[k]}\n`)
  const head = `# Settings of relucent ${command.name()}, to be used with --config. The command line wins over this file.\n`
  return [head, ...lines].join('\n')
}

/** The number of threads is this machine's, and no default to write down. */
function defaultOf(option: Option): Setting {
  if (isSwitch(option)) return option.negate
  if (option.defaultValueDescription !== undefined && !isNumeral(option.defaultValueDescription)) return null
  const value: unknown = option.defaultValue
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

function isNumeral(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}

function explanation(option: Option): string {
  const about = option.negate ? `false: ${option.description}` : option.description
  const kind = isSwitch(option) ? '' : expectedValue(option)
  const otherwise = option.defaultValueDescription
  const given = otherwise === undefined || isNumeral(otherwise) ? '' : `; default: ${otherwise}`
  return [about, kind].filter((part) => part !== '').join(' — ') + given
}
