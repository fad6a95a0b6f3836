import { parseArgs } from 'node:util'
import {
  branchAndBoundOracle,
  createPacer,
  createProblem,
  type Matrix,
  matrix,
  multistartOracle,
  type Problem,
} from '@relucent/core'
import { type Data, MissingDataError, normalFrom } from './dataset.ts'
import { banknoteBias, banknoteClasses } from './datasets/banknote.ts'
import { irisAll, irisAllBias } from './datasets/iris.ts'
import { leastSquaresResidual } from './least-squares.ts'
import { header, median, secondsText, table } from './report.ts'

/** The pricing problem alone: max ‖Zᵀ(Xu)₊‖ over the unit ball, from nothing, down to bound ≤ (1 + tolerance) value. */
interface Case {
  readonly name: string
  readonly tolerance: number
  readonly load: () => { readonly problem: Problem; readonly dual: Matrix }
}

const { values } = parseArgs({
  options: {
    repeat: { type: 'string', default: '3' },
    seed: { type: 'string', default: '0' },
    limit: { type: 'string', default: '60' },
    only: { type: 'string', default: '' },
  },
})
const seed = Number(values.seed)

const cases: readonly Case[] = [
  gaussianCase(1000, 3, 10, 1e-6),
  gaussianCase(1000, 4, 3, 1e-3),
  gaussianCase(100, 5, 3, 1e-3),
  residualCase(irisAll, 1e-3),
  residualCase(irisAllBias, 1e-3),
  residualCase(banknoteClasses, 1e-3),
  residualCase(banknoteBias, 1e-3),
]

const rows: string[][] = []
const skipped: string[] = []
for (const one of cases.filter(({ name }) => name.includes(values.only))) {
  try {
    rows.push(await rowOf(one))
    console.error(rows.at(-1)?.join(', '))
  } catch (error) {
    if (!(error instanceof MissingDataError)) throw error
    skipped.push(`skipped ${one.name}: ${error.message}`)
  }
}
const how = `median of ${values.repeat} runs in one process, after one that is not counted; limit ${values.limit} s`
console.log(`${header('pricing', [seed])}; ${how}`)
const heuristic = 'heuristic / value'
console.log(
  table(['dual', 'n', 'rank', 'c', 'wanted', 'bound/value − 1', 'nodes', 'seconds', 'nodes/s', heuristic], rows),
)
for (const line of skipped) console.log(line)

async function rowOf({ name, tolerance, load }: Case): Promise<string[]> {
  const { problem, dual } = load()
  const runs = []
  for (let k = 0; k <= Number(values.repeat); k++) {
    const start = performance.now()
    const pacer = createPacer({ timeLimitSeconds: Number(values.limit) })
    const priced = await branchAndBoundOracle(problem).price(dual, { relativeTolerance: tolerance, pacer })
    const seconds = (performance.now() - start) / 1000
    runs.push({ seconds, nodes: priced.nodes ?? 0, bound: priced.bound.value, value: priced.candidates[0].value })
    if (seconds >= Number(values.limit)) break
  }
  const run = median(runs.length > 1 ? runs.slice(1) : runs)
  const ascents = await multistartOracle(problem, { seed }).price(dual)
  return [
    name,
    ...[dual.rows, problem.reduction.rank, dual.cols].map(String),
    tolerance.toExponential(),
    (run.bound / run.value - 1).toExponential(1),
    String(run.nodes),
    secondsText(run.seconds),
    String(Math.round(run.nodes / run.seconds)),
    ((ascents.candidates[0]?.value ?? 0) / run.value).toFixed(6),
  ]
}

/** Gaussian data and a Gaussian dual: no structure to help the search. */
function gaussianCase(n: number, d: number, c: number, tolerance: number): Case {
  return {
    name: `random n=${n} r=${d} c=${c}`,
    tolerance,
    load() {
      const normal = normalFrom(seed)
      const draw = (cols: number): Matrix => matrix(n, cols, Float64Array.from({ length: n * cols }, normal))
      const problem = createProblem({ X: draw(d), Y: draw(c), beta: 1 })
      return { problem, dual: problem.Y }
    },
  }
}

/** What a linear model leaves over: the dual a run on real data starts near, on features that are correlated. */
function residualCase(dataset: { readonly name: string; load(seed: number): Data }, tolerance: number): Case {
  return {
    name: `${dataset.name}, residual`,
    tolerance,
    load() {
      const problem = createProblem({ ...dataset.load(seed), beta: 1 })
      return { problem, dual: leastSquaresResidual(problem) }
    },
  }
}
