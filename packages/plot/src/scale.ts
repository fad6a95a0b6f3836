import type { ScaleOptions } from '@observablehq/plot'
import { type Axis, formatTick, isPlaced, labelOf } from './axis.ts'

/** The axis as Plot takes it, with the domain it will have; `values` are all that is drawn along it. */
export function scaleOf(
  axis: Axis,
  values: Iterable<number>,
  { nice = false }: { nice?: boolean } = {},
): ScaleOptions & { domain: [number, number] } {
  const { scale = 'linear', grid = true } = axis
  const range = rangeOf(scale, values)
  const domain = axis.domain ? ([...axis.domain] as [number, number]) : nice ? niceRange(scale, range) : range
  const labelled = { label: labelOf(axis) ?? null, labelArrow: 'none', grid, domain } as const
  if (scale === 'linear') {
    return { ...labelled, type: 'linear', ticks: axis.ticks ?? 6, tickFormat: axis.format ?? formatTick }
  }
  return { ...labelled, type: 'log', ticks: axis.ticks ?? logTicks(domain), tickFormat: axis.format ?? formatTick }
}

/** The smallest range with all values; where that is a point or nothing, one around it. */
function rangeOf(scale: 'linear' | 'log', values: Iterable<number>): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (!isPlaced({ scale }, value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (!(low <= high)) return scale === 'log' ? [1, 10] : [0, 1]
  if (low < high) return [low, high]
  if (scale === 'log') return [low / 2, high * 2]
  return low === 0 ? [-1, 1] : [low - Math.abs(low) / 2, high + Math.abs(high) / 2]
}

/** Ends that ticks fall on; on a logarithmic axis of several decades these are decades. */
function niceRange(scale: 'linear' | 'log', [low, high]: [number, number]): [number, number] {
  if (scale === 'log') {
    const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))]
    return high / low < 10 ? [low, high] : [power(first), power(last)]
  }
  const step = niceStep((high - low) / 5)
  return [step * Math.floor(low / step), step * Math.ceil(high / step)]
}

/** Decades, every second or third of many; 1, 2, 5 within less than two. */
function logTicks([low, high]: readonly [number, number]): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9)
  const last = Math.floor(Math.log10(high) + 1e-9)
  const step = Math.max(1, Math.ceil((last - first) / 8))
  const decades = Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, k) => power(first + k * step))
  if (last - first >= 2) return decades
  const fine = [first - 1, first, last, last + 1].flatMap((exponent) =>
    [1, 2, 5].map((digit) => digit * power(exponent)),
  )
  const inside = [...new Set(fine)].filter((tick) => tick >= low && tick <= high)
  return inside.length > 1 ? inside : linearTicks(low, high)
}

/** Round numbers between the two: a nice step is less than half of the span, so that there are two at least. */
function linearTicks(low: number, high: number): number[] {
  const step = niceStep((high - low) / 5)
  const first = Math.ceil(low / step)
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => (first + k) * step)
}

/** 1, 2 or 5 times a power of ten, and at least this much. */
function niceStep(least: number): number {
  const decade = power(Math.floor(Math.log10(least)))
  return decade * ([1, 2, 5, 10].find((digit) => digit * decade >= least) ?? 10)
}

/** 10 ** −4 is not the nearest number to 0.0001 everywhere. */
function power(exponent: number): number {
  return Number(`1e${exponent}`)
}
