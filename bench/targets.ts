import { parseArgs } from 'node:util'
import { header } from './conditions.ts'
import { MissingDataError } from './dataset.ts'
import { fitRecord } from './fit-runs.ts'
import { fitTable } from './record-tables.ts'
import { type FitRecord, keepRecord } from './records.ts'
import { gapText, secondsText } from './report.ts'
import { type ContenderName, contenderNames } from './solver.ts'
import { firstTargets } from './targets/version-0-1.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    repeat: { type: 'string', default: '3' },
    seeds: { type: 'string', default: '0' },
    solver: { type: 'string', default: contenderNames[0] },
    limit: { type: 'string', default: 'Infinity' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(`npm run bench -- targets [--only text] [--repeat 3] [--seeds 0,1,2] [--limit seconds] [--solver name]
  --only    targets whose name contains the text
  --seeds   of generated data; one line per seed
  --limit   replaces the time limit of targets that have a longer one
  --solver  ${contenderNames.join(', ')}; only the first is kept in bench/out/targets.json`)
  process.exit(0)
}

const seeds = values.seeds.split(',').map(Number)
const contender = values.solver as ContenderName
const records: FitRecord[] = []
const skipped: string[] = []
for (const target of firstTargets.filter(({ name }) => name.includes(values.only))) {
  for (const seed of seeds) {
    try {
      const limits = { repeat: Number(values.repeat), limitSeconds: Number(values.limit) }
      const record = await fitRecord(target, { group: 'target', seed, contender, ...limits })
      records.push(record)
      if (contender === contenderNames[0]) keepRecord('targets', record)
      const { relativeGap, seconds } = record.measured
      console.error(
        `${target.name}: gap ${gapText(relativeGap)}, ${secondsText(seconds)} s, reached: ${record.reached}`,
      )
    } catch (error) {
      if (!(error instanceof MissingDataError)) throw error
      skipped.push(`skipped ${target.name}: ${error.message}`)
      break
    }
  }
}
const how = `solver ${values.solver}; median of ${values.repeat} runs, each in a new process`
console.log(`${header('targets', seeds)}; ${how}`)
if (records.length > 0) console.log(fitTable(records))
for (const line of skipped) console.log(line)
