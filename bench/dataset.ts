import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gaussian, type Matrix, matrix, type ProblemSpec, seededRandom } from '@relucent/core'
import { type Numbers, numericColumns, parseCsv, type Table } from '@relucent/io'

/** What a benchmark is run on; β comes from the target. */
export type Data = Pick<ProblemSpec, 'X' | 'Y' | 'bias'>

export interface Dataset {
  readonly name: string
  /** Throws `MissingDataError` where it needs a file that is not there. */
  load(seed: number): Data
}

/** An optional input is not on this machine: the benchmark says so and goes on. */
export class MissingDataError extends Error {
  override readonly name = 'MissingDataError'
}

/** Standard normal numbers from a seed. */
export function normalFrom(seed: number): () => number {
  const random = seededRandom(seed)
  return () => gaussian(random)
}

/** Optional inputs lie beside the repository; seen from `bench/dist`. */
const shared = new URL('../../../shared/', import.meta.url)

export function sharedTable(path: string, options: { header?: boolean } = {}): Table {
  const file = fileURLToPath(new URL(path, shared))
  if (!existsSync(file)) throw new MissingDataError(`../shared/${path} is not on this machine`)
  return parseCsv(readFileSync(file), { file: path, ...options })
}

export function columns(table: Table, names: readonly string[] = table.names): Numbers {
  return numericColumns(
    table,
    names.map((name) => table.names.indexOf(name)),
  )
}

/** One output per class, in the order of the sorted labels. */
export function oneHot(labels: ArrayLike<number>): Matrix {
  const classes = [...new Set(Array.from(labels))].toSorted((a, b) => a - b)
  const Y = matrix(labels.length, classes.length)
  for (let i = 0; i < labels.length; i++) Y.data[i * classes.length + classes.indexOf(labels[i])] = 1
  return Y
}
