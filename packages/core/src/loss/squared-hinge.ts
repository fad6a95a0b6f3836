import type { Loss } from '../loss.ts'
import { type Kernel, rejectsLabel } from './kernel.ts'
import { separable } from './separable.ts'

const kernel: Kernel = {
  name: 'squared-hinge',
  formula: '½ Σ max(0, 1 − y f)²',
  kinked: false,
  smoothness: () => 1,
  value: (f, y) => Math.max(0, 1 - y * f) ** 2 / 2,
  valueError(f, y) {
    const margin = Math.max(0, 1 - y * f)
    return 4 * Number.EPSILON * margin * (1 + Math.abs(f))
  },
  slope: (f, y) => -y * Math.max(0, 1 - y * f),
  curvature: (f, y) => (y * f < 1 ? 1 : 0),
  lower: (y) => (y > 0 ? 0 : Number.NEGATIVE_INFINITY),
  upper: (y) => (y > 0 ? Number.POSITIVE_INFINITY : 0),
  dual: (z, y) => z * y - (z * z) / 2,
  dualError: (z) => 2 * Number.EPSILON * (Math.abs(z) + z * z) + 4 * Number.MIN_VALUE,
  rejects: rejectsLabel,
}

/** ½ Σ max(0, 1 − y f)² over labels y = ±1, in one column or one per class (one against the rest). z y is at least 0. */
export const squaredHingeLoss: Loss = separable(kernel)
