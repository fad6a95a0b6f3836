/** Steps of a golden-section search: they narrow [0, 1] down to 1e-12. */
const steps = 58
const golden = (Math.sqrt(5) - 1) / 2

/** A function that still rises here, this close to the end, has its maximum at the end. */
const nearEnd = 1 - 2 ** -20

/**
 * A τ in [0, min(1, limit)] near which a concave function has its maximum there; 0 when the limit is negative or not a
 * number, or nothing found is above 0. Whatever comes out is only where to evaluate a bound, never a bound.
 */
export function maximalScale(value: (tau: number) => number, limit: number): number {
  const end = Math.min(1, limit)
  if (!(end > 0)) return 0
  const last = value(end)
  if (last > 0 && last >= value(end * nearEnd)) return end
  let [from, to] = [0, end]
  let [left, right] = [to - golden * (to - from), from + golden * (to - from)]
  let [atLeft, atRight] = [value(left), value(right)]
  for (let step = 0; step < steps; step++) {
    if (atLeft > atRight) {
      ;[to, right, atRight] = [right, left, atLeft]
      left = to - golden * (to - from)
      atLeft = value(left)
    } else {
      ;[from, left, atLeft] = [left, right, atRight]
      right = from + golden * (to - from)
      atRight = value(right)
    }
  }
  const best = (from + to) / 2
  return value(best) > 0 ? best : 0
}
