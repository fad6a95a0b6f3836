import { nativeBackend } from '@relucent/native'
import { afterEach, expect, test, vi } from 'vitest'
import { expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const found = nativeBackend()

afterEach(() => vi.unstubAllEnvs())

const run = (line: string) => relucent(line.split(' '), { cwd: scratch.path() })

test('without a library, info names the backend in use and why native is not, and fits are certified all the same', async () => {
  vi.stubEnv('RELUCENT_BLAS', 'none')
  const { stdout } = await run('info --json')
  const { backend, otherBackends } = JSON.parse(stdout)
  expect(backend).toMatch(/^(wasm|plain)/)
  expect(otherBackends).toEqual([{ name: 'native', reason: expect.stringMatching(/^none: ./) }])
  const words = (await run('info')).stdout
  expect(words).toMatch(/^backend {2}(wasm|plain)/m)
  expect(words).toContain(`not native: ${otherBackends[0].reason}`)
  scratch.write('data.csv', plantedCsv(7, { n: 30, d: 2 }))
  expectExit(await run('fit data.csv --target y --json'), 0)
})

test.skipIf(found.backend === null)('with a library, info names it', async () => {
  const { backend, otherBackends } = JSON.parse((await run('info --json')).stdout)
  expect(backend).toMatch(/^native \(.+, LAPACK .+\)$/)
  expect(otherBackends).toHaveLength(1)
  expect((await run('info')).stdout).toContain(`backend  ${backend}\n`)
})
