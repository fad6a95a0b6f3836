import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gaussian, seededRandom } from '@relucent/core'
import { planted, writeCsv } from '@relucent/io'
import { afterAll, beforeAll, expect } from 'vitest'

/** The built program, as users run it. */
export const main: string = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly stdin?: string
  /** Called with everything on standard error so far, whenever there is more. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
}

export function relucent(args: readonly string[], { cwd, stdin, onStderr }: RunOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, NO_COLOR: '1' } })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      onStderr?.(stderr, (signal) => child.kill(signal))
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
    child.stdin.on('error', () => {}) // a command that refuses its options never reads its input
    child.stdin.end(stdin ?? '')
  })
}

/** The exit code, and everything that was said when it is another one. */
export function expectExit({ code, stdout, stderr }: Outcome, expected: number): void {
  expect(code === expected ? code : { code, stdout, stderr }).toBe(expected)
}

/** A folder of its own for the tests of one file, made before them and removed after them. */
export function scratchFolder(): { path: () => string; write: (name: string, text: string | Uint8Array) => string } {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'relucent-cli-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    path: () => folder,
    write(name, text) {
      writeFileSync(join(folder, name), text)
      return name
    },
  }
}

/** CSV text of planted data: features x1…xd, targets y or y1…yc. */
export function plantedCsv(seed: number, size: { n: number; d: number; c?: number }): string {
  const random = seededRandom(seed)
  const { X, Y } = planted(() => gaussian(random), { ...size, neurons: 3, noise: 0.1 })
  const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, k) => `${name}${k + 1}`)
  const names = [...numbered('x', X.cols), ...(Y.cols === 1 ? ['y'] : numbered('y', Y.cols))]
  const rows = Array.from({ length: X.rows }, (_, i) => [
    ...X.data.subarray(i * X.cols, (i + 1) * X.cols),
    ...Y.data.subarray(i * Y.cols, (i + 1) * Y.cols),
  ])
  return writeCsv(names, rows)
}

/** Three clouds of points with the classes "lime", "red" and "teal". */
export function cloudsCsv(seed: number, perClass = 10): string {
  const random = seededRandom(seed)
  const centres = [
    ['lime', 2, 0],
    ['red', -1, 2],
    ['teal', -1, -2],
  ] as const
  const rows = centres.flatMap(([name, x, y]) =>
    Array.from({ length: perClass }, () => [x + 0.4 * gaussian(random), y + 0.4 * gaussian(random), name]),
  )
  return writeCsv(['east', 'north', 'color'], rows)
}
