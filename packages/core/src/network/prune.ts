import { dot, type Matrix, matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { nullSpace } from '../linalg/qr.ts'
import { balance, type Network, network, type Neuron, objective, objectiveRounding } from '../network.ts'
import type { Problem } from '../problem.ts'

/** A neuron as a nonnegative multiple of a unit vector of R^{nc}. */
interface Column {
  readonly neuron: Neuron
  /** φ(u)vᵀ, flattened and divided by its norm. */
  readonly unit: Float64Array
  /** That norm, as the neuron was given. */
  readonly norm: number
  /** What multiplies `unit` now. */
  readonly weight: number
}

/** A coordinate of R^{nc} that the others determine up to this is rounding; anything larger must be reproduced. */
const dependent = 1e-13

/** Below this share of ‖price‖ the prices are orthogonal to the null space: every direction costs the same. */
const free = 1e-12

/**
 * Carathéodory: the outputs on the data lie in R^{nc}, so nc + 1 neurons are always enough (Sahiner et al. 2021, after
 * equation (11); the procedure is that of Mishkin and Pilanci 2023).
 *
 * While the atoms are dependent, Σ_j s_j φ(u_j)v_jᵀ = 0, moving the weights along s leaves the outputs unchanged; s is
 * signed so that the cost does not rise, and the step ends where the first weight reaches 0. Neurons that no sample
 * activates are dropped. The result is balanced; should rounding have raised its objective, the network is returned
 * as it was.
 */
export function prune(problem: Problem, net: Network): Network {
  const start = balance(net)
  const columns = start.neurons.flatMap((neuron) => toColumn(problem, neuron))
  const size = problem.X.rows * net.outputs
  const kept = columns.length <= size + 1 ? columns : independentColumns(columns, size)
  const neurons = kept.map(({ neuron: { u, v }, norm, weight }) => ({
    u,
    v: v.map((value) => value * (weight / norm)),
  }))
  const pruned = balance(network(net.inputs, net.outputs, neurons, net))
  return objective(problem, pruned) <= objective(problem, start) + objectiveRounding(problem, start) ? pruned : start
}

function toColumn(problem: Problem, neuron: Neuron): Column[] {
  const atom = problem.architecture.atom(problem.X, neuron.u)
  const norm = norm2(atom) * norm2(neuron.v)
  if (norm === 0) return []
  const c = neuron.v.length
  const unit = new Float64Array(atom.length * c)
  for (let i = 0; i < atom.length; i++) {
    for (let k = 0; k < c; k++) unit[i * c + k] = (atom[i] * neuron.v[k]) / norm
  }
  return [{ neuron, unit, norm, weight: norm }]
}

/** At most `size` columns, taken in by batches of that many so that no factorisation is larger than 2·size. */
function independentColumns(columns: readonly Column[], size: number): readonly Column[] {
  let kept: readonly Column[] = []
  for (let k = 0; k < columns.length; k += size) kept = independent([...kept, ...columns.slice(k, k + size)])
  return kept
}

/** Removes columns until the null space is used up, keeping an orthonormal basis of what is left of it throughout. */
function independent(columns: readonly Column[]): readonly Column[] {
  const units = matrix(columns[0].unit.length, columns.length)
  columns.forEach(({ unit }, j) => unit.forEach((value, i) => (units.data[i * columns.length + j] = value)))
  let basis = nullSpace(units, dependent)
  let kept = columns
  while (basis.cols > 0) {
    const { weights, gone } = step(kept, basis)
    basis = withoutRow(basis, gone)
    kept = kept.map((column, j) => ({ ...column, weight: weights[j] })).filter((_, j) => j !== gone)
  }
  return kept.filter(({ weight }) => weight > 0)
}

/** The weights after moving along the null direction that lowers the cost most, until one of them is `gone`. */
function step(columns: readonly Column[], basis: Matrix): { weights: number[]; gone: number } {
  const direction = descent(basis, Float64Array.from(columns, priceOf))
  let length = Number.POSITIVE_INFINITY
  let gone = 0
  columns.forEach(({ weight }, j) => {
    const limit = direction[j] < 0 ? weight / -direction[j] : Number.POSITIVE_INFINITY
    if (limit < length) {
      length = limit
      gone = j
    }
  })
  return { weights: columns.map(({ weight }, j) => Math.max(0, weight + length * direction[j])), gone }
}

/** Cost ‖u‖‖v‖ per unit of weight. */
function priceOf({ neuron: { u, v }, norm }: Column): number {
  return (norm2(u) * norm2(v)) / norm
}

/** −N Nᵀ price; where that vanishes, the first null vector, signed so that its largest entry shrinks a weight. */
function descent(basis: Matrix, price: Float64Array): Float64Array {
  const slopes = new Float64Array(basis.cols)
  for (let j = 0; j < basis.rows; j++) row(basis, j).forEach((value, k) => (slopes[k] += value * price[j]))
  if (norm2(slopes) > free * norm2(price)) {
    return Float64Array.from({ length: basis.rows }, (_, j) => -dot(row(basis, j), slopes))
  }
  const first = Float64Array.from({ length: basis.rows }, (_, j) => basis.data[j * basis.cols])
  const largest = first.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0)
  return largest > 0 ? first.map((value) => -value) : first
}

/**
 * An orthonormal basis of the null vectors that are 0 at entry j, without that entry: a Householder reflection of the
 * basis turns row j into a multiple of e₁, and the first vector goes.
 */
function withoutRow(basis: Matrix, j: number): Matrix {
  const mirror = Float64Array.from(row(basis, j))
  mirror[0] += (mirror[0] < 0 ? -1 : 1) * norm2(mirror)
  const square = dot(mirror, mirror)
  const out = matrix(basis.rows - 1, basis.cols - 1)
  for (let i = 0; i < basis.rows; i++) {
    if (i === j) continue
    const source = row(basis, i)
    const factor = square > 0 ? (2 * dot(source, mirror)) / square : 0
    const target = row(out, i < j ? i : i - 1)
    for (let k = 1; k < basis.cols; k++) target[k - 1] = source[k] - factor * mirror[k]
  }
  return out
}
