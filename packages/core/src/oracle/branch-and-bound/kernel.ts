import type { ConeContext, ConeKernel } from './cone.ts'
import { plainKernel } from './plain-kernel.ts'
import { wasmKernel } from './wasm-kernel.ts'

/** The fastest kernel there is for this search. Every search makes its own, on its own thread. */
export function coneKernel(context: ConeContext): ConeKernel {
  return wasmKernel(context) ?? plainKernel(context)
}
