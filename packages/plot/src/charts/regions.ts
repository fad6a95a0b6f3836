import { frame } from '../figure.ts'
import type { LegendEntry } from '../legend.ts'
import { colorOf, symbolOf } from '../theme.ts'
import { legendOf } from './marks.ts'
import type { PlaneOptions } from './plane.ts'
import { areas, planeBody, segmentEntry } from './plane-body.ts'

export interface RegionsOptions extends PlaneOptions {
  /** One function on the grid per class; where it is the largest, its class is decided for. */
  readonly scores: readonly ArrayLike<number>[]
  /** Of the classes. Points of class k are in the k-th group. */
  readonly names: readonly string[]
}

/** Where each class is decided for, with points and lines over it. */
export function regions(options: RegionsOptions): string {
  const { scores, names, grid, groups = [] } = options
  const marks = scores.map((_, k) =>
    areas(lead(scores, k), grid, [0], { fill: colorOf(k), fillOpacity: 0.3, stroke: colorOf(k), smooth: true }),
  )
  const entries = names.map((name, k): LegendEntry => {
    return { name, color: colorOf(k), area: true, ...(groups.length > 0 ? { symbol: symbolOf(k) } : {}) }
  })
  // The classes are in the legend already.
  const unnamed = groups.map((group) => ({ ...group, name: undefined }))
  const rings = legendOf(unnamed, options.ring)
  return frame(planeBody(options, {}, marks), options, [...entries, ...rings, ...segmentEntry(options)])
}

/** By how much class k is ahead of the best other one. */
function lead(scores: readonly ArrayLike<number>[], k: number): Float64Array {
  return Float64Array.from(scores[k], (own, i) => {
    let rival = Number.NEGATIVE_INFINITY
    scores.forEach((other, j) => {
      if (j !== k) rival = Math.max(rival, other[i])
    })
    return own - rival
  })
}
