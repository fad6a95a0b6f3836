import { InvalidProblemError } from '../errors.ts'
import type { Loss } from '../loss.ts'
import { clamp, type Kernel } from './kernel.ts'
import { separable } from './separable.ts'

/**
 * Σ of q (y − f) where f is below y and (1 − q)(f − y) where it is above: minimised by the q-quantile, by the median for
 * q = ½. −ℓ*(−z) = z y for z in [q − 1, q] (Koenker and Bassett, "Regression quantiles", 1978).
 *
 * 1 − q is meant as it is in floating point.
 *
 * @throws InvalidProblemError when q is not between 0 and 1.
 */
export function pinballLoss(quantile = 0.5): Loss {
  if (!(quantile > 0 && quantile < 1)) {
    throw new InvalidProblemError(`pinballLoss: quantile must be between 0 and 1, got ${quantile}`)
  }
  const above = 1 - quantile
  const kernel: Kernel = {
    name: `pinball:${quantile}`,
    formula: `Σ max(${quantile}(y − f), (1 − ${quantile})(f − y))`,
    kinked: true,
    smoothness: () => Number.POSITIVE_INFINITY,
    value: (f, y) => (f < y ? quantile * (y - f) : above * (f - y)),
    valueError: (f, y) => 2 * Number.EPSILON * kernel.value(f, y),
    slope: (f, y) => (f < y ? -quantile : f > y ? above : 0),
    curvature: () => 0,
    lower: () => -above,
    upper: () => quantile,
    dual: (z, y) => z * y,
    dualError: (z, y) => Number.EPSILON * Math.abs(z * y) + Number.MIN_VALUE,
    proximal: (t, y, penalty) => clamp(t + penalty * y, -above, quantile),
    proximalSlope(t, y, penalty) {
      const s = t + penalty * y
      return s > -above && s < quantile ? 1 : 0
    },
    range: (f, y) => [f < y ? quantile : -above, f > y ? -above : quantile],
    rejects: () => undefined,
  }
  return separable(kernel)
}
