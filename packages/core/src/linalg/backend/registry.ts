import type { Backend } from '../backend.ts'
import { plainBackend } from './plain.ts'
import { wasmBackend } from './wasm.ts'

let chosen: Backend | undefined

/** The backend for work whose rounding does not matter: the registered one, or else the compiled kernels where they run. */
export function defaultBackend(): Backend {
  chosen ??= wasmBackend('strict') ?? undefined // not final while there is none: a page may still compile it
  return chosen ?? plainBackend
}

/** Makes this the default backend of the thread. Certificates must not rest on its rounding, which is its own affair. */
export function registerBackend(backend: Backend): void {
  chosen = backend
}
