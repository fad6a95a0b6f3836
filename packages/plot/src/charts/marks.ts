import * as Plot from '@observablehq/plot'
import { type Axis, isPlaced } from '../axis.ts'
import type { LegendEntry } from '../legend.ts'
import { colorOf, symbolOf, type Theme } from '../theme.ts'
import type { Reference } from './reference.ts'
import type { Group } from './group.ts'

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
        stroke: group.z === undefined ? theme.paper : 'currentColor',
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
