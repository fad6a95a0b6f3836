import { type Matrix, matrix } from './matrix.ts'
import { powerOfTwoNear } from './scale.ts'

/** A = V diag(values) Vᵀ. */
export interface Eigh {
  /** Ascending. */
  readonly values: Float64Array
  /** Orthonormal; column k belongs to `values[k]`. */
  readonly vectors: Matrix
}

/** Up to this order cyclic Jacobi is as fast as tridiagonalisation, and it keeps small eigenvalues of graded matrices. */
const jacobiLimit = 16

/**
 * Eigenvalues and eigenvectors of a symmetric A (n × n, only its lower triangle is read).
 *
 * Cyclic Jacobi for small n, otherwise Householder tridiagonalisation and the implicit QR iteration (Golub and Van
 * Loan, sections 8.5 and 8.3). Both are capped, so that nothing hangs; a matrix with NaN or Infinity gives NaN.
 * Throws RangeError when A is not square.
 */
export function eigh(a: Matrix): Eigh {
  const n = a.rows
  if (a.cols !== n) throw new RangeError(`eigh: the matrix must be square, got ${n} × ${a.cols}`)
  const scale = powerOfTwoNear(a.data)
  const finite = scale < Number.POSITIVE_INFINITY
  const A = new Float64Array(n * n)
  if (finite && scale > 0) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k <= i; k++) A[i * n + k] = A[k * n + i] = a.data[i * n + k] / scale
    }
  }
  const axes = identity(n)
  const values = n <= jacobiLimit ? jacobi(A, axes, n) : tridiagonalQr(A, axes, n)
  if (!finite) return { values: values.fill(Number.NaN), vectors: matrix(n, n, axes.fill(Number.NaN)) }
  return sorted(values, axes, scale)
}

/** Turns A into a diagonal by plane rotations, which are accumulated in the rows of `axes`. */
function jacobi(A: Float64Array, axes: Float64Array, n: number): Float64Array {
  for (let sweep = 0; sweep < 40; sweep++) {
    let rotated = false
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = A[p * n + q]
        const [app, aqq] = [A[p * n + p], A[q * n + q]]
        if (!(Math.abs(off) > negligible(app, aqq))) continue
        rotated = true
        const theta = (aqq - app) / (2 * off)
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const c = 1 / Math.sqrt(t * t + 1)
        const s = t * c
        for (let k = 0; k < n; k++) {
          const [x, y] = [A[p * n + k], A[q * n + k]]
          A[p * n + k] = A[k * n + p] = c * x - s * y
          A[q * n + k] = A[k * n + q] = s * x + c * y
        }
        A[p * n + p] = app - t * off
        A[q * n + q] = aqq + t * off
        A[p * n + q] = A[q * n + p] = 0
        rotate(axes, p, q, c, -s, n)
      }
    }
    if (!rotated) break
  }
  return Float64Array.from({ length: n }, (_, k) => A[k * n + k])
}

/** Relative to the two diagonal entries, so that graded matrices are resolved; A itself is of order one. */
function negligible(app: number, aqq: number): number {
  return 0.125 * Number.EPSILON * Math.sqrt(Math.abs(app * aqq)) + 1e-36
}

/** A = Qᵀ T Q with T tridiagonal, then the implicit QR iteration on T with Wilkinson's shift; `axes` receives the rows. */
function tridiagonalQr(A: Float64Array, axes: Float64Array, n: number): Float64Array {
  const { d, e, mirrors } = tridiagonalise(A, n)
  for (let k = mirrors.length - 1; k >= 0; k--) reflectRows(mirrors[k], k + 1, axes, n)
  let steps = 60 * n
  let high = n - 1
  while (high > 0 && steps > 0) {
    if (Math.abs(e[high - 1]) <= Number.EPSILON * (Math.abs(d[high - 1]) + Math.abs(d[high])) + 1e-36) {
      e[--high] = 0
      continue
    }
    let low = high - 1
    while (low > 0 && Math.abs(e[low - 1]) > Number.EPSILON * (Math.abs(d[low - 1]) + Math.abs(d[low])) + 1e-36) low--
    implicitQrStep(d, e, axes, low, high, n)
    steps--
  }
  return d
}

