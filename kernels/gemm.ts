import { product } from './lib/product'
import { at } from './lib/simd'

/**
 * C (m × n) = or += alpha A B for A (m × k) and B (k × n), all at byte addresses, sizes and strides in numbers.
 *
 * Entry (i, p) of A is at aRow · i + aCol · p, and likewise of B, so that a transpose is a change of strides; rows of C
 * are ldc apart. With `rows` not 0, the i-th row of A and of C is the one whose number is the i-th i32 there. Flags:
 * 1 leaves out tiles above the diagonal, 2 adds to C.
 */
export function gemm(
  m: i32,
  n: i32,
  k: i32,
  alpha: f64,
  a: usize,
  aRow: i32,
  aCol: i32,
  b: usize,
  bRow: i32,
  bCol: i32,
  c: usize,
  ldc: i32,
  rows: usize,
  flags: i32,
): void {
  product<f64>(m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, c, ldc, rows, flags)
}

/** `gemm` in single precision. */
export function gemmSingle(
  m: i32,
  n: i32,
  k: i32,
  alpha: f32,
  a: usize,
  aRow: i32,
  aCol: i32,
  b: usize,
  bRow: i32,
  bCol: i32,
  c: usize,
  ldc: i32,
  rows: usize,
  flags: i32,
): void {
  product<f32>(m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, c, ldc, rows, flags)
}

/** The lower triangle of a square matrix copied to the upper one. */
export function mirror(n: i32, c: usize, ldc: i32): void {
  const block = 8
  for (let top = 0; top < n; top += block) {
    for (let left = 0; left <= top; left += block) {
      for (let i = top; i < min(top + block, n); i++) {
        for (let j = left; j < min(left + block, i); j++) {
          store<f64>(at(c, j * ldc + i), load<f64>(at(c, i * ldc + j)))
        }
      }
    }
  }
}
