import { InvalidProblemError } from '../errors.ts'
import { defaultBackend } from '../linalg/backend/registry.ts'
import { choleskySolveInto } from '../linalg/cholesky.ts'
import { indexOfLargest, type Matrix, matrix, row, transpose } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'

/** `nngp`: the prior of a wide random network; `ntk`: the kernel that its gradient descent follows. */
export type NetworkKernel = 'nngp' | 'ntk'

/** f(x) = Σ_i k(x, x_i) w_i: the mean of a Gaussian process, or kernel ridge regression. */
export interface KernelModel {
  readonly kernel: NetworkKernel
  /** n × d, the samples it was fitted to. */
  readonly X: Matrix
  /** n × c. */
  readonly weights: Matrix
  /** What was added to the diagonal: g times the mean of the diagonal. */
  readonly ridge: number
}

export interface KernelModelOptions {
  readonly kernel?: NetworkKernel
  /** g ≥ 0, relative to the mean of diag K. */
  readonly relativeRidge?: number
}

/**
 * The kernel matrix (m × n) of the infinitely wide two-layer ReLU network without biases, between rows of A and of B:
 *
 *     K⁰ = ⟨a, b⟩/d,   NNGP = √(K⁰_aa K⁰_bb) (sin θ + (π − θ) cos θ)/(2π),   NTK = NNGP + K⁰ (π − θ)/(2π),
 *
 * with θ the angle between a and b: E[(wᵀa)₊(wᵀb)₊] for w ~ N(0, I/d), and with it what training the first layer adds. (Cho and Saul,
 * "Kernel methods for deep learning", NIPS 2009, equation (6), first order; Jacot, Gabriel, Hongler, "Neural tangent kernel", NeurIPS 2018.)
 *
 * @throws InvalidProblemError when A and B have different numbers of columns.
 */
export function networkKernel(kernel: NetworkKernel, A: Matrix, B: Matrix): Matrix {
  if (A.cols !== B.cols) {
    throw new InvalidProblemError(
      `networkKernel: both sets of samples must have equally many columns, got ${A.cols} and ${B.cols}`,
    )
  }
  const [left, right] = [directionsOf(A), directionsOf(B)]
  const out = defaultBackend().gemm(left.units, transpose(right.units))
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < B.rows; j++) {
      const at = i * B.rows + j
      const same = A === B && i === j
      const theta = same ? 0 : angle(row(left.units, i), row(right.units, j))
      const cosine = same ? 1 : out.data[at]
      const away = (Math.PI - theta) / (2 * Math.PI)
      const expected = Math.sin(theta) / (2 * Math.PI) + away * cosine
      const share = kernel === 'ntk' ? expected + away * cosine : expected
      out.data[at] = ((left.sizes[i] * right.sizes[j]) / A.cols) * share
    }
  }
  return out
}

/**
 * Fits the mean of a Gaussian process to targets (n × c), one of them a column: (K + g · mean(diag K) · I) w = Y.
 *
 * The comparison models of Prakhya, Birdal, Yurtsever (ICLR 2025), section 5: on one-hot targets, `argmax` classifies.
 *
 * @throws InvalidProblemError for shapes that do not match, numbers that are not finite, a ridge that is negative, and a
 *   kernel matrix that is singular to rounding.
 */
export function fitKernelModel(
  X: Matrix,
  Y: Matrix,
  { kernel = 'nngp', relativeRidge = 0.01 }: KernelModelOptions = {},
): KernelModel {
  const n = X.rows
  requireFitting(X, Y, relativeRidge)
  const K = networkKernel(kernel, X, X)
  let trace = 0
  for (let i = 0; i < n; i++) trace += K.data[i * n + i]
  const ridge = (relativeRidge * trace) / n
  for (let i = 0; i < n; i++) K.data[i * n + i] += ridge
  const L = defaultBackend().cholesky(K)
  if (!L) {
    throw new InvalidProblemError(
      `fitKernelModel: the kernel matrix must be positive definite, got one that is singular to rounding; raise relativeRidge (${relativeRidge}), or remove zero and parallel rows`,
    )
  }
  const columns = transpose(Y)
  for (let k = 0; k < Y.cols; k++) choleskySolveInto(L.data, n, row(columns, k), row(columns, k))
  return { kernel, X: matrix(n, X.cols, X.data.slice()), weights: transpose(columns), ridge }
}

/** f at the rows of X (m × d): m × c. Throws InvalidProblemError when X has not as many columns as the samples fitted. */
export function predictKernelModel({ kernel, X: samples, weights }: KernelModel, X: Matrix): Matrix {
  return defaultBackend().gemm(networkKernel(kernel, X, samples), weights)
}

/** The column of the largest entry of each row, the first of equals: a class, of outputs fitted to one-hot targets. */
export function argmax(F: Matrix): Int32Array {
  return Int32Array.from({ length: F.rows }, (_, i) => indexOfLargest(row(F, i)))
}

/** The share of rows whose largest output is that of the class given, an index. */
export function accuracy(F: Matrix, classes: ArrayLike<number>): number {
  if (classes.length !== F.rows) {
    throw new InvalidProblemError(`accuracy: a class for each of ${F.rows} rows is needed, got ${classes.length}`)
  }
  return argmax(F).filter((label, i) => label === classes[i]).length / F.rows
}

function requireFitting(X: Matrix, Y: Matrix, relativeRidge: number): void {
  if (X.rows !== Y.rows || X.rows === 0) {
    throw new InvalidProblemError(
      `fitKernelModel: X and Y must have equally many rows, at least one, got ${X.rows} and ${Y.rows}`,
    )
  }
  if (!(relativeRidge >= 0 && relativeRidge < Number.POSITIVE_INFINITY)) {
    throw new InvalidProblemError(`fitKernelModel: relativeRidge must be finite and at least 0, got ${relativeRidge}`)
  }
  for (const [name, { data }] of Object.entries({ X, Y })) {
    const strange = data.find((value) => !Number.isFinite(value))
    if (strange !== undefined) throw new InvalidProblemError(`fitKernelModel: ${name} must be finite, got ${strange}`)
  }
}

interface Directions {
  readonly units: Matrix
  readonly sizes: Float64Array
}

function directionsOf(a: Matrix): Directions {
  const sizes = Float64Array.from({ length: a.rows }, (_, i) => norm2(row(a, i)))
  const data = a.data.map((value, k) => value / (sizes[Math.floor(k / a.cols)] || 1))
  return { units: matrix(a.rows, a.cols, data), sizes }
}

/** 2 atan2(‖a − b‖, ‖a + b‖) of unit vectors: accurate where the cosine is near ±1 and its arccosine is not (Kahan). */
function angle(a: Float64Array, b: Float64Array): number {
  let [apart, together] = [0, 0]
  for (let k = 0; k < a.length; k++) {
    apart += (a[k] - b[k]) ** 2
    together += (a[k] + b[k]) ** 2
  }
  return 2 * Math.atan2(Math.sqrt(apart), Math.sqrt(together))
}
