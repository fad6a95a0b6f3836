import { defaultBackend } from '../linalg/backend/registry.ts'
import { dot, type Matrix, matrix, row, transpose } from '../linalg/matrix.ts'
import { balance, network, type Network, objective } from '../network.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { gaussian, type Random, seededRandom } from '../random.ts'
import { reducedTargets, requireOrthonormalRows } from './orthonormal-rows.ts'
import { requirePlainProblem } from './plain-problem.ts'
import { shrunk } from './spike-free-bound.ts'
import type { SpikeFreeValue } from './spike-free.ts'

export interface SpikeFreeNetworkOptions {
  /** Of the network that is improved; those that end at zero are dropped. Twice the samples by default. */
  readonly neurons?: number
  readonly maxSteps?: number
  /** For the neurons beyond n, which start near zero. */
  readonly random?: Random
  readonly pacer?: Pacer
}

export interface SpikeFreeNetwork {
  readonly network: Network
  /** Attained by the network: above the optimum of all networks, which is above `lowerBound`. */
  readonly objective: number
  readonly steps: number
}

/**
 * A network near a solution S of (20), made better where it is.
 *
 * On orthonormal rows a network is any nonnegative W (n × m): u_j = Xᵀw_j has (Xu_j)₊ = w_j, and nothing shorter has.
 * With the best output weights, v_j = Zᵀw_j/β, its objective is
 *
 *     ½ tr(Yᵀ(I + WWᵀ/β)⁻¹Y) + β/2 ‖W‖²,
 *
 * which is (20) at 2βS = WWᵀ. So W starts from the positive part of (2βS)^½, and projected gradients with spectral steps
 * (Birgin, Martínez, Raydan, "Nonmonotone spectral projected gradient methods on convex sets", SIAM J. Optim. 10, 2000)
 * lower that objective, which is not convex in W: the network is an upper bound, certified by `lowerBound` alone.
 *
 * @throws UnsupportedProblemError when the rows of X are not orthonormal, and for what `spikeFreeValue` does not take.
 * @throws RangeError for a number of neurons that is none, and for an S of another problem.
 */
export async function spikeFreeNetwork(
  problem: Problem,
  { S }: Pick<SpikeFreeValue, 'S'>,
  {
    neurons = 2 * S.rows,
    maxSteps = 400,
    random = seededRandom(0),
    pacer = createPacer(),
  }: SpikeFreeNetworkOptions = {},
): Promise<SpikeFreeNetwork> {
  requirePlainProblem('spikeFreeNetwork', problem)
  requireOrthonormalRows('spikeFreeNetwork', problem.X)
  if (!(Number.isSafeInteger(neurons) && neurons >= 1)) {
    throw new RangeError(`spikeFreeNetwork: neurons must be a whole number of at least 1, got ${neurons}`)
  }
  if (S.rows !== problem.X.rows || S.cols !== S.rows) {
    throw new RangeError(
      `spikeFreeNetwork: S must be ${problem.X.rows} × ${problem.X.rows}, one row a sample, got ${S.rows} × ${S.cols}`,
    )
  }
  const { X, Y, beta } = problem
  const { W, steps } = await improved(factorOf(S, beta, neurons, random), reducedTargets(Y), beta, maxSteps, pacer)
  const found = networkOf(X, Y, beta, W)
  return { network: found, objective: objective(problem, found), steps }
}

/** How large the neurons beyond n start, as a share of the others: a zero one would stay zero. */
const spare = 0.1

/** The positive part of (2βS)^½, and spare columns; or as many of its columns as there are neurons. */
function factorOf(S: Matrix, beta: number, neurons: number, random: Random): Matrix {
  const n = S.rows
  const root = squareRoot(S)
  const W = matrix(n, neurons)
  const typical = Math.sqrt((2 * beta * trace(S)) / (n * n))
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < neurons; j++) {
      const value = j < n ? Math.sqrt(2 * beta) * root.data[i * n + j] : spare * typical * gaussian(random)
      W.data[i * neurons + j] = Math.max(0, value)
    }
  }
  return W
}

