import { parseArgs } from 'node:util'
import { branchAndBoundOracle, createPacer, parallelBranchAndBound, type PricingOracle } from '@relucent/core'
import { nodeThreads } from 'relucent'
import { conditions, header } from './conditions.ts'
import { gaussianCase, pricingCases } from './pricing/cases.ts'
import { threadsTable } from './record-tables.ts'
import { type ThreadsResult, writeResult } from './records.ts'

type Pair = ThreadsResult['pairs'][number]

/** Of many minutes: no run ends before its time is up. */
const long = gaussianCase('random', 1000, 6, 3, { gap: 1e-4 })
const cases = [long, ...pricingCases]

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    seed: { type: 'string', default: '0' },
    case: { type: 'string', default: long.name },
  },
})
const wanted = 1.7
await compareThreads()

/** In pairs, so that neighbours on the machine slow both; the order alternates. */
async function compareThreads(): Promise<void> {
  const seed = Number(values.seed)
  const found = cases.find(({ name }) => name === values.case)
  if (!found) throw new Error(`threads: no case is called ${values.case}`)
  await found.prepare?.(seed)
  const { problem, dual } = found.load(seed)
  const nodesPerSecond = async (oracle: PricingOracle): Promise<number> => {
    const pacer = createPacer({ timeLimitSeconds: Number(values.seconds) })
    const start = performance.now()
    const { nodes = 0 } = await oracle.price(dual, { relativeTolerance: 0, pacer })
    return nodes / ((performance.now() - start) / 1000)
  }
  const both = nodeThreads(2)
  const oracles: Record<number, PricingOracle> = {
    1: branchAndBoundOracle(problem),
    2: parallelBranchAndBound(both)(problem),
  }
  const pair = async (k: number): Promise<Pair> => {
    const order = k % 2 === 0 ? [1, 2] : [2, 1]
    const speed: Record<number, number> = {}
    for (const threads of order) {
      speed[threads] = await nodesPerSecond(oracles[threads])
    }
    return { one: speed[1], two: speed[2], ratio: speed[2] / speed[1] }
  }

  await pair(0) // compiles, starts the workers; not counted
  const pairs: Pair[] = []
  for (let k = 0; k < Number(values.pairs); k++) pairs.push(await pair(k))
  both.close()
  const ratio = pairs.map((one) => one.ratio).toSorted((a, b) => a - b)[Math.floor((pairs.length - 1) / 2)]
  const result: ThreadsResult = {
    name: values.case,
    wanted: { ratio: wanted },
    pairs,
    ratio,
    reached: ratio >= wanted,
    conditions: conditions(seed),
  }
  writeResult('threads', result)
  console.log(`${header('threads', [seed])}; ${values.seconds} s a run\n\n${threadsTable(result)}`)
}
