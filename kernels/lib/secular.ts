import { at, lanes } from './simd'

/** Σ z_i² / (d_i − λ) over the terms of the last call of `sum`, and its derivative. */
let value: f64 = 0
let slope: f64 = 0

/** Digits are exhausted long before. */
const mostSteps = 80

/**
 * Root j of 1/rho + Σ z_i² / (d_i − λ), rho > 0, for ascending d and unit z: between d_j and d_{j+1}, or above d_{n−1}.
 * The n differences d_i − λ go to `gaps`, each to its own relative accuracy. λ is returned.
 *
 * Measured from the nearer pole, by interpolation with two poles within a bracket (Li, "Solving secular equations stably
 * and efficiently", LAPACK Working Note 89, 1993: the middle way; its stopping rule too).
 */
export function secularRoot(n: i32, j: i32, d: usize, z: usize, rho: f64, gaps: usize): f64 {
  const last = j === n - 1
  const dj = load<f64>(at(d, j))
  const gap = last ? rho : load<f64>(at(d, j + 1)) - dj
  let origin = dj
  let low = 0.0
  let high = last ? gap * (1 + n * f64.EPSILON) : 0.5 * gap
  let t: f64
  if (last) {
    t = startBeyond(n, d, z, rho)
  } else {
    differences(n, d, origin, 0.5 * gap, gaps)
    const left = square(z, j)
    const right = square(z, j + 1)
    let rest = 1 / rho
    sum(0, j, z, gaps)
    rest += value
    sum(j + 2, n, z, gaps)
    rest += value
    if (rest - left / (0.5 * gap) + right / (0.5 * gap) >= 0) {
      t = smallerRoot(rest, rest * gap + left + right, left * gap)
    } else {
      origin = load<f64>(at(d, j + 1))
      low = -high
      high = 0
      t = -smallerRoot(-rest, -rest * gap + left + right, right * gap)
    }
  }
  for (let step = 0; step < mostSteps; step++) {
    if (!(t > low && t < high)) t = 0.5 * (low + high)
    differences(n, d, origin, t, gaps)
    sum(0, j + 1, z, gaps)
    const below = value
    const belowSlope = slope
    sum(j + 1, n, z, gaps)
    const w = 1 / rho + below + value
    const rounding = 8 * (value - below) + 1 / rho + Math.abs(t) * (belowSlope + slope)
    if (!(Math.abs(w) > f64.EPSILON * rounding)) break
    if (w < 0) low = t
    else high = t
    if (!(high - low > 2 * f64.EPSILON * Math.max(Math.abs(low), Math.abs(high)))) break
    const near = load<f64>(at(gaps, j))
    if (last) {
      t += near + (near * near * belowSlope) / (1 / rho + below - near * belowSlope)
    } else {
      const far = load<f64>(at(gaps, j + 1))
      const c = w - near * belowSlope - far * slope
      t += smallerRoot(c, (near + far) * w - near * far * (belowSlope + slope), near * far * w)
    }
  }
  differences(n, d, origin, t, gaps)
  return origin + t
}

/** The root of c x² − a x + b that is finite as c goes to 0, without cancellation. */
function smallerRoot(c: f64, a: f64, b: f64): f64 {
  const root = Math.sqrt(Math.max(0, a * a - 4 * b * c))
  return a > 0 ? (2 * b) / (a + root) : (a - root) / (2 * c)
}

/** Where the last pole and what the others amount to at the far end of the bracket would put the root. */
function startBeyond(n: i32, d: usize, z: usize, rho: f64): f64 {
  const end = load<f64>(at(d, n - 1))
  let rest = 1 / rho
  for (let i = 0; i < n - 1; i++) rest += square(z, i) / (load<f64>(at(d, i)) - end - rho)
  return square(z, n - 1) / rest
}

function square(z: usize, i: i32): f64 {
  return load<f64>(at(z, i)) * load<f64>(at(z, i))
}

function differences(n: i32, d: usize, origin: f64, t: f64, gaps: usize): void {
  const from = f64x2.splat(origin)
  const by = f64x2.splat(t)
  let i = 0
  for (; i + 2 <= n; i += 2) v128.store(at(gaps, i), f64x2.sub(f64x2.sub(v128.load(at(d, i)), from), by))
  if (i < n) store<f64>(at(gaps, i), load<f64>(at(d, i)) - origin - t)
}

function sum(from: i32, to: i32, z: usize, gaps: usize): void {
  let values = f64x2.splat(0)
  let slopes = f64x2.splat(0)
  let i = from
  for (; i + 2 <= to; i += 2) {
    const zi = v128.load(at(z, i))
    const share = f64x2.div(zi, v128.load(at(gaps, i)))
    values = f64x2.add(values, f64x2.mul(zi, share))
    slopes = f64x2.add(slopes, f64x2.mul(share, share))
  }
  value = lanes(values)
  slope = lanes(slopes)
  if (i < to) {
    const share = load<f64>(at(z, i)) / load<f64>(at(gaps, i))
    value += load<f64>(at(z, i)) * share
    slope += share * share
  }
}
