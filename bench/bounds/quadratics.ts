/** Quadratics touch |t| no closer to the kink than this share of the interval: steeper ones would round too much. */
export const nearest: number = 1 / 16

/** |t| ≤ over₂t² + over₁t + over₀ and |t| ≥ under₂t² + under₁t on an interval. */
export type Quadratics = readonly [over2: number, over1: number, over0: number, under2: number, under1: number]

/**
 * Of the quadratics above and below |t| for −low ≤ t ≤ high, low and high > 0, those that are least and greatest in the mean
 * over a distribution with E t = first and E t² = second.
 *
 * Above: t²/2s + s/2 touches both sides of |t|, at ±s. Where that is beyond the shorter end, t + κ(t − τ)² touches the
 * longer side at τ and meets the other at its end. Below: a side of the kink itself, or the parabola through −low, 0, high.
 */
export function quadraticsFor(high: number, low: number, first: number, second: number): Quadratics {
  return [...above(high, low, first, second), ...below(high, low, first, second)]
}

function above(high: number, low: number, first: number, second: number): readonly [number, number, number] {
  const s = Math.max(Math.sqrt(Math.max(0, second)), nearest * (high + low))
  const turn = high < low ? -1 : 1
  const [long, short] = turn > 0 ? [high, low] : [low, high]
  if (s <= short) return [0.5 / s, 0, 0.5 * s]
  const mean = turn * first
  const wanted = (second + short * mean) / (mean + short)
  // Any τ between the ends is valid; one that is not a number is none.
  const tau = wanted > short ? Math.min(long, wanted) : short
  const kappa = (2 * short) / ((short + tau) * (short + tau))
  return [kappa, turn * (1 - 2 * kappa * tau), kappa * tau * tau]
}

function below(high: number, low: number, first: number, second: number): readonly [number, number] {
  if (first * high > second) return [0, 1]
  if (-first * low > second) return [0, -1]
  return [2 / (high + low), (low - high) / (high + low)]
}
