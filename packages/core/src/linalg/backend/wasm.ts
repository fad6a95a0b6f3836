import type { Backend } from '../backend.ts'
import { kernels } from '../kernels.ts'
import type { KernelBuild } from '../kernels/instance.ts'
import { factorisations } from './wasm/factorisations.ts'
import { products } from './wasm/products.ts'

/** The compiled kernels as a backend; null where the engine cannot run this build, or not yet (see `kernels`). */
export function wasmBackend(build: KernelBuild): Backend | null {
  const instance = kernels(build)
  return instance && { name: `wasm ${build}`, ...products(instance), ...factorisations(instance) }
}
