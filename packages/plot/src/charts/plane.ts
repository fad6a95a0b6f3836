import type { Axis } from '../axis.ts'
import type { FigureOptions } from '../figure.ts'
import type { Group } from './group.ts'

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
