import { parseArgs } from 'node:util'
import { matrix, type Matrix } from '@relucent/core'
import { quadraticBound } from './bounds/quadratic.ts'
import { asBuilt, coverSearch, search, type SearchOutcome, withBound, withStrongBranching } from './bounds/search.ts'
import { header } from './conditions.ts'
import { MissingDataError } from './dataset.ts'
import { dualsFolder, type LateDual, lateDualCases, readLateDual, trainLateDual, writeLateDual } from './late-dual.ts'
import { gapText, secondsText, table } from './report.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    exchanged: { type: 'string', default: '' },
    gap: { type: 'string', default: '1e-2' },
    nodes: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(`npm run bench -- bounds [--only text] [--exchanged text] [--gap 1e-2] [--nodes 10000] [--seconds 30] [--seed 0]
  Searches duals near the optimum from nothing, with one choice of branch and bound exchanged at a time.
  --only       duals whose name contains the text
  --exchanged  variants whose name contains the text, beside the one as built
  --gap        a search ends at bound ≤ (1 + gap) value
  --nodes      … or after so many nodes
  --seconds    … or seconds of the processor's time`)
  process.exit(0)
}

const limits = { gap: Number(values.gap), nodes: Number(values.nodes), seconds: Number(values.seconds) }
/** Of g, on half a circle. */
const directions = 16
const variants = [asBuilt, withBound(quadraticBound), withStrongBranching(4)]
const isChosen = (title: string): boolean => title.includes(values.exchanged)
const rows: string[][] = []

for (const one of lateDualCases.filter(({ name }) => name.includes(values.only))) {
  try {
    const dual = readLateDual(dualsFolder, one.name, Number(values.seed)) ?? (await trained(one))
    await compare(dual)
  } catch (error) {
    if (!(error instanceof MissingDataError)) throw error
    console.log(`skipped ${one.name}: ${error.message}`)
  }
}

console.log(`${header('bounds', [Number(values.seed)])}\n`)
console.log(table(['dual', 'exchanged', 'bound/value − 1', 'nodes', 'CPU s', 'split at ≤ 2 r crossing'], rows))

async function trained(one: (typeof lateDualCases)[number]): Promise<LateDual> {
  const dual = await trainLateDual(one, Number(values.seed))
  writeLateDual(dualsFolder, dual)
  return dual
}

async function compare({ name, n, r, c, X: x, Z: z }: LateDual): Promise<void> {
  const X: Matrix = matrix(n, r, Float64Array.from(x))
  const Z: Matrix = matrix(n, c, Float64Array.from(z))
  let value = 0
  for (const variant of variants.filter(({ name: title }) => title === asBuilt.name || isChosen(title))) {
    const outcome = await search(X, Z, variant, limits)
    value = Math.max(value, outcome.value)
    report(name, variant.name, outcome)
  }
  const cover = `${directions} directions`
  if (c === 2 && isChosen(cover)) report(name, cover, await coverSearch(X, Z, directions, value, limits))
}

function report(name: string, exchanged: string, { gap, nodes, cpuSeconds, nearlyDecided }: SearchOutcome): void {
  const share = nearlyDecided === null ? '–' : `${(100 * nearlyDecided).toFixed(1)} %`
  const row = [name, exchanged, gapText(gap), String(nodes), secondsText(cpuSeconds), share]
  rows.push(row)
  console.error(row.join('  '))
}
