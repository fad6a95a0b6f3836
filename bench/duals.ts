import { parseArgs } from 'node:util'
import { MissingDataError } from './dataset.ts'
import { dualsFolder, lateDualCases, trainLateDual, writeLateDual } from './late-dual.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '0' },
    out: { type: 'string', default: dualsFolder },
  },
})

for (const one of lateDualCases.filter(({ name }) => name.includes(values.only))) {
  try {
    const seconds = Number(values.seconds ?? one.seconds)
    const dual = await trainLateDual({ ...one, seconds }, Number(values.seed))
    const file = writeLateDual(values.out, dual)
    console.log(`${file}: n=${dual.n} r=${dual.r} c=${dual.c} β=${dual.beta} objective ${dual.objective}`)
  } catch (error) {
    if (!(error instanceof MissingDataError)) throw error
    console.log(`skipped ${one.name}: ${error.message}`)
  }
}
