import { mark, release, workspace } from '../memory'
import { madd } from './simd'

// Panels of A and B are packed so that the inner loop reads both in order, in blocks that stay in the caches (Goto and
// van de Geijn, "Anatomy of high-performance matrix multiplication", ACM Trans. Math. Softw. 34, 2008).

/** Rows of the tile kept in registers; it is two vectors wide: 8 sums, 2 of B and 1 of A of the 16 registers there are. */
const tall = 4
/** A tile's panels of A and B stay in the first cache, */
const depth = 384
/** a block of A in the second, */
const height = 96
/** and a block of B in the third. */
const width = 2048

/** Only tiles that touch the lower triangle are computed. */
export const lowerOnly = 1
/** C += instead of C =. */
export const accumulate = 2

/** See `gemm`; sizes and strides count numbers of type T. */
export function product<T>(
  m: i32,
  n: i32,
  k: i32,
  alpha: T,
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
  if (k === 0 && !(flags & accumulate)) clear<T>(m, n, c, ldc, rows)
  const start = mark()
  const wide = broad<T>()
  const most = min(k, depth)
  const panelA = workspace(bytes<T>(most * roundUp(min(m, height), tall)))
  const panelB = workspace(bytes<T>(most * roundUp(min(n, width), wide)))
  const corner = workspace(tall * 32)
  for (let jc = 0; jc < n; jc += width) {
    const nc = min(width, n - jc)
    for (let pc = 0; pc < k; pc += depth) {
      const kc = min(depth, k - pc)
      pack<T>(panelB, nc, kc, b + bytes<T>(pc * bRow + jc * bCol), bCol, bRow, 0, 0, wide)
      const add = pc > 0 || (flags & accumulate) !== 0
      for (let ic = 0; ic < m; ic += height) {
        const mc = min(height, m - ic)
        if (flags & lowerOnly && ic + mc <= jc) continue
        pack<T>(panelA, mc, kc, a + bytes<T>(pc * aCol), aRow, aCol, ic, rows, tall)
        for (let j = jc; j < jc + nc; j += wide) {
          const partB = panelB + bytes<T>((j - jc) * kc)
          for (let i = ic; i < ic + mc; i += tall) {
            if (flags & lowerOnly && i + tall <= j) continue
            const partA = panelA + bytes<T>((i - ic) * kc)
            if (m - i >= tall && n - j >= wide) {
              const to = c + bytes<T>(j)
              const c0 = to + bytes<T>(line(rows, i) * ldc)
              const c1 = to + bytes<T>(line(rows, i + 1) * ldc)
              const c2 = to + bytes<T>(line(rows, i + 2) * ldc)
              const c3 = to + bytes<T>(line(rows, i + 3) * ldc)
              multiplyTile<T>(kc, alpha, partA, partB, c0, c1, c2, c3, add)
            } else {
              multiplyTile<T>(kc, alpha, partA, partB, corner, corner + 32, corner + 64, corner + 96, false)
              for (let r = 0; r < min(tall, m - i); r++) {
                for (let q = 0; q < min(wide, n - j); q++) {
                  const to = c + bytes<T>(line(rows, i + r) * ldc + j + q)
                  const value = load<T>(corner + bytes<T>(r * wide + q))
                  store<T>(to, add ? <T>(load<T>(to) + value) : value)
                }
              }
            }
          }
        }
      }
    }
  }
  release(start)
}

/** Columns of the tile. */
function broad<T>(): i32 {
  return 32 / sizeof<T>()
}

function bytes<T>(count: i32): usize {
  return usize(count) * sizeof<T>()
}

function line(rows: usize, i: i32): i32 {
  return rows ? load<i32>(rows + (usize(i) << 2)) : i
}

function roundUp(count: i32, to: i32): i32 {
  return (count + to - 1) & ~(to - 1)
}

