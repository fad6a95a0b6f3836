import { InvalidProblemError } from '../errors.ts'
import type { Loss } from '../loss.ts'
import { clamp, type Kernel } from './kernel.ts'
import { separable } from './separable.ts'

/**
 * Σ max(0, |f − y| − ε): absolute errors, and none below ε; ε = 0 is the sum of absolute values. −ℓ*(−z) = z y − ε|z| for
 * |z| ≤ 1 (Vapnik, "The nature of statistical learning theory", 1995).
 *
 * @throws InvalidProblemError when ε is negative or not finite.
 */
export function epsilonInsensitiveLoss(epsilon = 0.1): Loss {
  if (!(epsilon >= 0 && epsilon < Number.POSITIVE_INFINITY)) {
    throw new InvalidProblemError(
      `epsilonInsensitiveLoss: epsilon must be a finite number of at least 0, got ${epsilon}`,
    )
  }
  const kernel: Kernel = {
    name: `epsilon-insensitive:${epsilon}`,
    formula: `Σ max(0, |f − y| − ${epsilon})`,
    kinked: true,
    smoothness: () => Number.POSITIVE_INFINITY,
    value: (f, y) => Math.max(0, Math.abs(f - y) - epsilon),
    valueError: (f, y) => 2 * Number.EPSILON * (kernel.value(f, y) > 0 ? Math.abs(f - y) + epsilon : 0),
    slope(f, y) {
      const r = f - y
      return r > epsilon ? 1 : r < -epsilon ? -1 : 0
    },
    curvature: () => 0,
    lower: () => -1,
    upper: () => 1,
    dual: (z, y) => z * y - epsilon * Math.abs(z),
    dualError: (z, y) => 2 * Number.EPSILON * (Math.abs(z * y) + epsilon * Math.abs(z)) + 4 * Number.MIN_VALUE,
    proximal(t, y, penalty) {
      const s = t + penalty * y
      return clamp(Math.sign(s) * Math.max(0, Math.abs(s) - penalty * epsilon), -1, 1)
    },
    proximalSlope(t, y, penalty) {
      const size = Math.abs(t + penalty * y) - penalty * epsilon
      return size > 0 && size < 1 ? 1 : 0
    },
    range(f, y) {
      const r = f - y
      return [r >= epsilon ? -1 : r < -epsilon ? 1 : 0, r <= -epsilon ? 1 : r > epsilon ? -1 : 0]
    },
    rejects: () => undefined,
  }
  return separable(kernel)
}
