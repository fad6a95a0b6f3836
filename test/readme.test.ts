import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** Contents of the fenced blocks in one of these languages, in order. */
function blocks(...languages: readonly string[]): string[] {
  return [...readme.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```/gm)]
    .filter(([, language]) => languages.includes(language))
    .map(([, , text]) => text)
}

describe('README', () => {
  const scratch = scratchFolder()

  test('its first command trains a model', async () => {
    const command = /^(?:\$ )?npx (relucent fit data\.csv --target y)\b.*$/m.exec(
      blocks('', 'sh', 'bash', 'shell', 'console').join('\n'),
    )
    if (!command) throw new Error('README.md has no shell block with `npx relucent fit data.csv --target y`')
    const line = command[0].replace(/^\$ /, '').replace(/\s+#.*$/, '')
    scratch.write('data.csv', plantedCsv(1, { n: 30, d: 2 }))
    const outcome = await relucent(line.split(/\s+/).slice(2), { cwd: scratch.path() })
    expectExit(outcome, 0)
    expect(outcome.stdout).toContain('Certified')
  })

  test('its library code runs as it is printed', async () => {
    const code = blocks('ts', 'typescript').at(0)
    if (!code) throw new Error('README.md has no ```ts block')
    // Inside the repository, so that the package names resolve to the built workspaces, as they would once installed.
    const cache = join(root, 'node_modules', '.cache')
    mkdirSync(cache, { recursive: true })
    const folder = mkdtempSync(join(cache, 'readme-'))
    try {
      writeFileSync(join(folder, 'readme.mjs'), code)
      const { stderr } = await promisify(execFile)(process.execPath, ['readme.mjs'], { cwd: folder })
      expect(stderr).toBe('')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
