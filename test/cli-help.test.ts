import { cpSync, existsSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from '../packages/cli/src/program.ts'
import { cloudsCsv, expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const program = createProgram(async () => {})

const inputs = ['data.csv', 'test.csv', 'new.csv', 'iris.csv', 'fit.yaml', 'model.json', 'cert.json', 'proof.bin']

/** What the examples are about. A command whose example takes another file is only parsed until that file is made here. */
async function makeInputs(): Promise<void> {
  const flowers = cloudsCsv(7, 8).replace('east,north,color', 'length,width,species')
  for (const name of ['data.csv', 'test.csv', 'new.csv']) scratch.write(name, plantedCsv(7, { n: 30, d: 2 }))
  scratch.write('iris.csv', flowers)
  scratch.write('fit.yaml', 'target: y\nbeta: 0.5\n')
  const fit = 'fit data.csv --config fit.yaml --certificate cert.json --proof proof.bin'
  expectExit(await relucent(fit.split(' '), { cwd: scratch.path() }), 0)
}

/** Lines of the help that begin with the program's name, also inside `source <(…)`. */
function examplesOf(command: (typeof program.commands)[number]): string[] {
  let text = ''
  command.configureOutput({
    writeOut: (piece) => {
      text += piece
    },
  })
  command.outputHelp()
  return [...text.matchAll(/^ {2}(?:source <\()?relucent ([^>)\n]+?) *(?:[>)].*)?$/gm)].map(([, words]) => words)
}

const examples = program.commands.flatMap((command) =>
  examplesOf(command).map((example) => [command.name(), example] as const),
)

beforeAll(async () => {
  await makeInputs()
  process.chdir(scratch.path())
})

describe('help', () => {
  test.each(program.commands.map((command) => [command.name(), command] as const))(
    '%s has examples, its common options under a heading, and short lines',
    async (name, command) => {
      const found = examplesOf(command)
      expect(found.length).toBeGreaterThan(0)
      expect(found.every((example) => example.startsWith(name))).toBe(true)
      const text = command.helpInformation()
      expect(text).toMatch(/^General:\n(?: .*\n)* {2}-h, --help/m)
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
    },
  )

  test.each(examples)('%s: the example `%s` parses', async (_, example) => {
    const fresh = createProgram(async () => {})
    await expect(fresh.parseAsync(example.split(' '), { from: 'user' })).resolves.toBeDefined()
  })
})

describe('examples whose files are made here run as printed', () => {
  const run = new Set<string>()

  for (const [name, example] of examples) {
    test(`${name}: ${example}`, async ({ skip }) => {
      const fresh = createProgram(async () => {})
      await fresh.parseAsync(example.split(' '), { from: 'user' })
      const command = fresh.commands.find((candidate) => candidate.name() === name)
      const named = command?.args.filter((_word, k) => !command.registeredArguments[k].argChoices)
      const folders: string[] = command?.opts().dataDir ?? []
      const absent = named?.concat(folders).filter((path) => !existsSync(path))
      if (absent === undefined || absent.length > 0) skip(`parsed only: makeInputs makes no ${absent?.join(', ')}`)
      const folder = mkdtempSync(join(scratch.path(), 'run-'))
      for (const file of inputs) cpSync(file, join(folder, file))
      const overwrite = command?.options.some((option) => option.long === '--force') ? ['--force'] : []
      expectExit(await relucent([...example.split(' '), ...overwrite], { cwd: folder }), 0)
      run.add(name)
    })
  }

  test('which are those of all the commands that need nothing else', () => {
    const expected = [
      'fit',
      'path',
      'cv',
      'kernel',
      'demo',
      'certify',
      'verify',
      'predict',
      'score',
      'info',
      'schema',
      'config',
      'completion',
    ]
    expect([...run]).toEqual(expect.arrayContaining(expected))
  })
})
