import { madd } from './lib/simd'
import { release, workspace } from './memory'

// The rate that no product of this build can exceed on this engine: multiply–adds and nothing else. Which of the two
// loops is faster depends on the build and on the processor.

/** `count` times 12 multiply–adds of 16 bytes; something that depends on all of them. */
export function chainsDouble(count: i32, factor: f64): f64 {
  return f64x2.extract_lane(chains<f64>(count, factor), 0)
}

export function chainsSingle(count: i32, factor: f32): f32 {
  return f32x4.extract_lane(chains<f32>(count, factor), 0)
}

/** `count` times 32 multiply–adds of 16 bytes. */
export function sumsDouble(count: i32, factor: f64): f64 {
  return f64x2.extract_lane(sums<f64>(count, factor), 0)
}

export function sumsSingle(count: i32, factor: f32): f32 {
  return f32x4.extract_lane(sums<f32>(count, factor), 0)
}

/** Twelve chains, each feeding on itself, hide the latency of a fused operation. */
function chains<T>(count: i32, factor: T): v128 {
  const f = v128.splat<T>(factor)
  const g = v128.splat<T>(1)
  let s0 = f
  let s1 = f
  let s2 = f
  let s3 = f
  let s4 = f
  let s5 = f
  let s6 = f
  let s7 = f
  let s8 = f
  let s9 = f
  let s10 = f
  let s11 = f
  for (let i = 0; i < count; i++) {
    s0 = madd<T>(s0, f, g)
    s1 = madd<T>(s1, f, g)
    s2 = madd<T>(s2, f, g)
    s3 = madd<T>(s3, f, g)
    s4 = madd<T>(s4, f, g)
    s5 = madd<T>(s5, f, g)
    s6 = madd<T>(s6, f, g)
    s7 = madd<T>(s7, f, g)
    s8 = madd<T>(s8, f, g)
    s9 = madd<T>(s9, f, g)
    s10 = madd<T>(s10, f, g)
    s11 = madd<T>(s11, f, g)
  }
  let total = s0
  total = v128.add<T>(total, s1)
  total = v128.add<T>(total, s2)
  total = v128.add<T>(total, s3)
  total = v128.add<T>(total, s4)
  total = v128.add<T>(total, s5)
  total = v128.add<T>(total, s6)
  total = v128.add<T>(total, s7)
  total = v128.add<T>(total, s8)
  total = v128.add<T>(total, s9)
  total = v128.add<T>(total, s10)
  total = v128.add<T>(total, s11)
  return total
}

/** Eight sums of products that do not wait for them; b is read anew, or the products would be taken out of the loop. */
function sums<T>(count: i32, factor: T): v128 {
  const operands = workspace(64)
  for (let q: u32 = 0; q < 64; q += sizeof<T>()) store<T>(operands + q, factor)
  const f = v128.splat<T>(factor)
  const g = v128.splat<T>(1)
  let b: v128
  let s0 = f
  let s1 = f
  let s2 = f
  let s3 = f
  let s4 = f
  let s5 = f
  let s6 = f
  let s7 = f
  for (let i = 0; i < count; i++) {
    b = v128.load(operands)
    s0 = madd<T>(f, b, s0)
    s4 = madd<T>(g, b, s4)
    b = v128.load(operands, 16)
    s1 = madd<T>(f, b, s1)
    s5 = madd<T>(g, b, s5)
    b = v128.load(operands, 32)
    s2 = madd<T>(f, b, s2)
    s6 = madd<T>(g, b, s6)
    b = v128.load(operands, 48)
    s3 = madd<T>(f, b, s3)
    s7 = madd<T>(g, b, s7)
    b = v128.load(operands)
    s0 = madd<T>(f, b, s0)
    s4 = madd<T>(g, b, s4)
    b = v128.load(operands, 16)
    s1 = madd<T>(f, b, s1)
    s5 = madd<T>(g, b, s5)
    b = v128.load(operands, 32)
    s2 = madd<T>(f, b, s2)
    s6 = madd<T>(g, b, s6)
    b = v128.load(operands, 48)
    s3 = madd<T>(f, b, s3)
    s7 = madd<T>(g, b, s7)
    b = v128.load(operands)
    s0 = madd<T>(f, b, s0)
    s4 = madd<T>(g, b, s4)
    b = v128.load(operands, 16)
    s1 = madd<T>(f, b, s1)
    s5 = madd<T>(g, b, s5)
    b = v128.load(operands, 32)
    s2 = madd<T>(f, b, s2)
    s6 = madd<T>(g, b, s6)
    b = v128.load(operands, 48)
    s3 = madd<T>(f, b, s3)
    s7 = madd<T>(g, b, s7)
    b = v128.load(operands)
    s0 = madd<T>(f, b, s0)
    s4 = madd<T>(g, b, s4)
    b = v128.load(operands, 16)
    s1 = madd<T>(f, b, s1)
    s5 = madd<T>(g, b, s5)
    b = v128.load(operands, 32)
    s2 = madd<T>(f, b, s2)
    s6 = madd<T>(g, b, s6)
    b = v128.load(operands, 48)
    s3 = madd<T>(f, b, s3)
    s7 = madd<T>(g, b, s7)
  }
  release(operands)
  let total = s0
  total = v128.add<T>(total, s1)
  total = v128.add<T>(total, s2)
  total = v128.add<T>(total, s3)
  total = v128.add<T>(total, s4)
  total = v128.add<T>(total, s5)
  total = v128.add<T>(total, s6)
  total = v128.add<T>(total, s7)
  return total
}
