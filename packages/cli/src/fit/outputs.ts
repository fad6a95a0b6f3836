import { usageError } from '../errors.ts'
import { type OutputFile, openOutput } from '../files.ts'

/** The files a fit writes, checked before it starts. */
export interface FitOutputs {
  readonly model: OutputFile
  readonly certificate: OutputFile | undefined
  readonly proof: OutputFile | undefined
  readonly report: OutputFile | undefined
}

export interface OutputNames {
  readonly out: string
  readonly certificate?: string
  readonly proof?: string
  readonly report?: string
  readonly force?: boolean
}

export async function openOutputs({
  out,
  certificate,
  proof,
  report,
  force = false,
}: OutputNames): Promise<FitOutputs> {
  const named = { '--out': out, '--certificate': certificate, '--proof': proof, '--report': report }
  for (const [flag, path] of Object.entries(named)) {
    const twin = Object.entries(named).find(([other, same]) => other !== flag && same !== undefined && same === path)
    if (twin) throw usageError(`${flag} and ${twin[0]} name the same file`)
  }
  return {
    model: await openOutput(out, { force }),
    certificate: certificate === undefined ? undefined : await openOutput(certificate, { force }),
    proof: proof === undefined ? undefined : await openOutput(proof, { force }),
    report: report === undefined ? undefined : await openOutput(report, { force }),
  }
}
