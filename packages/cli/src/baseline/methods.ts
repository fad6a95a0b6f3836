import { adam, type Baseline, lbfgs, sgd } from '@relucent/core'

export type MethodName = 'sgd' | 'adam' | 'lbfgs'

export interface MethodSettings {
  readonly learningRate?: number
  readonly patience?: number
}

export const methods: Readonly<Record<MethodName, (settings: MethodSettings) => Baseline>> = {
  sgd,
  adam,
  lbfgs: () => lbfgs(),
}

export const methodNames: readonly MethodName[] = ['sgd', 'adam', 'lbfgs']

/** What each is called in a sentence. */
export const methodTitles: Readonly<Record<MethodName, string>> = {
  sgd: 'gradient descent with momentum',
  adam: 'Adam',
  lbfgs: 'L-BFGS',
}
