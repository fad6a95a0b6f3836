import { parseArgs } from 'node:util'
import { header } from './conditions.ts'
import type { Measurement } from './measure.ts'
import { betaOf, gapText, inOwnProcess, median, secondsText, table } from './report.ts'
import type { ContenderName } from './solver.ts'
import { targetNamed } from './target-lists.ts'

export interface Comparison {
  readonly title: string
  readonly problems: readonly string[]
  /** The first is what the others are compared to. */
  readonly contenders: readonly ContenderName[]
}

const milestones = [1e-2, 1e-4, 1e-6, 1e-8]

/** How soon each contender reaches each certified gap, and a table of that. */
export async function compare({ title, problems, contenders }: Comparison): Promise<void> {
  const { values } = parseArgs({
    options: {
      repeat: { type: 'string', default: '3' },
      seed: { type: 'string', default: '0' },
      limit: { type: 'string', default: '10' },
    },
  })
  const seed = Number(values.seed)
  const rows: string[][] = []
  for (const name of problems) {
    const target = targetNamed(name)
    const beta = await betaOf(target, seed)
    let baseline: number | undefined
    for (const contender of contenders) {
      const runs: Measurement[] = []
      for (let k = 0; k < Number(values.repeat); k++) {
        runs.push(
          await inOwnProcess('fit', { target: name, seed, beta, contender, timeLimitSeconds: Number(values.limit) }),
        )
      }
      const run = median(runs)
      baseline ??= run.seconds
      rows.push([name, contender, ...cellsOf(run, baseline)])
      console.error(rows.at(-1)?.join(', '))
    }
  }
  const how = `median of ${values.repeat} runs, each in a new process; limit ${values.limit} s`
  console.log(`${header(title, [seed])}; ${how}`)
  const head = ['problem', title, ...milestones.map((gap) => `s to ${gap.toExponential()}`), 'final gap', 'neurons']
  console.log(table([...head, 'rounds', 'nodes', 'in master, s', 'in pricing, s', 'seconds', 'ratio'], rows))
}

function cellsOf(run: Measurement, baseline: number): string[] {
  return [
    ...milestones.map((gap) => reachedAt(run, gap)),
    gapText(run.relativeGap),
    ...[run.neurons, run.iterations, run.nodes].map(String),
    secondsText(run.masterSeconds),
    secondsText(run.pricingSeconds),
    secondsText(run.seconds),
    `${run.status === 'optimal' ? '' : '> '}${(run.seconds / baseline).toFixed(1)}`,
  ]
}

function reachedAt({ course }: Measurement, gap: number): string {
  const hit = course.find(([, reached]) => reached <= gap)
  return hit ? secondsText(hit[0]) : '–'
}
