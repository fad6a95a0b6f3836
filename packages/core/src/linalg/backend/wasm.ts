import type { Backend } from '../backend.ts'
import { kernels } from '../kernels.ts'
import type { KernelBuild } from '../kernels/instance.ts'
import { factorisations } from './wasm/factorisations.ts'
import { products } from './wasm/products.ts'

const made = new Map<KernelBuild, Backend>()

/** The compiled kernels as a backend; null where the engine cannot run this build, or not yet (see `kernels`). */
export function wasmBackend(build: KernelBuild): Backend | null {
  const known = made.get(build)
  if (known) return known
  const instance = kernels(build)
  if (instance === null) return null
  const backend = { name: `wasm ${build}`, ...products(instance), ...factorisations(instance) }
  made.set(build, backend)
  return backend
}
