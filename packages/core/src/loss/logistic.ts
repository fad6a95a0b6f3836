import type { Loss } from '../loss.ts'
import { type Kernel, rejectsLabel, ulps } from './kernel.ts'
import { separable } from './separable.ts'

/** 1/(1 + e^m), without overflow. */
function share(m: number): number {
  return m > 0 ? Math.exp(-m) / (1 + Math.exp(-m)) : 1 / (1 + Math.exp(m))
}

const kernel: Kernel = {
  name: 'logistic',
  formula: 'Σ log(1 + exp(−y f))',
  kinked: false,
  smoothness: () => 0.25,
  value: (f, y) => (y * f > 0 ? Math.log1p(Math.exp(-y * f)) : Math.log1p(Math.exp(y * f)) - y * f),
  valueError: (f, y) => ulps * (kernel.value(f, y) + Math.abs(f) * share(y * f)),
  slope: (f, y) => -y * share(y * f),
  curvature: (f, y) => share(y * f) * share(-y * f),
  lower: (y) => Math.min(0, y),
  upper: (y) => Math.max(0, y),
  dual(z, y) {
    const s = z * y
    return entropy(s)
  },
  dualError: (z, y) => ulps * entropy(z * y),
  rejects: rejectsLabel,
}

/** −s log s − (1 − s) log(1 − s) for s in [0, 1]: both terms are at least 0, so that nothing cancels. */
function entropy(s: number): number {
  if (s === 0 || s === 1) return 0
  return -s * Math.log(s) - (1 - s) * Math.log1p(-s)
}

/**
 * Σ log(1 + exp(−y f)) over labels y = ±1: one column for two classes, or one column per class, each a question of its own
 * (one against the rest). −ℓ*(−Z) is the entropy of z y ∈ [0, 1], in nats.
 */
export const logisticLoss: Loss = separable(kernel)
