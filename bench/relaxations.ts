import { parseArgs } from 'node:util'
import { conditions, header } from './conditions.ts'
import { writeResult } from './records.ts'
import { exactness, exactnessHead } from './relaxations/exactness.ts'
import { hybridHead, hybrids } from './relaxations/hybrid.ts'
import { pricing, pricingHead } from './relaxations/pricing.ts'
import { table } from './report.ts'

// What the relaxations are worth: how tight they are where the optimum is known, as pricing beside branch and bound, and in the hybrid solver.

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'exactness' },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
})

const parts: Record<
  string,
  (seed: number, seconds: number, only: string) => Promise<{ head: readonly string[]; rows: string[][] }>
> = {
  exactness: async (seed, seconds, only) => ({ rows: await exactness(seed, seconds, only), head: exactnessHead }),
  pricing: async (seed, seconds, only) => ({ rows: await pricing(seed, seconds, only), head: pricingHead }),
  hybrid: async (seed, seconds, only) => ({ rows: await hybrids(seed, seconds, only), head: hybridHead }),
}

const part = parts[values.part]
if (values.help || !part) {
  console.log(`npm run bench -- relaxations [--part exactness|pricing|hybrid] [--only text] [--seconds 20] [--seed 0]
  exactness  (19) and the semidefinite program, with and without cuts, against certified optima in the plane; fails where (19) is not the optimum
  pricing    duals near the optimum, in ranks 2 to 34: the bound of each oracle after the same time
  hybrid     column generation alone and together with the semidefinite program, after the same time
  --only     data whose name contains the text
  --seconds  of the processor, for each run`)
  process.exit(values.help ? 0 : 2)
}

const [seed, seconds] = [Number(values.seed), Number(values.seconds)]
const { head, rows } = await part(seed, seconds, values.only)
writeResult(`relaxations-${values.part}`, { seconds, head, rows, conditions: conditions(seed) })
console.log(
  `${header('relaxations', [seed])}\n${values.part}, at most ${seconds} s of CPU time a run\n\n${table(head, rows)}`,
)
