import { lines, panels } from '@relucent/plot'
import type { CvRecord, Figure } from '../records.ts'

const size = { width: 480, height: 260 }
const value = (figure: Figure | undefined): number => figure ?? Number.NaN

/** The score against β with a band of one standard error, and the learning curve where there is one, as SVG. */
export function cvFigure(record: CvRecord, metricName: string): string {
  const { rows, metric, chosen, best, learningCurve } = record
  const own = rows.map(({ scores }) => scores[metric])
  const test = own.map((score) => value(score?.test))
  const errors = own.map((score) => value(score?.error))
  const x = rows.map(({ betaRatio }) => betaRatio)
  const figures = [
    lines({
      ...size,
      x: { label: 'β/βmax', scale: 'log' },
      y: { label: metricName },
      series: [
        { name: 'rows left out', x, y: test, band: around(test, errors), markers: 'filled' },
        { name: 'training rows', x, y: own.map((score) => value(score?.train)), markers: 'hollow' },
      ],
      references: [
        { axis: 'x', value: chosen, label: 'chosen' },
        ...(best === chosen ? [] : [{ axis: 'x' as const, value: best, label: 'best' }]),
      ],
    }),
  ]
  if (learningCurve) {
    const mean = learningCurve.map((point) => value(point.test))
    const trained = learningCurve.map((point) => point.rows)
    figures.push(
      lines({
        ...size,
        x: { label: 'rows trained on' },
        y: { label: metricName },
        series: [
          {
            name: 'rows left out',
            x: trained,
            y: mean,
            band: around(
              mean,
              learningCurve.map(({ error }) => value(error)),
            ),
            markers: 'filled',
          },
          { name: 'training rows', x: trained, y: learningCurve.map((point) => value(point.train)), markers: 'hollow' },
        ],
      }),
    )
  }
  return panels({
    figures,
    columns: 2,
    title: 'Cross-validation',
    caption: `Mean ${metricName} over ${record.folds.length} folds; the band is one standard error. Scores are estimates; nothing is proven about them.`,
  })
}

function around(centre: readonly number[], errors: readonly number[]) {
  return { low: centre.map((y, k) => y - errors[k]), high: centre.map((y, k) => y + errors[k]) }
}
