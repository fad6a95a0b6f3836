import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from '../program.ts'
import { configurable } from '../schemas.ts'
import { configKeys } from './schema.ts'
import { resolvedSettings, type ResolvedSetting, settingsRecord } from './settings.ts'
import { defaultSettings, templateText } from './template.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relucent-config-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function fileWith(text: string, name = 'settings.yaml'): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Parses without running anything. */
async function parsed(args: readonly string[], prepare?: (fit: Command) => void): Promise<Command> {
  const program = createProgram(async () => {})
  const command = program.commands.find((candidate) => candidate.name() === args[0])
  if (!command) throw new Error(`there is no command ${args[0]}`)
  prepare?.(command)
  await program.parseAsync(args, { from: 'user' })
  return command
}

const fit = (text: string, ...more: readonly string[]): Promise<Command> =>
  parsed(['fit', 'data.csv', '--config', fileWith(text), ...more])

/** What the words of the message are, without the folder of this test. */
async function refusal(text: string, ...more: readonly string[]): Promise<string> {
  try {
    await fit(text, ...more)
  } catch (error) {
    if (error instanceof Error) return error.message.replaceAll(join(folder, '/'), '')
  }
  return 'it was accepted'
}

const value = (command: Command, name: string): unknown => command.getOptionValue(name)

describe('a settings file', () => {
  test('sets options by their long names, in camelCase and kebab-case, in YAML and JSON', async () => {
    for (const text of [
      'beta-ratio: 0.1\nbias: true',
      'betaRatio: 0.1\nbias: true',
      '{"betaRatio": 0.1,\n\t"bias": true}',
    ]) {
      const command = await fit(text)
      expect(value(command, 'betaRatio')).toBe(0.1)
      expect(value(command, 'bias')).toBe(true)
      expect(command.getOptionValueSource('bias')).toBe('config')
    }
  })

  test('yields to the command line, and leaves the other defaults alone', async () => {
    const command = await fit('seed: 5\ntolerance: 1e-3', '--seed', '7')
    expect([value(command, 'seed'), value(command, 'tolerance'), value(command, 'timeLimit')]).toEqual([7, 1e-3, 300])
  })

  test('yields to what the command line says in conflict with it', async () => {
    const command = await fit('betaRatio: 0.1', '--beta', '2')
    expect([value(command, 'beta'), value(command, 'betaRatio')]).toEqual([2, undefined])
    const other = await fit('test: t.csv', '--test-fraction=0.5')
    expect([value(other, 'test'), value(other, 'testFraction')]).toEqual([undefined, 0.5])
  })

  test('is not looked for in the value of another option, nor after --', async () => {
    const missing = join(folder, 'missing.yaml')
    const command = await parsed(['fit', '--target', '--config', '--features', 'a', '--', 'data.csv'])
    expect(value(command, 'target')).toBe('--config')
    await expect(parsed(['fit', 'data.csv', '--target', 'y', '--', '--config', missing])).rejects.toThrow(
      'too many arguments',
    )
  })

  test('may turn off what is on, by either name', async () => {
    for (const text of ['header: false', 'no-header: true', 'noHeader: true']) {
      expect(value(await fit(text), 'header')).toBe(false)
    }
    expect(value(await fit('no-header: false'), 'header')).toBe(true)
  })

  test('names columns in a list as well, numbers and odd names among them', async () => {
    const command = await fit('features: [a, 2, "b, c", "q\\"q"]\ntarget: 3')
    expect(value(command, 'features')).toBe('a,2,"b, c","q""q"')
    expect(value(command, 'target')).toBe('3')
  })

  test('knows none for a time limit, and nothing for a setting that is left empty', async () => {
    const command = await fit('timeLimit: none\nseed:\n')
    expect(value(command, 'timeLimit')).toBe(Number.POSITIVE_INFINITY)
    expect(value(command, 'seed')).toBe(0)
    expect(value(await fit('# nothing\n'), 'seed')).toBe(0)
  })

  test('sets options whose parser is unknown to it, as another command may bring them', async () => {
    const path = fileWith('level: 3\nname: [x, y]')
    const command = await parsed(['score', 'm.json', 'd.csv', '--config', path], (score) => {
      score.addOption(new Option('--level <n>').argParser((text: string) => `parsed ${text}`))
      score.option('--name <names...>', 'several')
    })
    expect([value(command, 'level'), value(command, 'name')]).toEqual(['parsed 3', ['x', 'y']])
  })
})

