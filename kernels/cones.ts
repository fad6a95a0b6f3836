import { doubles } from './memory'
import { at, lanes } from './lib/simd'

// Simplicial cones, their bounds and their cuts: oracle/branch-and-bound/plain-kernel.ts says what is computed here, and is
// what this is tested against. Sums run over pairs of samples; blocks have an even length, the odd one out being zero.
// Strict arithmetic throughout: these are bounds.

/** The question: samples, coordinates, outputs; columns of a block are `stride` apart. */
let n: i32 = 0
let r: i32 = 0
let c: i32 = 0
let stride: i32 = 0
let slack: f64 = 0

let X: usize = 0
let Z: usize = 0
let weights: usize = 0
let zeros: usize = 0
let metric: usize = 0

/** The parent: its generators, then the cut's point and its own point; active part, crossing samples, their heights. */
let vectors: usize = 0
let parentActive: usize = 0
let parentCrossing: usize = 0
let parentHeights: usize = 0
let least: usize = 0
let most: usize = 0

/** The child at hand. */
let W: usize = 0
let A: usize = 0
let crossing: usize = 0
let answer: usize = 0
let point: usize = 0
let cutPoint: usize = 0
let count: i32 = 0

/** Its crossing samples, column by column: see sample-block.ts. */
let heights: usize = 0
let outputs: usize = 0
let across: usize = 0
let weight: usize = 0
let hint: usize = 0
let along: usize = 0
let slope: usize = 0
let trial: usize = 0
let aim: usize = 0
let coefficient: usize = 0
let side: usize = 0
let reach: usize = 0
let excess: usize = 0

let g: usize = 0
let base: usize = 0
let below: usize = 0
let size: usize = 0
let centre: usize = 0
let B: usize = 0
let H: usize = 0
let lambda: usize = 0
let pull: usize = 0
let bestLambda: usize = 0
let bestPull: usize = 0
let gram: usize = 0
let factor: usize = 0
let solution: usize = 0
let kept: usize = 0
let u: usize = 0
let lengths: usize = 0
let difference: usize = 0

const epsilon: f64 = f64.EPSILON
const slopeRounds: i32 = 8
const stepTrials: i32 = 4
const thoroughRank: i32 = 12
const fewPerDimension: i32 = 3

/** Where the caller finds what: see wasm-kernel.ts. */
let table: usize = 0

function put(index: i32, address: usize): usize {
  store<u32>(table + (usize(index) << 2), u32(address))
  return address
}

/** Room for a search over n samples in R^r with c outputs; the address of a table of addresses. Once per instance. */
export function prepareCones(samples: i32, rank: i32, columns: i32, rounding: f64): usize {
  n = samples
  r = rank
  c = columns
  slack = rounding
  stride = (n + 2) & ~1
  table = doubles(32)
  X = put(0, doubles(n * r))
  Z = put(1, doubles(n * c))
  weights = put(2, doubles(n))
  zeros = put(3, doubles(n))
  metric = put(4, doubles(r * r))
  vectors = put(5, doubles((r + 2) * r))
  parentActive = put(6, doubles(c * r))
  parentCrossing = put(7, doubles(n))
  for (let child = 0; child < 2; child++) {
    put(8 + 6 * child, doubles(r * r))
    put(9 + 6 * child, doubles(c * r))
    put(10 + 6 * child, doubles(n))
    put(11 + 6 * child, doubles(8))
    put(12 + 6 * child, doubles(r))
    put(13 + 6 * child, doubles(r))
  }
  parentHeights = doubles(stride * (r + 2))
  least = doubles(stride)
  most = doubles(stride)
  heights = doubles(stride * r)
  outputs = doubles(stride * c)
  across = doubles(stride * c)
  weight = doubles(stride)
  hint = doubles(stride)
  along = doubles(stride)
  slope = doubles(stride)
  trial = doubles(stride)
  aim = doubles(stride)
  coefficient = doubles(stride)
  side = doubles(stride)
  reach = doubles(stride)
  excess = doubles(stride)
  g = doubles(c)
  base = doubles(r)
  below = doubles(r)
  size = doubles(r)
  centre = doubles(r * c)
  B = doubles(r)
  H = doubles(r)
  lambda = doubles(r)
  pull = doubles(r)
  bestLambda = doubles(r)
  bestPull = doubles(r)
  gram = doubles(r * r)
  factor = doubles(r * r)
  solution = doubles(r)
  kept = doubles(r)
  u = doubles(r)
  lengths = doubles(r)
  difference = doubles(2 * r)
  return table
}

