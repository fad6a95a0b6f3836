import { isPlain, serializeModel, type Weighting } from '@relucent/core'
import type { TrainingData } from '../data.ts'
import type { OutputFile } from '../files.ts'
import { version } from '../session.ts'
import type { Refit } from './inspect.ts'

/** Writes the network trained on all rows, with what was learnt from them. */
export async function writeRefit(
  file: OutputFile,
  { task, features: featureNames, targets: targetNames, classes }: TrainingData,
  { seed, tolerance }: { readonly seed: number; readonly tolerance: number },
  {
    refit,
    ratio,
    weighting,
  }: { readonly refit: Refit; readonly ratio: number; readonly weighting: Weighting | undefined },
): Promise<void> {
  const { trained, beta, result } = refit
  const { encoding, preprocessing, problem } = trained
  const { status, certificate, network, solver, oracle } = result
  const columns = { featureNames, targetNames, classes, ...(isPlain(encoding) ? {} : { encoding }), preprocessing }
  const settings = { seed, solver, oracle, tolerance }
  const { bias } = problem
  const made = { status, certificate, settings, network, weighting }
  await file.write(serializeModel({ version, task, ...columns, bias, beta, betaRatio: ratio, ...made }))
}
