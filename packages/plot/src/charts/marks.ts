import * as Plot from '@observablehq/plot'
import { type Axis, isPlaced } from '../axis.ts'
import type { LegendEntry } from '../legend.ts'
import { colorOf, symbolOf, type Theme } from '../theme.ts'
import type { Reference } from './reference.ts'
import { estimatedWidth } from '../text.ts'
import type { Group } from './group.ts'
import { margins } from './layout.ts'

export function referenceMarks(references: readonly Reference[], { paper }: Theme): Plot.Markish[] {
  return references.flatMap(({ axis, value, label = '', faint = false }) => {
    const style = {
      stroke: 'currentColor',
      strokeOpacity: faint ? 0.45 : 0.8,
      strokeDasharray: faint ? '2 3' : 'none',
    }
    const text = { text: [label], ...onTop(paper) }
    if (axis === 'y') {
      const place = { frameAnchor: 'right', textAnchor: 'start', dx: 6 } as const
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

/** Room on the right for the labels of horizontal references: outside they hide nothing. */
export function marginFor(references: readonly Reference[]): number {
  const labels = references.filter(({ axis }) => axis === 'y').map(({ label = '' }) => estimatedWidth(label, 11))
  return Math.max(margins.marginRight, ...labels.map((width) => width + 12))
}

/** Text that stays readable above whatever is drawn. */
export function onTop(paper: string): Plot.TextOptions {
  return { fontSize: 11, fill: 'currentColor', stroke: paper, strokeWidth: 4 }
}

interface Place {
  readonly x: Axis
  readonly y: Axis
  readonly clip: boolean
  readonly theme: Theme
  /** Around each point; default: paper, which sets points apart from each other. */
  readonly outline?: string
}

/** The points as marks; also drawn over regions and fields. */
export function groupMarks(
  groups: readonly Group[],
  { x, y, clip, theme, outline = theme.paper }: Place,
): Plot.Markish[] {
  return groups.flatMap((group, k) => {
    const all = Array.from({ length: group.x.length }, (_, i) => {
      return { x: group.x[i], y: group.y[i], z: group.z?.[i], ringed: group.ringed?.[i] === true }
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
        fill: group.z === undefined ? colorOf(place) : 'z',
        stroke: outline,
        strokeWidth: 0.8,
      }),
      ...(rings.length > 0 ? [Plot.dot(rings, { ...at, r: 7, stroke: 'currentColor', strokeWidth: 1.2 })] : []),
    ]
  })
}

export function legendOf(groups: readonly Group[], ring: string | undefined): LegendEntry[] {
  const entries = groups.flatMap(({ name, place, z }, k): LegendEntry[] => {
    if (name === undefined) return []
    const symbol = symbolOf(place ?? k)
    // Points in the colours of a field have none of their own.
    return [
      z === undefined
        ? { name, color: colorOf(place ?? k), symbol }
        : { name, color: 'currentColor', symbol, hollow: true },
    ]
  })
  const isRinged = groups.some(({ ringed }) => ringed?.some((one) => one))
  if (ring === undefined || !isRinged) return entries
  return [...entries, { name: ring, color: 'currentColor', symbol: 'circle', hollow: true }]
}
