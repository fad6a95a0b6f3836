import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cloudsCsv, expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (...args: string[]) => relucent(args, { cwd: scratch.path() })
const read = (name: string): Buffer => readFileSync(join(scratch.path(), name))

describe('convert', () => {
  test('numbers go through every format and come back to the last bit', async () => {
    const text = plantedCsv(3, { n: 12, d: 2 })
    scratch.write('chain.csv', text)
    const chain = ['chain.csv', 'a.jsonl', 'b.npz', 'c.safetensors', 'd.tsv.gz', 'back.csv']
    for (let k = 1; k < chain.length; k++) expectExit(await run('convert', chain[k - 1], chain[k]), 0)
    expect(read('back.csv').toString()).toBe(text)
  })

  test('--json says what was read and written', async () => {
    scratch.write('j.csv', 'x,label\n0,1\n2,-1\n')
    const outcome = await run('convert', 'j.csv', 'j.svm', '--json')
    expectExit(outcome, 0)
    expect(JSON.parse(outcome.stdout)).toMatchObject({ command: 'convert', from: 'csv', to: 'libsvm', n: 2, bytes: 13 })
    expect(read('j.svm').toString()).toBe('1 1:0\n-1 1:2\n')
  })

  test('columns are chosen, and written to standard output', async () => {
    scratch.write('k.csv', 'a,b,c\n1,2,x\n3,4,y\n')
    expect((await run('convert', 'k.csv', '-', '--to', 'csv', '--columns', 'c,1')).stdout).toBe('c,a\nx,1\ny,3\n')
    expect((await run('convert', 'k.csv', '-', '--to', 'csv', '--exclude', 'c')).stdout).toBe('a,b\n1,2\n3,4\n')
  })

  test('an existing file, an unknown format, and text in an array of numbers are refused, and nothing is left behind', async () => {
    scratch.write('t.csv', 'a,kind\n1,red\n')
    scratch.write('there.npy', 'x')
    const before = readdirSync(scratch.path())
    const messages: readonly [string, string][] = [
      ['there.npy', 'error: there.npy: the file exists — choose another name, or overwrite it with --force'],
      ['t.xyz', 'error: the name "t.xyz" tells no format — these can be written: csv (.csv),'],
      ['t.npz', 'error: t.csv, row 2, column "kind": expected a number, found "red"'],
    ]
    for (const [name, message] of messages) {
      const outcome = await run('convert', 't.csv', name)
      expectExit(outcome, 4)
      expect(outcome.stderr).toContain(message)
    }
    expect(readdirSync(scratch.path())).toEqual(before)
    expect(read('there.npy').toString()).toBe('x')
  })
})

describe('every command reads every format', () => {
  test('a model trained on one format predicts the same from others, by name or by position', async () => {
    scratch.write('c.csv', cloudsCsv(5))
    expectExit(await run('convert', 'c.csv', 'c.jsonl'), 0)
    expectExit(await run('convert', 'c.csv', 'c.npy', '--exclude', 'color'), 0)
    expectExit(
      await run('fit', 'c.jsonl', '--target', 'color', '--bias', '--beta', '5', '--out', 'c.json', '--quiet'),
      0,
    )
    const predictions = await run('predict', 'c.json', 'c.csv')
    expectExit(predictions, 0)
    expect((await run('predict', 'c.json', 'c.npy')).stdout).toBe(predictions.stdout)
    expect((await run('score', 'c.json', 'c.jsonl')).stdout).toBe((await run('score', 'c.json', 'c.csv')).stdout)
  })

  test('a binary file on standard input is told from its bytes', async () => {
    scratch.write('m.csv', 'x,y\n1,2\n3,4\n')
    expectExit(await run('convert', 'm.csv', 'm.svm', '--target', 'y'), 0)
    const piped = await relucent(['info', '-', '--json'], { cwd: scratch.path(), stdin: read('m.svm').toString() })
    expect(JSON.parse(piped.stdout)).toMatchObject({ n: 2, columns: [{ name: 'label' }, { name: 'x1' }] })
  })

  test('data beyond the memory limit are refused with advice before they are read', async () => {
    scratch.write('big.csv', plantedCsv(1, { n: 200, d: 3 }))
    const outcome = await run('fit', 'big.csv', '--target', 'y', '--memory-limit', '2kB', '--json')
    expectExit(outcome, 4)
    expect(JSON.parse(outcome.stdout).error).toMatchObject({ code: 'too-large', file: 'big.csv' })
    expect(outcome.stderr).toContain('raise it with --memory-limit')
  })

  test('damage is reported with its byte', async () => {
    scratch.write('cut.npy', new Uint8Array([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0x76, 0, 0x7b]))
    const outcome = await run('info', 'cut.npy', '--json')
    expectExit(outcome, 4)
    expect(JSON.parse(outcome.stdout).error).toMatchObject({ code: 'truncated', file: 'cut.npy', byte: 10, row: null })
  })
})
