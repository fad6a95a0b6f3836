import { at } from './simd'
import { addScaled, dot, scale } from './vector'

/**
 * The reflection H = I − tau v vᵀ that maps x (n numbers) to a multiple of the unit vector e_k, where k is its first or
 * last entry: x becomes v, with v_k = 1, and the multiple goes to `to`. Returns tau; 0, with v = e_k, when x is one
 * already (Golub and Van Loan, Algorithm 5.1.1).
 */
export function reflection(n: i32, x: usize, k: i32, to: usize): f64 {
  const head = load<f64>(at(x, k))
  const square = k === 0 ? dot(n - 1, at(x, 1), at(x, 1)) : dot(n - 1, x, x)
  let tau = 0.0
  store<f64>(to, head)
  if (square > 0) {
    const size = Math.sqrt(head * head + square)
    const image = head > 0 ? -size : size
    tau = (image - head) / image
    scale(n, 1 / (head - image), x)
    store<f64>(to, image)
  }
  store<f64>(at(x, k), 1)
  return tau
}

/** x ← (I − tau v vᵀ) x. */
export function reflect(n: i32, tau: f64, v: usize, x: usize): void {
  if (tau !== 0) addScaled(n, -tau * dot(n, v, x), v, x)
}
