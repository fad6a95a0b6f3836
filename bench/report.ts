import { execFile } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { betaMax, createProblem, version } from '@relucent/core'
import type { Assignment, Measurement } from './measure.ts'
import type { Target } from './targets.ts'

/** What a figure means nothing without. */
export function header(title: string, seeds: readonly number[]): string {
  const cores = cpus()
  const machine = `${cores[0]?.model.trim() ?? 'unknown processor'}, ${cores.length} cores`
  return [
    `${title} — relucent ${version}`,
    `node ${process.version}, ${machine}, load average ${loadavg()[0].toFixed(1)}; unit of speed ${unitOfSpeed().toFixed(3)} s`,
    `one thread; seed ${seeds.join(', ')}`,
  ].join('\n')
}

/** Seconds for a fixed piece of work (a plain 300³ matrix product, ten times): divide by it to compare machines. */
export function unitOfSpeed(): number {
  const n = 300
  const a = Float64Array.from({ length: n * n }, (_, i) => Math.sin(i))
  const b = Float64Array.from({ length: n * n }, (_, i) => Math.cos(i))
  const out = new Float64Array(n * n)
  const product = (): void => {
    out.fill(0)
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < n; k++) {
        const x = a[i * n + k]
        for (let j = 0; j < n; j++) out[i * n + j] += x * b[k * n + j]
      }
    }
  }
  product()
  const start = performance.now()
  for (let repeat = 0; repeat < 10; repeat++) product()
  return (performance.now() - start) / 1000
}

/** β of a target as a number; a share of βmax is worked out here, before any clock starts. */
export async function betaOf({ beta, dataset }: Target, seed: number): Promise<number> {
  if (typeof beta === 'number') return beta
  const { value } = await betaMax(createProblem({ ...dataset.load(seed), beta: 1 }))
  return beta.ratio * value
}

export async function inOwnProcess(assignment: Assignment): Promise<Measurement> {
  const script = fileURLToPath(new URL('run-one.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(assignment)], {
    maxBuffer: 2 ** 28,
  })
  return JSON.parse(stdout) as Measurement
}

/** The run whose time is in the middle: a real run, not a mixture of several. */
export function median<T extends { readonly seconds: number }>(runs: readonly T[]): T {
  return runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor((runs.length - 1) / 2)]
}

/** A table in Markdown, its columns lined up. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, k) => Math.max(title.length, ...rows.map((cells) => cells[k].length)))
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, k) => cell.padEnd(widths[k])).join(' | ')} |`
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n')
}

export function gapText(gap: number): string {
  return Math.abs(gap) < 1e-15 ? '<1e-15' : gap.toExponential(1)
}

export function secondsText(seconds: number): string {
  return seconds < 10 ? seconds.toFixed(3) : seconds.toFixed(1)
}
