import { parseArgs } from 'node:util'
import { MissingDataError } from './dataset.ts'
import type { Measurement } from './measure.ts'
import { betaOf, gapText, header, inOwnProcess, median, secondsText, table } from './report.ts'
import { type ContenderName, contenderNames } from './solver.ts'
import { type Target, targets, type Wanted } from './targets.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    repeat: { type: 'string', default: '3' },
    seeds: { type: 'string', default: '0' },
    solver: { type: 'string', default: contenderNames[0] },
    limit: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(`npm run bench -- [--only text] [--repeat 3] [--seeds 0,1,2] [--limit seconds] [--solver name]
  --only    targets whose name contains the text
  --seeds   of generated data; one line per seed
  --limit   replaces the time limit of targets that have a longer one
  --solver  ${contenderNames.join(', ')}`)
  process.exit(0)
}

const seeds = values.seeds.split(',').map(Number)
const head = ['problem', 'n', 'd', 'c', 'rank', 'β', 'objective', 'lower bound', 'rel. gap', 'neurons', 'rounds']
head.push('pricing calls', 'nodes', 'seconds', 'CPU s', 'MB', 'target', 'reached')

const rows: string[][] = []
const skipped: string[] = []
for (const target of targets.filter(({ name }) => name.includes(values.only))) {
  for (const seed of seeds) {
    try {
      const cells = await rowOf(target, seed)
      rows.push(cells)
      console.error(`${cells[0]}: gap ${cells[8]}, ${cells[13]} s, reached: ${cells[17]}`)
    } catch (error) {
      if (!(error instanceof MissingDataError)) throw error
      skipped.push(`skipped ${target.name}: ${error.message}`)
      break
    }
  }
}
const how = `solver ${values.solver}; median of ${values.repeat} runs, each in a new process`
console.log(`${header('targets', seeds)}; ${how}`)
console.log(table(head, rows))
for (const line of skipped) console.log(line)

async function rowOf(target: Target, seed: number): Promise<string[]> {
  const beta = await betaOf(target, seed)
  const timeLimitSeconds = Math.min(target.timeLimitSeconds, Number(values.limit ?? Number.POSITIVE_INFINITY))
  const assignment = { target: target.name, seed, beta, contender: values.solver as ContenderName, timeLimitSeconds }
  const runs: Measurement[] = []
  for (let k = 0; k < (target.once ? 1 : Number(values.repeat)); k++) runs.push(await inOwnProcess(assignment))
  const m = median(runs)
  const name = seeds.length > 1 ? `${target.name}, seed ${seed}` : target.name
  return [
    name,
    ...[m.n, m.d, m.c, m.rank].map(String),
    String(Number(m.beta.toPrecision(4))),
    m.objective.toPrecision(9),
    m.lowerBound.toPrecision(9),
    gapText(m.relativeGap),
    ...[m.neurons, m.iterations, m.calls, m.nodes].map(String),
    secondsText(m.seconds),
    secondsText(m.cpuSeconds),
    m.megabytes.toFixed(0),
    wantedText(target.wanted),
    reached(m, target.wanted) ? 'yes' : 'no',
  ]
}

function reached(m: Measurement, wanted: Wanted): boolean {
  return (
    m.relativeGap <= (wanted.relativeGap ?? 1) &&
    Math.min(m.seconds, m.cpuSeconds) <= (wanted.seconds ?? Number.POSITIVE_INFINITY) &&
    m.seconds <= (wanted.clockSeconds ?? Number.POSITIVE_INFINITY) &&
    m.objective <= (wanted.objective ?? Number.POSITIVE_INFINITY) &&
    (!wanted.bound || m.lowerBound > 0)
  )
}

function wantedText({ relativeGap, seconds, clockSeconds, objective, bound }: Wanted): string {
  const parts: string[] = []
  if (relativeGap !== undefined) parts.push(`gap ≤ ${relativeGap.toExponential()}`)
  if (objective !== undefined) parts.push(`objective ≤ ${objective}`)
  if (bound) parts.push('bound > 0')
  if (seconds !== undefined) parts.push(`≤ ${seconds} s`)
  if (clockSeconds !== undefined) parts.push(`≤ ${clockSeconds} s by the clock`)
  return parts.join(', ')
}
