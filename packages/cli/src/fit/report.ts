import { encodedModel, type Model, type Problem, type TrainResult } from '@relucent/core'
import { chosenBackend } from '../backend.ts'
import type { OutputFile } from '../files.ts'
import { formatSeconds } from '../format.ts'
import type { FitRecord } from '../records.ts'
import { shellText } from '../report/command-line.ts'
import { rowsOf } from '../report/subject.ts'
import type { Prepared } from './prepare.ts'

export interface Fitted {
  readonly prepared: Prepared
  readonly model: Model
  readonly problem: Problem
  readonly result: TrainResult
  readonly record: FitRecord
}

/** Draws the page of `fit --report`, while the course of the fit is still known. The library of figures is loaded here. */
export async function writeReport(file: OutputFile | undefined, fitted: Fitted): Promise<void> {
  if (file === undefined) return
  const { prepared, problem, result, record } = fitted
  const model = encodedModel(fitted.model)
  const { inUse } = await chosenBackend()
  const { reportPage } = await import('../report/document.ts')
  const page = reportPage({
    model,
    rows: rowsOf(model, problem, prepared.data.X, prepared.data.labels),
    history: result.history,
    score: record.score,
    command: { text: shellText(['relucent', ...process.argv.slice(2)]), typed: true },
    environment: [
      ['rounds', String(record.iterations)],
      ['time', formatSeconds(record.elapsedSeconds)],
      ['threads', String(record.threads)],
      ['Node', process.version],
      ['linear algebra', inUse],
    ],
    warnings: record.warnings,
  })
  await file.write(page)
}
