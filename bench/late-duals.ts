import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { betaMax, createProblem, predict, train } from '@relucent/core'
import type { Dataset } from './dataset.ts'
import { banknoteBias, banknoteClasses, banknoteNumber } from './datasets/banknote.ts'
import { irisAll, irisAllBias } from './datasets/iris.ts'
import { blood, haberman, teaching, vertebral, yacht } from './datasets/uci.ts'

const cases: readonly { dataset: Dataset; beta: number | { ratio: number } }[] = [
  ...[irisAll, irisAllBias, banknoteClasses, banknoteNumber, banknoteBias].map((dataset) => ({ dataset, beta: 1 })),
  ...[haberman, blood, yacht, teaching, vertebral].map((dataset) => ({ dataset, beta: { ratio: 0.01 } })),
]

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '0' },
    out: { type: 'string', default: 'bench/out/duals' },
  },
})
const seed = Number(values.seed)
mkdirSync(values.out, { recursive: true })
for (const { dataset, beta } of cases.filter(({ dataset }) => dataset.name.includes(values.only))) {
  const data = dataset.load(seed)
  const value =
    typeof beta === 'number' ? beta : beta.ratio * (await betaMax(createProblem({ ...data, beta: 1 }))).value
  const problem = createProblem({ ...data, beta: value })
  const result = await train(problem, {
    seed,
    timeLimitSeconds: Number.POSITIVE_INFINITY,
    signal: AbortSignal.timeout(1000 * Number(values.seconds)),
  })
  const { X, Y, reduction } = problem
  const F = predict(result.network, X)
  const Z = Y.data.map((y, k) => y - F.data[k])
  const { rank: r, Xr } = reduction
  const name = dataset.name
  const file = join(values.out, `${name.replaceAll(/\W+/g, '-')}.json`)
  writeFileSync(file, JSON.stringify({ name, n: X.rows, r, c: Y.cols, beta: value, X: [...Xr.data], Z: [...Z] }))
  const { objective, relativeGap } = result.certificate
  console.log(
    `${file}: r=${r} c=${Y.cols} β=${value} ${result.status} ${result.iterations} rounds, objective ${objective}, gap ${relativeGap}, ${result.network.neurons.length} neurons`,
  )
}
