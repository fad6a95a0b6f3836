import { pickRawRows, type Random, seededRandom } from '@relucent/core'
import type { Numbers } from '@relucent/io'
import type { TrainingData } from './data.ts'
import { inputError } from './errors.ts'

/** Rows of a table that the numbers of a split came from. */
export interface Split {
  readonly train: TrainingData
  readonly test: TrainingData
}

/** Sets a seeded random share of the rows aside; for classes, the same share of each class. */
export function splitRows(data: TrainingData, share: number, seed: number): Split {
  const random = seededRandom(seed)
  const groups = data.labels === null ? [rowsWhere(data, () => true)] : classRows(data, data.labels)
  const test = groups.flatMap((group) => shuffled(group, random).slice(0, Math.round(share * group.length)))
  const chosen = new Set(test)
  const train = rowsWhere(data, (row) => !chosen.has(row))
  if (test.length === 0 || train.length === 0) {
    const hint = `${data.X.rows} rows cannot be split this way; change the fraction or use --test file`
    throw inputError(
      'bad-split',
      `--test-fraction ${share} leaves no ${test.length === 0 ? 'test' : 'training'} rows`,
      { hint },
    )
  }
  return {
    train: pick(data, train),
    test: pick(
      data,
      test.sort((a, b) => a - b),
    ),
  }
}

function rowsWhere(data: TrainingData, keep: (row: number) => boolean): number[] {
  return Array.from({ length: data.X.rows }, (_, row) => row).filter(keep)
}

function classRows(data: TrainingData, labels: readonly number[]): number[][] {
  return (data.classes ?? []).map((_, k) => rowsWhere(data, (row) => labels[row] === k))
}

/** Fisher–Yates. */
function shuffled(rows: readonly number[], random: Random): number[] {
  const out = [...rows]
  for (let k = out.length - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1))
    const row = out[k]
    out[k] = out[other]
    out[other] = row
  }
  return out
}

function pick(data: TrainingData, rows: readonly number[]): TrainingData {
  return {
    ...data,
    ...(data.raw && { raw: pickRawRows(data.raw, rows) }),
    X: pickRows(data.X, rows),
    Y: pickRows(data.Y, rows),
    labels: data.labels === null ? null : rows.map((row) => (data.labels as readonly number[])[row]),
    weights: data.weights && Float64Array.from(rows, (row) => data.weights![row]),
  }
}

function pickRows({ cols, data }: Numbers, rows: readonly number[]): Numbers {
  const out = new Float64Array(rows.length * cols)
  rows.forEach((row, i) => out.set(data.subarray(row * cols, (row + 1) * cols), i * cols))
  return { rows: rows.length, cols, data: out }
}
