import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { conditions, header } from './conditions.ts'
import { MissingDataError } from './dataset.ts'
import { writeFigures } from './figures.ts'
import { fitRecord } from './fit-runs.ts'
import { type PricingCase, pricingCases } from './pricing/cases.ts'
import { cost } from './record-tables.ts'
import { type BenchRecord, keepRecord, type PricingRecord, readRecords } from './records.ts'
import { gapText, inOwnProcess, secondsText } from './report.ts'
import { sections } from './sections.ts'
import { fits } from './targets/fits.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    repeat: { type: 'string', default: '3' },
    seed: { type: 'string', default: '0' },
    limit: { type: 'string', default: '60' },
    'fit-limit': { type: 'string', default: 'Infinity' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(`npm run bench -- pricing [--only text] [--repeat 3] [--seed 0] [--limit seconds] [--fit-limit seconds]
  --only       cases whose group or name contains the text; groups are random, residual, late, growth, fit
  --repeat     runs of a pricing case after the first; whole fits run once
  --limit      of each run of a pricing case
  --fit-limit  replaces the time limit of fits that have a longer one`)
  process.exit(0)
}

const seed = Number(values.seed)
/** Random cases are easy and hard by chance: growth is measured on three. */
const seedsOf = ({ group }: PricingCase): readonly number[] =>
  group === 'growth' ? [seed, seed + 1, seed + 2] : [seed]
const isChosen = (group: string, name: string): boolean => `${group}: ${name}`.includes(values.only)
const records: BenchRecord[] = []
const skipped: string[] = []

for (const one of pricingCases.filter(({ group, name }) => isChosen(group, name))) {
  for (const caseSeed of seedsOf(one)) await attempt(one.name, () => price(one, caseSeed))
}
for (const target of fits.filter(({ name }) => isChosen('fit', name))) {
  const options = {
    group: 'fit',
    seed,
    repeat: 1,
    limitSeconds: Number(values['fit-limit']),
    contender: 'default',
  } as const
  await attempt(target.name, () => fitRecord(target, options))
}

console.log(
  `${header('pricing', [seed])}; median of ${values.repeat} runs per pricing case, each case in a new process`,
)
for (const [title, text] of sections(records)) console.log(`\n${title}\n\n${text}`)
for (const line of skipped) console.log(line)
const met = records.filter(({ reached }) => reached).length
console.log(`\n${met} of ${records.length} reached their target`)
for (const file of writeFigures(readRecords('pricing'))) console.log(`drawn: ${file}`)
for (const command of ['kernels', 'native', 'threads']) if (isChosen(command, command)) runCommand(command)

async function price(one: PricingCase, caseSeed: number): Promise<PricingRecord> {
  await one.prepare?.(caseSeed)
  const limits = { repeat: Number(values.repeat), limitSeconds: Number(values.limit) }
  const measured = await inOwnProcess('pricing', { name: one.name, seed: caseSeed, ...limits })
  const { group, name, wanted } = one
  const inTime = cost(measured) <= (wanted.seconds ?? Number.POSITIVE_INFINITY)
  const reached = inTime && measured.gap !== null && measured.gap <= wanted.gap
  return { group, name, wanted, measured, reached, conditions: conditions(caseSeed) }
}

/** A case whose data are not on this machine, or not to be read by a process of its own, is skipped with the reason. */
async function attempt(name: string, run: () => Promise<BenchRecord>): Promise<void> {
  try {
    const record = await run()
    records.push(record)
    keepRecord('pricing', record)
    const { measured, reached } = record
    const gap = 'gap' in measured ? measured.gap : measured.relativeGap
    console.error(`${name}: gap ${gapText(gap)}, ${secondsText(measured.seconds)} s, reached: ${reached}`)
  } catch (error) {
    if (!(error instanceof MissingDataError)) throw error
    skipped.push(`skipped ${name}: ${error.message}`)
  }
}

/** Benchmarks with their own tables, where this checkout has them. */
function runCommand(command: string): void {
  const script = fileURLToPath(new URL(`${command}.js`, import.meta.url))
  if (!existsSync(script)) return
  console.log('')
  spawnSync(process.execPath, [script], { stdio: 'inherit' })
}
