import { parseArgs } from 'node:util'
import {
  applyPreprocessing,
  createProblem,
  defaultBackend,
  fitPreprocessing,
  type Matrix,
  registerBackend,
  rowDefect,
  softThresholdedSvd,
  type SoftThresholdedSvd,
  softThresholdedSvdSolver,
  train,
} from '@relucent/core'
import { nativeBackend } from '@relucent/native'
import { conditions, header } from './conditions.ts'
import { MissingDataError } from './dataset.ts'
import { cifar } from './datasets/cifar.ts'
import { writeResult } from './records.ts'

// Theorem 2 on 3,000 whitened CIFAR images (3000 × 3072), each less its own mean: the time of whitening, of the closed form
// after it, and, with --certify, of the certificate. With --native in the machine's BLAS and LAPACK, on one thread.

for (const name of ['OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'VECLIB_MAXIMUM_THREADS']) process.env[name] = '1'

const { values } = parseArgs({
  options: {
    native: { type: 'boolean', default: false },
    certify: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '5' },
  },
})

const settings = [
  { name: 'cifar10', beta: 1, expected: 168.2051, seconds: 0.05 },
  { name: 'cifar100', beta: 5, expected: 1488.6128, seconds: 0.5 },
] as const

const own = defaultBackend()
if (values.native) {
  const found = nativeBackend()
  if (found.backend) registerBackend(found.backend)
  else console.log(`skipped native: ${found.reason}`)
}

console.log(`${header('whitened', [0])}\nbackend ${defaultBackend().name}\n`)
const results: object[] = []
for (const setting of settings) {
  try {
    const result = await measured(setting)
    results.push(result)
    for (const [what, value] of Object.entries(result)) console.log(`${what.padEnd(22)} ${String(value)}`)
    console.log()
  } catch (error) {
    if (!(error instanceof MissingDataError)) throw error
    console.log(`skipped ${setting.name}: ${error.message}`)
  }
}
writeResult('whitened', { backend: defaultBackend().name, results, conditions: conditions(0) })

async function measured({ name, beta, expected, seconds }: (typeof settings)[number]): Promise<object> {
  const raw = cifar(name)
  const [whitening, whiteningSeconds] = timed(() => fitPreprocessing('whiten-rows', raw.X))
  const [X, applySeconds] = timed(() => applyPreprocessing(whitening, raw.X))
  const [defect, defectSeconds] = timed(() => rowDefect(X))
  const orthonormalRows = defect <= 1e-6
  const columnDefect = rowDefect(applyPreprocessing(fitPreprocessing('whiten-columns', raw.X), raw.X))
  const solve = (): SoftThresholdedSvd => softThresholdedSvd(X, raw.Y, beta, { orthonormalRows })
  const { value, exactness } = solve()
  const solveSeconds = fastest(solve)
  const chosen = defaultBackend()
  registerBackend(own)
  const ownSolveSeconds = fastest(solve)
  registerBackend(chosen)
  const result = {
    name,
    samples: X.rows,
    classes: raw.Y.cols,
    beta,
    value,
    expected,
    agrees: Math.abs(value - expected) < 1e-4,
    exactness,
    whiteningSeconds,
    applySeconds,
    defect,
    defectSeconds,
    orthonormalRows,
    columnMeansDefect: columnDefect,
    solveSeconds,
    [`solve, ${own.name}`]: ownSolveSeconds,
    reached: solveSeconds <= seconds,
  }
  return values.certify ? { ...result, ...(await certified(X, raw.Y, beta)) } : result
}

async function certified(X: Matrix, Y: Matrix, beta: number): Promise<object> {
  const [problem, problemSeconds] = timed(() => createProblem({ X, Y, beta }))
  const { status, certificate, timings } = await train(problem, {
    solver: softThresholdedSvdSolver(),
    timeLimitSeconds: Number.POSITIVE_INFINITY,
  })
  const { objective, lowerBound, relativeGap } = certificate
  return { status, objective, lowerBound, relativeGap, problemSeconds, certifySeconds: timings.totalSeconds }
}

function fastest(work: () => unknown): number {
  return Math.min(...Array.from({ length: Number(values.repeats) }, () => timed(work)[1]))
}

function timed<T>(work: () => T): [result: T, seconds: number] {
  const start = performance.now()
  const result = work()
  return [result, (performance.now() - start) / 1000]
}
