import * as Plot from '@observablehq/plot'
import type { Body } from './body.ts'
import { bodyOf } from './draw.ts'
import { estimatedWidth, truncated } from './text.ts'
import { fontSize, type Surface, type SymbolName, themes } from './theme.ts'

export interface LegendEntry {
  readonly name: string
  readonly color: string
  /** Drawn as a line with this dash pattern. */
  readonly dash?: string
  readonly symbol?: SymbolName
  readonly hollow?: boolean
  /** Drawn as a small area. */
  readonly area?: boolean
}

interface Placed extends LegendEntry {
  readonly x: number
  readonly y: number
}

const swatch = 24
const rowHeight = 20
const longest = 220

/** The entries in as many rows as they need; nothing for none. */
export function legendRows(entries: readonly LegendEntry[], width: number, surface: Surface): Body[] {
  if (entries.length === 0) return []
  const placed = arranged(entries, width)
  const height = placed[placed.length - 1].y + rowHeight
  const { paper } = themes[surface]
  const areas = placed.filter(({ area }) => area)
  const symbols = placed.filter(({ symbol }) => symbol !== undefined)
  const pixels = { type: 'identity', axis: null } as const
  const middle = rowHeight / 2
  const center = (one: Placed): number => one.x + swatch / 2
  return [
    bodyOf({
      width,
      height,
      margin: 0,
      x: pixels,
      y: pixels,
      marks: [
        Plot.rect(areas, {
          x1: ({ x }: Placed) => x + 4,
          x2: ({ x }: Placed) => x + swatch - 4,
          y1: ({ y }: Placed) => y + 4,
          y2: ({ y }: Placed) => y + rowHeight - 4,
          fill: 'color',
          fillOpacity: 0.35,
        }),
        ...placed
          .filter(({ dash }) => dash !== undefined)
          .map((one) => {
            const ends = [
              [one.x, one.y + middle],
              [one.x + swatch, one.y + middle],
            ]
            return Plot.line(ends, { stroke: one.color, strokeWidth: 2, strokeDasharray: one.dash })
          }),
        ...symbols.map((one) =>
          Plot.dot([one], {
            x: center,
            y: ({ y }: Placed) => y + middle,
            r: 4,
            symbol: one.symbol,
            fill: one.hollow ? paper : one.color,
            stroke: one.color,
          }),
        ),
        Plot.text(placed, {
          x: ({ x }: Placed) => x + swatch + 6,
          y: ({ y }: Placed) => y + middle,
          text: ({ name }: Placed) => truncated(name, fontSize, longest),
          textAnchor: 'start',
          fontSize,
        }),
      ],
    }),
  ]
}

function arranged(entries: readonly LegendEntry[], width: number): Placed[] {
  let x = 8
  let y = 0
  return entries.map((entry) => {
    const needed = swatch + 6 + Math.min(longest, estimatedWidth(entry.name, fontSize)) + 18
    if (x > 8 && x + needed > width) {
      x = 8
      y += rowHeight
    }
    const placed = { ...entry, x, y }
    x += needed
    return placed
  })
}
