import * as Plot from '@observablehq/plot'
import type { Axis } from '../axis.ts'
import { bodyOf } from '../draw.ts'
import { defaultHeight, defaultWidth, type FigureOptions, frame } from '../figure.ts'
import { scaleOf } from '../scale.ts'
import { themes } from '../theme.ts'
import { below, margins } from './layout.ts'
import type { Group } from './group.ts'
import { groupMarks, legendOf, marginFor, referenceMarks } from './marks.ts'
import type { Reference } from './reference.ts'

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
  const scales = {
    x: scaleOf(x, diagonal ? both : xs, { nice: true }),
    y: scaleOf(y, diagonal ? both : ys, { nice: true }),
  }
  if (equal)
    for (const [one, other] of [
      [scales.x, scales.y],
      [scales.y, scales.x],
    ])
      widen(one, span(other) * leastShape)
  const width = options.width ?? defaultWidth
  const marginRight = marginFor(references)
  const ends = common(scales.x.domain, scales.y.domain).map((at) => ({ at }))
  const clip = (x.domain ?? y.domain) !== undefined
  const body = bodyOf({
    width,
    height: equal ? equalHeight(width - margins.marginLeft - marginRight, scales) : (options.height ?? defaultHeight),
    ...margins,
    marginRight,
    style: { fontSize: '12px' },
    x: { ...scales.x, ...below },
    y: scales.y,
    marks: [
      ...referenceMarks(references, theme),
      ...(diagonal ? [Plot.line(ends, { x: 'at', y: 'at', stroke: 'currentColor', strokeOpacity: 0.6 })] : []),
      ...groupMarks(options.groups, { x, y, clip, theme }),
    ],
  })
  const legend = legendOf(options.groups, options.ring)
  return frame(body, options, legend.length > 1 ? legend : [])
}

interface Scale {
  domain: [number, number]
}

/** A figure with equal units is no flatter, and no narrower, than this. */
const leastShape = 0.4

function span({ domain }: Scale): number {
  return domain[1] - domain[0]
}

/** The same middle, and at least this span. */
function widen(scale: Scale, least: number): void {
  const missing = Math.max(0, least - span(scale)) / 2
  scale.domain = [scale.domain[0] - missing, scale.domain[1] + missing]
}

/** With it a unit is as long upwards as it is to the right. */
function equalHeight(inner: number, { x, y }: Readonly<Record<'x' | 'y', Scale>>): number {
  return (inner * span(y)) / span(x) + margins.marginTop + margins.marginBottom
}

/** The ends of the part that two domains have in common. */
function common(x: readonly [number, number], y: readonly [number, number]): [number, number] {
  return [Math.max(x[0], y[0]), Math.min(x[1], y[1])]
}
