import { createProblem, type Matrix, matrix, type Problem } from '@relucent/core'
import { type Data, normalFrom } from '../dataset.ts'
import { banknoteBias, banknoteClasses } from '../datasets/banknote.ts'
import { irisAll, irisAllBias } from '../datasets/iris.ts'
import { dualsFolder, lateDualCases, readLateDual, trainLateDual, writeLateDual } from '../late-dual.ts'
import { leastSquaresResidual } from '../least-squares.ts'

export type PricingGroup = 'random' | 'residual' | 'late' | 'growth'

/** The pricing problem alone: max ‖Zᵀ(Xu)₊‖ over the unit ball, from nothing, down to bound ≤ (1 + gap) value. */
export interface PricingCase {
  readonly group: PricingGroup
  readonly name: string
  readonly wanted: { readonly gap: number; readonly seconds?: number }
  load(seed: number): PricingInput
  /** Done first, in the process that starts the others: throws where data are missing, and keeps slow work on disk. */
  prepare?(seed: number): Promise<void>
}

export interface PricingInput {
  readonly problem: Problem
  readonly dual: Matrix
}

/** n of the growth at each rank. */
const growth = [
  { r: 3, ns: [100, 316, 1000, 3162, 10_000, 31_623, 100_000] },
  { r: 4, ns: [100, 316, 1000, 3162, 10_000] },
]

export const pricingCases: readonly PricingCase[] = [
  gaussianCase('random', 1000, 3, 10, { gap: 1e-6, seconds: 0.1 }),
  gaussianCase('random', 100_000, 3, 3, { gap: 1e-4, seconds: 5 }),
  gaussianCase('random', 1000, 4, 3, { gap: 1e-6, seconds: 1 }),
  gaussianCase('random', 100, 5, 3, { gap: 1e-3, seconds: 0.5 }),
  gaussianCase('random', 200, 6, 1, { gap: 1e-4, seconds: 30 }),
  residualCase(irisAll),
  residualCase(irisAllBias),
  residualCase(banknoteClasses),
  residualCase(banknoteBias),
  ...lateDualCases.flatMap(({ name }) => [lateCase(name, 1e-4), lateCase(name, 1e-6)]),
  ...growth.flatMap(({ r, ns }) => ns.map((n) => gaussianCase('growth', n, r, 3, { gap: 1e-4 }))),
]

/** Gaussian data and a Gaussian dual: no structure to help the search. */
export function gaussianCase(
  group: PricingGroup,
  n: number,
  r: number,
  c: number,
  wanted: PricingCase['wanted'],
): PricingCase {
  return {
    group,
    name: `${group} n=${n} r=${r} c=${c}`,
    wanted,
    load(seed) {
      const normal = normalFrom(seed)
      const draw = (cols: number): Matrix => matrix(n, cols, Float64Array.from({ length: n * cols }, normal))
      const problem = createProblem({ X: draw(r), Y: draw(c), beta: 1 })
      return { problem, dual: problem.Y }
    },
  }
}

/** What a linear model leaves over: the dual a run on real data starts near, on features that are correlated. */
function residualCase(dataset: { readonly name: string; load(seed: number): Data }): PricingCase {
  return {
    group: 'residual',
    name: `${dataset.name}, residual`,
    wanted: { gap: 1e-3 },
    load(seed) {
      const problem = createProblem({ ...dataset.load(seed), beta: 1 })
      return { problem, dual: leastSquaresResidual(problem) }
    },
    async prepare(seed) {
      dataset.load(seed)
    },
  }
}

/** What a run leaves over near its end, priced as its last round would: its maximum, close to β, proven to a share `gap` of it. */
function lateCase(name: string, gap: number): PricingCase {
  return {
    group: 'late',
    name: `${name}, ${gap.toExponential()}`,
    wanted: { gap },
    load(seed) {
      const late = readLateDual(dualsFolder, name, seed)
      if (!late) throw new Error(`lateCase: ${name} has not been prepared`)
      const { n, r, c, beta } = late
      const Z = matrix(n, c, Float64Array.from(late.Z))
      return { problem: createProblem({ X: { rows: n, cols: r, data: late.X }, Y: Z, beta }), dual: Z }
    },
    async prepare(seed) {
      const found = lateDualCases.find((one) => one.name === name)
      if (!found || readLateDual(dualsFolder, name, seed)) return
      writeLateDual(dualsFolder, await trainLateDual(found, seed))
    },
  }
}
