import { createHash } from 'node:crypto'
import { type CvData, type CvSettings, type Fold, type FoldResult, toRows } from '@relucent/core'
import { decodeText } from '@relucent/io'
import { z } from 'zod'
import { inputError } from '../errors.ts'
import { openOutput, readInput } from '../files.ts'
import { boundFrom, figure, scope, status } from '../output.ts'
import { stat } from 'node:fs/promises'

/** Folds that are done, kept in a file from run to run. */
export interface FinishedFolds {
  readonly results: readonly FoldResult[]
  /** Adds one and writes the file anew, as a whole. */
  readonly add: (result: FoldResult) => Promise<void>
}

const scores = z.record(z.string(), figure)

/** A score that is not defined is null in a file, and not a number here. */
const foldResult = z.object({
  repeat: z.int(),
  fold: z.int(),
  betaMax: z.number(),
  rank: z.int(),
  points: z.array(
    z.object({
      ratio: z.number(),
      beta: z.number(),
      status,
      objective: z.number(),
      lowerBound: z.number(),
      relativeGap: figure,
      scope,
      boundFrom,
      neurons: z.int(),
      seconds: z.number(),
      train: scores,
      test: scores,
    }),
  ),
})

const format = 'relucent-folds'
const file = z.object({
  format: z.literal(format),
  formatVersion: z.literal(1),
  key: z.string(),
  folds: z.array(foldResult),
})

/**
 * Opens a file of finished folds, made anew where there is none.
 *
 * It is tied to the data, the folds and the settings: a file of other ones is refused, and never overwritten.
 */
export async function openFinished(
  path: string,
  about: { readonly data: CvData; readonly folds: readonly Fold[]; readonly settings: CvSettings },
): Promise<FinishedFolds> {
  const key = keyOf(about)
  const results = (await exists(path)) ? await readFinished(path, key) : []
  const output = await openOutput(path, { force: true })
  let writing = Promise.resolve()
  return {
    results: [...results],
    add(result) {
      results.push(result)
      const text = `${JSON.stringify({ format, formatVersion: 1, key, folds: results })}\n`
      // One after the other: folds may end at the same time.
      writing = writing.then(() => output.write(text))
      return writing
    },
  }
}

async function readFinished(path: string, key: string): Promise<FoldResult[]> {
  const hint = 'choose another name for --resume, or remove the file'
  const read = file.safeParse(jsonOf(decodeText(await readInput(path), { file: path })))
  if (!read.success) {
    throw inputError('bad-folds', 'expected folds written by relucent cv --resume', { file: path, hint })
  }
  if (read.data.key !== key) {
    throw inputError('other-folds', 'the folds in the file are of other data or other settings', { file: path, hint })
  }
  // Null scores are left out of every mean, as those that are not a number are.
  return read.data.folds
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function keyOf({ data, folds, settings }: { data: CvData; folds: readonly Fold[]; settings: CvSettings }): string {
  const weights = data.weights && [...data.weights]
  const plain = { table: data.table, Y: toRows(data.Y), labels: data.labels, weights, folds, settings }
  return createHash('sha256').update(JSON.stringify(plain)).digest('hex')
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
