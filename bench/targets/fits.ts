import { banknoteBias, banknoteClasses } from '../datasets/banknote.ts'
import { irisAll, irisAllBias } from '../datasets/iris.ts'
import { blood, haberman, teaching, vertebral, yacht } from '../datasets/uci.ts'
import type { Target } from '../target.ts'

/** Whole fits on real data: the limit is the time wanted, so that a run which misses its gap shows how far it got. */
function fit(dataset: Target['dataset'], beta: Target['beta'], relativeGap: number, seconds: number): Target {
  const betaText = typeof beta === 'number' ? `β=${beta}` : `β=${beta.ratio} βmax`
  const limits = { tolerance: relativeGap, timeLimitSeconds: seconds }
  return { name: `${dataset.name}, ${betaText}`, dataset, beta, ...limits, wanted: { relativeGap, seconds } }
}

const onePercent = { ratio: 0.01 }

export const fits: readonly Target[] = [
  fit(irisAll, 1, 1e-6, 5),
  fit(irisAllBias, 1, 1e-5, 60),
  fit(banknoteClasses, 1, 1e-4, 30),
  fit(banknoteBias, 1, 1e-3, 300),
  ...[haberman, blood, teaching, yacht, vertebral].map((dataset) => fit(dataset, onePercent, 1e-3, 600)),
]
