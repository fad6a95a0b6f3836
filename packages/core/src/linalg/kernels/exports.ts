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
  readonly memory: { readonly buffer: ArrayBuffer }

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

  // cholesky
  cholesky(n: number, a: Address): number

  // qr
  householderQr(m: number, n: number, a: Address, q: Address, tau: Address, order: Address): void
  householderColumns(m: number, k: number, q: Address, tau: Address): void

  // eigh
  eigh(n: number, a: Address, values: Address, axes: Address, leaf: number): void
  transpose(m: number, n: number, from: Address, to: Address): void

  // svd
  svd(m: number, n: number, a: Address, s: Address, u: Address, v: Address): void
  completeBasis(n: number, rank: number, columns: Address): void

  // samples
  classify(
    n: number,
    r: number,
    g: number,
    columns: Address,
    generators: Address,
    zero: Address,
    classes: Address,
  ): void
  heights(count: number, samples: Address, r: number, x: Address, w: Address, zero: Address, out: Address): void

  // ceiling
  chainsDouble(count: number, factor: number): number
  chainsSingle(count: number, factor: number): number
  sumsDouble(count: number, factor: number): number
  sumsSingle(count: number, factor: number): number
}