/** The cone over the generators in `vectors`, every sample unclassified: the first child. */
export function rootCone(sign: i32, floor: f64): void {
  for (let i = 0; i < n; i++) store<i32>(parentCrossing + (usize(i) << 2), i)
  readHeights(n)
  child(0, n, -1, sign, 0, Infinity, floor)
}

/** The two children of a cut of the cone in `vectors`, `parentActive` and `parentCrossing`. */
export function splitCone(m: i32, from: i32, to: i32, sign: i32, depth: i32, bound: f64, floor: f64): void {
  readHeights(m)
  child(0, m, from, sign, depth, bound, floor)
  child(1, m, to, sign, depth, bound, floor)
}

function get(address: usize, index: i32): f64 {
  return load<f64>(at(address, index))
}

function set(address: usize, index: i32, value: f64): void {
  store<f64>(at(address, index), value)
}

function pair(address: usize, index: i32): v128 {
  return v128.load(at(address, index))
}

function dot(a: usize, b: usize, length: i32): f64 {
  let total = 0.0
  for (let q = 0; q < length; q++) total += get(a, q) * get(b, q)
  return total
}

/** Squares that underflow must not turn a small bound into none. */
function norm(a: usize, length: i32): f64 {
  const total = dot(a, a, length)
  if (total > 1e-280 || !(total >= 0)) return sqrt(total)
  let largest = 0.0
  for (let q = 0; q < length; q++) largest = max(largest, abs(get(a, q)))
  if (largest === 0) return 0
  let scaled = 0.0
  for (let q = 0; q < length; q++) {
    const value = get(a, q) / largest
    scaled += value * value
  }
  return largest * sqrt(scaled)
}

/** x_iᵀ of the generators, the cut and the point for m samples, rounding noise set to zero. */
function readHeights(m: i32): void {
  const columns = r + 2
  for (let a = 0; a < m; a += 2) {
    const i = load<i32>(parentCrossing + (usize(a) << 2))
    const j = a + 1 < m ? load<i32>(parentCrossing + (usize(a + 1) << 2)) : i
    const x = at(X, i * r)
    const y = at(X, j * r)
    const zero = f64x2.replace_lane(f64x2.splat(get(zeros, i)), 1, get(zeros, j))
    for (let k = 0; k < columns; k++) {
      const w = at(vectors, k * r)
      let total = f64x2.splat(0)
      for (let q = 0; q < r; q++) {
        const samples = v128.load64_lane(at(y, q), v128.load64_zero(at(x, q)), 1)
        total = f64x2.add(total, f64x2.mul(samples, v128.load64_splat(at(w, q))))
      }
      v128.store(at(parentHeights, k * stride + a), v128.and(total, f64x2.gt(f64x2.abs(total), zero)))
    }
  }
}

/** The cone in which generator `lost` is replaced by the cut's point; -1 for the cone itself. */
function child(which: i32, m: i32, lost: i32, sign: i32, depth: i32, inherited: f64, floor: f64): void {
  const slot = 8 + 6 * which
  W = load<u32>(table + (usize(slot) << 2))
  A = load<u32>(table + (usize(slot + 1) << 2))
  crossing = load<u32>(table + (usize(slot + 2) << 2))
  answer = load<u32>(table + (usize(slot + 3) << 2))
  point = load<u32>(table + (usize(slot + 4) << 2))
  cutPoint = load<u32>(table + (usize(slot + 5) << 2))
  for (let k = 0; k < r; k++) {
    const source = k === lost ? r : k
    memory.copy(at(W, k * r), at(vectors, source * r), usize(r) << 3)
  }
  memory.copy(A, parentActive, usize(c * r) << 3)
  classify(m, lost)
  const found = directedBound(sign, floor)
  const bound = found <= inherited ? found : inherited
  set(answer, 0, count)
  set(answer, 1, bound)
  set(answer, 3, bound > floor && chooseCut(depth) ? 1 : 0)
}

