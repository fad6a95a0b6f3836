import { createPacer, type Problem, proofRankLimit, prove, type TrainResult } from '@relucent/core'
import { usageError } from '../errors.ts'
import type { OutputFile } from '../files.ts'
import { formatValue } from '../format.ts'
import type { Terminal } from '../terminal.ts'

/** Said before anything is solved. */
export function checkProvable({ reduction }: Problem, proof: OutputFile | undefined): void {
  if (proof === undefined || reduction.rank <= proofRankLimit) return
  throw usageError(`--proof goes up to rank ${proofRankLimit}, these data have rank ${reduction.rank}`)
}

/** A proof that shows less than this much more than the bound it is for is as good. */
const noticeable = 1e-6

/**
 * Proves the lower bound of a fit once more, with the tree kept, and writes it. Returns the path, null when there is
 * nothing to write. It may take as long as the fit's last pricing did, and has the time limit for itself.
 */
export async function writeProof(
  problem: Problem,
  { dual, certificate }: TrainResult,
  file: OutputFile | undefined,
  { terminal, ...limits }: { terminal: Terminal; timeLimitSeconds: number; signal: AbortSignal },
): Promise<string | null> {
  if (file === undefined) return null
  if (certificate.lowerBound === 0) {
    terminal.warn('no proof is written: 0 is a lower bound on every objective, and nothing more was proven')
    return null
  }
  terminal.start('proving the bound once more, for the proof file')
  const { bytes, bound } = await prove(problem, dual, { target: certificate.polarBound, pacer: createPacer(limits) })
  terminal.stop()
  if (bytes === undefined) {
    terminal.warn('no proof is written: there was no time for one')
    return null
  }
  if (bound.value > certificate.polarBound * (1 + noticeable)) {
    const ratio = formatValue(bound.value / certificate.polarBound)
    terminal.warn(
      `the proof was not finished: it shows ${ratio} times the bound on neurons that the certificate states`,
    )
  }
  await file.write(bytes)
  return file.path
}
