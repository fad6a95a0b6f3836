import type { ScaleOptions } from '@observablehq/plot'

export interface Axis {
  readonly label?: string
  /** Written behind the label, in brackets. */
  readonly unit?: string
  /** On a logarithmic axis values that are not positive are left out. */
  readonly scale?: 'linear' | 'log'
  /** Default: the range of the data. What lies outside is cut off. */
  readonly domain?: readonly [low: number, high: number]
  readonly ticks?: readonly number[]
  readonly format?: (value: number) => string
  readonly grid?: boolean
}

/** A value as ticks show it: 0.25, 10⁻⁴. Powers of ten outside 0.01 … 1000 are written as powers. */
export function formatTick(value: number): string {
  const exponent = Math.round(Math.log10(Math.abs(value)))
  const isPower = Math.abs(Math.abs(value) / 10 ** exponent - 1) < 1e-9 // a quotient of decimals, right to rounding
  if (isPower && (exponent < -2 || exponent > 3)) return `${value < 0 ? '−' : ''}10${superscript(exponent)}`
  if (value !== 0 && (exponent < -4 || exponent > 5)) return scientific(value)
  return minus(String(Number(value.toPrecision(6))))
}

/** Four significant digits, for labels in a figure. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return scientific(value)
  return minus(String(Number(value.toPrecision(4))))
}

function scientific(value: number): string {
  const [digits, exponent] = value.toExponential(3).split('e')
  return `${minus(String(Number(digits)))}·10${superscript(Number(exponent))}`
}

function minus(text: string): string {
  return text.replace('-', '−')
}

function superscript(exponent: number): string {
  return Array.from(String(exponent), (digit) => superscripts[digit]).join('')
}

const superscripts: Readonly<Record<string, string>> = {
  '-': '⁻',
  0: '⁰',
  1: '¹',
  2: '²',
  3: '³',
  4: '⁴',
  5: '⁵',
  6: '⁶',
  7: '⁷',
  8: '⁸',
  9: '⁹',
}

/** The axis as Plot takes it, with the domain it will have; `values` are all that is drawn along it. */
export function scaleOf(axis: Axis, values: Iterable<number>): ScaleOptions & { domain: [number, number] } {
  const { scale = 'linear', grid = true } = axis
  const domain = axis.domain ? ([...axis.domain] as [number, number]) : rangeOf(scale, values)
  const labelled = { label: labelOf(axis) ?? null, labelArrow: 'none', grid, domain } as const
  if (scale === 'linear') {
    return { ...labelled, type: 'linear', ticks: axis.ticks ?? 6, tickFormat: axis.format ?? formatTick }
  }
  return { ...labelled, type: 'log', ticks: axis.ticks ?? logTicks(domain), tickFormat: axis.format ?? formatTick }
}

export function labelOf({ label, unit }: Axis): string | undefined {
  if (unit === undefined) return label
  return label === undefined ? unit : `${label} (${unit})`
}

/** Whether a value has a place on the axis. */
export function isPlaced({ scale = 'linear' }: Axis, value: number): boolean {
  return Number.isFinite(value) && (scale === 'linear' || value > 0)
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
  return inside.length > 1 ? inside : [low, high]
}

/** 10 ** −4 is not the nearest number to 0.0001 everywhere. */
function power(exponent: number): number {
  return Number(`1e${exponent}`)
}
