import type { Command, Option } from 'commander'
import { isOutputOption, isSwitch } from '../options.ts'
import { type Setting, setting } from './setting.ts'

export type SettingSource = 'command line' | 'settings file' | 'default'

export interface ResolvedSetting {
  readonly name: string
  readonly value: Setting
  readonly from: SettingSource
}

/**
 * The options of a command that change what it does, in the order of its help.
 *
 * A dry run is none: its settings are those of the real run.
 */
export function settingOptions(command: Command): Option[] {
  const settings = command.options.filter((option) => !isOutputOption(option) && !option.hidden)
  return settings.filter((option) => option.attributeName() !== 'dryRun')
}

/** Every setting of a command that has been parsed, and where its value comes from. Null: not set. */
export function resolvedSettings(command: Command): ResolvedSetting[] {
  return settingOptions(command).map((option) => {
    const name = option.attributeName()
    return { name, value: asSetting(command.getOptionValue(name), option), from: sourceOf(command, name) }
  })
}

export function settingsRecord(settings: readonly ResolvedSetting[]): Record<string, Setting> {
  return Object.fromEntries(settings.map(({ name, value }) => [name, value]))
}

function sourceOf(command: Command, name: string): SettingSource {
  const source = command.getOptionValueSource(name)
  if (source === 'cli') return 'command line'
  return source === 'config' ? 'settings file' : 'default'
}

/** Infinity stands for `none`, which has no number in JSON; a flag that is not given is off. */
function asSetting(value: unknown, option: Option): Setting {
  if (value === undefined) return isSwitch(option) ? false : null
  if (value === Number.POSITIVE_INFINITY) return 'none'
  return setting.parse(value)
}
