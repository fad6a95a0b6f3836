import { adam, type Baseline, lbfgs, sgd } from '@relucent/core'

export type MethodName = keyof typeof methods

export interface MethodSettings {
  readonly learningRate?: number
  readonly patience?: number
}

export const methods = {
  sgd: (settings: MethodSettings): Baseline => sgd(settings),
  adam: (settings: MethodSettings): Baseline => adam(settings),
  lbfgs: (_: MethodSettings): Baseline => lbfgs(),
}

export const methodNames = Object.keys(methods) as readonly MethodName[]

/** What each is called in a sentence. */
export const methodTitles: Readonly<Record<MethodName, string>> = {
  sgd: 'gradient descent with momentum',
  adam: 'Adam',
  lbfgs: 'L-BFGS',
}