/** Sorts the samples of the parent into active, inactive and crossing; the crossing ones are gathered. */
function classify(m: i32, lost: i32): void {
  for (let a = 0; a < m; a += 2) {
    let low = f64x2.splat(0)
    let high = low
    for (let k = 0; k < r; k++) {
      const s = pair(parentHeights, (k === lost ? r : k) * stride + a)
      low = f64x2.pmin(low, s)
      high = f64x2.pmax(high, s)
    }
    v128.store(at(least, a), low)
    v128.store(at(most, a), high)
  }
  count = 0
  for (let a = 0; a < m; a++) {
    if (!(get(most, a) > 0)) continue
    const i = load<i32>(parentCrossing + (usize(a) << 2))
    if (get(least, a) < 0) {
      store<i32>(crossing + (usize(count) << 2), i)
      for (let k = 0; k < r; k++)
        set(heights, k * stride + count, get(parentHeights, (k === lost ? r : k) * stride + a))
      for (let p = 0; p < c; p++) set(outputs, p * stride + count, get(Z, i * c + p))
      set(weight, count, get(weights, i))
      set(hint, count, get(parentHeights, (r + 1) * stride + a))
      count++
    } else {
      for (let p = 0; p < c; p++) {
        const z = get(Z, i * c + p)
        for (let q = 0; q < r; q++) set(A, p * r + q, get(A, p * r + q) + z * get(X, i * r + q))
      }
    }
  }
  if (count & 1) {
    for (let k = 0; k < r; k++) set(heights, k * stride + count, 0)
    for (let p = 0; p < c; p++) set(outputs, p * stride + count, 0)
    set(weight, count, 0)
    set(hint, count, 0)
  }
}

/** directed-bound.ts: fills `point`, the second answer and `bestLambda`, and returns the bound. */
function directedBound(sign: i32, floor: f64): f64 {
  if (c === 1) set(g, 0, f64(sign))
  else direction()
  project()
  convexHeights()
  if (c > 1) acrossHeights()
  for (let j = 0; j < r; j++) {
    for (let k = 0; k <= j; k++) {
      const product = dot(at(W, j * r), at(W, k * r), r)
      set(gram, j * r + k, product)
      set(gram, k * r + j, product)
    }
  }
  const one = f64x2.splat(1)
  const nothing = f64x2.splat(0)
  for (let a = 0; a < count; a += 2) {
    const wanted = v128.and(f64x2.lt(pair(along, a), nothing), f64x2.gt(pair(hint, a), nothing))
    v128.store(at(slope, a), v128.and(wanted, one))
  }
  let best = relaxed(slope)
  keepBest()
  for (let round = 0; round < slopeRounds && best > floor; round++) {
    const descent = aimAtBest()
    if (!(descent < 0) || best + descent / best > floor * (1 + 1e-12)) break
    const better = lineSearch(best, descent, floor)
    if (!(better < best)) break
    best = better
  }
  evaluate()
  return best
}

function keepBest(): void {
  memory.copy(bestLambda, lambda, usize(r) << 3)
  memory.copy(bestPull, pull, usize(r) << 3)
}

/** The direction of F at the parent's point, by the signs there. */
function direction(): void {
  const from = at(vectors, (r + 1) * r)
  for (let p = 0; p < c; p++) {
    let total = f64x2.splat(0)
    const column = p * stride
    for (let a = 0; a < count; a += 2) {
      total = f64x2.add(total, f64x2.mul(f64x2.pmax(f64x2.splat(0), pair(hint, a)), pair(outputs, column + a)))
    }
    set(g, p, dot(at(A, p * r), from, r) + lanes(total))
  }
  const length = norm(g, c)
  for (let p = 0; p < c; p++) set(g, p, length > 0 ? get(g, p) / length : p === 0 ? 1 : 0)
}

/** Fills `along` with z_i·g. */
function project(): void {
  for (let a = 0; a < count; a += 2) {
    let total = f64x2.splat(0)
    for (let p = 0; p < c; p++) {
      total = f64x2.add(total, f64x2.mul(v128.load64_splat(at(g, p)), pair(outputs, p * stride + a)))
    }
    v128.store(at(along, a), total)
  }
}

