import { encodedModel } from '@relucent/core'
import { readModel, readRows } from '../model-file.ts'
import { score } from '../metrics.ts'
import type { TableFlags } from '../options.ts'
import { finiteOrNull } from '../output.ts'
import { fitCommand } from './command-line.ts'
import { rowsOf, type Subject } from './subject.ts'

/** A model file, and the rows to show it on where there are any. */
export async function readSubject(
  modelPath: string,
  dataPath: string | undefined,
  flags: TableFlags,
): Promise<Subject> {
  const stored = await readModel(modelPath)
  const known = dataPath === undefined ? undefined : await readRows(stored, dataPath, flags)
  const model = encodedModel(stored)
  const metric = model.classes === null ? 'r2' : 'accuracy'
  const scored = known && { X: known.problem.X, Y: known.problem.Y, labels: known.labels }
  return {
    model,
    rows: known && rowsOf(model, known.problem, known.raw, known.labels),
    history: [],
    score: scored && { metric, train: finiteOrNull(score(metric, model.network, scored)), test: null },
    command: { text: fitCommand(stored, dataPath ?? 'DATA', flags), typed: false },
    environment: [],
    warnings: [],
  }
}
