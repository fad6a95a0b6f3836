import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from '../packages/cli/src/program.ts'
import { expectExit, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const program = createProgram(async () => {})

const isInstalled = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0

beforeAll(async () => {
  scratch.write('data.csv', 'a,b\n1,2\n')
  scratch.write('more data.csv', 'a,b\n1,2\n')
  for (const shell of ['bash', 'zsh', 'fish']) {
    const printed = await relucent(['completion', shell], { cwd: scratch.path() })
    expectExit(printed, 0)
    scratch.write(`relucent.${shell}`, printed.stdout)
  }
})

/** What a shell offers for the last of these words. */
type Offer = (...words: readonly string[]) => string[]

function lines(command: string, args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: scratch.path(), encoding: 'utf8' })
  expect(status === 0 ? stderr : { status, stderr }).toBe('')
  return stdout.split('\n').filter((line) => line !== '')
}

const bash: Offer = (...words) => {
  const script =
    'source relucent.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _relucent; printf "%s\\n" "${COMPREPLY[@]}"'
  return lines('bash', ['--norc', '-c', script, 'bash', 'relucent', ...words])
}

const fish: Offer = (...words) =>
  lines('fish', ['--no-config', '-c', 'source relucent.fish; complete -C $argv[1]', `relucent ${words.join(' ')}`]).map(
    (line) => line.split('\t')[0],
  )

const commands = [...program.commands.map((command) => command.name()), 'help']
const optionsOf = (name: string): string[] =>
  program.commands.find((command) => command.name() === name)?.options.flatMap(({ long }) => long ?? []) ?? []

/** The script is generated in any case, but only the shell itself can say what it makes of it. */
function titled(shell: string): string {
  return isInstalled(shell) ? shell : `${shell} (skipped: it is not installed)`
}

describe.each([
  [titled('bash'), 'bash', bash],
  [titled('fish'), 'fish', fish],
] as const)('%s', (_, shell, offer) => {
  const skipped = !isInstalled(shell)

  test.skipIf(skipped)('offers every command, and every option of every command', () => {
    expect(offer('').toSorted()).toEqual(commands.toSorted())
    for (const name of ['fit', 'certify', 'info']) {
      expect(offer(name, '--').toSorted()).toEqual([...optionsOf(name), '--help'].toSorted())
    }
  })

  test.skipIf(skipped)('completes what was begun', () => {
    expect(offer('cert')).toEqual(['certify'])
    expect(offer('fit', '--or')).toEqual(['--oracle'])
    expect(offer('fit', 'dat')).toEqual(['data.csv'])
    expect(offer('help', 'sco')).toEqual(['score'])
  })

  test.skipIf(skipped)('completes choices of options and arguments', () => {
    expect(offer('fit', '--preprocess', '').toSorted()).toEqual([
      'minmax',
      'none',
      'standardize',
      'whiten',
      'whiten-columns',
      'whiten-rows',
    ])
    expect(offer('completion', '').toSorted()).toEqual(['bash', 'fish', 'zsh'])
  })

  test.skipIf(skipped)('completes files where an option takes one, and nothing where it takes a number', () => {
    expect(offer('fit', 'data.csv', '--test', 'dat')).toEqual(['data.csv'])
    expect(offer('fit', '--beta', 'dat')).toEqual([])
  })
})

test.skipIf(!isInstalled('bash'))(
  `${titled('bash')}: the three words it makes of --option=value, and names with spaces`,
  () => {
    expect(bash('fit', '--oracle', '=', 'pl')).toEqual(['planar'])
    expect(bash('fit', '--oracle', '=')).toContain('enumeration')
    expect(bash('info', 'more')).toEqual(['more data.csv'])
    expect(lines('bash', ['--norc', '-c', 'source relucent.bash; complete -p relucent'])).toEqual([
      'complete -F _relucent relucent',
    ])
  },
)

test.skipIf(!isInstalled('zsh'))(
  `${titled('zsh')}: the script loads, and has the same options, choices and files`,
  () => {
    // zsh completes inside its line editor only; there `_arguments` is replaced by what it is called with.
    const script = `
    compdef() { print -r -- "compdef $*" }
    source ./relucent.zsh
    _arguments() { if [[ $1 == -C ]]; then state=argument; else print -rl -- "$@"; fi }
    words=(fit)
    _relucent`
    const printed = lines('zsh', ['-f', '-c', script])
    expect(printed[0]).toBe('compdef _relucent relucent')
    const offered = printed.flatMap((line) => /^(--[\w-]+)/.exec(line)?.[1] ?? [])
    expect(offered.toSorted()).toEqual([...optionsOf('fit'), '--help'].toSorted())
    expect(printed).toContain('1:data:_files')
    expect(printed.find((line) => line.startsWith('--preprocess'))).toContain(
      '(none standardize minmax whiten whiten-rows whiten-columns)',
    )
    expect(printed.find((line) => line.startsWith('--out'))).toMatch(/:file:_files$/)
  },
)
