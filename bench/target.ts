import type { Dataset } from './dataset.ts'
import type { Measurement } from './measure.ts'

/** What a run must show. Everything that is given must hold. */
export interface Wanted {
  readonly relativeGap?: number
  /** Of one core: met by the clock, or by the CPU time of all threads where other work slows the clock down. */
  readonly seconds?: number
  /** By the clock alone. */
  readonly clockSeconds?: number
  readonly objective?: number
  /** A lower bound above zero. */
  readonly bound?: true
}

export interface Target {
  readonly name: string
  readonly dataset: Dataset
  /** A number, or a share of βmax, which is worked out before the clock starts. */
  readonly beta: number | { readonly ratio: number }
  /** Relative gap at which the run stops. */
  readonly tolerance: number
  readonly timeLimitSeconds: number
  readonly wanted: Wanted
  /** Fewer runs than the others: it uses up its time limit. */
  readonly once?: true
}

export function reached(m: Measurement, wanted: Wanted): boolean {
  return (
    m.relativeGap <= (wanted.relativeGap ?? 1) &&
    Math.min(m.seconds, m.cpuSeconds) <= (wanted.seconds ?? Number.POSITIVE_INFINITY) &&
    m.seconds <= (wanted.clockSeconds ?? Number.POSITIVE_INFINITY) &&
    m.objective <= (wanted.objective ?? Number.POSITIVE_INFINITY) &&
    (!wanted.bound || m.lowerBound > 0)
  )
}

export function wantedText({ relativeGap, seconds, clockSeconds, objective, bound }: Wanted): string {
  const parts: string[] = []
  if (relativeGap !== undefined) parts.push(`gap ≤ ${relativeGap.toExponential()}`)
  if (objective !== undefined) parts.push(`objective ≤ ${objective}`)
  if (bound) parts.push('bound > 0')
  if (seconds !== undefined) parts.push(`≤ ${seconds} s`)
  if (clockSeconds !== undefined) parts.push(`≤ ${clockSeconds} s by the clock`)
  return parts.join(', ')
}
