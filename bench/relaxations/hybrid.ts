import {
  balance,
  certify,
  columnGeneration,
  createProblem,
  hybrid,
  type Problem,
  type Solver,
  type SolverContext,
} from '@relucent/core'
import { cpuPacer } from '../cpu-pacer.ts'
import { type Dataset, MissingDataError } from '../dataset.ts'
import { planted } from '../datasets/planted.ts'
import { rival } from '../datasets/rivals.ts'
import { teaching, vertebral, yacht } from '../datasets/uci.ts'
import { betaOf } from '../report.ts'

export const hybridHead = ['problem', 'rank', 'solver', 'objective', 'bound', 'relative gap'] as const

interface Case {
  readonly dataset: Dataset
  readonly beta: number | { readonly ratio: number }
}

/** β of the rivals' problems is that of their figures. */
const cases: readonly Case[] = [
  { dataset: rival('A'), beta: 1.5536698886495999 },
  { dataset: rival('A3'), beta: 3.211814671529014 },
  ...[planted({ n: 100, d: 20 }), planted({ n: 60, d: 10, c: 3 }), yacht, vertebral, teaching].map(
    (dataset): Case => ({ dataset, beta: { ratio: 0.01 } }),
  ),
]

/** What either solver proves in the same time of the processor. */
export async function hybrids(seed: number, seconds: number, only: string): Promise<string[][]> {
  const rows: string[][] = []
  for (const { dataset, beta: wanted } of cases.filter((one) => one.dataset.name.includes(only))) {
    try {
      const beta = await betaOf({ beta: wanted, dataset }, seed)
      const problem = createProblem({ ...dataset.load(seed), beta })
      for (const solver of [columnGeneration(), hybrid()]) {
        const { objective, bound } = await run(problem, solver, seed, seconds)
        const figures = [objective, bound].map((value) => value.toPrecision(6))
        rows.push([
          dataset.name,
          String(problem.reduction.rank),
          solver.name,
          ...figures,
          ((objective - bound) / objective).toExponential(1),
        ])
        console.error(rows.at(-1)?.join('  '))
      }
    } catch (error) {
      if (!(error instanceof MissingDataError)) throw error
      console.error(`skipped ${dataset.name}: ${error.message}`)
    }
  }
  return rows
}

async function run(
  problem: Problem,
  solver: Solver,
  seed: number,
  seconds: number,
): Promise<{ objective: number; bound: number }> {
  const pacer = cpuPacer(seconds)
  const context: SolverContext = { pacer, tolerance: 1e-6, seed, timed: (_kind, work) => work() }
  let [objective, bound] = [Number.POSITIVE_INFINITY, 0]
  for await (const claim of solver.claims(problem, context)) {
    const certificate = certify(problem, { ...claim, network: balance(claim.network) })
    objective = Math.min(objective, certificate.objective)
    bound = Math.max(bound, certificate.lowerBound)
    if (objective - bound <= context.tolerance * objective || pacer.expired()) break
  }
  return { objective, bound }
}
