import type { Cell, Table } from '../experiment.ts'
import type { AccuracyResult } from './accuracy.ts'
import type { PlanarResult } from './planar.ts'
import { meanOf, ratiosOf } from './ratios.ts'

/** Means over the random data sets. */
export function ratioTable(planar: readonly PlanarResult[]): Table {
  const betas = [...new Set(planar.map(({ beta }) => beta))]
  const rows = betas.map((beta): Cell[] => {
    const some = planar.filter((one) => one.data === 'random' && one.beta === beta)
    const { bound, descent } = ratiosOf(some)
    const optima = some.map(({ optimum }) => optimum.objective)
    const bounds = some.map(({ relaxation }) => relaxation.lowerBound ?? Number.NaN)
    return [beta, some.length, meanOf(optima), meanOf(bounds), meanOf(bound), Math.min(...bound), Math.max(...bound), meanOf(descent)] // biome-ignore format: a row
  })
  return {
    name: 'sdp',
    title: 'Random data: means over the data sets',
    head: ['γ', 'data sets', 'optimum', 'bound', 'bound / optimum', 'least', 'most', 'gradient descent / optimum'],
    rows,
  }
}

/** Every problem in the plane. */
export function planarTable(planar: readonly PlanarResult[]): Table {
  return {
    name: 'sdp-problems',
    title: 'Problems in the plane',
    head: [
      'data',
      'seed',
      'γ',
      'optimum',
      'its certified gap',
      'relaxation, bound',
      'rounded network',
      'after local descent',
      'gradient descent',
      'its neurons',
      's, optimum',
      's, relaxation',
      's, gradient descent',
    ],
    rows: planar.map(({ data, seed, beta, optimum, relaxation, descent }) => [
      data,
      seed,
      beta,
      optimum.objective,
      optimum.relativeGap,
      relaxation.lowerBound,
      relaxation.rounded?.objective ?? null,
      relaxation.polished?.objective ?? null,
      descent.objective,
      descent.width,
      optimum.seconds,
      relaxation.seconds,
      descent.seconds,
    ]),
  }
}

/** One table for each protocol, and one of objectives; none without results. */
export function accuracyTables(results: readonly AccuracyResult[]): readonly Table[] {
  if (results.length === 0) return []
  const methods = results[0].rows.map(({ method }) => method)
  const about = ({ table, bias, beta, trained, tested }: AccuracyResult): Cell[] => [
    table,
    bias ? 'yes' : 'no',
    beta,
    `${trained}/${tested}`,
  ]
  const head = ['data', 'column of ones', 'γ', 'train/test']
  const by = (pick: (row: AccuracyResult['rows'][number]) => Cell): (readonly Cell[])[] =>
    results.map((one) => [...about(one), ...one.rows.map(pick)])
  const networks = results.map((one) => {
    const [rounded, polished, generated, descended] = one.rows
    return [...about(one), rounded.lowerBound, generated.lowerBound, generated.objective, polished.objective, rounded.objective, descended.objective] // biome-ignore format: a row
  })
  const refused = results.flatMap((one) =>
    one.rows.filter(({ why }) => why !== null).map((row): Cell[] => [...about(one), row.method, row.why]),
  )
  return [
    {
      name: 'sdp-accuracy',
      title: 'Test accuracy by argmax: nothing chosen by the test rows',
      head: [...head, ...methods],
      rows: by(({ accuracies }) => accuracies && rounded(accuracies.argmax)),
    },
    {
      name: 'sdp-accuracy-original',
      title:
        'Test accuracy by the original protocol, which is flawed: threshold, and iterate of the rounding, chosen by the test rows',
      head: [...head, ...methods],
      rows: by(({ accuracies }) => accuracies && rounded(accuracies.original)),
    },
    {
      name: 'sdp-objectives',
      title: 'Objectives on the training rows, and proven lower bounds',
      head: [
        ...head,
        'bound, relaxation',
        'bound, column generation',
        'column generation',
        'SDP, polished',
        'SDP, rounded',
        'gradient descent',
      ],
      rows: networks,
    },
    {
      name: 'sdp-missing',
      title: 'Why a figure is missing',
      head: [...head, 'method', 'why'],
      rows: refused,
      fileOnly: true,
    },
    {
      name: 'sdp-times',
      title: 'CPU seconds',
      head: [...head, ...methods],
      rows: by(({ seconds }) => seconds),
      fileOnly: true,
    },
  ]
}

const rounded = (share: number): number => Number(share.toFixed(4))
