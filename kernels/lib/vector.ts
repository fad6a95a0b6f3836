import { at, lanes, madd, nmadd } from './simd'

/** xᵀy. */
export function dot(n: i32, x: usize, y: usize): f64 {
  let s0 = f64x2.splat(0)
  let s1 = s0
  let i = 0
  for (; i + 4 <= n; i += 4) {
    s0 = madd<f64>(v128.load(at(x, i)), v128.load(at(y, i)), s0)
    s1 = madd<f64>(v128.load(at(x, i), 16), v128.load(at(y, i), 16), s1)
  }
  let total = lanes(f64x2.add(s0, s1))
  for (; i < n; i++) total += load<f64>(at(x, i)) * load<f64>(at(y, i))
  return total
}

/** y += factor x. */
export function addScaled(n: i32, factor: f64, x: usize, y: usize): void {
  const f = f64x2.splat(factor)
  let i = 0
  for (; i + 2 <= n; i += 2) v128.store(at(y, i), madd<f64>(f, v128.load(at(x, i)), v128.load(at(y, i))))
  if (i < n) store<f64>(at(y, i), load<f64>(at(y, i)) + factor * load<f64>(at(x, i)))
}

/** x *= factor. */
export function scale(n: i32, factor: f64, x: usize): void {
  const f = f64x2.splat(factor)
  let i = 0
  for (; i + 2 <= n; i += 2) v128.store(at(x, i), f64x2.mul(f, v128.load(at(x, i))))
  if (i < n) store<f64>(at(x, i), factor * load<f64>(at(x, i)))
}

/** (x, y) ← (c x + s y, c y − s x). */
export function rotate(n: i32, c: f64, s: f64, x: usize, y: usize): void {
  const cc = f64x2.splat(c)
  const ss = f64x2.splat(s)
  let i = 0
  for (; i + 2 <= n; i += 2) {
    const a = v128.load(at(x, i))
    const b = v128.load(at(y, i))
    v128.store(at(x, i), madd<f64>(cc, a, f64x2.mul(ss, b)))
    v128.store(at(y, i), nmadd<f64>(ss, a, f64x2.mul(cc, b)))
  }
  if (i < n) {
    const a = load<f64>(at(x, i))
    const b = load<f64>(at(y, i))
    store<f64>(at(x, i), c * a + s * b)
    store<f64>(at(y, i), c * b - s * a)
  }
}

export function copy(n: i32, from: usize, to: usize): void {
  memory.copy(to, from, usize(n) << 3)
}

export function clear(n: i32, x: usize): void {
  memory.fill(x, 0, usize(n) << 3)
}
