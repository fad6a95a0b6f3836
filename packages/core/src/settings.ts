import { InvalidProblemError } from './errors.ts'

/** How another tool states the same objective. `samples` = n, `outputs` = c. */
export interface ToolSettings {
  readonly pytorch: { readonly weightDecay: number; readonly samples: number; readonly outputs: number }
  readonly keras: { readonly l2: number; readonly samples: number; readonly outputs: number }
  readonly sklearn: { readonly alpha: number; readonly outputs: number }
}

export type Tool = keyof ToolSettings

/**
 * The β at which ½‖F − Y‖² + β/2 (‖U‖² + ‖V‖²) is a constant times what another tool minimises on the full data:
 *
 *     pytorch   MSELoss() (mean) and weight_decay w        mean + w/2 ‖θ‖²          β = n c w / 2
 *     keras     'mse' and l2(a) on both layers             mean + a ‖θ‖²            β = n c a
 *     sklearn   MLPRegressor(alpha), mean/2                mean/2 + alpha/2n ‖θ‖²   β = c alpha
 *
 * mean = ‖F − Y‖²/(nc), θ = all weights. Exact for networks without biases, or with a hidden bias inside the decay
 * (PyTorch decays biases; Keras and scikit-learn do not, and scikit-learn always fits them). For Adam in PyTorch it
 * holds as well; AdamW's decoupled decay minimises no stated objective.
 */
export function betaFrom<T extends Tool>(tool: T, settings: ToolSettings[T]): number {
  return rules[tool](settings)
}

const rules: { readonly [T in Tool]: (settings: ToolSettings[T]) => number } = {
  pytorch: ({ weightDecay, samples, outputs }) =>
    (positive('weightDecay', weightDecay) * count('samples', samples) * count('outputs', outputs)) / 2,
  keras: ({ l2, samples, outputs }) => positive('l2', l2) * count('samples', samples) * count('outputs', outputs),
  sklearn: ({ alpha, outputs }) => positive('alpha', alpha) * count('outputs', outputs),
}

function positive(name: string, value: number): number {
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value
  throw new InvalidProblemError(`betaFrom: ${name} must be a positive finite number, got ${value}`)
}

function count(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidProblemError(`betaFrom: ${name} must be a positive integer, got ${value}`)
}
