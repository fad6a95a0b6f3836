import { parseArgs } from 'node:util'
import {
  activePairs,
  augmentedLagrangian,
  createProblem,
  defaultBackend,
  type DoublyNonnegativeSolver,
  entrywiseSplitting,
  gaussian,
  interiorPoint,
  matrix,
  type Matrix,
  type Problem,
  seededRandom,
  semidefiniteValues,
  registerBackend,
  train,
} from '@relucent/core'
import { nativeBackend } from '@relucent/native'
import { conditions, header } from './conditions.ts'
import { writeResult } from './records.ts'
import { table } from './report.ts'
import { cpuSeconds } from './cpu-pacer.ts'

// The semidefinite relaxation of the completely positive program: seconds of CPU time, proofs included, until the proven value is
// within a share of the best value proven here by any method, and how far that is below the certified optimum. With --native in
// the machine's BLAS and LAPACK, on one thread.

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '25' },
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '0' },
    method: { type: 'string', default: 'all' },
    betas: { type: 'string', default: '0.1,0.01' },
    native: { type: 'boolean', default: false },
  },
})
const [n, seconds, seed] = [values.n, values.seconds, values.seed].map(Number)
const shares = [1e-1, 1e-2, 1e-3, 1e-4]
const methods = values.method.split(',')
const solvers = [activePairs, augmentedLagrangian, entrywiseSplitting, interiorPoint].filter(
  ({ name }) => methods[0] === 'all' || methods.includes(name),
)
if (values.native) {
  const found = nativeBackend()
  if (!found.backend) throw new Error(`no native backend: ${found.reason}`)
  registerBackend(found.backend)
}

const rows: string[][] = []
for (const beta of values.betas.split(',').map(Number)) rows.push(...(await compared(planted(beta), beta)))
const head = ['β', 'method', ...shares.map((share) => `s to ${share.toExponential(0)}`), 's to duality gap 1e-4', 'best', 'best/p*'] // biome-ignore format: a table
writeResult('semidefinite', { n, seconds, head, rows, conditions: conditions(seed) })
console.log(
  `${header('semidefinite', [seed])}\nn=${n} d=2 c=5, backend ${defaultBackend().name}, at most ${seconds} s of CPU time a run\n\n${table(head, rows)}`,
)

/** The randomised data of Prakhya, Birdal, Yurtsever (ICLR 2025): Gaussian samples, a teacher of 100 neurons scaled to order one. */
function planted(beta: number): Problem {
  const next = seededRandom(seed)
  const random = (rows: number, cols: number): Matrix =>
    matrix(
      rows,
      cols,
      Float64Array.from({ length: rows * cols }, () => gaussian(next)),
    )
  const [X, U, V, Y] = [random(n, 2), random(100, 2), random(100, 5), matrix(n, 5)]
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < 100; j++) {
      const active = Math.max(0, X.data[2 * i] * U.data[2 * j] + X.data[2 * i + 1] * U.data[2 * j + 1])
      for (let t = 0; t < 5; t++) Y.data[5 * i + t] += (active * V.data[5 * j + t]) / 10
    }
  }
  return createProblem({ X, Y, beta })
}

async function compared(problem: Problem, beta: number): Promise<string[][]> {
  const runs: { name: string; found: readonly Found[] }[] = []
  for (const solver of solvers) runs.push({ name: solver.name, found: await followed(problem, solver) })
  const best = Math.max(...runs.flatMap(({ found }) => found.map(({ bound }) => bound)))
  const { certificate } = await train(problem, { tolerance: 1e-6 })
  return runs.map(({ name, found }) => {
    const own = Math.max(...found.map(({ bound }) => bound))
    const reached = shares.map((share) => found.find(({ bound }) => best - bound <= share * best)?.at.toFixed(2) ?? '–')
    const closed = found.find(({ gap }) => gap <= 1e-4)?.at.toFixed(2) ?? '–'
    return [String(beta), name, ...reached, closed, own.toFixed(6), (own / certificate.objective).toFixed(4)]
  })
}

interface Found {
  readonly at: number
  readonly bound: number
  /** Between the estimate of the relaxation's optimum and the bound, relative to the bound. */
  readonly gap: number
}

async function followed(problem: Problem, solver: DoublyNonnegativeSolver): Promise<Found[]> {
  const found: Found[] = []
  const start = cpuSeconds()
  for await (const { lowerBound, estimate } of semidefiniteValues(problem, { solver, tolerance: 1e-6 })) {
    const gap = (estimate - lowerBound) / lowerBound
    found.push({ at: cpuSeconds() - start, bound: lowerBound, gap })
    if (cpuSeconds() - start > seconds) break
  }
  return found
}