function squareRoot(S: Matrix): Matrix {
  const { values, vectors } = defaultBackend().eigh(S)
  const rows = transpose(vectors)
  values.forEach((value, k) => {
    const size = Math.sqrt(Math.sqrt(Math.max(0, value)))
    row(rows, k).forEach((entry, i) => (row(rows, k)[i] = size * entry))
  })
  return defaultBackend().gram(rows)
}

/** Objectives a step may be above, as long as it is below one of the last so many, by this share of the expected decrease. */
const memory = 10
const decrease = 1e-4
const halvings = 20

/** Steps are over when this many in a row lower the objective by no more than this share of it. */
const flatSteps = 20
const flatShare = 1e-9

interface Improved {
  readonly W: Matrix
  readonly steps: number
}

async function improved(start: Matrix, Y: Matrix, beta: number, maxSteps: number, pacer: Pacer): Promise<Improved> {
  let at = slopeAt(start, Y, beta)
  let best = at
  let length = 1 / beta
  let steps = 0
  const last = [at.value]
  for (let since = 0; steps < maxSteps && since < flatSteps && !pacer.expired(); steps++) {
    const turn = pacer.breathe()
    if (turn) await turn
    const direction = at.W.data.map((w, k) => Math.max(0, w - length * at.gradient[k]) - w)
    const next = searched(at, direction, Math.max(...last), Y, beta)
    if (!next) break
    let [square, along] = [0, 0]
    for (let k = 0; k < direction.length; k++) {
      const moved = next.W.data[k] - at.W.data[k]
      square += moved * moved
      along += moved * (next.gradient[k] - at.gradient[k])
    }
    length = along > 0 ? square / along : 1 / beta
    at = next
    last.push(at.value)
    if (last.length > memory) last.shift()
    since = at.value < best.value * (1 - flatShare) ? 0 : since + 1
    if (at.value < best.value) best = at
  }
  return { W: best.W, steps }
}

interface Slope {
  readonly W: Matrix
  readonly value: number
  readonly gradient: Float64Array
}

/** The objective of W, in floats, and its gradient (βI − ZZᵀ/β)W. */
function slopeAt(W: Matrix, Y: Matrix, beta: number): Slope {
  const backend = defaultBackend()
  const S = backend.gram(transpose(W))
  const Z = shrunk(S, 1 / beta, Y)
  const M = backend.gram(transpose(Z))
  for (let k = 0; k < M.data.length; k++) M.data[k] /= -beta
  for (let i = 0; i < M.rows; i++) M.data[i * (M.rows + 1)] += beta
  return { W, value: dot(Z.data, Y.data) / 2 + (beta / 2) * trace(S), gradient: backend.gemm(M, W).data }
}

function searched(
  { W, gradient }: Slope,
  direction: Float64Array,
  limit: number,
  Y: Matrix,
  beta: number,
): Slope | null {
  const slope = dot(gradient, direction)
  if (!(slope < 0)) return null
  for (let share = 1, k = 0; k < halvings; share /= 2, k++) {
    const moved = W.data.map((w, q) => w + share * direction[q])
    const next = slopeAt(matrix(W.rows, W.cols, moved), Y, beta)
    if (next.value <= limit + decrease * share * slope) return next
  }
  return null
}

/** u_j = Xᵀw_j and v_j = Zᵀw_j/β, balanced; zero columns are dropped. */
function networkOf(X: Matrix, Y: Matrix, beta: number, W: Matrix): Network {
  const backend = defaultBackend()
  const Z = shrunk(backend.gram(transpose(W)), 1 / beta, Y)
  const [U, V] = [backend.gemmTransposed(W, X), backend.gemmTransposed(W, Z)]
  const neurons = Array.from({ length: W.cols }, (_, j) => ({
    u: row(U, j).slice(),
    v: row(V, j).map((value) => value / beta),
  }))
  return balance(network(X.cols, Y.cols, neurons))
}

function trace(a: Matrix): number {
  let total = 0
  for (let i = 0; i < a.rows; i++) total += a.data[i * (a.cols + 1)]
  return total
}
