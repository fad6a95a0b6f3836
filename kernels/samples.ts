import { at, madd } from './lib/simd'

/** What `classify` says of a sample in a cone. NaN says crossing. */
export const inactive: u8 = 0
export const active: u8 = 1
export const crossing: u8 = 2

/**
 * Where n samples lie in the cone of g generators: x_iᵀw_k counts as zero up to zero_i in size, and a sample is crossing
 * when some are above it and some below, active when none is below, inactive when none is above.
 *
 * X column by column (r columns of n), W row by row (g × r), and one byte for each sample.
 */
export function classify(n: i32, r: i32, g: i32, x: usize, w: usize, zero: usize, classes: usize): void {
  let i = 0
  for (; i + 2 <= n; i += 2) {
    const most = v128.load(at(zero, i))
    const least = f64x2.neg(most)
    let above = i64x2.splat(0)
    let below = i64x2.splat(0)
    for (let k = 0; k < g; k++) {
      let height = f64x2.splat(0)
      for (let q = 0; q < r; q++) {
        height = madd<f64>(v128.load64_splat(at(w, k * r + q)), v128.load(at(x, q * n + i)), height)
      }
      above = v128.or(above, v128.not(f64x2.le(height, most)))
      below = v128.or(below, v128.not(f64x2.ge(height, least)))
    }
    store<u8>(classes + i, kind(i64x2.extract_lane(above, 0) !== 0, i64x2.extract_lane(below, 0) !== 0))
    store<u8>(classes + i + 1, kind(i64x2.extract_lane(above, 1) !== 0, i64x2.extract_lane(below, 1) !== 0))
  }
  if (i < n) {
    const most = load<f64>(at(zero, i))
    let above = false
    let below = false
    for (let k = 0; k < g; k++) {
      let height = 0.0
      for (let q = 0; q < r; q++) height += load<f64>(at(w, k * r + q)) * load<f64>(at(x, q * n + i))
      if (!(height <= most)) above = true
      if (!(height >= -most)) below = true
    }
    store<u8>(classes + i, kind(above, below))
  }
}

function kind(above: bool, below: bool): u8 {
  return above ? (below ? crossing : active) : inactive
}

/**
 * The heights x_iᵀw of listed samples over one hyperplane: one column of S anew. X row by row (r numbers each), the list
 * as i32; heights of at most zero_i in size become 0.
 */
export function heights(count: i32, samples: usize, r: i32, x: usize, w: usize, zero: usize, out: usize): void {
  for (let a = 0; a < count; a++) {
    const i = load<i32>(samples + (usize(a) << 2))
    const row = at(x, i * r)
    let height = 0.0
    for (let q = 0; q < r; q++) height += load<f64>(at(row, q)) * load<f64>(at(w, q))
    const most = load<f64>(at(zero, i))
    store<f64>(at(out, a), height <= most && height >= -most ? 0 : height)
  }
}