/** Fills `base` with g·A w_k + Σ_convex z_i·g (x_iᵀw_k)₊. */
function convexHeights(): void {
  const nothing = f64x2.splat(0)
  for (let k = 0; k < r; k++) {
    let total = 0.0
    for (let p = 0; p < c; p++) total += get(g, p) * dot(at(A, p * r), at(W, k * r), r)
    let sum = nothing
    const column = k * stride
    for (let a = 0; a < count; a += 2) {
      sum = f64x2.add(
        sum,
        f64x2.mul(f64x2.pmax(nothing, pair(along, a)), f64x2.pmax(nothing, pair(heights, column + a))),
      )
    }
    set(base, k, total + lanes(sum))
  }
}

/** Fills `size` with D_k and `below` with C_k. */
function acrossHeights(): void {
  const nothing = f64x2.splat(0)
  const one = f64x2.splat(1)
  const half = f64x2.splat(0.5)
  for (let a = 0; a < count; a += 2) {
    const ahead = pair(along, a)
    let square = nothing
    for (let p = 0; p < c; p++) {
      const value = f64x2.sub(pair(outputs, p * stride + a), f64x2.mul(ahead, v128.load64_splat(at(g, p))))
      v128.store(at(across, p * stride + a), value)
      square = f64x2.add(square, f64x2.mul(value, value))
    }
    v128.store(at(reach, a), f64x2.sqrt(square))
    let balance = nothing
    for (let k = 0; k < r; k++) balance = f64x2.add(balance, pair(heights, k * stride + a))
    v128.store(at(side, a), v128.bitselect(one, f64x2.neg(one), f64x2.le(balance, nothing)))
  }
  for (let k = 0; k < r; k++) {
    const column = k * stride
    let mass = nothing
    let behind = nothing
    for (let a = 0; a < count; a += 2) {
      const e = f64x2.pmax(nothing, f64x2.mul(pair(side, a), pair(heights, column + a)))
      v128.store(at(excess, a), f64x2.mul(half, e))
      mass = f64x2.add(mass, f64x2.mul(e, pair(reach, a)))
      behind = f64x2.add(behind, f64x2.mul(e, f64x2.pmax(nothing, pair(along, a))))
    }
    let ahead = 0.0
    for (let p = 0; p < c; p++) {
      const output = p * stride
      let sum = nothing
      for (let a = 0; a < count; a += 2) {
        const share = f64x2.pmax(nothing, pair(heights, column + a))
        sum = f64x2.add(
          sum,
          f64x2.sub(f64x2.mul(share, pair(outputs, output + a)), f64x2.mul(pair(excess, a), pair(across, output + a))),
        )
      }
      const value = dot(at(A, p * r), at(W, k * r), r) + lanes(sum)
      set(centre, p, value)
      ahead += get(g, p) * value
    }
    for (let p = 0; p < c; p++) set(centre, p, get(centre, p) - ahead * get(g, p))
    set(below, k, lanes(behind) - ahead)
    set(size, k, norm(centre, c) + 0.5 * lanes(mass))
  }
}

/** The bound under these slopes; fills `lambda` and `pull`. */
function relaxed(slopes: usize): f64 {
  const nothing = f64x2.splat(0)
  for (let a = 0; a < count; a += 2) {
    v128.store(at(coefficient, a), f64x2.mul(f64x2.pmin(nothing, pair(along, a)), pair(slopes, a)))
  }
  for (let k = 0; k < r; k++) {
    const column = k * stride
    let sum = nothing
    for (let a = 0; a < count; a += 2) sum = f64x2.add(sum, f64x2.mul(pair(coefficient, a), pair(heights, column + a)))
    const b = get(base, k) + lanes(sum)
    set(B, k, b)
    if (c === 1) set(H, k, b + slack)
    else {
      const far = max(b, max(get(below, k), 0))
      const d = get(size, k)
      set(H, k, sqrt(far * far + d * d) + slack)
    }
  }
  const bound = coneHeight()
  for (let k = 0; k < r; k++) {
    const value = get(lambda, k)
    if (c === 1) set(pull, k, value)
    else {
      const b = get(B, k)
      set(pull, k, b > get(below, k) && b > 0 ? (value * b) / (get(H, k) - slack) : 0)
    }
  }
  return bound * (1 + 64 * epsilon)
}

