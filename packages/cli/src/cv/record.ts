import type {
  CvResult,
  CvSettings,
  FoldResult,
  Importance,
  LearningCurvePoint,
  PartialDependence,
} from '@relucent/core'
import type { TrainingData } from '../data.ts'
import { proofFigures } from '../fit/figures.ts'
import { counted, formatGap, formatScore, formatSeconds, formatValue } from '../format.ts'
import { finiteOrNull, schemaVersion } from '../output.ts'
import type { CvFoldRecord, CvRecord, CvRowRecord } from '../records.ts'
import { version } from '../session.ts'
import { textTable } from '../text-table.ts'
import type { CvFlags, CvOutputs } from './flags.ts'
import type { Refit } from './inspect.ts'

export interface CvParts {
  readonly result: CvResult
  readonly curve: readonly LearningCurvePoint[] | null
  readonly importance: readonly Importance[] | null
  readonly dependence: readonly PartialDependence[] | null
  readonly refit: Refit | undefined
  readonly settings: CvSettings
}

interface Run {
  readonly outputs: CvOutputs
  readonly seconds: number
  readonly exitCode: number
  readonly warnings: readonly string[]
}

export function cvRecord(data: TrainingData, flags: CvFlags, parts: CvParts, run: Run): CvRecord {
  const { result, settings } = parts
  const { rows, metric, rule, best, oneSe, chosen, folds, complete } = result
  const { task, classes, features, targets } = data
  return {
    command: 'cv',
    schemaVersion,
    version,
    status: complete ? 'complete' : 'interrupted',
    metric,
    rule,
    chosen: rows[chosen].ratio,
    best: rows[best].ratio,
    oneSe: rows[oneSe].ratio,
    rows: rows.map((row, k) => rowRecord(row, folds, k)),
    folds: folds.map((fold) => foldRecord(fold)),
    ...inspections(parts),
    refit: refitFigures(parts.refit, run.outputs),
    n: data.X.rows,
    loss: settings.loss,
    bias: settings.bias,
    outputBias: settings.outputBias,
    skip: settings.skip,
    weighted: flags.weightColumn !== undefined || flags.classWeight !== undefined,
    task,
    classes,
    features,
    targets,
    preprocessing: settings.preprocess,
    tolerance: flags.tolerance,
    elapsedSeconds: run.seconds,
    seed: flags.seed,
    threads: flags.threads,
    figure: run.outputs.figure?.path ?? null,
    warnings: run.warnings,
    exitCode: run.exitCode,
  }
}

function rowRecord(row: CvResult['rows'][number], folds: readonly FoldResult[], k: number): CvRowRecord {
  const boundFrom: Record<string, number> = {}
  for (const { points } of folds) {
    const from = points[k]?.boundFrom
    if (from !== undefined) boundFrom[from] = (boundFrom[from] ?? 0) + 1
  }
  const scores = Object.entries(row.scores).map(([metric, { train, test, error }]) => {
    return [metric, { train: finiteOrNull(train), test: finiteOrNull(test), error: finiteOrNull(error) }]
  })
  return {
    betaRatio: row.ratio,
    scores: Object.fromEntries(scores) as CvRowRecord['scores'],
    neurons: finiteOrNull(row.neurons),
    certified: row.certified,
    fits: row.fits,
    largestGap: finiteOrNull(row.largestGap),
    boundFrom,
  }
}

function foldRecord({ repeat, fold, rank, betaMax, points }: FoldResult): CvFoldRecord {
  return {
    repeat,
    fold,
    rank,
    betaMax,
    points: points.map(({ ratio, status, objective, lowerBound, relativeGap, scope, boundFrom, neurons, test }) => ({
      betaRatio: ratio,
      status,
      scope,
      boundFrom,
      neurons,
      objective: finiteOrNull(objective),
      lowerBound: finiteOrNull(lowerBound),
      relativeGap: finiteOrNull(relativeGap),
      test: Object.fromEntries(Object.entries(test).map(([metric, value]) => [metric, finiteOrNull(value)])),
    })),
  }
}

