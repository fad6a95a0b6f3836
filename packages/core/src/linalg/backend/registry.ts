import type { Backend } from '../backend.ts'
import { plainBackend } from './plain.ts'
import { wasmBackend } from './wasm.ts'

const registered = new Map<string, Backend>()

/** Puts a backend before all others, in the place of one of its name: a native library, where one was found. */
export function registerBackend(backend: Backend): void {
  registered.delete(backend.name)
  registered.set(backend.name, backend)
}

/** What can be used here, fastest first: what was registered, latest first; compiled kernels; plain JavaScript. */
export function backends(): readonly Backend[] {
  const compiled = [wasmBackend('relaxed'), wasmBackend('strict')].filter((backend) => backend !== null)
  return [...[...registered.values()].reverse(), ...compiled, plainBackend]
}

/** The fastest. Its rounding is its own affair: for results that are checked afterwards. */
export function defaultBackend(): Backend {
  return backends()[0]
}

/** The fastest that rounds as IEEE 754 says: for results that a certificate is evaluated with. */
export function strictBackend(): Backend {
  return wasmBackend('strict') ?? plainBackend
}
