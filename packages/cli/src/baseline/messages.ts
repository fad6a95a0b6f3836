import { type BaselineProgress, type BaselineResult, dense, lossFrom, type Problem } from '@relucent/core'
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
export type PlainProblem = Omit<Problem, 'loss' | 'architecture'> & { readonly loss: string }

export function toPlain(problem: Problem): PlainProblem {
  const { X, Y, beta, bias, reduction, weights, outputBias, skip, free } = problem
  return { X, Y, beta, bias, reduction, weights, outputBias, skip, free, loss: problem.loss.name }
}

export function fromPlain({ loss, ...rest }: PlainProblem): Problem {
  const base = lossFrom(loss)
  return { ...rest, loss: rest.weights === null ? base : base.weighted(rest.weights), architecture: dense }
}
