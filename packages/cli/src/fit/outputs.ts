import { usageError } from '../errors.ts'
import { type OutputFile, openOutput } from '../files.ts'

/** The files a fit writes, checked before it starts. */
export interface FitOutputs {
  readonly model: OutputFile
  readonly certificate: OutputFile | undefined
}

export interface OutputNames {
  readonly out: string
  readonly certificate?: string
  readonly force?: boolean
}

export async function openOutputs({ out, certificate, force = false }: OutputNames): Promise<FitOutputs> {
  if (out === certificate) throw usageError('--out and --certificate name the same file')
  return {
    model: await openOutput(out, { force }),
    certificate: certificate === undefined ? undefined : await openOutput(certificate, { force }),
  }
}
