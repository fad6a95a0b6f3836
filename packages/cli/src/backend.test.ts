import { nativeBackend } from '@relucent/native'
import { beforeEach, describe, expect, test, vi } from 'vitest'

const found = nativeBackend()

// What is registered stays, so every test starts with fresh modules.
beforeEach(() => vi.resetModules())

describe('the backend that commands use', () => {
  test('is the library’s own, and the reason is told, where @relucent/native is not installed', async () => {
    const absent = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
    expect(await declined(() => Promise.reject(absent))).toBe('@relucent/native is not installed')
  })

  test('likewise where it is installed and does not load', async () => {
    const broken = new Error('no prebuilt binary for this platform')
    expect(await declined(() => Promise.reject(broken))).toContain(broken.message)
  })

  test('likewise where there is no library', async () => {
    const reason = 'libblas.so: cannot open'
    expect(await declined(() => Promise.resolve({ backend: null, reason }))).toBe(reason)
  })

  test.skipIf(found.backend === null)('is that of the machine where there is one', async () => {
    const { core, chosenBackend } = await fresh()
    const usual = core.defaultBackend().name
    const { inUse, others } = await chosenBackend(() => Promise.resolve(found))
    expect(inUse).toMatch(/^native \(.+, LAPACK \d+\.\d+\.\d+\)$/)
    expect(others.map(({ name }) => name)).toEqual([usual])
    expect(core.defaultBackend()).toBe(found.backend)
  })

  test('is chosen once', async () => {
    const { chosenBackend } = await fresh()
    const find = vi.fn<() => Promise<typeof found>>(() => Promise.resolve(found))
    expect(chosenBackend(find)).toBe(chosenBackend(find))
    await chosenBackend(find)
    expect(find).toHaveBeenCalledTimes(1)
  })
})

/** Why native is not in use; the default of the library must be. */
async function declined(find: () => Promise<typeof found>): Promise<string> {
  const { core, chosenBackend } = await fresh()
  const usual = core.defaultBackend()
  const { inUse, others } = await chosenBackend(find)
  expect(inUse).toBe(usual.name)
  expect(core.defaultBackend()).toBe(usual)
  expect(others.map(({ name }) => name)).toEqual(['native'])
  return others[0].reason
}

async function fresh() {
  return { core: await import('@relucent/core'), ...(await import('./backend.ts')) }
}
