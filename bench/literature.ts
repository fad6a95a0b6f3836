import { parseArgs } from 'node:util'
import {
  columnGeneration,
  coneProgram,
  createProblem,
  cuttingPlane,
  frankWolfe,
  type Problem,
  type Solver,
  train,
} from '@relucent/core'
import { conditions, header } from './conditions.ts'
import { figure1 } from './datasets/figure1.ts'
import { planted } from './datasets/planted.ts'
import { spiral } from './datasets/spiral.ts'
import { writeResult } from './records.ts'

// The solvers of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021) beside column generation, on their Figure 1 and others: CPU
// seconds until a relative gap is certified. One after the other, in one process that has been warmed up.

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '0' },
    limit: { type: 'string', default: '120' },
    only: { type: 'string', default: '' },
  },
})
const [seed, limit] = [Number(values.seed), Number(values.limit)]
const gaps = [1e-3, 1e-6, 1e-8] as const

const contenders: Readonly<Record<string, (problem: Problem, t: number) => Solver | null>> = {
  'column generation': () => columnGeneration(),
  'Frank–Wolfe, gauge, fully corrective': () => frankWolfe({ form: 'gauge' }),
  'cutting planes': () => cuttingPlane(),
  'scalar program': ({ Y }) => (Y.cols === 1 ? coneProgram() : null),
  'Algorithm 1, bisected, fully corrective': () => frankWolfe(),
  'Algorithm 1, optimal t, 2/(2 + k)': (_, t) => frankWolfe({ variant: 'classic', t }),
  'Algorithm 1, optimal t, line search': (_, t) => frankWolfe({ variant: 'line-search', t }),
  'Algorithm 1, bisected, 2/(2 + k)': () => frankWolfe({ variant: 'classic' }),
  'cutting planes, linear': () => cuttingPlane({ cuts: 'linear' }),
}

const problems = [
  { dataset: figure1, beta: 0.01 },
  { dataset: spiral, beta: 0.1 },
  { dataset: planted({ n: 30, d: 2 }), beta: 0.1 },
  { dataset: planted({ n: 20, d: 3 }), beta: 0.1 },
]

console.log(`${header('literature', [seed])}\nCPU seconds; – is never within ${limit} s by the clock\n`)
const results: object[] = []
await train(createProblem({ ...planted({ n: 20, d: 3 }).load(1), beta: 0.1 }))
for (const { dataset, beta } of problems.filter(({ dataset: { name } }) => name.includes(values.only))) {
  const problem = createProblem({ ...dataset.load(seed), beta })
  const { network, certificate } = await train(problem, { tolerance: 1e-9 })
  const t = network.neurons.reduce((total, { u, v }) => total + Math.hypot(...u) * Math.hypot(...v), 0)
  console.log(`${dataset.name}, β = ${beta}: optimum ${certificate.objective.toPrecision(10)}, t = ${t.toPrecision(6)}`)
  const reference = await measured(problem, columnGeneration())
  for (const [name, create] of Object.entries(contenders)) {
    const solver = create(problem, t)
    if (!solver) continue
    const one = name === 'column generation' ? reference : await measured(problem, solver)
    const ratio = (one.seconds[0] ?? Number.POSITIVE_INFINITY) / (reference.seconds[0] ?? Number.NaN)
    results.push({ problem: dataset.name, beta, name, ...one, ratio })
    const times = one.seconds.map((value) => (value === null ? '–' : value.toFixed(3)).padStart(8)).join(' ')
    const end = `${one.relativeGap.toExponential(1)} ${String(one.calls).padStart(6)} ${one.total.toFixed(1).padStart(7)}`
    console.log(`  ${name.padEnd(40)} ${times}  ${end}  ${Number.isFinite(ratio) ? ratio.toFixed(1) : '–'}`)
  }
}
writeResult('literature', { results, conditions: conditions(seed) })

/** To 1e-8 or the limit. */
async function measured(problem: Problem, solver: Solver) {
  const start = process.cpuUsage()
  const spent = (): number => {
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1e6
  }
  const seconds: (number | null)[] = gaps.map(() => null)
  const { certificate, iterations } = await train(problem, {
    solver,
    tolerance: gaps[gaps.length - 1],
    timeLimitSeconds: limit,
    maxIterations: Number.MAX_SAFE_INTEGER,
    onProgress({ relativeGap }) {
      gaps.forEach((gap, k) => {
        if (relativeGap !== null && relativeGap <= gap) seconds[k] ??= spent()
      })
    },
  })
  return { seconds, relativeGap: certificate.relativeGap ?? 1, calls: iterations, total: spent() }
}
