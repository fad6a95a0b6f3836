import { defaultBackend, gaussian, type Matrix, matrix, seededRandom } from '@relucent/core'
import { cpuSeconds } from '../cpu-pacer.ts'
import { LimitedMemory } from '../internals.ts'

/**
 * (20) by an augmented Lagrangian on factors, S = AAᵀ with A of order n, and L-BFGS for each N: what the alternating directions
 * were compared with. Its gap is worked out in floats: nothing here is proven.
 */
export function factoredLagrangian(
  given: Matrix,
  beta: number,
  { seed, tolerance, seconds }: { seed: number; tolerance: number; seconds: number },
): { value: number; gap: number; seconds: number } {
  const start = cpuSeconds()
  const Y = rotated(given)
  const n = Y.rows
  const random = seededRandom(seed)
  const N = matrix(n, n)
  const size = Math.sqrt(dot(Y.data, Y.data) / n) / beta
  let A = Float64Array.from({ length: n * n }, () => Math.sqrt(size) * 0.1 * gaussian(random))
  let sigma = (beta * beta * n) / size
  let [value, bound] = [Number.POSITIVE_INFINITY, 0]
  for (let round = 1; cpuSeconds() - start < seconds; round++) {
    const f = (a: Float64Array): Evaluated => augmented(a, Y, beta, N, sigma)
    A = lbfgs(f, A, seconds - (cpuSeconds() - start))
    const { S } = f(A)
    for (let k = 0; k < n * n; k++) N.data[k] = Math.max(0, N.data[k] - sigma * S.data[k])
    const judged = judge(Y, beta, S, N)
    value = Math.min(value, judged.value)
    bound = Math.max(bound, judged.bound)
    if (value - bound <= tolerance * value) break
    if (round % 3 === 0) sigma *= 2
  }
  return { value, gap: (value - bound) / value, seconds: cpuSeconds() - start }
}

interface Evaluated {
  readonly value: number
  readonly gradient: Float64Array
  readonly S: Matrix
}

/** ½ tr(Yᵀ(I + 2S)⁻¹Y) + β² tr S + Σ ((N − σS)₊² − N²)/(2σ) at S = AAᵀ. */
function augmented(A: Float64Array, Y: Matrix, beta: number, N: Matrix, sigma: number): Evaluated {
  const backend = defaultBackend()
  const n = Y.rows
  const S = backend.gram(transposed(matrix(n, n, A)))
  const Z = shrunk(S, Y)
  const slope = backend.gram(transposed(Z))
  let value = dot(Z.data, Y.data) / 2
  for (let k = 0; k < n * n; k++) {
    const pushed = Math.max(0, N.data[k] - sigma * S.data[k])
    value += (pushed ** 2 - N.data[k] ** 2) / (2 * sigma)
    slope.data[k] = -slope.data[k] - pushed
  }
  for (let i = 0; i < n; i++) {
    value += beta ** 2 * S.data[i * (n + 1)]
    slope.data[i * (n + 1)] += beta ** 2
  }
  const gradient = backend.gemm(slope, matrix(n, n, A)).data.map((entry) => 2 * entry)
  return { value, gradient, S }
}

const memory = 15

function lbfgs(f: (a: Float64Array) => Evaluated, start: Float64Array, seconds: number): Float64Array<ArrayBuffer> {
  const began = cpuSeconds()
  const curvature = new LimitedMemory(memory)
  let A = start.slice()
  let at = f(A)
  for (let step = 0; step < 500 && cpuSeconds() - began < seconds; step++) {
    const direction = curvature.direction(at.gradient)
    if (curvature.empty) {
      const scale = 1e-2 / Math.sqrt(dot(at.gradient, at.gradient))
      for (let k = 0; k < direction.length; k++) direction[k] *= scale
    }
    const slope = dot(at.gradient, direction)
    let length = 1
    let next = f(moved(A, length, direction))
    while (next.value > at.value + 1e-4 * length * slope && length > 1e-6) {
      length /= 2
      next = f(moved(A, length, direction))
    }
    if (!(next.value < at.value)) break
    curvature.remember(
      direction.map((entry) => length * entry),
      next.gradient.map((entry, k) => entry - at.gradient[k]),
    )
    const flat = at.value - next.value < 1e-9 * at.value
    A = moved(A, length, direction)
    at = next
    if (flat) break
  }
  return A
}

/** Entries below 0 are set to 0 and −λmin is added to the diagonal; the dual point is scaled by λmax(ZZᵀ + N). */
function judge(Y: Matrix, beta: number, given: Matrix, N: Matrix): { value: number; bound: number } {
  const backend = defaultBackend()
  const n = Y.rows
  const S = matrix(
    n,
    n,
    given.data.map((entry) => Math.max(0, entry)),
  )
  const shift = Math.max(0, -backend.eigh(S).values[0])
  let trace = 0
  for (let i = 0; i < n; i++) trace += S.data[i * (n + 1)] += shift
  const Z = shrunk(S, Y)
  const G = backend.gram(transposed(Z))
  for (let k = 0; k < n * n; k++) G.data[k] += N.data[k]
  const top = Math.sqrt(backend.eigh(G).values[n - 1])
  const [along, square] = [dot(Z.data, Y.data), dot(Z.data, Z.data)]
  const tau = Math.min(beta / top, along / square)
  return { value: along / 2 + beta ** 2 * trace, bound: tau * along - (tau * tau * square) / 2 }
}

/** (I + 2S)⁻¹Y by eigenvalues. */
function shrunk(S: Matrix, Y: Matrix): Matrix {
  const backend = defaultBackend()
  const { values, vectors } = backend.eigh(S)
  const inner = backend.gemmTransposed(vectors, Y)
  for (let k = 0; k < inner.data.length; k++) inner.data[k] /= 1 + 2 * values[Math.floor(k / inner.cols)]
  return backend.gemm(vectors, inner)
}

/** Y Q, n × n, for an orthogonal Q. */
function rotated(Y: Matrix): Matrix {
  const { values, vectors } = defaultBackend().eigh(defaultBackend().gram(transposed(Y)))
  return matrix(
    Y.rows,
    Y.rows,
    vectors.data.map((entry, k) => entry * Math.sqrt(Math.max(0, values[k % Y.rows]))),
  )
}

function moved(A: Float64Array, length: number, direction: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(A, (entry, k) => entry + length * direction[k])
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0
  for (let k = 0; k < a.length; k++) total += a[k] * b[k]
  return total
}

function transposed(a: Matrix): Matrix {
  const out = matrix(a.cols, a.rows)
  for (let i = 0; i < a.rows; i++) for (let k = 0; k < a.cols; k++) out.data[k * a.rows + i] = a.data[i * a.cols + k]
  return out
}
