import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeFigures } from './figures.ts'
import { threadsTable } from './record-tables.ts'
import { type BenchRecord, readRecords, readResult, type ThreadsResult } from './records.ts'
import { type Section, sections } from './sections.ts'

// Rewrites what stands between `<!-- table: title -->` and `<!-- end -->` in docs/benchmarks.md; the rest is written by hand.
const page = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))
const records = [...readRecords('targets'), ...readRecords('pricing')]
const threads = readResult('threads') as ThreadsResult | undefined
const places: Section[] = [['conditions', conditionsOf(records)], ...sections(records)]
if (threads) places.push(['threads', threadsTable(threads)])
let text = readFileSync(page, 'utf8')
for (const [title, table] of places) {
  const place = new RegExp(`(<!-- table: ${title} -->\n)[^]*?(<!-- end -->)`)
  if (!place.test(text)) throw new Error(`tables: docs/benchmarks.md has no place for ${title}`)
  text = text.replace(place, (_, open: string, close: string) => `${open}\n${table}\n\n${close}`)
}
writeFileSync(page, text)
console.log([page, ...writeFigures(records)].join('\n'))

/** What the figures were measured under, a line for each that differs in more than the load of the machine. */
function conditionsOf(kept: readonly BenchRecord[]): string {
  const lines = new Map<string, number[]>()
  for (const { conditions } of kept) {
    const { version, commit, node, machine, cores, load } = conditions
    const line = `relucent ${version}, commit ${commit}; Node ${node.slice(1)}; ${machine}, ${cores} cores`
    lines.set(line, [...(lines.get(line) ?? []), load])
  }
  return [...lines]
    .map(
      ([line, loads]) =>
        `* ${line}; load average ${Math.min(...loads)} to ${Math.max(...loads)}; ${loads.length} figures`,
    )
    .join('\n')
}
