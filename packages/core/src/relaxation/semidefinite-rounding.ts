import { defaultBackend } from '../linalg/backend/registry.ts'
import { choleskyInto, choleskySolveInto } from '../linalg/cholesky.ts'
import { dot, type Matrix, matrix, multiplyTransposed, row, transpose } from '../linalg/matrix.ts'
import { balance, network, type Network, objective } from '../network.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { gaussian, seededRandom } from '../random.ts'
import { lift } from '../reduction.ts'

/** Eigenvalues of Θ below this share of the largest are what the conic method leaves of zero. */
const negligible = 1e-9

/**
 * The u-parts of the eigenvectors of Θ, leading ones first, each with its opposite: where Θ is the Θ of one network of few
 * neurons they span them. Directions for a master to weight, in reduced coordinates.
 */
export function leadingDirections(problem: Problem, theta: Matrix, count: number): Float64Array[] {
  const { columns, offset, rank } = factored(problem, theta, Math.ceil(count / 2))
  const directions: Float64Array[] = []
  for (let k = 0; k < columns.rows; k++) {
    const u = row(columns, k).slice(offset, offset + rank)
    directions.push(u, u.map((value) => -value)) // biome-ignore format: a pair
  }
  return directions.slice(0, count)
}

/** The u-parts of λ ~ N(0, Θ), as in the rounding of Goemans and Williamson (J. ACM 42, 1995). */
export function sampledDirections(problem: Problem, theta: Matrix, count: number, seed: number): Float64Array[] {
  const { columns, offset, rank } = factored(problem, theta, theta.rows)
  const next = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const u = new Float64Array(rank)
    for (let k = 0; k < columns.rows; k++) {
      const weight = gaussian(next)
      for (let q = 0; q < rank; q++) u[q] += weight * columns.data[k * columns.cols + offset + q]
    }
    return u
  })
}

export interface SplittingOptions {
  /** Steps η to the norm of the lifted matrix: η = step / ‖Λ‖_F. */
  readonly step?: number
  readonly iterations?: number
  /** Columns of W at most: neurons. */
  readonly maxNeurons?: number
  /** Iterations from one network that is answered to the next. */
  readonly every?: number
  readonly pacer?: Pacer
}

export interface RoundedNetwork {
  readonly iteration: number
  /** Balanced. */
  readonly network: Network
}

/**
 * Networks rounded from Θ by the three-operator splitting of Prakhya, Birdal, Yurtsever (ICLR 2025): Θ is lifted to the Λ of
 * their program, over λ = (α, γ, u, v) with α = γ + Xu, and
 *
 *     min ½‖WWᵀ − Λ‖²_F   over W with α − γ = Xu in each column, and in each of them α, γ ≥ 0 with α_iγ_i = 0
 *
 * is approached, from W = U√S of the eigenvalues of Λ, by W ← P(Z), V ← P±(2W − Z − 2η(WWᵀW − ΛW)), Z ← Z − W + V. Each column
 * (u, v) of W is a neuron. The second set is not convex, nothing is promised, and a network is no more than a start: what it
 * is worth is its objective. Ends early where numbers overflow.
 */
export async function* splittingRounds(
  problem: Problem,
  theta: Matrix,
  { step = 0.75, iterations = 1000, maxNeurons = 300, every = 50, pacer = createPacer() }: SplittingOptions = {},
): AsyncGenerator<RoundedNetwork> {
  const backend = defaultBackend()
  const n = problem.Y.rows
  const F = lifted(problem, factored(problem, theta, maxNeurons).columns)
  const eta = step / frobenius(backend.gemmTransposed(F, F))
  if (!(eta > 0 && eta < Number.POSITIVE_INFINITY)) return
  const project = ontoModel(problem.reduction.Xr)
  const Z = matrix(F.rows, F.cols, F.data.slice())
  for (let iteration = 1; iteration <= iterations && !pacer.expired(); iteration++) {
    const turn = pacer.breathe()
    if (turn) await turn
    const W = project(Z)
    const fromW = backend.gemm(W, backend.gemmTransposed(W, W))
    const fromF = backend.gemm(F, backend.gemmTransposed(F, W))
    const V = W.data.map((w, k) => 2 * w - Z.data[k] - 2 * eta * (fromW.data[k] - fromF.data[k]))
    complementary(V, n * F.cols)
    for (let k = 0; k < V.length; k++) Z.data[k] += V[k] - W.data[k]
    if (!Number.isFinite(Z.data[0])) return
    if (iteration % every === 0 || iteration === iterations)
      yield { iteration, network: networkOf(problem, project(Z)) }
  }
}

/** The network of least objective on the way: a choice by the training data alone. Null where Θ has no positive part. */
export async function roundBySplitting(
  problem: Problem,
  theta: Matrix,
  options: SplittingOptions = {},
): Promise<RoundedNetwork | null> {
  let best: { readonly value: number; readonly round: RoundedNetwork } | null = null
  for await (const round of splittingRounds(problem, theta, options)) {
    const value = objective(problem, round.network)
    if (value < (best?.value ?? Number.POSITIVE_INFINITY)) best = { value, round }
  }
  return best?.round ?? null
}