function clear<T>(m: i32, n: i32, c: usize, ldc: i32, rows: usize): void {
  for (let i = 0; i < m; i++) memory.fill(c + bytes<T>(line(rows, i) * ldc), 0, bytes<T>(n))
}

/** Panels of `group` lines, entry by entry side by side; lines that are missing from the last one are zeros. */
function pack<T>(
  to: usize,
  lines: i32,
  length: i32,
  from: usize,
  across: i32,
  along: i32,
  first: i32,
  rows: usize,
  group: i32,
): void {
  const step = bytes<T>(along)
  const stride = bytes<T>(group)
  for (let i = 0; i < lines; i += 4) {
    const put = to + bytes<T>(i - (i % group)) * length + bytes<T>(i % group)
    if (lines - i >= 4) {
      let f0 = from + bytes<T>(line(rows, first + i) * across)
      let f1 = from + bytes<T>(line(rows, first + i + 1) * across)
      let f2 = from + bytes<T>(line(rows, first + i + 2) * across)
      let f3 = from + bytes<T>(line(rows, first + i + 3) * across)
      let target = put
      for (let p = 0; p < length; p++) {
        store<T>(target, load<T>(f0))
        store<T>(target, load<T>(f1), sizeof<T>())
        store<T>(target, load<T>(f2), 2 * sizeof<T>())
        store<T>(target, load<T>(f3), 3 * sizeof<T>())
        f0 += step
        f1 += step
        f2 += step
        f3 += step
        target += stride
      }
    } else {
      for (let r = 0; r < 4; r++) {
        let f = r < lines - i ? from + bytes<T>(line(rows, first + i + r) * across) : 0
        let target = put + bytes<T>(r)
        for (let p = 0; p < length; p++) {
          store<T>(target, f ? load<T>(f) : <T>0)
          if (f) f += step
          target += stride
        }
      }
    }
  }
  for (let i = roundUp(lines, 4); i < roundUp(lines, group); i++) {
    let target = to + bytes<T>(i - (i % group)) * length + bytes<T>(i % group)
    for (let p = 0; p < length; p++) {
      store<T>(target, <T>0)
      target += stride
    }
  }
}

function multiplyTile<T>(
  k: i32,
  alpha: T,
  a: usize,
  b: usize,
  c0: usize,
  c1: usize,
  c2: usize,
  c3: usize,
  add: bool,
): void {
  let s00 = v128.splat<T>(0)
  let s01 = s00
  let s10 = s00
  let s11 = s00
  let s20 = s00
  let s21 = s00
  let s30 = s00
  let s31 = s00
  const end = a + bytes<T>(k * tall)
  while (a < end) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    const a0 = v128.load_splat<T>(a)
    s00 = madd<T>(a0, b0, s00)
    s01 = madd<T>(a0, b1, s01)
    const a1 = v128.load_splat<T>(a, sizeof<T>())
    s10 = madd<T>(a1, b0, s10)
    s11 = madd<T>(a1, b1, s11)
    const a2 = v128.load_splat<T>(a, 2 * sizeof<T>())
    s20 = madd<T>(a2, b0, s20)
    s21 = madd<T>(a2, b1, s21)
    const a3 = v128.load_splat<T>(a, 3 * sizeof<T>())
    s30 = madd<T>(a3, b0, s30)
    s31 = madd<T>(a3, b1, s31)
    a += tall * sizeof<T>()
    b += 32
  }
  const scale = v128.splat<T>(alpha)
  put<T>(c0, scale, s00, s01, add)
  put<T>(c1, scale, s10, s11, add)
  put<T>(c2, scale, s20, s21, add)
  put<T>(c3, scale, s30, s31, add)
}

function put<T>(c: usize, scale: v128, left: v128, right: v128, add: bool): void {
  left = v128.mul<T>(scale, left)
  right = v128.mul<T>(scale, right)
  v128.store(c, add ? v128.add<T>(v128.load(c), left) : left)
  v128.store(c, add ? v128.add<T>(v128.load(c, 16), right) : right, 16)
}
