import { defaultBackend, registerBackend } from '@relucent/core'
import type { NativeLookup } from '@relucent/native'
import type { OtherBackend } from './records.ts'

export interface BackendChoice {
  /** The backend in use, and where it comes from. */
  readonly inUse: string
  /** Those that are not, and why. */
  readonly others: readonly OtherBackend[]
}

let choice: Promise<BackendChoice> | undefined

/**
 * Registers the machine's BLAS and LAPACK where @relucent/native, which is optional, and a library are there. Once per
 * process, when first asked; never throws.
 */
export function chosenBackend(findNative: () => Promise<NativeLookup> = lookUp): Promise<BackendChoice> {
  choice ??= choose(findNative)
  return choice
}

async function choose(findNative: () => Promise<NativeLookup>): Promise<BackendChoice> {
  const { name } = defaultBackend()
  const native = await findNative().catch((error: unknown) => ({ backend: null, reason: absence(error) }))
  if (native.backend === null) return { inUse: name, others: [{ name: 'native', reason: native.reason }] }
  registerBackend(native.backend)
  const inUse = `native (${native.files.join(' with ')}, LAPACK ${native.lapack})`
  return { inUse, others: [{ name, reason: 'native comes first' }] }
}

async function lookUp(): Promise<NativeLookup> {
  const { nativeBackend } = await import('@relucent/native')
  return nativeBackend()
}

function absence(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const missing = 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
  return missing ? '@relucent/native is not installed' : `@relucent/native does not load: ${error.message}`
}
