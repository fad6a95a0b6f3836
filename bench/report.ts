import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { betaMax, createProblem } from '@relucent/core'
import type { Job, JobName, Outcome } from './run-one.ts'
import type { Target } from './target.ts'

/** β of a target as a number; a share of βmax is worked out here, before any clock starts. */
export async function betaOf({ beta, dataset }: Pick<Target, 'beta' | 'dataset'>, seed: number): Promise<number> {
  if (typeof beta === 'number') return beta
  const { value } = await betaMax(createProblem({ ...dataset.load(seed), beta: 1 }))
  return beta.ratio * value
}

/** A process of its own per run: compilation and garbage of one run are not charged to the next. */
export async function inOwnProcess<N extends JobName>(name: N, assignment: Job<N>): Promise<Outcome<N>> {
  const script = fileURLToPath(new URL('run-one.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, name, JSON.stringify(assignment)], {
    maxBuffer: 2 ** 28,
  })
  return JSON.parse(stdout) as Outcome<N>
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

/** `–` where there is none. */
export function gapText(gap: number | null): string {
  if (gap === null) return '–'
  return Math.abs(gap) < 1e-15 ? '<1e-15' : gap.toExponential(1)
}

export function secondsText(seconds: number): string {
  return seconds < 10 ? seconds.toFixed(3) : seconds.toFixed(1)
}
