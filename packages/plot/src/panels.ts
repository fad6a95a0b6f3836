import { type Body, stacked } from './body.ts'
import { type FigureOptions, frame, rootOf } from './figure.ts'
import type { LegendEntry } from './legend.ts'

export interface PanelsOptions extends Omit<FigureOptions, 'width' | 'height'> {
  /** Figures as the other functions return them, row by row. */
  readonly figures: readonly string[]
  readonly columns?: number
  /** One for all panels; theirs is better left out then. */
  readonly legend?: readonly LegendEntry[]
}

/** Small multiples: figures side by side, in rows, under one title. */
export function panels({ figures, columns = 3, legend, ...options }: PanelsOptions): string {
  const drawn = figures.map(nested)
  const width = Math.max(0, ...drawn.map((one) => one.width))
  const rows: Body[] = []
  for (let k = 0; k < drawn.length; k += columns) {
    const row = drawn.slice(k, k + columns)
    const content = row.map((one, j) => `<g transform="translate(${j * width},0)">${one.content}</g>`).join('')
    rows.push({ content, width: columns * width, height: Math.max(...row.map(({ height }) => height)) })
  }
  return frame({ ...stacked(rows), width: columns * width }, options, legend)
}

/** A figure as part of another. */
function nested(figure: string): Body {
  const { width, height } = rootOf(figure)
  return { content: figure.trimEnd(), width, height }
}
