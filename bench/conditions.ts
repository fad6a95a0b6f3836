import { execFileSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { version } from '@relucent/core'

/** What a figure means nothing without. */
export interface Conditions {
  readonly version: string
  readonly commit: string
  readonly node: string
  readonly machine: string
  readonly cores: number
  /** Of the last minute, the benchmark itself included. */
  readonly load: number
  /** Seconds for a fixed piece of work at that moment. */
  readonly unitOfSpeed: number
  readonly seed: number
  readonly date: string
}

export function conditions(seed: number): Conditions {
  const cores = cpus()
  return {
    version,
    commit: commit(),
    node: process.version,
    machine: cores[0]?.model.trim() ?? 'unknown processor',
    cores: cores.length,
    load: Number(loadavg()[0].toFixed(2)),
    unitOfSpeed: Number(unitOfSpeed().toFixed(4)),
    seed,
    date: new Date().toISOString(),
  }
}

export function header(title: string, seeds: readonly number[]): string {
  const now = conditions(seeds[0])
  return [
    `${title} — relucent ${now.version}, commit ${now.commit}`,
    `node ${now.node}, ${now.machine}, ${now.cores} cores, load average ${now.load.toFixed(1)}; unit of speed ${now.unitOfSpeed.toFixed(3)} s`,
    `one thread; seed ${seeds.join(', ')}`,
  ].join('\n')
}

/** Seconds for a plain 300³ matrix product, ten times: divide by it to compare machines. */
function unitOfSpeed(): number {
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

/** Short, with a + where the library's sources differ from it; `unknown` outside a checkout. */
function commit(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim()
    const root = git('rev-parse', '--show-toplevel')
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', `${root}/packages`) ? '+' : '')
  } catch {
    return 'unknown'
  }
}
