import { createPacer, exactOracle, multistartOracle } from '@relucent/core'
import { median } from '../report.ts'
import { pricingCases, type PricingInput } from './cases.ts'

export interface PricingAssignment {
  readonly name: string
  readonly seed: number
  readonly repeat: number
  /** Of each run. */
  readonly limitSeconds: number
}

export interface PricingMeasurement {
  readonly n: number
  readonly rank: number
  readonly c: number
  readonly beta: number
  /** Attained, and proven. */
  readonly value: number
  readonly bound: number | null
  /** bound / value − 1; null while either is missing. */
  readonly gap: number | null
  readonly nodes: number
  /** By the clock, data in memory, in a process that has priced the same before. */
  readonly seconds: number
  readonly cpuSeconds: number
  /** The first run of the process, compilation included. */
  readonly coldSeconds: number
  /** Largest resident set of the process, Node itself included. */
  readonly megabytes: number
  /** What random starts and ascents alone attain, as a share of `value`. */
  readonly heuristic: number
}

/** How much of the gap the search may use: rounding, which a bound pays for at the end, comes on top. */
const searchShare = 0.9

const heuristicLimit = { timeLimitSeconds: 3 }

/** A first run this long is hardly slower for being the first: it counts. */
const coldMatters = 2

/** Prices one case `repeat` times after a first run; `bench/run-one.ts` does it in a process of its own. */
export async function measurePricing({
  name,
  seed,
  repeat,
  limitSeconds,
}: PricingAssignment): Promise<PricingMeasurement> {
  const one = pricingCases.find((candidate) => candidate.name === name)
  if (!one) throw new Error(`measurePricing: no case is called ${name}`)
  const input = one.load(seed)
  const { problem, dual } = input
  const run = () => timed(input, searchShare * one.wanted.gap, limitSeconds)
  const cold = await run()
  const runs = cold.seconds < coldMatters ? [] : [cold]
  while (runs.length < repeat && (runs.at(-1)?.seconds ?? 0) < limitSeconds) runs.push(await run())
  const { bound, value, ...cost } = median(runs)
  const { maxRSS } = process.resourceUsage()
  const ascents = await multistartOracle(problem, { seed }).price(dual, { pacer: createPacer(heuristicLimit) })
  return {
    n: dual.rows,
    rank: problem.reduction.rank,
    c: dual.cols,
    beta: problem.beta,
    value,
    bound: Number.isFinite(bound) ? bound : null,
    gap: Number.isFinite(bound) && value > 0 ? bound / value - 1 : null,
    ...cost,
    coldSeconds: cold.seconds,
    megabytes: maxRSS / 1024,
    heuristic: (ascents.candidates[0]?.value ?? 0) / value,
  }
}

async function timed({ problem, dual }: PricingInput, relativeTolerance: number, timeLimitSeconds: number) {
  const cpu = process.cpuUsage()
  const start = performance.now()
  const pacer = createPacer({ timeLimitSeconds })
  // A new oracle every time: nothing is carried over but compiled code.
  const priced = await exactOracle(problem).price(dual, { relativeTolerance, pacer })
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const value = priced.candidates[0]?.value ?? 0
  return { value, bound: priced.bound.value, nodes: priced.nodes ?? 0, seconds, cpuSeconds: (user + system) / 1e6 }
}
