import * as Plot from '@observablehq/plot'
import { type Axis, isPlaced } from '../axis.ts'
import { scaleOf } from '../scale.ts'
import { below, margins } from './layout.ts'
import { bodyOf } from '../draw.ts'
import { defaultHeight, defaultWidth, type FigureOptions, frame } from '../figure.ts'
import type { LegendEntry } from '../legend.ts'
import { colorOf, dashOf, type SymbolName, symbolOf, type Theme, themes } from '../theme.ts'
import { marginFor, onTop, referenceMarks } from './marks.ts'
import type { Reference } from './reference.ts'

/** A curve, a band, a set of measured points, or all three. */
export interface Series {
  /** In the legend. Series of one name share their entry; a series without one has none. */
  readonly name?: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  /** Shaded between the two, for instance quartiles. */
  readonly band?: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> }
  /** `none` draws no line; `step` holds each value until the next. */
  readonly line?: 'straight' | 'step' | 'none'
  readonly markers?: 'filled' | 'hollow' | 'none'
  /** Colour, dash pattern and symbol are those of this place in the theme; default: the place in the list. */
  readonly place?: number
  /** Thin and dotted, for what the others are compared with. */
  readonly faint?: boolean
}

/** A place that is pointed at. */
export interface Point {
  readonly x: number
  readonly y: number
  readonly label?: string
}

export interface LinesOptions extends FigureOptions {
  readonly series: readonly Series[]
  readonly x?: Axis
  readonly y?: Axis
  readonly references?: readonly Reference[]
  readonly points?: readonly Point[]
  /** A legend above the figure; default: where there is more than one name. */
  readonly legend?: boolean
}

interface Row {
  readonly x: number
  readonly y: number
  readonly low: number
  readonly high: number
}

interface Styled extends Series {
  readonly color: string
  readonly dash: string
  readonly symbol: SymbolName
  readonly rows: readonly Row[]
}

/**
 * Curves over a common axis: convergence, growth, paths of regularisation, validation curves, functions of one variable.
 * A value that is not finite, or not positive on a logarithmic axis, is a gap in its curve.
 */
export function lines(options: LinesOptions): string {
  const { x = {}, y = {}, references = [], surface = 'paper' } = options
  const points = (options.points ?? []).filter((one) => isPlaced(x, one.x) && isPlaced(y, one.y))
  const theme = themes[surface]
  const series = options.series.map((one, k) => styled(one, k, x, y))
  const rows = series.flatMap((one) => one.rows)
  const along = (axis: 'x' | 'y'): number[] => references.filter((one) => one.axis === axis).map(({ value }) => value)
  // A clipped marker at the edge looks broken: only where a domain was asked for is there anything outside it.
  const clip = (x.domain ?? y.domain) !== undefined
  const heights = rows.flatMap((row) => [row.y, row.low, row.high])
  const body = bodyOf({
    width: options.width ?? defaultWidth,
    height: options.height ?? defaultHeight,
    ...margins,
    marginRight: marginFor(references),
    style: { fontSize: '12px' },
    x: { ...scaleOf(x, [...rows.map((row) => row.x), ...points.map((one) => one.x), ...along('x')]), ...below },
    y: scaleOf(y, [...heights, ...points.map((one) => one.y), ...along('y')], { nice: true }),
    marks: [
      ...series.flatMap((one) => bandMarks(one, clip)),
      ...referenceMarks(references, theme),
      ...series.flatMap((one) => curveMarks(one, clip)),
      ...series.flatMap((one) => markerMarks(one, theme, clip)),
      ...pointMarks(points, theme),
    ],
  })
  const entries = legendOf(series)
  return frame(body, options, (options.legend ?? entries.length > 1) ? entries : [])
}

function styled(one: Series, position: number, x: Axis, y: Axis): Styled {
  const place = one.place ?? position
  const at = (axis: Axis, value: number | undefined): number =>
    value !== undefined && isPlaced(axis, value) ? value : Number.NaN
  const rows = Array.from({ length: one.x.length }, (_, i) => ({
    x: at(x, one.x[i]),
    y: at(y, one.y[i]),
    low: at(y, one.band?.low[i]),
    high: at(y, one.band?.high[i]),
  }))
  const dash = one.faint ? '2 3' : dashOf(place)
  return { ...one, rows, color: colorOf(place), dash, symbol: symbolOf(place) }
}

const curveOf = ({ line }: Series): Plot.CurveName => (line === 'step' ? 'step-after' : 'linear')

function bandMarks(one: Styled, clip: boolean): Plot.Markish[] {
  if (one.band === undefined) return []
  return [
    Plot.areaY(one.rows, {
      x: 'x',
      y1: 'low',
      y2: 'high',
      fill: one.color,
      fillOpacity: 0.18,
      curve: curveOf(one),
      clip,
    }),
  ]
}

function curveMarks(one: Styled, clip: boolean): Plot.Markish[] {
  if (one.line === 'none') return []
  return [
    Plot.line(one.rows, {
      x: 'x',
      y: 'y',
      curve: curveOf(one),
      stroke: one.color,
      strokeWidth: one.faint ? 1 : 2,
      strokeDasharray: one.dash,
      clip,
    }),
  ]
}

function markerMarks(one: Styled, { paper }: Theme, clip: boolean): Plot.Markish[] {
  const { markers = one.line === 'none' ? 'filled' : 'none', color, symbol } = one
  if (markers === 'none') return []
  const fill = markers === 'hollow' ? paper : color
  return [Plot.dot(one.rows, { x: 'x', y: 'y', r: 3, symbol, stroke: color, fill, clip })]
}

function pointMarks(points: readonly Point[], { paper }: Theme): Plot.Markish[] {
  return [
    Plot.dot(points, { x: 'x', y: 'y', symbol: 'times', stroke: 'currentColor', strokeWidth: 2, r: 4 }),
    Plot.text(points, { x: 'x', y: 'y', text: ({ label }: Point) => label ?? '', dy: -12, ...onTop(paper) }),
  ]
}

function legendOf(series: readonly Styled[]): LegendEntry[] {
  const entries = new Map<string, LegendEntry>()
  for (const { name, color, dash, symbol, line, markers, band } of series) {
    if (name === undefined || entries.has(name)) continue
    const hasMarkers = markers === undefined ? line === 'none' : markers !== 'none'
    const drawn = { symbol: hasMarkers ? symbol : undefined, dash: line === 'none' ? undefined : dash }
    entries.set(name, { name, color, ...drawn, hollow: markers === 'hollow', area: band !== undefined })
  }
  return [...entries.values()]
}
