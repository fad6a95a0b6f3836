import type { Loss } from '../loss.ts'
import { clamp, type Kernel, rejectsLabel } from './kernel.ts'
import { separable } from './separable.ts'

const kernel: Kernel = {
  name: 'hinge',
  formula: 'Σ max(0, 1 − y f)',
  kinked: true,
  smoothness: () => Number.POSITIVE_INFINITY,
  value: (f, y) => Math.max(0, 1 - y * f),
  valueError: (f, y) => 2 * Number.EPSILON * (kernel.value(f, y) > 0 ? 1 + Math.abs(f) : 0),
  slope: (f, y) => (y * f < 1 ? -y : 0),
  curvature: () => 0,
  lower: (y) => Math.min(0, y),
  upper: (y) => Math.max(0, y),
  dual: (z, y) => z * y,
  dualError: () => 0, // y = ±1: the product is exact
  proximal: (t, y, penalty) => clamp(t + penalty * y, kernel.lower(y), kernel.upper(y)),
  proximalSlope(t, y, penalty) {
    const s = (t + penalty * y) * y
    return s > 0 && s < 1 ? 1 : 0
  },
  range(f, y) {
    if (y * f < 1) return [y, y]
    return y * f > 1 ? [0, 0] : [Math.min(0, y), Math.max(0, y)]
  },
  rejects: rejectsLabel,
}

/** Σ max(0, 1 − y f) over labels y = ±1, in one column or one per class (one against the rest). z y lies in [0, 1]. */
export const hingeLoss: Loss = separable(kernel)
