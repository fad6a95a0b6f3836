import type { Architecture } from './architecture.ts'
import { dense } from './architecture/dense.ts'
import { addScaledInto, type Matrix, matrix, row } from './linalg/matrix.ts'
import { frobeniusUpper, norm2 } from './linalg/norms.ts'
import { compensatedDot } from './linalg/sum.ts'
import type { Problem } from './problem.ts'

/** One hidden unit: x ↦ (xᵀu)₊ v. */
export interface Neuron {
  readonly u: Float64Array
  readonly v: Float64Array
}

/** Σ_j φ(u_j) v_jᵀ, of any width, plus 1bᵀ + X A where there is an unpenalised part. */
export interface Network extends FreePart {
  /** Length of every u, the bias column included. */
  readonly inputs: number
  /** Length of every v. */
  readonly outputs: number
  readonly neurons: readonly Neuron[]
}

/** What a network computes outside the weight decay. */
export interface FreePart {
  /** b ∈ R^c, added to every output row. */
  readonly outputBias?: Float64Array
  /** A ∈ R^{d×c}, d counting the bias column, of which the row is zero. */
  readonly skip?: Matrix
}

export function network(
  inputs: number,
  outputs: number,
  neurons: readonly Neuron[],
  { outputBias, skip }: FreePart = {},
): Network {
  neurons.forEach(({ u, v }, j) => {
    if (u.length !== inputs || v.length !== outputs) {
      throw new RangeError(`network: neuron ${j} must be ${inputs} → ${outputs}, got ${u.length} → ${v.length}`)
    }
  })
  if (outputBias && outputBias.length !== outputs) {
    throw new RangeError(`network: outputBias must have ${outputs} numbers, got ${outputBias.length}`)
  }
  if (skip && (skip.rows !== inputs || skip.cols !== outputs)) {
    throw new RangeError(`network: skip must be ${inputs} × ${outputs}, got ${skip.rows} × ${skip.cols}`)
  }
  return { inputs, outputs, neurons, ...(outputBias && { outputBias }), ...(skip && { skip }) }
}

/** The network without neurons: the optimum for every β ≥ βmax. */
export function zeroNetwork(inputs: number, outputs: number): Network {
  return network(inputs, outputs, [])
}

/** F ∈ R^{n×c}. X has the column of ones when the problem has a bias. */
export function predict(net: Network, X: Matrix, architecture: Architecture = dense): Matrix {
  if (X.cols !== net.inputs) throw new RangeError(`predict: X must have ${net.inputs} columns, got ${X.cols}`)
  const F = matrix(X.rows, net.outputs)
  addFreePartInto(net, X, F)
  for (const { u, v } of net.neurons) addOuterInto(1, architecture.atom(X, u), v, F)
  return F
}

/** F += 1bᵀ + X A. */
export function addFreePartInto({ outputBias, skip }: FreePart, X: Matrix, F: Matrix): void {
  for (let i = 0; i < X.rows; i++) {
    const target = row(F, i)
    if (outputBias) addScaledInto(1, outputBias, target)
    if (skip) for (let k = 0; k < skip.rows; k++) addScaledInto(X.data[i * X.cols + k], row(skip, k), target)
  }
}

/** F += factor · a vᵀ, skipping the zeros: atoms have many. */
export function addOuterInto(factor: number, a: Float64Array, v: Float64Array, F: Matrix): void {
  const c = v.length
  for (let i = 0; i < a.length; i++) {
    if (a[i] === 0) continue
    for (let k = 0; k < c; k++) F.data[i * c + k] += factor * a[i] * v[k]
  }
}

/** ℓ(F, Y) + β/2 Σ_j (‖u_j‖² + ‖v_j‖²) of the network as it is, balanced or not. */
export function objective(problem: Problem, net: Network): number {
  const F = predict(net, problem.X, problem.architecture)
  return problem.loss.value(F, problem.Y) + (problem.beta / 2) * squaredWeights(net)
}

/**
 * An upper bound on the rounding error of `objective`, to first order in ε: the error of F,
 * ‖δF‖ ≤ (d + m + 4) ε (‖X‖_F (Σ_j ‖u_j‖‖v_j‖ + ‖A‖_F) + √n ‖b‖), felt through the slope ‖∇ℓ(F)‖, and that of the sums.
 */
export function objectiveRounding(problem: Problem, net: Network): number {
  const { X, Y, loss, architecture } = problem
  const F = predict(net, X, architecture)
  const slope = frobeniusUpper(loss.dual(F, Y))
  const size = net.neurons.reduce((total, { u, v }) => total + norm2(u) * norm2(v), 0)
  const linear = net.skip ? frobeniusUpper(net.skip) : 0
  const constant = net.outputBias ? norm2(net.outputBias) * Math.sqrt(X.rows) : 0
  const reach = frobeniusUpper(X) * (size + linear) + constant
  const drift = (net.inputs + net.neurons.length + 4) * Number.EPSILON * reach
  return drift * (slope + drift) + loss.valueError(F, Y) + 4 * Number.EPSILON * objective(problem, net)
}

/** The same function with ‖u_j‖ = ‖v_j‖, the cheapest way to write it; neurons that do nothing anywhere are dropped. */
export function balance(net: Network): Network {
  const neurons: Neuron[] = []
  for (const { u, v } of net.neurons) {
    const inner = norm2(u)
    const outer = norm2(v)
    if (inner === 0 || outer === 0) continue
    const factor = Math.sqrt(outer) / Math.sqrt(inner)
    neurons.push({ u: u.map((value) => value * factor), v: v.map((value) => value / factor) })
  }
  return network(net.inputs, net.outputs, neurons, net)
}

function squaredWeights(net: Network): number {
  const weights = new Float64Array(net.neurons.length * (net.inputs + net.outputs))
  net.neurons.forEach(({ u, v }, j) => {
    weights.set(u, j * (net.inputs + net.outputs))
    weights.set(v, j * (net.inputs + net.outputs) + net.inputs)
  })
  return compensatedDot(weights, weights)
}
