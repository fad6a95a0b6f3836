import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOutput } from './files.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relucent-files-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('checking a place leaves nothing behind, writing leaves exactly the file', async () => {
  const output = await openOutput(join(folder, 'a.json'), { force: false })
  expect(readdirSync(folder)).toEqual([])
  await output.write('one')
  expect(readdirSync(folder)).toEqual(['a.json'])
  expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('one')
})

test('an existing file is kept unless force is given, and replaced through a link', async () => {
  writeFileSync(join(folder, 'a.json'), 'old')
  symlinkSync(join(folder, 'a.json'), join(folder, 'link.json'))
  await expect(openOutput(join(folder, 'a.json'), { force: false })).rejects.toThrow('a.json: the file exists')
  await (await openOutput(join(folder, 'link.json'), { force: true })).write('new')
  expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('new')
  expect(readdirSync(folder).sort()).toEqual(['a.json', 'link.json'])
})

test('a missing folder, a folder and a file used as a folder are refused before any work', async () => {
  writeFileSync(join(folder, 'file'), '')
  const open = (name: string) => openOutput(join(folder, name), { force: true })
  await expect(open('no/such/a.json')).rejects.toThrow('there is no folder')
  await expect(open('file/a.json')).rejects.toThrow('there is no folder')
  await expect(open('.')).rejects.toThrow('found a folder')
})

test('a device is written to, not replaced', async () => {
  await (await openOutput('/dev/null', { force: false })).write('gone')
})
