import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { fromRows, type Matrix, toRows } from '@relucent/core'
import { parseCsv } from '@relucent/io'
import { inputError } from '../../errors.ts'
import { readInput } from '../../files.ts'
import { halves } from './split.ts'

export type TableName = 'iris' | 'ionosphere' | 'pima' | 'banknote'

export const tableNames: readonly TableName[] = ['iris', 'ionosphere', 'pima', 'banknote']

/** Half of a table, labels from 0. */
export interface Half {
  readonly X: Matrix
  readonly labels: readonly number[]
}

export interface SplitTable {
  readonly name: TableName
  readonly classes: number
  readonly train: Half
  readonly test: Half
}

/**
 * Half of the rows to train, half to test: `train_test_split(test_size=0.5, random_state=42)` of scikit-learn on the rows in the
 * order of the published files, the first row of all but Iris left out. With that the sizes are the paper's, 175/175, 383/384 and
 * 685/686, which are those of files whose first row was read as a header, and reference accuracies of both kernels come out to all
 * their digits (reference.test.ts).
 */
const seed = 42

const places = (folder: string, name: TableName): string[] => [
  join(folder, `${name}.csv`),
  join(folder, 'uci', `${name}.csv`),
]

/** Null where the folder has no such file: a name in the first line of each column, the class last. */
export async function splitTable(folder: string, name: TableName): Promise<SplitTable | null> {
  const path = await find(folder, name)
  if (path === undefined) return null
  const { names, columns, rows: count } = parseCsv(await readInput(path), { file: path })
  const rows = Array.from({ length: count }, (_, i) => columns.map((cells) => Number(cells[i])))
  const strange = rows.flat().find((value) => !Number.isFinite(value))
  if (strange !== undefined) {
    throw inputError('invalid-problem', `expected numbers in all of ${names.length} columns, found others`, {
      file: path,
      hint: 'give the table with its classes numbered from 0 in the last column',
    })
  }
  const used = name === 'iris' ? rows : rows.slice(1)
  const labels = used.map((row) => row[row.length - 1])
  const { train, test } = halves(used.length, seed)
  const half = (at: readonly number[]): Half => ({
    X: fromRows(at.map((i) => used[i].slice(0, -1))),
    labels: at.map((i) => labels[i]),
  })
  return { name, classes: Math.max(...labels) + 1, train: half(train), test: half(test) }
}

/** @throws CliError when the folder has none of the tables. */
export async function checkTables(folder: string): Promise<void> {
  const found = await Promise.all(tableNames.map((name) => find(folder, name)))
  if (found.some((path) => path !== undefined)) return
  throw inputError(
    'missing-file',
    `expected some of ${tableNames.map((name) => `${name}.csv`).join(', ')}, found none`,
    {
      file: folder,
      hint: 'name their folder with --data-dir, or leave it out: the accuracies are left out then',
    },
  )
}

async function find(folder: string, name: TableName): Promise<string | undefined> {
  for (const path of places(folder, name)) {
    const there = await access(path).then(
      () => true,
      () => false,
    )
    if (there) return path
  }
  return undefined
}

/** With a last column of ones. */
export function withOnes(X: Matrix): Matrix {
  return fromRows(toRows(X).map((row) => [...row, 1]))
}
