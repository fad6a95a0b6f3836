import { InvalidProblemError } from '../errors.ts'
import type { Loss } from '../loss.ts'
import type { Kernel } from './kernel.ts'
import { separable } from './separable.ts'

/**
 * Σ of ½r² where |r| = |f − y| ≤ δ and δ|r| − ½δ² beyond: squares near the targets, absolute values for outliers.
 * −ℓ*(−z) = z y − ½z² for |z| ≤ δ (Huber, "Robust estimation of a location parameter", 1964).
 *
 * @throws InvalidProblemError when δ is not a positive finite number.
 */
export function huberLoss(delta = 1): Loss {
  if (!(delta > 0 && delta < Number.POSITIVE_INFINITY)) {
    throw new InvalidProblemError(`huberLoss: delta must be a positive finite number, got ${delta}`)
  }
  const kernel: Kernel = {
    name: `huber:${delta}`,
    formula: `Σ (½(f − y)² up to |f − y| = ${delta}, linear beyond)`,
    kinked: false,
    smoothness: () => 1,
    value(f, y) {
      const r = Math.abs(f - y)
      return r <= delta ? (r * r) / 2 : delta * (r - delta / 2)
    },
    valueError: (f, y) => 8 * Number.EPSILON * kernel.value(f, y),
    slope(f, y) {
      const r = f - y
      return r > delta ? delta : r < -delta ? -delta : r
    },
    curvature: (f, y) => (Math.abs(f - y) < delta ? 1 : 0),
    lower: () => -delta,
    upper: () => delta,
    dual: (z, y) => z * y - (z * z) / 2,
    dualError: (z, y) => 2 * Number.EPSILON * (Math.abs(z * y) + z * z) + 4 * Number.MIN_VALUE,
    rejects: () => undefined,
  }
  return separable(kernel)
}
