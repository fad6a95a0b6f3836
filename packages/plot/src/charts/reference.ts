import * as Plot from '@observablehq/plot'
import type { Theme } from '../theme.ts'

/** A line straight across the figure, at one value of one axis. */
export interface Reference {
  readonly axis: 'x' | 'y'
  readonly value: number
  readonly label?: string
  /** Faint lines are dashed: more of them do not get in the way. */
  readonly faint?: boolean
}

export function referenceMarks(references: readonly Reference[], { paper }: Theme): Plot.Markish[] {
  return references.flatMap(({ axis, value, label = '', faint = false }) => {
    const style = {
      stroke: 'currentColor',
      strokeOpacity: faint ? 0.45 : 0.8,
      strokeDasharray: faint ? '2 3' : 'none',
    }
    const text = { text: [label], ...onTop(paper) }
    if (axis === 'y') {
      const place = { frameAnchor: 'right', textAnchor: 'end', dx: -4, dy: -8 } as const
      return [
        Plot.ruleY([value], style),
        ...(label === '' ? [] : [Plot.text([value], { y: [value], ...text, ...place })]),
      ]
    }
    const place = { frameAnchor: 'top', textAnchor: 'start', dx: 4, dy: 8 } as const
    return [
      Plot.ruleX([value], style),
      ...(label === '' ? [] : [Plot.text([value], { x: [value], ...text, ...place })]),
    ]
  })
}

/** Text that stays readable above whatever is drawn. */
export function onTop(paper: string): Plot.TextOptions {
  return { fontSize: 11, fill: 'currentColor', stroke: paper, strokeWidth: 4 }
}
