import { type BaselineProgress, type BaselineResult, dense, type Loss, type Problem, squaredLoss } from '@relucent/core'
import type { MethodName, MethodSettings } from './methods.ts'

/** What a run is asked for, in the plain values that can be sent to a thread. */
export interface RunOrder {
  readonly method: MethodName
  readonly settings: MethodSettings
  readonly neurons: number
  readonly epochs: number
  readonly seed: number
  readonly timeLimitSeconds: number
}

export type ToRunner = { readonly kind: 'run'; readonly order: RunOrder } | { readonly kind: 'stop' }

export type FromRunner =
  | { readonly kind: 'progress'; readonly progress: BaselineProgress }
  | { readonly kind: 'result'; readonly result: BaselineResult }
  | { readonly kind: 'failed'; readonly message: string }

/** A problem without its functions, which cannot be sent. */
export type PlainProblem = Omit<Problem, 'loss' | 'architecture'> & { readonly loss: Loss['name'] }

export function toPlain({ X, Y, beta, bias, reduction, loss }: Problem): PlainProblem {
  return { X, Y, beta, bias, reduction, loss: loss.name }
}

export function fromPlain({ loss, ...rest }: PlainProblem): Problem {
  return { ...rest, loss: losses[loss], architecture: dense }
}

const losses: Readonly<Record<Loss['name'], Loss>> = { squared: squaredLoss }