function inspections({ curve, importance, dependence }: CvParts) {
  return {
    learningCurve:
      curve &&
      curve.map(({ rows, train, test, error, largestGap }) => ({
        rows,
        train: finiteOrNull(train),
        test: finiteOrNull(test),
        error: finiteOrNull(error),
        largestGap: finiteOrNull(largestGap),
      })),
    importance:
      importance &&
      importance.map(({ name, mean, deviation }) => ({
        name,
        mean: finiteOrNull(mean),
        deviation: finiteOrNull(deviation),
      })),
    dependence:
      dependence &&
      dependence.map(({ name, at, outputs }) => ({ name, at, outputs: outputs.map((list) => list.map(finiteOrNull)) })),
  }
}

function refitFigures(refit: Refit | undefined, { model }: CvOutputs): CvRecord['refit'] {
  if (!refit || !model) return null
  const { beta, result } = refit
  const { status, network, certificate } = result
  return { ...proofFigures(certificate), status, beta, neurons: network.neurons.length, model: model.path }
}

export function cvWords(record: CvRecord, data: string): string {
  const { rows, metric, chosen, rule, folds, refit, figure, elapsedSeconds, importance, learningCurve } = record
  const own = rows.find(({ betaRatio }) => betaRatio === chosen)
  const score = own?.scores[metric]
  const figureOf = (value: number | null | undefined): string => formatScore(value ?? Number.NaN)
  const heading = ['', 'β/βmax', metric, '±', 'training', 'neurons', 'certified', 'largest gap', 'bounds from']
  const lines = rows.map((row) => [
    row.betaRatio === chosen ? '→' : '',
    figureOf(row.betaRatio),
    figureOf(row.scores[metric]?.test),
    figureOf(row.scores[metric]?.error),
    figureOf(row.scores[metric]?.train),
    figureOf(row.neurons),
    `${row.certified} of ${row.fits}`,
    formatGap(row.largestGap),
    Object.keys(row.boundFrom).join(', '),
  ])
  const why = rule === 'best' ? 'the best mean' : 'the largest β within one standard error of the best'
  const cut = record.status === 'interrupted' ? ' It was interrupted: nothing was trained on all rows.' : ''
  const wrote = [refit?.model, figure].filter((name) => typeof name === 'string')
  return [
    `β = ${figureOf(chosen)} βmax: ${metric} ${figureOf(score?.test)} ± ${figureOf(score?.error)} over ${counted(folds.length, 'fold')}, ${why}.${cut}`,
    'Scores are estimates. What is certified is each training objective, to the gap beside it.',
    '',
    textTable([heading, ...lines]),
    ...(learningCurve ? ['', textTable(curveRows(learningCurve, metric))] : []),
    ...(importance
      ? [
          '',
          textTable([
            ['column', `${metric} lost when shuffled`, '±'],
            ...importance.map(({ name, mean, deviation }) => [name, figureOf(mean), figureOf(deviation)]),
          ]),
        ]
      : []),
    '',
    ...(refit ? [refitWords(refit)] : []),
    `${formatSeconds(elapsedSeconds)}.${wrote.length > 0 ? ` Wrote ${wrote.join(' and ')}.` : ''}${refit ? ` What is proven about it: relucent certify ${refit.model} ${data}` : ''}`,
  ].join('\n')
}

function curveRows(curve: NonNullable<CvRecord['learningCurve']>, metric: string): string[][] {
  const shown = (value: number | null): string => formatScore(value ?? Number.NaN)
  return [
    ['rows trained on', metric, '±', 'training', 'largest gap'],
    ...curve.map(({ rows, train, test, error, largestGap }) => [
      String(rows),
      shown(test),
      shown(error),
      shown(train),
      formatGap(largestGap),
    ]),
  ]
}

function refitWords({
  status,
  beta,
  objective,
  relativeGap,
  neurons,
  boundFrom,
}: NonNullable<CvRecord['refit']>): string {
  const figures = `objective ${formatValue(objective ?? Number.NaN)}, relative gap ${formatGap(relativeGap)} (bound from ${boundFrom})`
  return `On all rows at β = ${formatValue(beta)}: ${status}, ${counted(neurons, 'neuron')}, ${figures}.`
}
