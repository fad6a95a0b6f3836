import { parseArgs } from 'node:util'
import {
  type ConicProgram,
  createProblem,
  type DoublyNonnegativeSolver,
  gaussian,
  interiorPoint,
  matrix,
  type Matrix,
  provenDualValue,
  relaxCopositively,
  seededRandom,
} from '@relucent/core'
import { conditions, header } from './conditions.ts'
import { alternatingDirections } from './conic/alternating-directions.ts'
import { coneMaximumProgram, copositiveProgram } from './internals.ts'
import { writeResult } from './records.ts'
import { table } from './report.ts'
import { cpuSeconds } from './cpu-pacer.ts'

// Two ways to solve the conic programs: seconds of CPU time until the *proven* bound is within a share of the best bound that either
// of them proved. What proving costs is not counted.

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, seed: { type: 'string', default: '0' } },
})
const [seconds, seed] = [values.seconds, values.seed].map(Number)
const shares = [1e-2, 1e-4, 1e-6, 1e-8]
const solvers = [interiorPoint, alternatingDirections]

interface Row {
  readonly program: string
  readonly solver: string
  /** Null where it never was. */
  readonly reached: readonly (number | null)[]
  readonly steps: number
  readonly seconds: number
}

const next = seededRandom(seed)
const rows: Row[] = []
for (const [name, program] of await programs()) rows.push(...(await compared(name, program)))
writeResult('conic', { seconds, rows, conditions: conditions(seed) })
console.log(`${header('conic', [seed])}\nat most ${seconds} s a run; seconds of CPU time\n`)
console.log(
  table(
    ['program', 'method', ...shares.map((share) => `s to ${share.toExponential(0)}`), 'iterates', 'seconds'],
    rows.map((row) => [
      row.program,
      row.solver,
      ...row.reached.map((at) => (at === null ? '–' : at.toFixed(3))),
      String(row.steps),
      row.seconds.toFixed(2),
    ]),
  ),
)

async function programs(): Promise<[string, ConicProgram][]> {
  const out: [string, ConicProgram][] = []
  for (const [n, d, c, beta] of [
    [6, 2, 2, 0.1],
    [8, 3, 3, 0.3],
    [7, 4, 3, 0.03],
    [25, 2, 5, 0.01],
    [15, 3, 1, 0.1],
    [60, 2, 3, 0.1],
  ]) {
    const problem = createProblem({ X: random(n, d), Y: random(n, c), beta })
    const relaxation = await relaxCopositively(problem)
    if (!relaxation) continue
    const data = { X: problem.reduction.Xr, Y: problem.Y, beta }
    const name = `(19), n=${n} d=${d} c=${c} β=${beta}, ${relaxation.cells.length} cells`
    out.push([name, copositiveProgram(data, relaxation.cells, relaxation.variant)])
  }
  for (const order of [10, 20, 40, 60]) {
    const A = random(order, order)
    const R = matrix(
      order,
      order,
      A.data.map((value, k) => value + A.data[(k % order) * order + Math.floor(k / order)]),
    )
    const W = matrix(
      order,
      order,
      A.data.map((_, k) => (k % (order + 1) === 0 ? 1 : 0)),
    )
    out.push([`(3), order ${order}`, coneMaximumProgram(R, W)])
  }
  return out
}

async function compared(name: string, program: ConicProgram): Promise<Row[]> {
  const runs: { solver: string; found: { at: number; bound: number }[] }[] = []
  for (const solver of solvers) runs.push({ solver: solver.name, found: await followed(solver, program) })
  const best = Math.max(...runs.flatMap(({ found }) => found.map(({ bound }) => bound)))
  return runs.map(({ solver, found }) => ({
    program: name,
    solver,
    reached: shares.map((share) => found.find(({ bound }) => best - bound <= share * Math.abs(best))?.at ?? null),
    steps: found.length,
    seconds: found.at(-1)?.at ?? 0,
  }))
}

async function followed(
  solver: DoublyNonnegativeSolver,
  program: ConicProgram,
): Promise<{ at: number; bound: number }[]> {
  const found: { at: number; bound: number }[] = []
  const start = cpuSeconds()
  let aside = 0
  for await (const iterate of solver.iterates(program)) {
    const now = cpuSeconds()
    found.push({ at: now - start - aside, bound: provenDualValue(program, iterate) })
    aside += cpuSeconds() - now
    if (now - start - aside > seconds) break
  }
  return found
}

function random(rows: number, cols: number): Matrix {
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => gaussian(next)),
  )
}
