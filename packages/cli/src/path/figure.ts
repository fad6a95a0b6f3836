import { lines, panels } from '@relucent/plot'
import type { PathRecord } from '../records.ts'

const size = { width: 440, height: 240 }

/** Objective, score, neurons and gap against β, as SVG. */
export function pathFigure({ points, tolerance, betaMax }: PathRecord, metricName: string): string {
  const beta = points.map((point) => point.beta)
  const x = { label: 'β', scale: 'log' } as const
  const curve = (name: string, y: readonly (number | null)[], place = 0) => {
    return { name, x: beta, y: y.map((value) => value ?? Number.NaN), markers: 'filled', place } as const
  }
  const tested = points.some(({ test }) => test !== null)
  const figures = [
    lines({
      ...size,
      x,
      y: { label: 'objective' },
      series: [
        curve(
          'objective',
          points.map(({ objective }) => objective),
        ),
        curve(
          'lower bound',
          points.map(({ lowerBound }) => lowerBound),
          1,
        ),
      ],
    }),
    lines({
      ...size,
      x,
      y: { label: metricName },
      series: [
        curve(
          'training rows',
          points.map(({ train }) => train),
        ),
        ...(tested
          ? [
              curve(
                'test rows',
                points.map(({ test }) => test),
                1,
              ),
            ]
          : []),
      ],
      legend: true,
    }),
    lines({
      ...size,
      x,
      y: { label: 'neurons' },
      series: [
        curve(
          'neurons',
          points.map(({ neurons }) => neurons),
        ),
      ],
      legend: true,
    }),
    lines({
      ...size,
      x,
      y: { label: 'relative gap', scale: 'log' },
      series: [
        curve(
          'relative gap',
          points.map(({ relativeGap }) => relativeGap),
        ),
      ],
      references: tolerance > 0 ? [{ axis: 'y', value: tolerance, label: 'tolerance' }] : [],
      legend: true,
    }),
  ]
  const top = betaMax === null ? '' : `, from βmax = ${betaMax.toPrecision(4)}`
  return panels({
    figures,
    columns: 2,
    title: `Regularisation path: ${points.length} values of β${top}`,
    caption: `Objective with its certified lower bound, ${metricName}, neurons, and the gap proven at each β. A gap of 0 has no place on a logarithmic axis.`,
  })
}