/** Fills `aim` with the best response to the best pull, and returns the slope of ½ bound² towards it. */
function aimAtBest(): f64 {
  const nothing = f64x2.splat(0)
  const one = f64x2.splat(1)
  let descent = nothing
  for (let a = 0; a < count; a += 2) {
    let s = nothing
    for (let k = 0; k < r; k++) {
      s = f64x2.add(s, f64x2.mul(v128.load64_splat(at(bestPull, k)), pair(heights, k * stride + a)))
    }
    const ahead = pair(along, a)
    const now = pair(slope, a)
    const concave = f64x2.lt(ahead, nothing)
    const target = v128.and(concave, v128.and(f64x2.gt(s, nothing), one))
    v128.store(at(aim, a), target)
    descent = f64x2.add(descent, v128.and(concave, f64x2.mul(f64x2.mul(ahead, f64x2.sub(target, now)), s)))
  }
  return lanes(descent)
}

function lineSearch(from: f64, descent: f64, floor: f64): f64 {
  let low = 0.0
  let atLow = descent
  let high = 1.0
  let atHigh: f64 = NaN
  let step = 1.0
  let best = from
  let taken = 0.0
  for (let attempt = 0; attempt < stepTrials; attempt++) {
    const share = f64x2.splat(step)
    for (let a = 0; a < count; a += 2) {
      const now = pair(slope, a)
      v128.store(at(trial, a), f64x2.add(now, f64x2.mul(share, f64x2.sub(pair(aim, a), now))))
    }
    const bound = relaxed(trial)
    if (bound < best) {
      best = bound
      taken = step
      keepBest()
    }
    if (bound <= floor) break
    let sum = f64x2.splat(0)
    for (let a = 0; a < count; a += 2) {
      let s = f64x2.splat(0)
      for (let k = 0; k < r; k++) {
        s = f64x2.add(s, f64x2.mul(v128.load64_splat(at(pull, k)), pair(heights, k * stride + a)))
      }
      sum = f64x2.add(sum, f64x2.mul(f64x2.mul(pair(along, a), f64x2.sub(pair(aim, a), pair(slope, a))), s))
    }
    const there = lanes(sum)
    if (there <= 0) {
      low = step
      atLow = there
    } else {
      high = step
      atHigh = there
    }
    if (!(low < high) || there === 0) break
    const secant = atLow / (atLow - atHigh)
    step = low + (high - low) * (secant > 0.02 && secant < 0.98 ? secant : 0.5)
  }
  const share = f64x2.splat(taken)
  for (let a = 0; a < count; a += 2) {
    const now = pair(slope, a)
    v128.store(at(slope, a), f64x2.add(now, f64x2.mul(share, f64x2.sub(pair(aim, a), now))))
  }
  return best
}

/** cone-height.ts, for the heights in H, which include the slack: fills `lambda`. */
function coneHeight(): f64 {
  let top: f64 = -Infinity
  for (let k = 0; k < r; k++) {
    set(lambda, k, 0)
    const height = get(H, k)
    if (isNaN(height)) return Infinity
    top = max(top, height)
  }
  if (top <= 0) return 0
  shortest()
  for (let attempt = 0; attempt < 2; attempt++) {
    const length = norm(u, r)
    let missing: f64 = -Infinity
    for (let k = 0; k < r; k++) {
      const lack = get(H, k) - dot(at(W, k * r), u, r)
      if (isNaN(lack)) return Infinity
      missing = max(missing, lack)
    }
    const rounding = 4 * f64(r + 2) * epsilon * length
    if (missing <= rounding) return (length + 2 * f64(r) * rounding) * (1 + 8 * epsilon)
    for (let k = 0; k < r; k++) {
      for (let q = 0; q < r; q++) set(u, q, get(u, q) + 2 * missing * get(W, k * r + q))
    }
  }
  return Infinity
}

function keptAt(index: i32): i32 {
  return load<i32>(kept + (usize(index) << 2))
}

