import type { Backend } from '../backend.ts'
import { plainBackend } from './plain.ts'
import { wasmBackend } from './wasm.ts'

let chosen: Backend | undefined

/**
 * The backend for work whose rounding does not matter: the registered one, or else the strict kernels, so that results
 * are the same on every machine unless someone asked for more speed.
 */
export function defaultBackend(): Backend {
  return chosen ?? strictBackend()
}

/** Makes this the default backend of the thread. Certificates must not rest on its rounding, which is its own affair. */
export function registerBackend(backend: Backend): void {
  chosen = backend
}

/** The fastest whose rounding IEEE 754 prescribes: what a certificate may be evaluated with. */
export function strictBackend(): Backend {
  return wasmBackend('strict') ?? plainBackend
}

/** What runs here: the registered one first, then fastest first. */
export function backends(): readonly Backend[] {
  const found = [chosen, wasmBackend('relaxed'), wasmBackend('strict'), plainBackend]
  return [...new Set(found.filter((backend) => backend !== undefined && backend !== null))]
}