interface Tridiagonal {
  /** The diagonal. */
  readonly d: Float64Array
  /** The off-diagonal. */
  readonly e: Float64Array
  /** Householder vectors v_k with H_k = I − v_k v_kᵀ, zero up to entry k. */
  readonly mirrors: Float64Array[]
}

function tridiagonalise(A: Float64Array, n: number): Tridiagonal {
  const mirrors: Float64Array[] = []
  const e = new Float64Array(n)
  const w = new Float64Array(n)
  for (let k = 0; k < n - 1; k++) {
    const v = new Float64Array(n)
    mirrors.push(v)
    let square = 0
    for (let i = k + 1; i < n; i++) square += A[i * n + k] ** 2
    const size = Math.sqrt(square)
    const head = A[(k + 1) * n + k]
    e[k] = head < 0 ? size : -size
    if (!(size > 0)) continue
    const factor = 1 / Math.sqrt(1 + Math.abs(head) / size)
    for (let i = k + 1; i < n; i++) v[i] = (A[i * n + k] / size) * factor
    v[k + 1] += (head < 0 ? -1 : 1) * factor
    let half = 0
    for (let i = k + 1; i < n; i++) {
      let total = 0
      for (let q = k + 1; q < n; q++) total += A[i * n + q] * v[q]
      w[i] = total
      half += 0.5 * total * v[i]
    }
    for (let i = k + 1; i < n; i++) w[i] -= half * v[i]
    for (let i = k + 1; i < n; i++) {
      for (let q = k + 1; q < n; q++) A[i * n + q] -= v[i] * w[q] + w[i] * v[q]
    }
  }
  return { d: Float64Array.from({ length: n }, (_, k) => A[k * n + k]), e, mirrors }
}

/** axes ← axes (I − v vᵀ), row by row. */
function reflectRows(v: Float64Array, from: number, axes: Float64Array, n: number): void {
  for (let i = from; i < n; i++) {
    let along = 0
    for (let q = from; q < n; q++) along += axes[i * n + q] * v[q]
    for (let q = from; q < n; q++) axes[i * n + q] -= along * v[q]
  }
}

/** One sweep of chasing the bulge from `low` to `high` (Golub and Van Loan, Algorithm 8.3.2). */
function implicitQrStep(
  d: Float64Array,
  e: Float64Array,
  axes: Float64Array,
  low: number,
  high: number,
  n: number,
): void {
  const last = e[high - 1]
  const delta = (d[high - 1] - d[high]) / 2
  const root = Math.sqrt(delta * delta + last * last)
  let x = d[low] - d[high] + (last / (delta < 0 ? delta - root : delta + root)) * last
  let z = e[low]
  for (let k = low; k < high; k++) {
    const r = Math.sqrt(x * x + z * z)
    const c = r > 0 ? x / r : 1
    const s = r > 0 ? z / r : 0
    if (k > low) e[k - 1] = r
    const [dk, ek, dn] = [d[k], e[k], d[k + 1]]
    d[k] = c * (c * dk + s * ek) + s * (c * ek + s * dn)
    d[k + 1] = s * (s * dk - c * ek) - c * (s * ek - c * dn)
    e[k] = c * (c * ek - s * dk) + s * (c * dn - s * ek)
    if (k < high - 1) {
      x = e[k]
      z = s * e[k + 1]
      e[k + 1] *= c
    }
    rotate(axes, k, k + 1, c, s, n)
  }
}

/** Rows p and q become c·p + s·q and c·q − s·p. */
function rotate(rows: Float64Array, p: number, q: number, c: number, s: number, n: number): void {
  for (let k = 0; k < n; k++) {
    const x = rows[p * n + k]
    const y = rows[q * n + k]
    rows[p * n + k] = c * x + s * y
    rows[q * n + k] = c * y - s * x
  }
}

function identity(n: number): Float64Array {
  const out = new Float64Array(n * n)
  for (let k = 0; k < n; k++) out[k * n + k] = 1
  return out
}

function sorted(values: Float64Array, axes: Float64Array, scale: number): Eigh {
  const n = values.length
  const order = Array.from(values.keys()).sort((i, k) => values[i] - values[k])
  const vectors = matrix(n, n)
  order.forEach((from, k) => {
    for (let i = 0; i < n; i++) vectors.data[i * n + k] = axes[from * n + i]
  })
  return { values: Float64Array.from(order, (k) => values[k] * (scale || 1)), vectors }
}
