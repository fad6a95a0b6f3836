import type { FitRecord, PricingRecord, ThreadsResult } from './records.ts'
import { gapText, secondsText, table } from './report.ts'
import { wantedText } from './target.ts'

/** Whole runs, a line each. */
export function fitTable(records: readonly FitRecord[]): string {
  const head = ['problem', 'n × d → c', 'rank', 'β', 'objective', 'lower bound', 'rel. gap', 'neurons', 'rounds']
  head.push('pricing calls', 'nodes', 'seconds', 'CPU s', 'MB', 'target', 'reached')
  const rows = records.map(({ name, measured: m, wanted, reached, conditions }) => [
    conditions.seed === 0 ? name : `${name}, seed ${conditions.seed}`,
    `${m.n} × ${m.d} → ${m.c}`,
    String(m.rank),
    String(Number(m.beta.toPrecision(4))),
    m.objective.toPrecision(9),
    m.lowerBound.toPrecision(9),
    gapText(m.relativeGap),
    ...[m.neurons, m.iterations, m.calls, m.nodes].map(String),
    secondsText(m.seconds),
    secondsText(m.cpuSeconds),
    m.megabytes.toFixed(0),
    wantedText(wanted) + (m.timeLimitSeconds < (wanted.seconds ?? 0) ? `; run for ${m.timeLimitSeconds} s only` : ''),
    yesNo(reached),
  ])
  return table(head, rows)
}

/** One pricing problem a line. */
export function pricingTable(records: readonly PricingRecord[]): string {
  const head = [
    'dual',
    'n',
    'rank',
    'c',
    'bound/value − 1',
    'nodes',
    'seconds',
    'CPU s',
    'first run, s',
    'nodes/s',
    'MB',
  ]
  const late = records.some(({ group }) => group === 'late') // elsewhere β plays no part
  if (late) head.push('value/β')
  head.push('heuristic/value', 'target', 'reached')
  const rows = records.map(({ name, measured: m, wanted, reached, conditions }) => [
    conditions.seed === 0 ? name : `${name}, seed ${conditions.seed}`,
    ...[m.n, m.rank, m.c].map(String),
    gapText(m.gap),
    String(m.nodes),
    secondsText(m.seconds),
    secondsText(m.cpuSeconds),
    secondsText(m.coldSeconds),
    String(Math.round(m.nodes / m.seconds)),
    m.megabytes.toFixed(0),
    ...(late ? [(m.value / m.beta).toPrecision(7)] : []),
    m.heuristic.toFixed(6),
    wantedText({ relativeGap: wanted.gap, ...(wanted.seconds ? { seconds: wanted.seconds } : {}) }),
    yesNo(reached),
  ])
  return table(head, rows)
}

/** One size a line: the median over the seeds of the cost, and the exponent of n that fits the sizes from 1000 on. */
export function growthTable(records: readonly PricingRecord[]): string {
  const ranks = [...new Set(records.map(({ measured }) => measured.rank))]
  const sizes = ranks.flatMap((rank) => sizesOf(records, rank))
  const rows = sizes.map(({ rank, n, seconds, nodes, gap, runs }) => [
    ...[rank, n].map(String),
    secondsText(seconds),
    String(nodes),
    gapText(gap),
    (1e6 * (seconds / n)).toFixed(1),
    String(runs),
  ])
  const exponents = ranks.map((rank) => {
    const exponent = exponentOf(sizesOf(records, rank).filter(({ n }) => n >= 1000))
    return `rank ${rank}: seconds grow as n^${exponent.toFixed(2)} from n = 1000 on`
  })
  const head = ['rank', 'n', 'seconds', 'nodes', 'bound/value − 1', 'µs per sample', 'seeds']
  return [table(head, rows), '', ...exponents].join('\n')
}

export function threadsTable({ name, pairs, ratio, wanted, reached }: ThreadsResult): string {
  const rows = pairs.map((pair) => [pair.one.toFixed(0), pair.two.toFixed(0), pair.ratio.toFixed(2)])
  const verdict = `${name}: median ratio ${ratio.toFixed(2)}; wanted ≥ ${wanted.ratio}; reached: ${yesNo(reached)}`
  return [table(['nodes/s, one thread', 'nodes/s, two threads', 'ratio'], rows), '', verdict].join('\n')
}

export interface Size {
  readonly rank: number
  readonly n: number
  readonly seconds: number
  readonly nodes: number
  /** The widest of the runs. */
  readonly gap: number | null
  readonly runs: number
}

/** Seconds by the clock or of all threads, whichever are fewer: those of one core, with or without neighbours on the machine. */
export function cost({ seconds, cpuSeconds }: { readonly seconds: number; readonly cpuSeconds: number }): number {
  return Math.min(seconds, cpuSeconds)
}

/** The sizes measured at one rank, in the order of n. */
export function sizesOf(records: readonly PricingRecord[], rank: number): Size[] {
  const found = records.map(({ measured }) => ({ ...measured, seconds: cost(measured) })).filter((m) => m.rank === rank)
  const ns = [...new Set(found.map(({ n }) => n))].toSorted((a, b) => a - b)
  return ns.map((n) => {
    const runs = found.filter((measured) => measured.n === n)
    const { seconds, nodes } = runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor((runs.length - 1) / 2)]
    const open = runs.some(({ gap }) => gap === null)
    return {
      rank,
      n,
      seconds,
      nodes,
      gap: open ? null : Math.max(...runs.map(({ gap }) => gap ?? 0)),
      runs: runs.length,
    }
  })
}

/** Slope of the least-squares line through (log n, log seconds). */
function exponentOf(sizes: readonly Size[]): number {
  const x = sizes.map(({ n }) => Math.log(n))
  const y = sizes.map(({ seconds }) => Math.log(seconds))
  const mean = (a: readonly number[]): number => a.reduce((total, value) => total + value, 0) / a.length
  const [mx, my] = [mean(x), mean(y)]
  const covariance = mean(x.map((value, k) => (value - mx) * (y[k] - my)))
  return covariance / mean(x.map((value) => (value - mx) ** 2))
}

function yesNo(reached: boolean): string {
  return reached ? 'yes' : 'no'
}
