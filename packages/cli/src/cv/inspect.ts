import {
  betaMax,
  createPacer,
  type CvData,
  type CvSettings,
  type Fold,
  type Importance,
  inputsOf,
  type Matrix,
  type Metric,
  type Network,
  type PartialDependence,
  partialDependence,
  permutationImportance,
  pickData,
  predict,
  type RawTable,
  train,
  type TrainOptions,
  trainingRows,
  type TrainingRows,
  type TrainResult,
  withBeta,
} from '@relucent/core'

/** Rows, what was learnt from them, and the network. */
export interface Refit {
  readonly trained: TrainingRows
  readonly beta: number
  readonly result: TrainResult
}

/** One fit at a share of βmax on these rows. Undefined when interrupted before β was known. */
export async function fitRows(
  data: CvData,
  rows: readonly number[],
  { settings, ratio, signal }: { readonly settings: CvSettings; readonly ratio: number; readonly signal: AbortSignal },
  run: Pick<TrainOptions, 'timeLimitSeconds' | 'onProgress'>,
): Promise<Refit | undefined> {
  const trained = trainingRows(data, rows, settings)
  const { value } = await betaMax(trained.problem, { pacer: createPacer({ signal }) })
  if (signal.aborted) return undefined
  const beta = ratio * (value > 0 ? value : 1)
  const { tolerance, maxIterations, seed } = settings
  const options = { ...run, tolerance, maxIterations, seed, signal }
  return { trained, beta, result: await train(withBeta(trained.problem, beta), options) }
}

export function outputsBy(trained: TrainingRows, network: Network): (table: RawTable) => Matrix {
  return (table) => predict(network, inputsOf(trained, table))
}

/** Permutation importance on the rows left out, by the networks that were trained without them, averaged over the folds. */
export async function importanceOver(
  data: CvData,
  folds: readonly Fold[],
  metric: Metric,
  options: { readonly settings: CvSettings; readonly ratio: number; readonly signal: AbortSignal },
): Promise<Importance[] | null> {
  const perFold: Importance[][] = []
  const timeLimitSeconds = options.settings.pointTimeLimitSeconds
  for (const fold of folds) {
    const fitted = await fitRows(data, fold.train, options, { timeLimitSeconds })
    if (!fitted || options.signal.aborted) return null
    const outputs = outputsBy(fitted.trained, fitted.result.network)
    const held = pickData(data, fold.test)
    const { seed, loss } = options.settings
    perFold.push(permutationImportance({ data: held, outputs, loss }, metric, { seed }))
  }
  return data.table.names.map((name, k) => {
    const means = perFold.map((fold) => fold[k].mean)
    const mean = means.reduce((total, value) => total + value, 0) / means.length
    const squares = means.reduce((total, value) => total + (value - mean) ** 2, 0)
    return { name, mean, deviation: Math.sqrt(squares / Math.max(1, means.length - 1)) }
  })
}

/** How the mean output depends on each of these columns, by the network trained on all rows. */
export function dependenceOn(
  data: CvData,
  columns: readonly string[],
  { trained, result }: Refit,
  { loss }: CvSettings,
): PartialDependence[] {
  const outputs = outputsBy(trained, result.network)
  return columns.map((name) => partialDependence({ data, outputs, loss }, name))
}
