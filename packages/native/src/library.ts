import { delimiter } from 'node:path'
import { load } from 'koffi'
import { bindRoutines, type Routines } from './fortran.ts'

export interface Library {
  /** The files the routines were found in, LAPACK before BLAS. */
  readonly files: readonly string[]
  /** Version of LAPACK, as ILAVER tells it. */
  readonly lapack: string
  readonly routines: Routines
}

/** Names the dynamic loader knows, the fastest first; several in one entry complete each other. */
const usual: Readonly<Record<string, readonly (readonly string[])[]>> = {
  darwin: [['/System/Library/Frameworks/Accelerate.framework/Accelerate']],
  win32: [['libopenblas.dll']],
}
const usualElsewhere = [['libopenblas.so.0'], ['liblapack.so.3', 'libblas.so.3']]

/** The libraries to try: those of RELUCENT_BLAS only, where that is set, otherwise those usual on this system. */
export function candidates(environment: string | undefined): readonly (readonly string[])[] {
  if (environment) return [environment.split(delimiter)]
  return usual[process.platform] ?? usualElsewhere
}

/** The first candidate that has every routine with 32-bit INTEGERs, or why none has. */
export function openLibrary(tried: readonly (readonly string[])[]): Library | { readonly reason: string } {
  const reasons: string[] = []
  for (const files of tried) {
    try {
      const routines = bindRoutines(files.map((file) => load(file)))
      return { files, lapack: lapackVersion(routines), routines }
    } catch (error) {
      reasons.push(`${files.join(' with ')}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { reason: reasons.join('; ') }
}

/** Asks ILAVER, whose output also shows how wide an INTEGER is: a 64-bit one clears the untouched half of its cell. */
export function lapackVersion({ ilaver_ }: Routines): string {
  const cells = [0, 1, 2].map(() => Int32Array.of(-1, -1))
  ilaver_(...cells)
  if (cells.some(([, untouched]) => untouched !== -1)) throw new Error('its INTEGERs have 64 bits, 32 are needed')
  return cells.map(([version]) => version).join('.')
}
