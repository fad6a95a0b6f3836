import type { Loss } from '../loss.ts'
import { type Kernel, ulps } from './kernel.ts'
import { separable } from './separable.ts'

/** x log x, and 0 for x = 0. */
function xlogx(x: number): number {
  return x === 0 ? 0 : x * Math.log(x)
}

const kernel: Kernel = {
  name: 'poisson',
  formula: 'Σ (exp(f) − y f + y log y − y)',
  kinked: false,
  /** μ itself: from μ log μ − μ ≤ y log y − y + budget, and μ log μ − μ ≥ μ for μ ≥ e². */
  smoothness: (y, budget) => Math.max(Math.exp(2), xlogx(y) - y + budget) * (1 + ulps),
  most: (y) => xlogx(y) - y + 1,
  /** Raised to 0, which it never is below. */
  value: (f, y) => Math.max(0, Math.exp(f) - y * f + xlogx(y) - y),
  valueError: (f, y) => ulps * (Math.exp(f) + Math.abs(y * f) + Math.abs(xlogx(y)) + y),
  slope: (f, y) => Math.exp(f) - y,
  curvature: (f) => Math.exp(f),
  lower: () => Number.NEGATIVE_INFINITY,
  upper: (y) => y,
  dual: (z, y) => xlogx(y) - xlogx(y - z) - z,
  dualError(z, y) {
    const mean = y - z
    return ulps * (Math.abs(xlogx(y)) + Math.abs(xlogx(mean)) + mean + Math.abs(z)) + 4 * Number.MIN_VALUE
  },
  rejects: (y) => (y >= 0 ? undefined : 'must be at least 0'),
}

/**
 * Half the deviance of counts y ≥ 0 with mean exp(f): Σ exp(f) − y f + y log y − y, which is 0 at f = log y.
 * −ℓ*(−z) = y log y − μ log μ − z with μ = y − z ≥ 0 (McCullagh and Nelder, "Generalized linear models", 1989, 2.3).
 */
export const poissonLoss: Loss = separable(kernel)
