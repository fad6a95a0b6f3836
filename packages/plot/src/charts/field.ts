import { formatTick } from '../axis.ts'
import { stacked } from '../body.ts'
import { defaultWidth, frame } from '../figure.ts'
import { schemes } from '../theme.ts'
import { legendOf } from './marks.ts'
import type { PlaneOptions } from './plane.ts'
import { areas, planeBody, segmentEntry } from './plane-body.ts'
import { ramp } from './ramp.ts'

export interface FieldOptions extends PlaneOptions {
  /** Of the function, on the grid. */
  readonly values: ArrayLike<number>
  /** What the function is: stands beside the colours. */
  readonly label?: string
  /** About how many bands of colour. */
  readonly levels?: number
  /** `diverging` has its middle at 0. */
  readonly scheme?: keyof typeof schemes
}

/** A function of two variables in bands of colour, with points and lines over it. */
export function field(options: FieldOptions): string {
  const { values, grid, levels = 14, scheme = 'sequential', groups = [] } = options
  const domain = extent([values, ...groups.map(({ z = [] }) => z)], scheme)
  const step = (domain[1] - domain[0]) / levels
  const thresholds = Array.from({ length: levels }, (_, k) => domain[0] + k * step)
  const color = { type: 'linear', scheme: schemes[scheme], domain } as const
  const fill = areas(values, grid, thresholds, {
    // A band is painted in the colour of its middle. Without `value`, Plot would take `fill` for the function itself.
    value: (height: number) => height,
    fill: ({ value }: { value: number }) => value + step / 2,
    stroke: 'none',
    smooth: true,
  })
  const body = planeBody(options, color, [fill])
  const width = options.width ?? defaultWidth
  const key = ramp({ domain, scheme: schemes[scheme], label: options.label ?? '', width, format: formatTick })
  const legend = [...legendOf(groups, options.ring), ...segmentEntry(options)]
  return frame(stacked([body, key]), options, legend)
}

function extent(values: readonly ArrayLike<number>[], scheme: keyof typeof schemes): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values.flatMap((list) => Array.from(list))) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (!(low <= high)) return [0, 1]
  if (scheme === 'diverging') {
    const most = Math.max(Math.abs(low), Math.abs(high)) || 1
    return [-most, most]
  }
  return low < high ? [low, high] : [low - 0.5, low + 0.5]
}
