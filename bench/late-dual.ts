import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createProblem, predict, train } from '@relucent/core'
import type { Dataset } from './dataset.ts'
import { banknoteBias, banknoteClasses, banknoteNumber } from './datasets/banknote.ts'
import { irisAll, irisAllBias } from './datasets/iris.ts'
import { blood, haberman, teaching, vertebral, yacht } from './datasets/uci.ts'
import { betaOf } from './report.ts'

export interface LateDualCase {
  readonly name: string
  readonly dataset: Dataset
  readonly beta: number | { readonly ratio: number }
  /** Of training; a run that reaches the optimum ends sooner. */
  readonly seconds: number
}

/** A dual as it is stored: X in reduced coordinates (n × r) and Z (n × c), row by row. */
export interface LateDual {
  readonly name: string
  readonly n: number
  readonly r: number
  readonly c: number
  readonly beta: number
  readonly seed: number
  readonly objective: number
  readonly X: readonly number[]
  readonly Z: readonly number[]
}

/**
 * The residuals that pricing meets at the end of a run, where many directions come close to β: what is hard in earnest,
 * while the residual of a linear model has a few clear peaks.
 */
export const lateDualCases: readonly LateDualCase[] = [
  ...[irisAll, irisAllBias].map((dataset) => late(dataset, 1, 30)),
  ...[banknoteClasses, banknoteNumber, banknoteBias].map((dataset) => late(dataset, 1, 200)),
  ...[haberman, blood, teaching, yacht, vertebral].map((dataset) => late(dataset, { ratio: 0.01 }, 30)),
]

function late(dataset: Dataset, beta: LateDualCase['beta'], seconds: number): LateDualCase {
  return { name: `${dataset.name}, late`, dataset, beta, seconds }
}

/** Seen from `bench/dist`. */
export const dualsFolder = fileURLToPath(new URL('../out/duals', import.meta.url))

/** Trains and keeps Y − F of the best network. It depends on the machine: to compare commits, keep the file. */
export async function trainLateDual(one: LateDualCase, seed: number): Promise<LateDual> {
  const { name, dataset, beta, seconds } = one
  const value = await betaOf({ beta, dataset }, seed)
  const problem = createProblem({ ...dataset.load(seed), beta: value })
  // By a signal, since a run that knows its time limit spends the last part on its bound.
  const signal = AbortSignal.timeout(1000 * seconds)
  const { network, certificate } = await train(problem, { seed, signal, timeLimitSeconds: Number.POSITIVE_INFINITY })
  const { X, Y, reduction } = problem
  const F = predict(network, X)
  return {
    name,
    n: X.rows,
    r: reduction.rank,
    c: Y.cols,
    beta: value,
    seed,
    objective: certificate.objective,
    X: [...reduction.Xr.data],
    Z: Array.from(Y.data, (y, k) => y - F.data[k]),
  }
}

export function writeLateDual(folder: string, dual: LateDual): string {
  mkdirSync(folder, { recursive: true })
  const file = fileOf(folder, dual.name)
  writeFileSync(file, JSON.stringify(dual))
  return file
}

/** Undefined where it has not been made yet, or from another seed. */
export function readLateDual(folder: string, name: string, seed: number): LateDual | undefined {
  const file = fileOf(folder, name)
  if (!existsSync(file)) return undefined
  const dual = JSON.parse(readFileSync(file, 'utf8')) as LateDual
  return dual.seed === seed ? dual : undefined
}

function fileOf(folder: string, name: string): string {
  return join(folder, `${name.replaceAll(/\W+/g, '-')}.json`)
}
