import type { KernelExports } from './exports.ts'

/**
 * `strict` rounds as IEEE 754 says, everywhere alike, and is the build that certificates are evaluated with. `relaxed`
 * fuses multiply–adds where the processor can, is faster, and its rounding is the engine's choice.
 */
export type KernelBuild = 'strict' | 'relaxed'

/**
 * The exported functions and the memory they work on: one arena with the discipline of a stack.
 *
 * An address is a byte offset. Views of the memory are detached when it grows, so one is taken after the last call that
 * may reserve, used, and dropped.
 */
export class Kernels {
  readonly build: KernelBuild
  readonly calls: KernelExports

  constructor(build: KernelBuild, calls: KernelExports) {
    this.build = build
    this.calls = calls
  }

  /** What `work` reserves is released when it ends, however it ends. */
  within<T>(work: () => T): T {
    const start = this.calls.mark()
    try {
      return work()
    } finally {
      this.calls.release(start)
    }
  }

  /** The address of so many bytes, at a cache line, with whatever is in them. Throws RangeError when memory ends. */
  reserve(bytes: number): number {
    const address = bytes < 2 ** 32 ? this.calls.reserve(bytes) >>> 0 : 0
    if (address === 0) throw new RangeError(`kernels: the memory has no room for ${bytes} more bytes`)
    return address
  }

  /** The address of a copy. */
  copyIn(data: Float64Array | Float32Array | Int32Array | Uint8Array): number {
    const address = this.reserve(data.byteLength)
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    new Uint8Array(this.calls.memory.buffer, address, data.byteLength).set(bytes)
    return address
  }

  /** The doubles at an address, in place. */
  doubles(address: number, count: number): Float64Array {
    return new Float64Array(this.calls.memory.buffer, address, count)
  }

  /** The singles at an address, in place. */
  singles(address: number, count: number): Float32Array {
    return new Float32Array(this.calls.memory.buffer, address, count)
  }

  /** The 32-bit integers at an address, in place. */
  integers(address: number, count: number): Int32Array {
    return new Int32Array(this.calls.memory.buffer, address, count)
  }
}