/** u = Σ λ_k w_k of the nonnegative least-squares problem, by dropping and adding generators. */
function shortest(): void {
  let members = r
  for (let k = 0; k < r; k++) {
    store<i32>(kept + (usize(k) << 2), k)
    set(u, k, 0)
  }
  const rounds = r <= thoroughRank ? 4 * r : 8
  for (let round = 0; round < rounds; round++) {
    if (!solveGram(members)) {
      members--
      if (members === 0) break
      continue
    }
    let worst = 0
    for (let a = 1; a < members; a++) if (get(solution, a) < get(solution, worst)) worst = a
    if (get(solution, worst) < 0 && members > 1) {
      for (let a = worst; a < members - 1; a++) store<i32>(kept + (usize(a) << 2), keptAt(a + 1))
      members--
      continue
    }
    for (let q = 0; q < r; q++) {
      set(u, q, 0)
      set(lambda, q, 0)
    }
    for (let a = 0; a < members; a++) {
      const k = keptAt(a)
      const share = get(solution, a)
      set(lambda, k, max(0, share))
      for (let q = 0; q < r; q++) set(u, q, get(u, q) + share * get(W, k * r + q))
    }
    let violated = -1
    let deficit = 0.0
    for (let k = 0; k < r; k++) {
      let known = false
      for (let a = 0; a < members; a++) if (keptAt(a) === k) known = true
      if (known) continue
      const lack = get(H, k) - dot(at(W, k * r), u, r)
      if (lack > deficit) {
        violated = k
        deficit = lack
      }
    }
    if (violated < 0) break
    store<i32>(kept + (usize(members) << 2), violated)
    members++
  }
}

/** Solves (w_jᵀw_k) λ = H over the kept generators by Cholesky; false when they are numerically dependent. */
function solveGram(m: i32): bool {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      let total = get(gram, keptAt(i) * r + keptAt(j))
      for (let s = 0; s < j; s++) total -= get(factor, i * m + s) * get(factor, j * m + s)
      if (i === j) {
        if (!(total > 0)) return false
        set(factor, i * m + i, sqrt(total))
      } else set(factor, i * m + j, total / get(factor, j * m + j))
    }
    let rest = get(H, keptAt(i))
    for (let s = 0; s < i; s++) rest -= get(factor, i * m + s) * get(solution, s)
    set(solution, i, rest / get(factor, i * m + i))
  }
  for (let i = m - 1; i >= 0; i--) {
    let rest = get(solution, i)
    for (let s = i + 1; s < m; s++) rest -= get(factor, s * m + i) * get(solution, s)
    set(solution, i, rest / get(factor, i * m + i))
  }
  return true
}

/** The unit vector along Σ λ_k w_k, along w_1 where that is nothing, and ‖F‖ there. */
function evaluate(): void {
  let some = false
  for (let k = 0; k < r; k++) if (get(bestLambda, k) > 0) some = true
  if (!some) for (let k = 0; k < r; k++) set(bestLambda, k, k === 0 ? 1 : 0)
  for (let q = 0; q < r; q++) {
    let total = 0.0
    for (let k = 0; k < r; k++) total += get(bestLambda, k) * get(W, k * r + q)
    set(point, q, total)
  }
  const nothing = f64x2.splat(0)
  for (let a = 0; a < count; a += 2) {
    let s = nothing
    for (let k = 0; k < r; k++) {
      s = f64x2.add(s, f64x2.mul(v128.load64_splat(at(bestLambda, k)), pair(heights, k * stride + a)))
    }
    v128.store(at(excess, a), f64x2.pmax(nothing, s))
  }
  for (let p = 0; p < c; p++) {
    let sum = nothing
    for (let a = 0; a < count; a += 2) sum = f64x2.add(sum, f64x2.mul(pair(excess, a), pair(outputs, p * stride + a)))
    set(centre, p, dot(at(A, p * r), point, r) + lanes(sum))
  }
  const length = norm(point, r)
  set(answer, 2, norm(centre, c) / length)
  for (let q = 0; q < r; q++) set(point, q, get(point, q) / length)
}