interface Factors {
  /** One row √s_k q_k for each eigenvalue kept, leading ones first, over (γ, u, v). */
  readonly columns: Matrix
  /** Where u begins, and its length. */
  readonly offset: number
  readonly rank: number
}

/** The sign of an eigenvector is nobody's choice: that is taken for which α + γ has a positive sum, as in a network. */
function factored({ Y, reduction }: Problem, theta: Matrix, most: number): Factors {
  const [n, order] = [Y.rows, theta.rows]
  const { values, vectors } = defaultBackend().eigh(theta)
  const largest = values[order - 1]
  const kept = values.filter((value) => value > negligible * largest).length
  const columns = matrix(Math.min(kept, most), order)
  for (let k = 0; k < columns.rows; k++) {
    const at = order - 1 - k
    const target = row(columns, k)
    for (let i = 0; i < order; i++) target[i] = Math.sqrt(values[at]) * vectors.data[i * order + at]
    if (signOf(target, reduction.Xr, n) < 0) for (let i = 0; i < order; i++) target[i] = -target[i]
  }
  return { columns, offset: n, rank: reduction.rank }
}

function signOf(column: Float64Array, X: Matrix, n: number): number {
  const u = column.subarray(n, n + X.cols)
  let total = 0
  for (let i = 0; i < n; i++) total += 2 * column[i] + dot(row(X, i), u)
  return total
}

/** The factors of Θ as columns over (α, γ, u, v). */
function lifted({ reduction: { Xr }, Y }: Problem, factors: Matrix): Matrix {
  const [n, r, c, R] = [Y.rows, Xr.cols, Y.cols, factors.rows]
  const out = matrix(2 * n + r + c, R)
  for (let k = 0; k < R; k++) {
    const column = row(factors, k)
    const u = column.subarray(n, n + r)
    for (let i = 0; i < n; i++) {
      out.data[i * R + k] = column[i] + dot(row(Xr, i), u)
      out.data[(n + i) * R + k] = column[i]
    }
    for (let q = n; q < column.length; q++) out.data[(n + q) * R + k] = column[q]
  }
  return out
}

/**
 * Projects columns onto the null space of M = [−I, I, X, 0]: w − Mᵀ(MMᵀ)⁻¹Mw, where MMᵀ = 2I + XXᵀ, whose inverse is
 * ½(I − X(2I + XᵀX)⁻¹Xᵀ).
 */
function ontoModel(X: Matrix): (Z: Matrix) => Matrix {
  const backend = defaultBackend()
  const [n, r] = [X.rows, X.cols]
  const S = multiplyTransposed(X, X)
  for (let k = 0; k < r; k++) S.data[k * (r + 1)] += 2
  const L = new Float64Array(r * r)
  choleskyInto(S, L)
  return (Z) => {
    const R = Z.cols
    const block = (first: number, rows: number): Matrix =>
      matrix(rows, R, Z.data.subarray(first * R, (first + rows) * R))
    const missed = backend.gemm(X, block(2 * n, r))
    for (let k = 0; k < n * R; k++) missed.data[k] += Z.data[n * R + k] - Z.data[k]
    const inner = transpose(backend.gemmTransposed(X, missed))
    for (let k = 0; k < R; k++) choleskySolveInto(L, r, row(inner, k), row(inner, k))
    const give = backend.gemm(X, transpose(inner))
    for (let k = 0; k < n * R; k++) give.data[k] = (missed.data[k] - give.data[k]) / 2
    const out = matrix(Z.rows, R, Z.data.slice())
    const back = backend.gemmTransposed(X, give)
    for (let k = 0; k < n * R; k++) {
      out.data[k] += give.data[k]
      out.data[n * R + k] -= give.data[k]
    }
    for (let k = 0; k < r * R; k++) out.data[2 * n * R + k] -= back.data[k]
    return out
  }
}

/** Of each pair (α_i, γ_i) the larger if it is positive, and zero. */
function complementary(V: Float64Array, half: number): void {
  for (let k = 0; k < half; k++) {
    const [a, b] = [V[k], V[half + k]]
    V[k] = a >= b ? Math.max(0, a) : 0
    V[half + k] = a >= b ? 0 : Math.max(0, b)
  }
}

function networkOf(problem: Problem, W: Matrix): Network {
  const { X, Y, reduction } = problem
  const columns = transpose(W)
  const first = 2 * Y.rows
  const neurons = Array.from({ length: W.cols }, (_, k) => {
    const column = row(columns, k)
    const middle = first + reduction.rank
    return { u: lift(reduction, column.slice(first, middle)), v: column.slice(middle) }
  })
  return balance(network(X.cols, Y.cols, neurons))
}

function frobenius(a: Matrix): number {
  return Math.sqrt(dot(a.data, a.data))
}
