import * as Plot from '@observablehq/plot'
import { type Axis, formatNumber } from '../axis.ts'
import type { Body } from '../body.ts'
import { bodyOf } from '../draw.ts'
import { scaleOf } from '../scale.ts'
import { defaultHeight, defaultWidth, type FigureOptions, frame } from '../figure.ts'
import { estimatedWidth, truncated } from '../text.ts'
import { colorOf, fontSize } from '../theme.ts'
import { below, margins } from './layout.ts'

export interface BarsOptions extends FigureOptions {
  readonly values: ArrayLike<number>
  /** One per bar; without them the bars are numbered. */
  readonly names?: readonly string[]
  /** Of the bars; drawn from left to right unless they are named. */
  readonly bars?: { readonly label?: string }
  /** Of the values. Bars have their foot at 0, so the axis is linear. */
  readonly value?: Omit<Axis, 'scale'>
}

/** Up to this many numbered bars each number is written. */
const fewBars = 30

/** Values side by side: a spectrum in its order, or, with names, lengths one below the other. */
export function bars(options: BarsOptions): string {
  return frame(options.names === undefined ? spectrum(options) : named(options, options.names), options)
}

function spectrum({ values, bars: about = {}, value = {}, ...options }: BarsOptions): Body {
  const rows = Array.from(values, (size, k) => ({ k: k + 1, size })).filter(({ size }) => Number.isFinite(size))
  const half = rows.length > fewBars ? 0.5 : 0.36
  const few = { ticks: rows.map(({ k }) => k), tickFormat: String }
  return bodyOf({
    width: options.width ?? defaultWidth,
    height: options.height ?? defaultHeight,
    ...margins,
    style: { fontSize: '12px' },
    x: {
      ...scaleOf({ ...about, domain: [0.4, Math.max(1, values.length) + 0.6], grid: false, format: String }, []),
      ...(rows.length <= fewBars ? few : {}),
      ...below,
    },
    y: scaleOf(value, [0, ...rows.map(({ size }) => size)], { nice: true }),
    marks: [
      Plot.rectY(rows, {
        x1: ({ k }: { k: number }) => k - half,
        x2: ({ k }: { k: number }) => k + half,
        y: 'size',
        fill: colorOf(0),
      }),
      Plot.ruleY([0]),
    ],
  })
}

const rowHeight = 24
const longestName = 220

function named({ values, value = {}, ...options }: BarsOptions, names: readonly string[]): Body {
  const shown = names.map((name) => truncated(name, fontSize, longestName))
  const rows = Array.from(values, (size, k) => ({ k, size })).filter(({ size }) => Number.isFinite(size))
  const widest = Math.max(0, ...shown.map((name) => estimatedWidth(name, fontSize)))
  return bodyOf({
    width: options.width ?? defaultWidth,
    height: options.height ?? margins.marginBottom + 8 + rowHeight * names.length,
    ...margins,
    marginTop: 8,
    marginRight: 60,
    marginLeft: 16 + widest,
    style: { fontSize: '12px' },
    x: { ...scaleOf(value, [0, ...rows.map(({ size }) => size)], { nice: true }), ...below },
    // Positions, not names: two bars may have the same name.
    y: { type: 'band', domain: names.map((_, k) => k), tickFormat: (k: number) => shown[k], label: null, tickSize: 0 },
    marks: [
      Plot.barX(rows, { y: 'k', x: 'size', fill: colorOf(0) }),
      Plot.text(rows, {
        y: 'k',
        x: 'size',
        text: ({ size }: { size: number }) => (value.format ?? formatNumber)(size),
        textAnchor: 'start',
        dx: 4,
      }),
      Plot.ruleX([0]),
    ],
  })
}
