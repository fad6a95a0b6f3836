import type { Backend } from '@relucent/core'
import { factorisations } from './factorisations.ts'
import { candidates, openLibrary } from './library.ts'
import { products } from './products.ts'
import { spectra } from './spectra.ts'

export interface NativeOptions {
  /**
   * Names or paths of the only libraries to load; the routines are looked for in each in turn. By default those of the
   * environment variable RELUCENT_BLAS (separated like those of PATH), or else those usual on this system.
   */
  readonly libraries?: readonly string[]
}

/** The backend and where it comes from, or why there is none. */
export type NativeLookup =
  | { readonly backend: Backend; readonly files: readonly string[]; readonly lapack: string }
  | { readonly backend: null; readonly reason: string }

/**
 * The machine's BLAS and LAPACK as a backend: OpenBLAS, Accelerate, or any library with their Fortran symbols and 32-bit
 * INTEGERs. Never throws where there is none.
 *
 * Matrices are handed over where they lie, so a call costs what the library's own call costs; sizes and workspaces
 * beyond 2³¹ − 1 throw RangeError. Results agree with those of other backends up to rounding only, and the
 * rounding is the library's: a certificate must not rest on it.
 */
export function nativeBackend(options: NativeOptions = {}): NativeLookup {
  const tried = options.libraries ? [options.libraries] : candidates(process.env.RELUCENT_BLAS)
  const found = openLibrary(tried)
  if ('reason' in found) return { backend: null, reason: found.reason }
  const { files, lapack, routines } = found
  const backend: Backend = {
    name: 'native',
    ...products(routines),
    ...factorisations(routines),
    ...spectra(routines),
  }
  return { backend, files, lapack }
}
