import {
  applyPreprocessing,
  branchAndBoundOracle,
  copositiveOracle,
  createProblem,
  exactOracle,
  fitPreprocessing,
  matrix,
  type OracleFactory,
  semidefiniteOracle,
  train,
  UnsupportedProblemError,
} from '@relucent/core'
import { cpuPacer, cpuSeconds } from '../cpu-pacer.ts'
import { columns, type Dataset, oneHot, sharedTable } from '../dataset.ts'
import { irisAll } from '../datasets/iris.ts'
import { planted } from '../datasets/planted.ts'
import { haberman, teaching, vertebral } from '../datasets/uci.ts'
import { betaOf } from '../report.ts'

const oracles: readonly [string, OracleFactory][] = [
  ['branch and bound', (problem) => branchAndBoundOracle(problem)],
  ['the default', exactOracle],
  ['cells, (19)', (problem) => copositiveOracle(problem)],
  ['semidefinite', (problem) => semidefiniteOracle(problem, { inequalities: 'none' })],
  ['with cuts', (problem) => semidefiniteOracle(problem)],
]

export const pricingHead = ['dual of', 'n', 'r', 'c', ...oracles.map(([name]) => name)]

/** 175 of the 351 rows, 34 features of which one is constant. */
const ionosphere: Dataset = {
  name: 'ionosphere, every second row',
  load() {
    const table = sharedTable('data/uci/ionosphere.csv')
    const all = columns(table)
    const d = table.names.length - 1
    const kept = Array.from({ length: Math.floor(all.rows / 2) }, (_, i) => 2 * i)
    const features = matrix(kept.length, d)
    kept.forEach((i, at) => features.data.set(all.data.subarray(i * (d + 1), i * (d + 1) + d), at * d))
    const X = applyPreprocessing(fitPreprocessing('standardize', features), features)
    return { X, Y: oneHot(kept.map((i) => all.data[i * (d + 1) + d])) }
  },
}

const datasets: readonly Dataset[] = [
  ...[2, 3, 4, 6, 8, 10, 20, 34].map((d) => planted({ n: 60, d, c: 2 })),
  irisAll,
  haberman,
  teaching,
  vertebral,
  ionosphere,
]

/** bound/value − 1 of duals near the optimum, after the same time of the processor. */
export async function pricing(seed: number, seconds: number, only: string): Promise<string[][]> {
  const rows: string[][] = []
  for (const dataset of datasets.filter(({ name }) => name.includes(only))) {
    const beta = await betaOf({ beta: { ratio: 0.01 }, dataset }, seed)
    const problem = createProblem({ ...dataset.load(seed), beta })
    const { dual } = await train(problem, { seed, timeLimitSeconds: 5 })
    const answers: { bound: number; seconds: number }[] = []
    let value = 0
    for (const [, create] of oracles) {
      const start = cpuSeconds()
      try {
        const { candidates, bound } = await create(problem).price(dual, {
          pacer: cpuPacer(seconds),
          relativeTolerance: 1e-6,
        })
        value = Math.max(value, candidates[0]?.value ?? 0)
        answers.push({ bound: bound.value, seconds: cpuSeconds() - start })
      } catch (error) {
        if (!(error instanceof UnsupportedProblemError)) throw error
        answers.push({ bound: Number.NaN, seconds: 0 })
      }
    }
    const cells = answers.map(({ bound, seconds: used }) =>
      Number.isNaN(bound) ? 'refused' : `${(bound / value - 1).toExponential(1)} (${used.toFixed(1)} s)`,
    )
    rows.push([dataset.name, String(problem.X.rows), String(problem.reduction.rank), String(problem.Y.cols), ...cells])
    console.error(rows.at(-1)?.join('  '))
  }
  return rows
}
