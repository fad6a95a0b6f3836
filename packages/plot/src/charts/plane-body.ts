import * as Plot from '@observablehq/plot'
import type { Body } from '../body.ts'
import { bodyOf } from '../draw.ts'
import { defaultWidth, type FigureOptions } from '../figure.ts'
import type { LegendEntry } from '../legend.ts'
import { scaleOf } from '../scale.ts'
import { type Theme, themes } from '../theme.ts'
import { below, margins } from './layout.ts'
import { groupMarks } from './marks.ts'
import type { Grid, PlaneOptions, Segment } from './plane.ts'

/** The areas `under`, then segments, then points. */
export function planeBody(options: PlaneOptions, color: Plot.ScaleOptions, under: readonly Plot.Markish[]): Body {
  const { grid, x = {}, y = {}, groups = [], segments = [], surface = 'paper' } = options
  const theme = themes[surface]
  const axes = { x: { ...x, domain: grid.x }, y: { ...y, domain: grid.y } }
  return bodyOf({
    width: options.width ?? defaultWidth,
    height: options.height ?? squareHeight(options),
    ...margins,
    style: { fontSize: '12px' },
    x: { ...scaleOf({ ...axes.x, grid: false }, []), ...below },
    y: { ...scaleOf({ ...axes.y, grid: false }, []) },
    color,
    marks: [
      ...under,
      ...segmentMarks(segments, theme),
      Plot.frame({ strokeOpacity: 0.4 }),
      ...groupMarks(groups, { x: axes.x, y: axes.y, clip: true, theme, outline: 'currentColor' }),
    ],
  })
}

/** Contours of values on the grid: the areas where they are at least each threshold. */
export function areas(
  values: ArrayLike<number>,
  { x, y, columns, rows }: Grid,
  thresholds: readonly number[],
  style: Plot.ContourOptions,
): Plot.Markish {
  if (values.length !== columns * rows) {
    throw new RangeError(`a grid of ${columns} × ${rows} needs ${columns * rows} values, got ${values.length}`)
  }
  const size = { x1: x[0], x2: x[1], y1: y[0], y2: y[1], width: columns, height: rows }
  return Plot.contour(Array.from(values), { ...size, thresholds: [...thresholds], ...style, clip: true })
}

/** About square cells, within what a page can show at once. */
function squareHeight({ width = defaultWidth }: FigureOptions): number {
  const inner = width - margins.marginLeft - margins.marginRight
  return Math.min(520, inner) + margins.marginTop + margins.marginBottom
}

function segmentMarks(segments: readonly Segment[], { paper }: Theme): Plot.Markish[] {
  if (segments.length === 0) return []
  const ends = { x1: 'x1', y1: 'y1', x2: 'x2', y2: 'y2', clip: true } as const
  return [
    Plot.link(segments, { ...ends, stroke: paper, strokeWidth: 3, strokeOpacity: 0.7 }),
    Plot.link(segments, { ...ends, stroke: 'currentColor', strokeWidth: 1.2, strokeDasharray: '5 3' }),
  ]
}

/** The segments in the legend, where they have a name. */
export function segmentEntry({ segments = [], segmentName }: PlaneOptions): LegendEntry[] {
  if (segments.length === 0 || segmentName === undefined) return []
  return [{ name: segmentName, color: 'currentColor', dash: '5 3' }]
}
