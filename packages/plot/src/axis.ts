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

export function labelOf({ label, unit }: Axis): string | undefined {
  if (unit === undefined) return label
  return label === undefined ? unit : `${label} (${unit})`
}

/** Whether a value has a place on the axis. */
export function isPlaced({ scale = 'linear' }: Axis, value: number): boolean {
  return Number.isFinite(value) && (scale === 'linear' || value > 0)
}
