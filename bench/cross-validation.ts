import {
  crossValidate,
  type CvData,
  type CvResult,
  type CvSettings,
  cvSettings,
  type Fold,
  gridOfRatios,
  inputsOf,
  type Matrix,
  makeFolds,
  pickData,
  predict,
  scoreOf,
  sgd,
  trainBaseline,
  trainingRows,
  withBeta,
} from '@relucent/core'
import { numericCells } from '@relucent/io'
import { parseArgs } from 'node:util'
import { columns, MissingDataError, oneHot, sharedTable } from './dataset.ts'
import { logisticRegression } from './logistic-regression.ts'

// Accuracy of certified training, a fitted logistic regression and gradient descent on rows left out.

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '0' },
    epochs: { type: 'string', default: '500' },
    sets: { type: 'string', default: 'wine,breast_cancer_wisc,ionosphere,pima' },
  },
})
const [seconds, seed, epochs] = [values.seconds, values.seed, values.epochs].map(Number)
const targets: Readonly<Record<string, string>> = { pima: 'diabetes' }

function load(name: string): CvData {
  const table = sharedTable(`data/uci/${name}.csv`)
  const target = table.names.indexOf(targets[name] ?? 'class')
  const features = table.names.filter((_, k) => k !== target)
  const cells = features.map((feature) => numericCells(table, table.names.indexOf(feature)))
  const codes = Array.from(columns(table, [table.names[target]]).data)
  const classes = [...new Set(codes)].toSorted((a, b) => a - b)
  const labels = codes.map((code) => classes.indexOf(code))
  return { table: { rows: table.rows, names: features, columns: cells }, Y: oneHot(codes), labels }
}

interface Rival {
  readonly mean: number
  readonly error: number
}

/** Accuracy over the folds, and its standard error. */
function overFolds(scores: readonly number[]): Rival {
  const mean = scores.reduce((total, score) => total + score, 0) / scores.length
  const squares = scores.reduce((total, score) => total + (score - mean) ** 2, 0)
  return { mean, error: Math.sqrt(squares / (scores.length - 1) / scores.length) }
}

async function rivals(data: CvData, folds: readonly Fold[], settings: CvSettings, { chosen, folds: fitted }: CvResult) {
  const [logistic, descent]: [number[], number[]] = [[], []]
  for (const [k, { train, test }] of folds.entries()) {
    const trained = trainingRows(data, train, settings)
    const [known, held] = [train, test].map((rows) => pickData(data, rows))
    const X = inputsOf(trained, held.table)
    const accuracy = (F: Matrix): number => scoreOf('accuracy', { F, Y: held.Y, labels: held.labels })
    logistic.push(accuracy(logisticRegression(trained.problem.X, known.labels ?? [], data.Y.cols)(X)))
    const problem = withBeta(trained.problem, fitted[k].points[chosen].beta)
    const { network } = await trainBaseline(problem, sgd(), { neurons: 100, epochs, seed })
    descent.push(accuracy(predict(network, X)))
  }
  return { logistic: overFolds(logistic), descent: overFolds(descent) }
}

const shown = ({ mean, error }: Rival): string => `${mean.toFixed(4)} ± ${error.toFixed(4)}`

console.log(
  `5 stratified folds, 20 β from βmax to 1e-3 βmax, ${seconds} s a fit, seed ${seed}; sgd: 100 neurons, ${epochs} epochs`,
)
for (const name of values.sets.split(',')) {
  try {
    const start = performance.now()
    const data = load(name)
    const folds = makeFolds(data.table.rows, { folds: 5, seed, strata: data.labels })
    const missing = { fill: 'mean', indicator: false } as const
    const settings = cvSettings(data, {
      ratios: gridOfRatios(20, 1e-3),
      tolerance: 1e-3,
      pointTimeLimitSeconds: seconds,
      missing,
      preprocess: 'standardize',
      bias: true,
      metrics: ['accuracy'],
      seed,
    })
    const result = await crossValidate(data, { ...settings, folds })
    const { logistic, descent } = await rivals(data, folds, settings, result)
    const row = result.rows[result.chosen]
    const score = row.scores.accuracy ?? { test: Number.NaN, error: Number.NaN }
    const best = result.rows[result.best]
    const points = result.folds.flatMap(({ points: own }) => own)
    const kinds = new Map<string, number>()
    for (const { boundFrom } of points) kinds.set(boundFrom, (kinds.get(boundFrom) ?? 0) + 1)
    const gaps = result.folds.map(({ points: own }) => own[result.chosen].relativeGap ?? Number.POSITIVE_INFINITY)
    const certified = result.rows.reduce((total, { certified: count }) => total + count, 0)
    console.log(
      [
        `${name}: ${data.table.rows} rows, rank ${result.folds[0].rank}, ${((performance.now() - start) / 1000).toFixed(0)} s`,
        `  relucent, one standard error   ${shown({ mean: score.test, error: score.error })} at ${row.ratio.toPrecision(3)} βmax, ${row.neurons.toFixed(1)} neurons`,
        `  relucent, best mean            ${shown({ mean: best.scores.accuracy?.test ?? Number.NaN, error: best.scores.accuracy?.error ?? Number.NaN })} at ${best.ratio.toPrecision(3)} βmax`,
        `  logistic regression            ${shown(logistic)}`,
        `  sgd at the same β              ${shown(descent)}`,
        `  certified to 1e-3: ${certified} of ${points.length} fits; bounds from ${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
        `  relative gaps at the chosen β: ${gaps.map((gap) => gap.toExponential(1)).join(' ')}`,
      ].join('\n'),
    )
  } catch (error) {
    if (!(error instanceof MissingDataError)) throw error
    console.log(`${name}: skipped, ${error.message}`)
  }
}
