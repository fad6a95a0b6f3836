import { parseArgs } from 'node:util'
import {
  balance,
  createProblem,
  gaussian,
  interiorPoint,
  leadingDirections,
  lift,
  type Matrix,
  network,
  type Neuron,
  objective,
  type Problem,
  project,
  roundBySplitting,
  sampledDirections,
  seededRandom,
  semidefiniteValues,
  train,
} from '@relucent/core'
import { planted } from '@relucent/io'
import { conditions, header } from './conditions.ts'
import { cellNewton, tightSamples } from './internals.ts'
import { writeResult } from './records.ts'
import { table } from './report.ts'
import { cpuSeconds } from './cpu-pacer.ts'

// Roundings of the semidefinite relaxation: objective over the best one known, as rounded and after the master has weighted
// and moved the neurons; beside as many random directions, which know nothing of the relaxation.

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '25' },
    d: { type: 'string', default: '2' },
    c: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '40' },
    seed: { type: 'string', default: '0' },
    betas: { type: 'string', default: '0.1,0.01' },
    directions: { type: 'string', default: '64' },
  },
})
const [n, d, c, seconds, seed, count] = [
  values.n,
  values.d,
  values.c,
  values.seconds,
  values.seed,
  values.directions,
].map(Number)

const rows: string[][] = []
for (const beta of values.betas.split(',').map(Number)) rows.push(...(await compared(beta)))
const head = ['β', 'bound/best', 'rounding', 'rounded/best', 'master/best', 'neurons', 's']
writeResult('rounding', { n, d, c, seconds, directions: count, head, rows, conditions: conditions(seed) })
console.log(`${header('rounding', [seed])}\nn=${n} d=${d} c=${c}, ${count} directions\n\n${table(head, rows)}`)

interface Rounding {
  readonly name: string
  /** Its objective before the master; null for directions without weights. */
  readonly rounded: number | null
  readonly value: number
  readonly neurons: number
  readonly seconds: number
}

/** Against the least objective of all, column generation's included, which is the optimum where that was certified in time. */
async function compared(beta: number): Promise<string[][]> {
  const next = seededRandom(seed)
  const { X, Y } = planted(() => gaussian(next), { n, d, c, neurons: 100 })
  const problem = createProblem({ X, Y, beta })
  const { certificate } = await train(problem, { tolerance: 1e-6, timeLimitSeconds: seconds })
  const { bound, theta } = await relaxation(problem)
  const done = await roundings(problem, theta)
  const best = Math.min(certificate.objective, ...done.map(({ value }) => value))
  const share = (value: number | null): string => (value === null ? '–' : (value / best).toFixed(5))
  const gap = certificate.relativeGap?.toExponential(1) ?? '–'
  return [
    [
      String(beta),
      share(bound),
      `column generation, certified gap ${gap}`,
      '–',
      share(certificate.objective),
      '–',
      '–',
    ],
    ...done.map((one) => [
      String(beta),
      share(bound),
      one.name,
      share(one.rounded),
      share(one.value),
      String(one.neurons),
      one.seconds.toFixed(2),
    ]),
  ]
}

async function roundings(problem: Problem, theta: Matrix): Promise<Rounding[]> {
  const done: Rounding[] = []
  const add = async (
    name: string,
    neurons: readonly Neuron[],
    rounded: number | null,
    start: number,
  ): Promise<void> => {
    done.push({ name, rounded, ...(await master(problem, neurons)), seconds: cpuSeconds() - start })
  }
  for (const step of [0.75, 0.25]) {
    const start = cpuSeconds()
    const found = await roundBySplitting(problem, theta, { step })
    const neurons = (found?.network.neurons ?? []).map(({ u, v }) => ({ u: project(problem.reduction, u), v }))
    await add(`splitting, step ${step}`, neurons, found && objective(problem, found.network), start)
  }
  const own = seededRandom(seed + 1)
  const ways: Record<string, () => Float64Array[]> = {
    'leading eigenvectors': () => leadingDirections(problem, theta, count),
    'Gaussian samples': () => sampledDirections(problem, theta, count, seed),
    'random directions, no relaxation': () =>
      Array.from({ length: count }, () => Float64Array.from({ length: problem.reduction.rank }, () => gaussian(own))),
  }
  for (const [name, directions] of Object.entries(ways)) {
    const start = cpuSeconds()
    const neurons = directions().map((u) => ({ u, v: new Float64Array(c) }))
    await add(name, neurons, null, start)
  }
  return done
}

/** The best bound, and the last solution, in the time there is. */
async function relaxation(problem: Problem): Promise<{ bound: number; theta: Matrix }> {
  let bound = 0
  let theta: Matrix | null = null
  const start = cpuSeconds()
  // In few, dear steps to a solution of many digits, for as long as the program is small.
  for await (const { lowerBound, primal } of semidefiniteValues(problem, { solver: interiorPoint })) {
    bound = Math.max(bound, lowerBound)
    theta = primal ?? theta
    if (cpuSeconds() - start > seconds) break
  }
  if (theta) return { bound, theta }
  throw new Error(`rounding: no solution to round after ${seconds} s of CPU time; raise --seconds`)
}

async function master(problem: Problem, neurons: readonly Neuron[]): Promise<{ value: number; neurons: number }> {
  const { reduction, Y, beta } = problem
  const columns = neurons.map(({ u, v }) => ({ u, v, tight: tightSamples(reduction.Xr, u) }))
  const settled = await cellNewton.solve({ X: reduction.Xr, Y, beta }, columns, { tolerance: 1e-10 })
  const lifted = settled.map(({ u, v }) => ({ u: lift(reduction, u), v }))
  return { value: objective(problem, balance(network(problem.X.cols, c, lifted))), neurons: settled.length }
}
