import type { Network } from './network.ts'

/** The objective as a function of all weights in one vector. It is not differentiable on the kinks of the ReLU. */
export interface Landscape {
  /** Number of weights. */
  readonly size: number
  /** The objective at `weights`, whose gradient is written last; 0 stands for the slope of the ReLU at 0. NaN once time is up. */
  evaluate(weights: Float64Array, gradient: Float64Array): Promise<number>
}

/** A method at work: where it stands, and how to go one epoch on. */
export interface Descent {
  /** The point it stands at; moved in place. */
  readonly weights: Float64Array
  /** The objective there. */
  readonly objective: number
  /** The learning rate or step length last used. */
  readonly rate: number
  /** One epoch; false when there is no point in another one. */
  step(): Promise<boolean>
}

/**
 * A method that trains a network of fixed width by following gradients, as other tools do: for comparison.
 *
 * It proves nothing about what it ends with; `appraise` and `certify` tell how far that is from the optimum.
 */
export interface Baseline {
  readonly name: string
  /** Starts at `weights`, which it owns from then on. */
  begin(landscape: Landscape, weights: Float64Array): Promise<Descent>
}

/** Why a run stopped, in the words of `train`; `optimal` is not among them, since nothing is proven. */
export type BaselineStatus = 'iteration-limit' | 'time-limit' | 'interrupted' | 'stalled' | 'numerical-error'

export interface BaselineProgress {
  readonly epoch: number
  readonly objective: number
  /** The lowest so far. */
  readonly bestObjective: number
  readonly rate: number
  readonly elapsedSeconds: number
}

export interface BaselineOptions {
  readonly neurons?: number
  /** Passes over all samples: steps of the method. */
  readonly epochs?: number
  readonly seed?: number
  /** Seconds; Infinity for none. */
  readonly timeLimitSeconds?: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: BaselineProgress) => void) | undefined
}

/** Entry k is about the network after k epochs; entry 0 about the initial one. */
export interface BaselineHistory {
  readonly objective: Float64Array
  readonly seconds: Float64Array
}

export interface BaselineResult {
  readonly method: string
  readonly status: BaselineStatus
  readonly seed: number
  /** The best one seen, balanced. */
  readonly network: Network
  /** Its objective: attained, and nothing more. */
  readonly objective: number
  readonly epochs: number
  /** Evaluations of the objective with its gradient; more than the epochs where a method searches along lines. */
  readonly evaluations: number
  readonly history: BaselineHistory
}