/** cut.ts: fills `cutPoint` and the last answers; false when no cut makes progress. */
function chooseCut(depth: i32): bool {
  if (count <= fewPerDimension * r && hyperplaneCut()) return true
  for (let k = 0; k < r; k++) set(lengths, k, sqrt(quadratic(at(W, k * r))))
  if ((depth & 1) === 0 || !widestGap()) {
    if (!longestEdge()) return false
  }
  const from = i32(get(answer, 4))
  const to = i32(get(answer, 5))
  return cutAt(from, to, 1 / get(lengths, from), 1 / get(lengths, to))
}

function quadratic(x: usize): f64 {
  let total = 0.0
  for (let p = 0; p < r; p++) total += get(x, p) * dot(at(metric, p * r), x, r)
  return total
}

function setEdge(from: i32, to: i32): void {
  set(answer, 4, from)
  set(answer, 5, to)
}

function longestEdge(): bool {
  let longest = 0.0
  for (let j = 0; j < r; j++) {
    for (let k = 0; k < j; k++) {
      for (let q = 0; q < r; q++) {
        set(difference, q, get(W, j * r + q) / get(lengths, j) - get(W, k * r + q) / get(lengths, k))
      }
      const length = quadratic(difference)
      if (length > longest) {
        longest = length
        setEdge(j, k)
      }
    }
  }
  return longest > 0
}

/** The edge whose middle, as a new generator, lowers Σ_convex z_i·g Σ_k λ_k (x_iᵀw_k)₊ most. */
function widestGap(): bool {
  const nothing = f64x2.splat(0)
  let widest = 0.0
  for (let j = 0; j < r; j++) {
    for (let k = 0; k < j; k++) {
      const share = min(get(bestLambda, j) * get(lengths, j), get(bestLambda, k) * get(lengths, k))
      if (!(share > 0)) continue
      const left = f64x2.splat(1 / get(lengths, j))
      const right = f64x2.splat(1 / get(lengths, k))
      let gap = nothing
      for (let a = 0; a < count; a += 2) {
        const s = f64x2.mul(left, pair(heights, j * stride + a))
        const t = f64x2.mul(right, pair(heights, k * stride + a))
        const opposite = f64x2.lt(f64x2.mul(s, t), nothing)
        const gain = f64x2.mul(f64x2.pmax(nothing, pair(along, a)), f64x2.pmin(f64x2.abs(s), f64x2.abs(t)))
        gap = f64x2.add(gap, v128.and(opposite, gain))
      }
      const value = share * lanes(gap)
      if (value > widest) {
        widest = value
        setEdge(j, k)
      }
    }
  }
  return widest > 0
}

/** The edge with the largest opposite signs of the sample with the largest crossing mass, cut where that sample is zero. */
function hyperplaneCut(): bool {
  let chosen = -1
  let heaviest = 0.0
  for (let a = 0; a < count; a++) {
    let up = 0.0
    let down = 0.0
    for (let k = 0; k < r; k++) {
      const s = get(heights, k * stride + a)
      up = max(up, s)
      down = max(down, -s)
    }
    const mass = get(weight, a) * min(up, down)
    if (mass > heaviest) {
      heaviest = mass
      chosen = a
    }
  }
  if (chosen < 0) return false
  let high = 0
  let low = 0
  for (let k = 0; k < r; k++) {
    const s = get(heights, k * stride + chosen)
    if (s > get(heights, high * stride + chosen)) high = k
    if (s < get(heights, low * stride + chosen)) low = k
  }
  setEdge(high, low)
  return cutAt(high, low, -get(heights, low * stride + chosen), get(heights, high * stride + chosen))
}

/** The unit vector along a·w_from + b·w_to; false when it is one of the two at working precision. */
function cutAt(from: i32, to: i32, a: f64, b: f64): bool {
  for (let q = 0; q < r; q++) set(cutPoint, q, a * get(W, from * r + q) + b * get(W, to * r + q))
  const length = sqrt(dot(cutPoint, cutPoint, r))
  if (!(length > 0)) return false
  let moved = 0.0
  let left = 0.0
  for (let q = 0; q < r; q++) {
    const value = get(cutPoint, q) / length
    set(cutPoint, q, value)
    moved = max(moved, abs(value - get(W, from * r + q)))
    left = max(left, abs(value - get(W, to * r + q)))
  }
  return min(moved, left) > 4 * epsilon
}
