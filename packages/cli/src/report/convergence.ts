import type { Progress } from '@relucent/core'
import { type Block, lines, panels } from '@relucent/plot'
import { counted, formatGap, formatSeconds, formatValue } from '../format.ts'

const size = { width: 440, height: 260, surface: 'page' } as const

/** Objective and lower bound against time, and the gap between them. */
export function convergenceBlocks(history: readonly Progress[], tolerance: number): Block[] {
  if (history.length === 0) {
    const text =
      'The course of the fit is not known here: a model file keeps none, so that equal fits write equal files. ' +
      'relucent fit --report draws it.'
    return [{ kind: 'notice', text }]
  }
  const x = history.map(({ elapsedSeconds }) => elapsedSeconds)
  const time = { label: 'time', unit: 's', scale: 'log' } as const
  const markers = history.length <= 60 ? 'filled' : 'none'
  const last = history[history.length - 1]
  const bounds = lines({
    ...size,
    x: time,
    y: { label: 'objective' },
    series: [
      { name: 'objective', x, y: history.map(({ objective }) => objective), line: 'step', markers },
      { name: 'lower bound', x, y: history.map(({ lowerBound }) => lowerBound), line: 'step', markers },
    ],
  })
  const gap = lines({
    ...size,
    x: time,
    y: { label: 'relative gap', scale: 'log' },
    series: [
      {
        name: 'relative gap',
        x,
        y: history.map(({ relativeGap }) => relativeGap ?? Number.NaN),
        line: 'step',
        markers,
      },
    ],
    references: tolerance > 0 ? [{ axis: 'y', value: tolerance, label: 'tolerance' }] : [],
    legend: true,
  })
  const alt =
    `Objective and certified lower bound over ${counted(history.length, 'round')} and ${formatSeconds(last.elapsedSeconds)}: ` +
    `they end at ${formatValue(last.objective)} and ${formatValue(last.lowerBound)}, relative gap ${formatGap(last.relativeGap)}.`
  const caption =
    'Each mark is a round of the solver. Left: the objective of the best network, and the best lower bound proven, ' +
    'so far. Right: the gap between them, relative to the objective, on logarithmic axes; a gap of 0 has no place there.'
  return [{ kind: 'figure', svg: panels({ figures: [bounds, gap], columns: 2, surface: 'page', alt }), caption }]
}
