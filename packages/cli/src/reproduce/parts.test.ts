import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { InterruptedError } from './experiment.ts'
import { openParts } from './parts.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relucent-parts-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const never = new AbortController().signal

test('a part with the same settings is computed once; other settings or another version compute it again', async () => {
  let calls = 0
  const work = async (): Promise<number> => ++calls
  const first = openParts(folder, '1', never)
  expect([await first.get('a', { n: 1 }, work), await first.get('a', { n: 1 }, work)]).toEqual([1, 1])
  expect([first.computed, first.reused]).toEqual([1, 1])
  expect(await openParts(folder, '1', never).get('a', { n: 1 }, work)).toBe(1)
  expect(await openParts(folder, '1', never).get('a', { n: 2 }, work)).toBe(2)
  expect(await openParts(folder, '2', never).get('a', { n: 2 }, work)).toBe(3)
})

test('a damaged file counts as absent', async () => {
  await openParts(folder, '1', never).get('a', {}, async () => 1)
  writeFileSync(join(folder, 'a.json'), '{"hash"')
  expect(await openParts(folder, '1', never).get('a', {}, async () => 2)).toBe(2)
})

test('work that was interrupted is not kept, and none is begun afterwards', async () => {
  const controller = new AbortController()
  const parts = openParts(folder, '1', controller.signal)
  const cut = parts.get('a', {}, async () => {
    controller.abort()
    return 'half'
  })
  await expect(cut).rejects.toThrow(InterruptedError)
  await expect(parts.get('b', {}, async () => 'begun')).rejects.toThrow(InterruptedError)
  expect(readdirSync(folder)).toEqual([])
})

test('the first answer is what later ones are: numbers that JSON does not have are null', async () => {
  const parts = openParts(folder, '1', never)
  const work = async (): Promise<(number | null)[]> => [Number.NaN, 0.1]
  expect(await parts.get('a', {}, work)).toEqual([null, 0.1])
  expect(await parts.get('a', {}, work)).toEqual([null, 0.1])
})
