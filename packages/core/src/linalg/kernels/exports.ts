/** A byte offset in the kernels' memory. */
type Address = number

type Gemm = (
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: Address,
  aRow: number,
  aCol: number,
  b: Address,
  bRow: number,
  bCol: number,
  c: Address,
  ldc: number,
  rows: Address,
  flags: number,
) => void

/** What the files in kernels/ export, documented there. Booleans are 0 and 1. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory

  // memory
  mark(): Address
  release(to: Address): void
  reserve(bytes: number): Address

  // gemm
  readonly gemm: Gemm
  readonly gemmSingle: Gemm
  mirror(n: number, c: Address, ldc: number): void

  // cones
  prepareCones(samples: number, rank: number, outputs: number, slack: number): Address
  rootCone(sign: number, floor: number): void
  splitCone(crossing: number, from: number, to: number, sign: number, depth: number, bound: number, floor: number): void

  // ceiling
  chainsDouble(count: number, factor: number): number
  chainsSingle(count: number, factor: number): number
  sumsDouble(count: number, factor: number): number
  sumsSingle(count: number, factor: number): number
}
