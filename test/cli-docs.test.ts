import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cloudsCsv, expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()

test('the session in docs/command-line.md runs as printed', async () => {
  const docs = readFileSync(new URL('../docs/command-line.md', import.meta.url), 'utf8')
  const session = /^```sh\n([\s\S]*?)^```/m.exec(docs)?.[1] ?? ''
  const lines = session.split('\n').filter((line) => line.startsWith('relucent '))
  expect(lines.length).toBeGreaterThan(5)
  scratch.write('data.csv', plantedCsv(7, { n: 30, d: 2 }))
  scratch.write('flowers.csv', cloudsCsv(7, 8).replace('east,north,color', 'length,width,species'))
  for (const line of lines) {
    const outcome = await relucent(line.split(' ').slice(1), { cwd: scratch.path() })
    expectExit(outcome, 0)
  }
})
