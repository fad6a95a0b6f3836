import type { PlanarResult } from './planar.ts'

/** Of the certified optimum; NaN where there is no such network. */
export interface Ratios {
  readonly bound: readonly number[]
  readonly polished: readonly number[]
  readonly descent: readonly number[]
}

export function ratiosOf(results: readonly PlanarResult[]): Ratios {
  return {
    bound: results.map(({ relaxation, optimum }) => (relaxation.lowerBound ?? Number.NaN) / optimum.objective),
    polished: results.map(
      ({ relaxation, optimum }) => (relaxation.polished?.objective ?? Number.NaN) / optimum.objective,
    ),
    descent: results.map(({ descent, optimum }) => descent.objective / optimum.objective),
  }
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length
}
