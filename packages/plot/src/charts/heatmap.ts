import * as Plot from '@observablehq/plot'
import { formatNumber, formatTick } from '../axis.ts'
import { stacked } from '../body.ts'
import { bodyOf } from '../draw.ts'
import { defaultWidth, type FigureOptions, frame } from '../figure.ts'
import { estimatedWidth, truncated } from '../text.ts'
import { fontSize, schemes } from '../theme.ts'
import { margins } from './layout.ts'
import { ramp } from './ramp.ts'

export interface HeatmapOptions extends FigureOptions {
  /** Row by row, from the top; `rows.length × columns.length` values. */
  readonly values: ArrayLike<number>
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  readonly rowLabel?: string
  readonly columnLabel?: string
  /** Of the values: stands beside the colours. */
  readonly label?: string
  /** `diverging` has its middle at 0. */
  readonly scheme?: keyof typeof schemes
  /** The numbers in the cells; default: where there is room. */
  readonly numbers?: boolean
  readonly format?: (value: number) => string
}

interface Cell {
  readonly row: number
  readonly column: number
  readonly value: number
}

const longestName = 140
const roomForNumbers = 42

/** A table of numbers as colours: confusion of classes, scores over two settings. Cells that are not finite stay empty. */
export function heatmap(options: HeatmapOptions): string {
  const { rows, columns, scheme = 'sequential', format = formatNumber } = options
  const cells = cellsOf(options)
  const domain = domainOf(cells, scheme)
  const width = options.width ?? defaultWidth
  const names = rows.map((name) => truncated(name, fontSize, longestName))
  const marginLeft = 16 + Math.max(24, ...names.map((name) => estimatedWidth(name, fontSize)))
  const size = (width - marginLeft - margins.marginRight) / Math.max(1, columns.length)
  const numbers = options.numbers ?? size >= roomForNumbers
  const short = columns.map((name) => truncated(name, fontSize, size - 6))
  const body = bodyOf({
    width,
    height:
      options.height ?? Math.min(480, margins.marginTop + margins.marginBottom + rows.length * Math.min(size, 36)),
    ...margins,
    marginLeft,
    style: { fontSize: '12px' },
    padding: 0.04,
    x: {
      ...band(columns.length, (k) => short[k]),
      ...named(options.columnLabel),
      labelAnchor: 'center',
      labelOffset: 38,
    },
    y: { ...band(rows.length, (k) => names[k]), ...named(options.rowLabel), labelAnchor: 'top' },
    color: { type: 'linear', scheme: schemes[scheme], domain, ...(scheme === 'diverging' ? { pivot: 0 } : {}) },
    marks: [
      Plot.cell(cells, { x: 'column', y: 'row', fill: 'value' }),
      ...(numbers ? [numberMark(cells, format, domain, scheme)] : []),
    ],
  })
  const key = ramp({ domain, scheme: schemes[scheme], label: options.label ?? '', width, format: formatTick })
  return frame(stacked([body, key]), options)
}

function cellsOf({ values, rows, columns }: HeatmapOptions): Cell[] {
  if (values.length !== rows.length * columns.length) {
    throw new RangeError(
      `heatmap: values must be ${rows.length} × ${columns.length} numbers, as rows and columns, got ${values.length}`,
    )
  }
  const cells = Array.from(values, (value, i) => {
    return { row: Math.floor(i / columns.length), column: i % columns.length, value }
  })
  return cells.filter(({ value }) => Number.isFinite(value))
}

function domainOf(cells: readonly Cell[], scheme: keyof typeof schemes): [number, number] {
  const low = cells.reduce((least, { value }) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const high = cells.reduce((most, { value }) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  if (!(low <= high)) return [0, 1]
  if (scheme === 'sequential') return low < high ? [low, high] : [low - 0.5, low + 0.5]
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1
  return [-most, most]
}

/** Positions, not names: two columns may have the same name. */
function band(count: number, name: (k: number) => string): Plot.ScaleOptions {
  return { type: 'band', domain: Array.from({ length: count }, (_, k) => k), tickFormat: name, tickSize: 0 }
}

function named(label: string | undefined): Plot.ScaleOptions {
  return { label: label ?? null, labelArrow: 'none' }
}

/** White on the dark half of the colours, black on the light one; PuOr is dark at both ends. */
function numberMark(
  cells: readonly Cell[],
  format: (value: number) => string,
  [low, high]: readonly [number, number],
  scheme: keyof typeof schemes,
): Plot.Markish {
  const isDark = ({ value }: Cell): boolean => {
    const share = (value - low) / (high - low)
    return scheme === 'sequential' ? share < 0.55 : Math.abs(share - 0.5) > 0.33
  }
  return Plot.text(cells, {
    x: 'column',
    y: 'row',
    text: ({ value }: Cell) => format(value),
    fill: (cell: Cell) => (isDark(cell) ? '#ffffff' : '#111111'),
    fontSize: 11,
  })
}
