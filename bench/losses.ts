import { parseArgs } from 'node:util'
import {
  createProblem,
  gaussian,
  lbfgs,
  lossFrom,
  lossNames,
  type Problem,
  seededRandom,
  sgd,
  targetKind,
  train,
  trainBaseline,
} from '@relucent/core'
import { conditions, header } from './conditions.ts'
import { writeResult } from './records.ts'

// Every loss on seeded problems of rank 2 and 3: the gap that is certified, and how near many runs of L-BFGS and of gradient
// descent come to the lower bound. One below it would refute the certificate.

const { values } = parseArgs({
  options: {
    problems: { type: 'string', default: '10' },
    starts: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
  },
})
const [problems, starts] = [Number(values.problems), Number(values.starts)]

/** 14 samples, targets that a small network explains in part. */
function problemOf(name: string, seed: number): Problem {
  const [n, d] = [14, 2 + (seed % 2)]
  const random = seededRandom(seed)
  const X = Array.from({ length: n }, () => Array.from({ length: d }, () => gaussian(random)))
  const scores = X.map((x) => [0, 1, 2].map((k) => Math.max(0, x[0] + k * x[d - 1]) - 0.5 + 0.4 * gaussian(random)))
  const beta = [1, 0.3, 0.1][seed % 3]
  return createProblem({ X, Y: scores.map((score) => targetOf(name, score)), beta, loss: lossFrom(name) })
}

function targetOf(name: string, score: readonly number[]): number[] {
  switch (targetKind(name)) {
    case 'real':
      return [score[0]]
    case 'count':
      return [Math.max(0, Math.round(2 * score[0] + 1))]
    case 'sign':
      return [score[0] > 0 ? 1 : -1]
    case 'one-hot':
      return score.map((value) => (value === Math.max(...score) ? 1 : 0))
  }
}

interface LossRecord {
  readonly loss: string
  readonly largestGap: number
  readonly seconds: number
  /** The lowest objective of a rival, above the lower bound, as a share of it; over all problems. */
  readonly nearestRival: number
  readonly below: number
}

async function measure(name: string): Promise<LossRecord> {
  let [largestGap, seconds, nearestRival, below] = [0, 0, Number.POSITIVE_INFINITY, 0]
  for (let seed = 0; seed < problems; seed++) {
    const problem = problemOf(name, seed)
    const before = process.cpuUsage()
    const { certificate } = await train(problem, { timeLimitSeconds: 60 })
    seconds += process.cpuUsage(before).user / 1e6
    largestGap = Math.max(largestGap, certificate.relativeGap ?? Number.POSITIVE_INFINITY)
    for (let start = 0; start < starts; start++) {
      const method = start % 10 === 9 ? sgd() : lbfgs()
      const rival = await trainBaseline(problem, method, { neurons: 12, epochs: 300, seed: start })
      const excess = (rival.objective - certificate.lowerBound) / certificate.lowerBound
      if (!(rival.objective >= certificate.lowerBound)) below++
      nearestRival = Math.min(nearestRival, excess)
    }
  }
  return { loss: name, largestGap, seconds, nearestRival, below }
}

console.log(header('losses', [0]))
const records: LossRecord[] = []
for (const name of lossNames.filter((known) => known.includes(values.only))) {
  const record = await measure(name)
  records.push(record)
  const { largestGap, seconds, nearestRival, below } = record
  console.log(
    `${name}: largest relative gap ${largestGap.toExponential(1)} on ${problems} problems (${seconds.toFixed(1)} CPU s); ` +
      `of ${problems * starts} rivals ${below} below the bound, the nearest ${nearestRival.toExponential(1)} above it`,
  )
}
writeResult('losses', { records, problems, starts, conditions: conditions(0) })
