import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseModel } from '@relucent/core'
import { describe, expect, test } from 'vitest'
import { expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()

/** Far too hard to finish: rank 30. */
const hard = () => scratch.write('hard.csv', plantedCsv(5, { n: 150, d: 30 }))
const args = (out: string) => [
  'fit',
  hard(),
  '--target',
  'y',
  '--beta',
  '1',
  '--time-limit',
  'none',
  '--out',
  out,
  '--json',
]

/** Signals once, when the first figures have been shown. */
function afterFirstFigures(signal: NodeJS.Signals) {
  let sent = false
  return (text: string, kill: (signal: NodeJS.Signals) => void): void => {
    if (!sent && text.includes('lower bound')) {
      sent = true
      kill(signal)
    }
  }
}

describe('an interrupted fit still writes its best network and a valid bound', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends with %i', async (signal, expected) => {
    const start = performance.now()
    const out = `${signal}.json`
    const outcome = await relucent(args(out), { cwd: scratch.path(), onStderr: afterFirstFigures(signal) })
    expect(performance.now() - start).toBeLessThan(30_000)
    expectExit(outcome, expected)
    expect(outcome.stderr).toContain('stopping')
    const record = JSON.parse(outcome.stdout)
    expect(record).toMatchObject({ status: 'interrupted', exitCode: expected, model: out })
    expect(record.objective).toBeGreaterThanOrEqual(record.lowerBound)
    const { status, certificate, network } = parseModel(readFileSync(join(scratch.path(), out), 'utf8'))
    expect(status).toBe('interrupted')
    expect(certificate.objective).toBe(record.objective)
    expect(network.neurons.length).toBe(record.neurons)
  })

  test('a second signal ends at once, with nothing written', async () => {
    let sent = 0
    const outcome = await relucent(args('twice.json'), {
      cwd: scratch.path(),
      onStderr(text, kill) {
        if (sent === 0 && text.includes('rank')) {
          sent = 1
          kill('SIGTERM')
          setImmediate(() => kill('SIGINT'))
        }
      },
    })
    expect([130, 143]).toContain(outcome.code)
    if (outcome.stdout === '') expect(existsSync(join(scratch.path(), 'twice.json'))).toBe(false)
  })
})
