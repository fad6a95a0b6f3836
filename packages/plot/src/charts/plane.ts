import * as Plot from '@observablehq/plot'
import { type Axis, scaleOf } from '../axis.ts'
import { type Body, bodyOf } from '../body.ts'
import { defaultWidth, type FigureOptions } from '../figure.ts'
import type { LegendEntry } from '../legend.ts'
import { type Theme, themes } from '../theme.ts'
import { below, margins } from './layout.ts'
import { type Group, groupMarks } from './scatter.ts'

/**
 * Cells over a rectangle of the plane. Values on it are listed row by row from the low end of y; cell (i, j) has its
 * middle at x = low + (i + ½)/columns · (high − low), and so for y.
 */
export interface Grid {
  readonly x: readonly [low: number, high: number]
  readonly y: readonly [low: number, high: number]
  readonly columns: number
  readonly rows: number
}

export interface Segment {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** What field and regions have in common: a grid, and what is drawn over it. */
export interface PlaneOptions extends FigureOptions {
  readonly grid: Grid
  readonly x?: Omit<Axis, 'scale' | 'domain'>
  readonly y?: Omit<Axis, 'scale' | 'domain'>
  readonly groups?: readonly Group[]
  readonly segments?: readonly Segment[]
  /** What the segments are, for the legend. */
  readonly segmentName?: string
  /** What a ring around a point means, for the legend. */
  readonly ring?: string
}

/** Calls `at` with the middle of every cell, in the order in which values are listed. */
export function onGrid({ x, y, columns, rows }: Grid, at: (x: number, y: number) => number): Float64Array {
  return Float64Array.from({ length: columns * rows }, (_, k) => {
    const i = k % columns
    const j = Math.floor(k / columns)
    return at(x[0] + ((i + 0.5) / columns) * (x[1] - x[0]), y[0] + ((j + 0.5) / rows) * (y[1] - y[0]))
  })
}

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
      ...groupMarks(groups, { x: axes.x, y: axes.y, clip: true, theme }),
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
export function segmentEntry({ segments = [], segmentName, surface = 'paper' }: PlaneOptions): LegendEntry[] {
  if (segments.length === 0 || segmentName === undefined) return []
  return [{ name: segmentName, color: themes[surface].ink, dash: '5 3' }]
}
