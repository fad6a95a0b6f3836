import { parseArgs } from 'node:util'
import {
  applyPreprocessing,
  createProblem,
  defaultBackend,
  fitPreprocessing,
  type Matrix,
  matrix,
  spikeFreeNetwork,
  spikeFreePath,
  withBeta,
} from '@relucent/core'
import { conditions, header } from './conditions.ts'
import { MissingDataError, normalFrom } from './dataset.ts'
import { cifar } from './datasets/cifar.ts'
import { writeResult } from './records.ts'
import { table } from './report.ts'
import { factoredLagrangian } from './spike-free/factored-lagrangian.ts'
import { cpuSeconds } from './cpu-pacer.ts'

// The spike-free relaxation (20) along a path of β: whitened noise mapped to CIFAR-10 images, or to Gaussian numbers where
// there are none. Seconds of CPU time, proofs included, and the network read off beside the bound. With --compare an augmented
// Lagrangian on factors runs on the same program, without warm start either.

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '100' },
    seed: { type: 'string', default: '0' },
    tolerance: { type: 'string', default: '1e-5' },
    targets: { type: 'string', default: 'pixels' },
    ratios: { type: 'string', default: '0.5,0.25,0.12,0.06,0.03,0.015,0.007,0.003,0.0015,0.0007' },
    networks: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
  },
})
const [n, seed, tolerance] = [values.n, values.seed, values.tolerance].map(Number)
const ratios = values.ratios.split(',').map(Number)

const Y = targets()
const X = whitenedNoise()
const [largest] = defaultBackend().svd(Y).S
const problem = createProblem({ X, Y, beta: largest })

const rows: string[][] = []
let total = 0
let clock = cpuSeconds()
for await (const found of spikeFreePath(
  problem,
  ratios.map((ratio) => ratio * largest),
  { tolerance },
)) {
  const seconds = cpuSeconds() - clock
  total += seconds
  const { beta, value, lowerBound, gap, steps } = found
  const cells = [beta.toPrecision(5), value.toPrecision(10), lowerBound.toPrecision(10), gap.toExponential(1)]
  const row = [...cells, String(steps), seconds.toFixed(2)]
  if (values.networks) {
    const before = cpuSeconds()
    const { objective } = await spikeFreeNetwork(withBeta(problem, beta), found)
    row.push((objective / lowerBound - 1).toExponential(1), (cpuSeconds() - before).toFixed(2))
  }
  if (values.compare) {
    const other = factoredLagrangian(Y, beta, { seed, tolerance, seconds: 10 })
    row.push(((other.value - value) / value).toExponential(1), other.gap.toExponential(1), other.seconds.toFixed(2))
  }
  rows.push(row)
  clock = cpuSeconds()
}
const head = ['β', 'value of (20), at most', 'proven bound', 'gap', 'steps', 'CPU s']
if (values.networks) head.push('network above bound', 'CPU s, network')
if (values.compare) head.push('factors: value', 'factors: gap', 'factors: CPU s')
writeResult('spike-free-relaxation', {
  n,
  c: Y.cols,
  tolerance,
  targets: values.targets,
  head,
  rows,
  conditions: conditions(seed),
})
console.log(
  `${header('spike-free-relaxation', [seed])}\nbackend ${defaultBackend().name}, n=${n} d=c=${Y.cols}, ${values.targets}\n\n${table(head, rows)}\n\n${total.toFixed(1)} s of CPU time for (20) at all β`,
)

function targets(): Matrix {
  try {
    if (values.targets === 'gaussian') return gaussianMatrix(n, 3072)
    const { X: images } = cifar('cifar10')
    return matrix(n, images.cols, images.data.slice(0, n * images.cols))
  } catch (error) {
    if (!(error instanceof MissingDataError)) throw error
    console.log(`Gaussian targets: ${error.message}`)
    return gaussianMatrix(n, 3072)
  }
}

function gaussianMatrix(rows: number, cols: number): Matrix {
  const next = normalFrom(seed)
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => next()),
  )
}

function whitenedNoise(): Matrix {
  const noise = gaussianMatrix(n, Y.cols)
  return applyPreprocessing(fitPreprocessing('whiten', noise), noise)
}
