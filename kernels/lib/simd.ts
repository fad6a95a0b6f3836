/** c + a b, lane by lane: fused in the relaxed build, two roundings in the strict one. */
export function madd<T>(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.relaxed_madd<T>(a, b, c) : v128.add<T>(c, v128.mul<T>(a, b))
}

/** c − a b, likewise. */
export function nmadd<T>(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.relaxed_nmadd<T>(a, b, c) : v128.sub<T>(c, v128.mul<T>(a, b))
}

/** The sum of the two lanes. */
export function lanes(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1)
}

/** Address of the double with this index. */
export function at(base: usize, index: i32): usize {
  return base + (usize(index) << 3)
}
