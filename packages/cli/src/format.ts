/** Numbers for people; `--json` has every digit. */

/** Eight significant digits, without trailing zeros: 16.592984. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return String(Number(value.toPrecision(8)))
}

/** Every digit, as people type it: 1e-6, where JavaScript writes 0.000001. */
export function formatSetting(value: number): string {
  const [exponential, plain] = [value.toExponential(), String(value)]
  return exponential.length < plain.length && Math.abs(value) < 1 ? exponential : plain
}

/** The number of so many significant digits next to `value`, never on its other side: what is claimed stays true as printed. */
export function roundedTo(digits: number, value: number, direction: 'up' | 'down'): number {
  const nearest = Number(value.toPrecision(digits))
  const wrong = direction === 'up' ? nearest < value : nearest > value
  if (!wrong) return nearest
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - digits + 1)
  return Number((direction === 'up' ? nearest + unit : nearest - unit).toPrecision(digits))
}

/** Scores are read to four digits. */
export function formatScore(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '–'
}

/** A gap is read by its order of magnitude: 3.2e-7. */
export function formatGap(gap: number | null): string {
  if (gap === null || !Number.isFinite(gap)) return '–'
  return gap === 0 ? '0' : gap.toExponential(1)
}

export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`
  const whole = Math.floor(seconds)
  const rest = String(whole % 60).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${rest} s`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`
}

export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

/** `1 neuron`, `3 neurons`, `2 classes`. */
export function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`
  return `${count} ${noun}${noun.endsWith('s') ? 'es' : 's'}`
}
