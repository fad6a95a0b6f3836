import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { cloudsCsv, expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (...args: string[]) => relucent(args, { cwd: scratch.path() })

interface Failure {
  readonly status: string
  readonly exitCode: number
  readonly error: { code: string; message: string; file: string | null; row: number | null; column: string | null }
}

/** Runs a command that must fail: the error object on standard output, the same in words on standard error, no files. */
async function failure(...args: string[]): Promise<Failure['error'] & { exitCode: number; words: string }> {
  const before = readdirSync(scratch.path(), { recursive: true })
  const { code, stdout, stderr } = await run(...args, '--json')
  expect(readdirSync(scratch.path(), { recursive: true })).toEqual(before)
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  const { status, exitCode, error } = JSON.parse(stdout) as Failure
  expect(status).toBe('error')
  expect(code).toBe(exitCode)
  const words = stderr.trimEnd().split('\n').at(-1) ?? ''
  expect(words.startsWith(`error: ${error.message}`)).toBe(true)
  return { ...error, exitCode, words }
}

beforeAll(async () => {
  scratch.write('good.csv', plantedCsv(1, { n: 20, d: 2 }))
  scratch.write('clouds.csv', cloudsCsv(1))
  mkdirSync(join(scratch.path(), 'folder'))
  const trained = await run('fit', 'clouds.csv', '--target', 'color', '--bias', '--beta', '1', '--out', 'color.json')
  expectExit(trained, 0)
})

describe('fit refuses bad data with exit code 4, the place, and nothing written', () => {
  test.each<[string, string | Uint8Array, Partial<Failure['error']>, string[]?]>([
    ['empty.csv', '', { code: 'empty-file' }],
    ['header.csv', 'a,y\n', { code: 'header-only' }],
    ['ragged.csv', 'a,y\n1,2\n3\n', { code: 'ragged-row', row: 3 }],
    ['nan.csv', 'a,y\n1,2\nNaN,3\n', { code: 'not-finite', row: 3, column: 'a' }],
    ['inf.csv', 'a,y\n1,Infinity\n', { code: 'not-finite', row: 2, column: 'y' }],
    ['overflow.csv', 'a,y\n1,2\n1e999,3\n', { code: 'not-finite', row: 3, column: 'a' }],
    ['text.csv', 'a,y\n1,2\n3,4\nn.a.,5\n', { code: 'not-a-number', row: 4, column: 'a' }],
    ['missing.csv', 'a,b,y\n1,2,3\n4,,6\n', { code: 'missing-value', row: 3, column: 'b' }],
    ['missing-target.csv', 'a,y\n1,2\n3,NA\n', { code: 'missing-value', row: 3, column: 'y' }],
    ['duplicate.csv', 'a,y,a\n1,2,3\n', { code: 'duplicate-column', row: 1, column: 'a' }],
    ['unnamed.csv', 'a,,y\n1,2,3\n', { code: 'empty-column-name', row: 1 }],
    ['zero.csv', 'a,b,y\n0,0,1\n0,0,2\n', { code: 'zero-features' }],
    ['mixed.csv', 'a,y\n1,2\n3,cat\n', { code: 'mixed-target', row: 3, column: 'y' }],
    ['latin1.csv', Uint8Array.from([97, 44, 121, 10, 49, 44, 0xe9, 10]), { code: 'not-text', row: 2 }],
    ['quotes.csv', 'a,y\n"1,2\n3,4\n', { code: 'bad-quotes', row: 2 }],
    ['one-class.csv', 'a,y\n1,b\n2,b\n', { code: 'one-class', column: 'y' }],
    ['zero-targets.csv', 'a,y\n1,0\n2,0\n', { code: 'zero-targets' }],
    ['constant.csv', 'a,y\n3,1\n3,2\n', { code: 'zero-features' }, ['--preprocess', 'standardize']],
    ['fraction.csv', 'a,y\n1,0.5\n2,1\n', { code: 'not-a-class', row: 2 }, ['--task', 'classification']],
    ['tiny.csv', 'a,y\n1,2\n2,3\n', { code: 'bad-split' }, ['--test-fraction', '0.1']],
  ])('%s', async (name, text, expected, more = []) => {
    scratch.write(name, text)
    const error = await failure('fit', name, '--target', 'y', ...more)
    expect(error.exitCode).toBe(4)
    expect(error).toMatchObject(expected)
    if (expected.row !== undefined) expect(error.message).toContain(`${name}, row ${expected.row}`)
  })

  test.each<[string, string[], string, string]>([
    ['a missing file', ['absent.csv', '--target', 'y'], 'file-not-found', 'absent.csv: there is no such file'],
    ['a mistyped file', ['god.csv', '--target', 'y'], 'file-not-found', 'did you mean good.csv?'],
    ['a folder', ['folder', '--target', 'y'], 'not-a-file', 'found a folder'],
    [
      'an unknown target',
      ['good.csv', '--target', 'z'],
      'unknown-column',
      'good.csv, column "z": there is no such column',
    ],
    ['an unknown feature', ['good.csv', '--target', 'y', '--features', 'x1,x9'], 'unknown-column', 'column "x9"'],
    [
      'the target as feature',
      ['good.csv', '--target', 'y', '--features', 'x1,y'],
      'target-among-features',
      'column "y"',
    ],
    ['no features left', ['good.csv', '--target', 'y', '--exclude', 'x1,x2'], 'no-features', 'no feature columns'],
    [
      'a model as --init that is none',
      ['good.csv', '--target', 'y', '--init', 'good.csv'],
      'bad-model',
      'must be JSON',
    ],
    [
      'a model of other columns as --init',
      ['good.csv', '--target', 'y', '--init', 'color.json'],
      'init-mismatch',
      'features',
    ],
    ['an --out in no folder', ['good.csv', '--target', 'y', '--out', 'no/m.json'], 'unwritable-file', 'no folder'],
    [
      'an --out that is a folder',
      ['good.csv', '--target', 'y', '--out', 'folder'],
      'unwritable-file',
      'found a folder',
    ],
    [
      'an --out that exists',
      ['good.csv', '--target', 'y', '--out', 'color.json'],
      'file-exists',
      'color.json: the file exists',
    ],
    [
      'a --certificate in no folder',
      ['good.csv', '--target', 'y', '--certificate', 'no/c'],
      'unwritable-file',
      'no folder',
    ],
  ])('%s', async (_, args, code, words) => {
    const error = await failure('fit', ...args)
    expect(error.exitCode).toBe(4)
    expect(error.code).toBe(code)
    expect(error.words).toContain(words)
  })

  test('data so large that the objective overflows end with exit code 5', async () => {
    scratch.write('huge.csv', 'a,b,y\n1e300,2e300,3\n2e300,1e300,4\n3e300,4,5e300\n')
    expect((await failure('fit', 'huge.csv', '--target', 'y', '--beta', '1')).exitCode).toBe(5)
    expect((await failure('fit', 'huge.csv', '--target', 'y')).exitCode).toBe(5)
  })

  test('an unwritable --out is found before the data are even read', async () => {
    const error = await failure('fit', 'absent.csv', '--target', 'y', '--out', 'no/m.json')
    expect(error.code).toBe('unwritable-file')
  })

  test('the line on standard error reads as a sentence with its place and a remedy', async () => {
    scratch.write('ages.csv', 'age,y\n1,2\n"n/a ish",3\n')
    const { stderr } = await run('fit', 'ages.csv', '--target', 'y')
    expect(stderr).toBe(
      'error: ages.csv, row 3, column "age": expected a number, found "n/a ish" — ' +
        'correct the cell, or leave the column out with --exclude\n',
    )
  })
})

describe('models and data that do not belong together', () => {
  test.each(['predict', 'score', 'certify', 'verify'])('%s names the missing columns', async (command) => {
    const args = [command, 'color.json', 'good.csv']
    const { code, stderr } = await run(...args)
    expect(code).toBe(4)
    expect(stderr).toContain('good.csv: the model needs the columns "east", "north"')
  })

  test('one missing column is answered with the nearest that the model does not use', async () => {
    scratch.write('renamed.csv', 'east,North ,color\n1,2,red\n')
    const error = await failure('predict', 'color.json', 'renamed.csv')
    expect(error).toMatchObject({ exitCode: 4, code: 'missing-columns' })
    expect(error.words).toContain('is it "North"?')
  })

  test('score names the row of a class the model never saw', async () => {
    scratch.write('unseen.csv', 'east,north,color\n1,2,red\n3,4,mauve\n')
    const error = await failure('score', 'color.json', 'unseen.csv')
    expect(error).toMatchObject({ exitCode: 4, code: 'unknown-class', row: 3, column: 'color' })
    expect(error.words).toContain('never saw the class "mauve"')
  })

  test('score without the target says so', async () => {
    scratch.write('bare.csv', 'east,north\n1,2\n')
    const error = await failure('score', 'color.json', 'bare.csv')
    expect(error.words).toContain('target "color" cannot be found')
  })

  test.each<[string, (text: string) => string, string]>([
    ['cut off', (text) => text.slice(0, text.length / 2), 'must be JSON'],
    ['of a newer version', (text) => text.replace('"formatVersion": 1', '"formatVersion": 2'), 'newer Relucent'],
    ['of something else', () => '{"format": "keras"}', 'format'],
    ['with a number missing', (text) => text.replace(/"u": \[[^,]*, /, '"u": ['), 'numbers'],
    ['with text for a number', (text) => text.replace(/"beta": 1/, '"beta": "1"'), 'number'],
  ])('a model file %s', async (name, edit, words) => {
    const file = scratch.write(
      `broken-${name.length}.json`,
      edit(readFileSync(join(scratch.path(), 'color.json'), 'utf8')),
    )
    for (const command of ['predict', 'score', 'certify', 'verify']) {
      const outcome = await run(command, file, 'clouds.csv')
      expectExit(outcome, 4)
      expect(outcome.stderr).toContain(`error: ${file}: `)
      expect(outcome.stderr).toContain(words)
    }
    expect((await run('info', file)).code).toBe(4)
  })
})

describe('wrong usage ends with exit code 2', () => {
  test.each<[string[], string]>([
    [['--beta', '0'], 'expected a positive number'],
    [['--beta', '-1'], 'expected a positive number'],
    [['--beta', 'NaN'], 'expected a positive number'],
    [['--beta', 'abc'], 'found "abc"'],
    [['--beta', '1', '--beta-ratio', '0.1'], 'cannot be used with'],
    [['--features', 'x1', '--exclude', 'x2'], 'cannot be used with'],
    [['--test', 'good.csv', '--test-fraction', '0.5'], 'cannot be used with'],
    [['--quiet', '--verbose'], 'cannot be used with'],
    [['--test-fraction', '1'], 'between 0 and 1'],
    [['--time-limit', '0'], 'positive number of seconds, or none'],
    [['--max-iterations', '1.5'], 'whole number'],
    [['--seed', '-1'], 'whole number'],
    [['--tolerance', '1e-6x'], 'not negative'],
    [['--loss', 'mse'], 'or softmax, found "mse"'],
    [['--preprocess', 'bleach'], 'expected none, standardize, minmax, whiten'],
    [['--delimiter', 'ab'], 'one character'],
    [['--out', 'x.json', '--certificate', 'x.json'], 'the same file'],
    [['--tolerence', '1'], 'did you mean --tolerance?'],
    [['--out', 'x.html', '--report', 'x.html'], 'the same file'],
    [['--layers', '3'], 'unknown option --layers'],
    [['-bias'], 'did you mean --bias?'],
    [['-b', '1'], 'options have long names: --bias, --beta, --beta-ratio'],
    [['--oracle', 'planr'], 'did you mean planar?'],
    [['--max-gap', '1'], '--max-gap is an option of relucent certify'],
    [['--beta'], 'found "--json" — its value seems to be missing'],
    [['extra'], 'found also "extra"'],
    [['--oracle', 'planar', '--target', 'x1', '--features', 'x2,x3,x4', '--beta', '1'], 'rank'],
    [['--features', ' '], 'at least one column'],
  ])('fit %j', async (args, words) => {
    scratch.write('wide.csv', plantedCsv(2, { n: 10, d: 4 }))
    const file = args.includes('planar') ? 'wide.csv' : 'good.csv'
    const error = await failure('fit', file, '--target', 'y', ...args)
    expect(error.exitCode).toBe(2)
    expect(error.code === 'usage' || error.code === 'unsupported').toBe(true)
    expect(error.words).toContain(words)
  })

  test('a missing target, a missing file name, an unknown command, no command at all', async () => {
    const targetless = await run('fit', 'good.csv')
    expect(targetless.code).toBe(2)
    expect(targetless.stderr).toContain('--target is missing, expected the columns to be predicted')
    expect(targetless.stderr).toContain('"x1", "x2", "y"')
    expect((await run('fit')).code).toBe(2)
    const typo = await run('ft', 'good.csv')
    expect(typo.code).toBe(2)
    expect(typo.stderr).toContain('did you mean fit?')
    const nothing = await run()
    expect((await run('train', 'good.csv')).stderr).toContain('did you mean fit?')
    expect((await run('good.csv')).stderr).toContain('relucent fit good.csv --target <columns>')
    expect((await run('--json', 'fit')).stderr).toContain('options come after the command')
    expect(nothing.code).toBe(2)
    expect(nothing.stderr).toContain('Usage: relucent')
  })

  test('accuracy of a regression', async () => {
    expect((await run('fit', 'good.csv', '--target', 'y', '--beta', '1', '--out', 'regression.json')).code).toBe(0)
    const error = await failure('score', 'regression.json', 'good.csv', '--metric', 'accuracy')
    expect(error.exitCode).toBe(2)
  })
})