describe('a settings file is refused with the file, the row, the key, what was expected and found', () => {
  test.each([
    ['seed: 1\n\nbetta: 1', 'settings.yaml, row 3: betta: there is no such setting'],
    ['beta: -1', 'settings.yaml, row 1: beta: expected a positive number, found -1'],
    ['beta: "1"', 'beta: expected a positive number, found "1"'],
    ['beta: .inf', 'beta: expected a positive number, found Infinity'],
    ['beta: .nan', 'beta: expected a positive number, found NaN'],
    ['seed: 1.5', 'seed: expected a whole number from 0 to 4294967295, found 1.5'],
    ['timeLimit: never', 'timeLimit: expected a positive number of seconds, or none, found "never"'],
    ['bias: 1', 'bias: expected true or false, found 1'],
    ['bias: yes', 'bias: expected true or false, found "yes"'],
    ['oracle: planr', 'oracle: expected auto, planar, branch-and-bound or enumeration, found "planr"'],
    ['out: [a, b]', 'out: expected the name of a file, found the list "a", "b"'],
    ['out: {a: 1}', 'out: expected the name of a file, found a group of settings'],
    [
      'features: []',
      'features: expected the name of a column, its number from 1, or a list of these, found an empty list',
    ],
    ['delimiter: ab', 'settings.yaml: delimiter: expected one character, or tab, found "ab"'],
    ['beta: 1\nbetaRatio: 1', 'beta cannot be used with betaRatio'],
    ['time-limit: 1\ntimeLimit: 2', 'row 2: time-limit and timeLimit are the same setting, expected only one of them'],
    ['seed: 1\nseed: 2', 'settings.yaml, row 2: Map keys must be unique'],
    ['seed: : 1', 'settings.yaml, row 1: '],
    ['- 1', 'expected settings such as "seed: 1", found the list "1"'],
    ['text', 'expected settings such as "seed: 1", found "text"'],
    ['config: other.yaml', 'config: there is no such setting'],
    ['a: &a [1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]', 'settings.yaml'],
  ])('%j', async (text, words) => {
    expect(await refusal(text)).toContain(words)
  })

  test('the hint has the nearest key or value', async () => {
    await expect(fit('betta: 1')).rejects.toMatchObject({ place: { hint: 'did you mean beta?' }, exitCode: 4 })
    await expect(fit('oracle: planr')).rejects.toMatchObject({ place: { hint: 'did you mean planar?' } })
    await expect(fit('colour: 1')).rejects.toMatchObject({ place: { hint: 'did you mean color?' } })
  })

  test('no text whatever does anything but set options or be refused', async () => {
    const pieces = fc.constantFrom(
      'beta',
      'seed',
      ':',
      ' ',
      '\n',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      '1',
      'true',
      '&a',
      '*a',
      '#',
      '? ',
      '|',
      '\t',
    )
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    )
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const outcome = await fit(text).catch((error: unknown) => error)
        const isRefusal = outcome instanceof Error && ['CliError', 'DataError'].includes(outcome.name)
        expect(outcome !== undefined && (!(outcome instanceof Error) || isRefusal)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe('settings as resolved', () => {
  const line = [
    'fit',
    'data.csv',
    '--target',
    'y,"a, b"',
    '--bias',
    '--beta-ratio',
    '0.25',
    '--time-limit',
    'none',
    '--no-header',
  ]
  const values = (settings: readonly ResolvedSetting[]) => settingsRecord(settings)

  test('written as a settings file, they resolve to themselves', async () => {
    const original = values(resolvedSettings(await parsed(line)))
    for (const text of [JSON.stringify(original), stringify(original)]) {
      expect(values(resolvedSettings(await fit(text)))).toEqual(original)
    }
  })

  test('say where each value comes from', async () => {
    const settings = resolvedSettings(await fit('bias: true', '--seed', '3'))
    const from = (name: string) => settings.find((setting) => setting.name === name)?.from
    expect([from('seed'), from('bias'), from('tolerance')]).toEqual(['command line', 'settings file', 'default'])
  })
})

describe.each(configurable(createProgram(async () => {})).map((command) => [command.name(), command] as const))(
  'the settings file to start from: %s',
  (name, command) => {
    const rest = command.registeredArguments.map((argument) => argument.argChoices?.[0] ?? `${argument.name()}.csv`)

    test('has every setting, and changes none', async () => {
      const plain = settingsRecord(resolvedSettings(await parsed([name, ...rest])))
      for (const text of [await templateText(command), JSON.stringify(defaultSettings(command))]) {
        const filled = resolvedSettings(await parsed([name, ...rest, '--config', fileWith(text)]))
        expect(settingsRecord(filled)).toEqual(plain)
        for (const setting of Object.keys(plain)) expect(text).toContain(setting)
      }
    })

    test('each of its keys has one preferred spelling', () => {
      const keys = configKeys(command)
      const preferred = keys.filter((key) => key.preferred).map((key) => key.option.attributeName())
      expect(new Set(preferred).size).toBe(preferred.length)
      expect(new Set(keys.map((key) => key.option.attributeName()))).toEqual(new Set(preferred))
    })
  },
)
