import * as Plot from '@observablehq/plot'
import { type Axis, isPlaced, scaleOf } from '../axis.ts'
import { bodyOf } from '../body.ts'
import { defaultHeight, defaultWidth, type FigureOptions, frame } from '../figure.ts'
import type { LegendEntry } from '../legend.ts'
import { colorOf, symbolOf, type Theme, themes } from '../theme.ts'
import { below, margins } from './layout.ts'
import { type Reference, referenceMarks } from './reference.ts'

/** Points of one kind. */
export interface Group {
  readonly name?: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  /** Colour and symbol are those of this place in the theme; default: the place in the list. */
  readonly place?: number
  /** Points with a ring around them, for instance those a classifier gets wrong. */
  readonly ringed?: readonly boolean[]
}

export interface ScatterOptions extends FigureOptions {
  readonly groups: readonly Group[]
  readonly x?: Axis
  readonly y?: Axis
  readonly references?: readonly Reference[]
  /** The line x = y, for what should be equal. */
  readonly diagonal?: boolean
  /** The same units of length on both axes, for instance for projections. */
  readonly equal?: boolean
  /** What a ring means, for the legend. */
  readonly ring?: string
}

/** Points in the plane, in groups. */
export function scatter(options: ScatterOptions): string {
  const { x = {}, y = {}, references = [], surface = 'paper', diagonal = false, equal = false } = options
  const theme = themes[surface]
  const xs = options.groups.flatMap((group) => Array.from(group.x))
  const ys = options.groups.flatMap((group) => Array.from(group.y))
  const both = [...xs, ...ys]
  const scales = { x: scaleOf(x, diagonal ? both : xs), y: scaleOf(y, diagonal ? both : ys) }
  const ends = common(scales.x.domain, scales.y.domain).map((at) => ({ at }))
  const clip = (x.domain ?? y.domain) !== undefined
  const body = bodyOf({
    width: options.width ?? defaultWidth,
    height: options.height ?? defaultHeight,
    ...margins,
    style: { fontSize: '12px' },
    ...(equal ? { aspectRatio: 1, height: undefined } : {}),
    x: { ...scales.x, ...below, nice: x.domain === undefined },
    y: { ...scales.y, nice: y.domain === undefined },
    marks: [
      ...referenceMarks(references, theme),
      ...(diagonal ? [Plot.line(ends, { x: 'at', y: 'at', stroke: 'currentColor', strokeOpacity: 0.6 })] : []),
      ...groupMarks(options.groups, { x, y, clip, theme }),
    ],
  })
  const legend = legendOf(options.groups, options.ring, theme)
  return frame(body, options, legend.length > 1 ? legend : [])
}

interface Place {
  readonly x: Axis
  readonly y: Axis
  readonly clip: boolean
  readonly theme: Theme
}

/** The points as marks; also drawn over regions and fields. */
export function groupMarks(groups: readonly Group[], { x, y, clip, theme }: Place): Plot.Markish[] {
  return groups.flatMap((group, k) => {
    const all = Array.from({ length: group.x.length }, (_, i) => {
      return { x: group.x[i], y: group.y[i], ringed: group.ringed?.[i] === true }
    })
    const rows = all.filter((row) => isPlaced(x, row.x) && isPlaced(y, row.y))
    const place = group.place ?? k
    const at = { x: 'x', y: 'y', clip } as const
    const rings = rows.filter(({ ringed }) => ringed)
    return [
      Plot.dot(rows, {
        ...at,
        r: 3.5,
        symbol: symbolOf(place),
        fill: colorOf(place),
        stroke: theme.paper,
        strokeWidth: 0.8,
      }),
      ...(rings.length > 0 ? [Plot.dot(rings, { ...at, r: 7, stroke: 'currentColor', strokeWidth: 1.2 })] : []),
    ]
  })
}

export function legendOf(groups: readonly Group[], ring: string | undefined, { ink }: Theme): LegendEntry[] {
  const entries = groups.flatMap(({ name, place }, k): LegendEntry[] => {
    return name === undefined ? [] : [{ name, color: colorOf(place ?? k), symbol: symbolOf(place ?? k) }]
  })
  const isRinged = groups.some(({ ringed }) => ringed?.some((one) => one))
  if (ring === undefined || !isRinged) return entries
  return [...entries, { name: ring, color: ink, symbol: 'circle', hollow: true }]
}

/** The ends of the part that two domains have in common. */
function common(x: readonly [number, number], y: readonly [number, number]): [number, number] {
  return [Math.max(x[0], y[0]), Math.min(x[1], y[1])]
}
