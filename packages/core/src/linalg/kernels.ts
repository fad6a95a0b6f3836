import { relaxed, strict } from './kernels/binaries.generated.ts'
import type { KernelExports } from './kernels/exports.ts'
import { type KernelBuild, Kernels } from './kernels/instance.ts'

const binaries: Readonly<Record<KernelBuild, string>> = { strict, relaxed }
const modules = new Map<KernelBuild, WebAssembly.Module | null>()
const shared = new Map<KernelBuild, Kernels>()

/**
 * The compiled kernels, one instance per thread; null where the engine has no WebAssembly, or not the instructions of
 * this build, or will not compile without waiting (the main thread of some browsers: await `loadKernels` first).
 *
 * For calls that leave nothing behind. Whoever keeps data in the memory while others run takes `newKernels`.
 */
export function kernels(build: KernelBuild): Kernels | null {
  const known = shared.get(build)
  if (known) return known
  const fresh = newKernels(build)
  if (fresh) shared.set(build, fresh)
  return fresh
}

/** An instance with a memory of its own; null as for `kernels`. */
export function newKernels(build: KernelBuild): Kernels | null {
  const module = compiled(build)
  if (module === null) return null
  const { exports } = new WebAssembly.Instance(module, {})
  return new Kernels(build, exports as unknown as KernelExports)
}

/** Compiles what this engine can run, without blocking the thread: which builds there are from now on. */
export async function loadKernels(): Promise<readonly KernelBuild[]> {
  const builds: readonly KernelBuild[] = ['strict', 'relaxed']
  for (const build of builds) {
    const bytes = modules.get(build) ? null : binary(build)
    if (bytes) modules.set(build, await WebAssembly.compile(bytes))
  }
  return builds.filter((build) => modules.get(build))
}

function compiled(build: KernelBuild): WebAssembly.Module | null {
  const known = modules.get(build)
  if (known !== undefined) return known
  const bytes = binary(build)
  let module: WebAssembly.Module | null = null
  try {
    if (bytes) module = new WebAssembly.Module(bytes)
  } catch {
    // Valid, and yet refused: too large to be compiled at once here. `loadKernels` can still do it.
  }
  modules.set(build, module)
  return module
}

function binary(build: KernelBuild): Uint8Array | null {
  if (typeof WebAssembly === 'undefined') return null
  const bytes = Uint8Array.from(atob(binaries[build]), (character) => character.charCodeAt(0))
  return WebAssembly.validate(bytes) ? bytes : null
}
