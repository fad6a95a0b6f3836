import { defaultBackend } from '../linalg/backend/registry.ts'
import { choleskySolveInto } from '../linalg/cholesky.ts'
import { dot, type Matrix, matrix, multiplyTransposedVector, multiplyVector } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'

/** A block that is not zero and binds no wall: it adds sign · J θ to the fit and costs ‖θ‖. */
export interface SmoothBlock {
  /** N × k. */
  readonly J: Matrix
  readonly sign: 1 | -1
  readonly theta: Float64Array
}

export interface NewtonStep {
  readonly direction: readonly Float64Array[]
  /** By how much the price of the norms changes; 0 where there is no budget. */
  readonly priceStep: number
  /** ‖slopes‖ at the point it starts from. */
  readonly slope: number
}

/** Added to the Hessian, relative to its trace: blocks may be exchangeable. */
const ridge = 1e-14

/**
 * One Newton step for ½‖Σ ±J_bθ_b − target‖² + price · Σ ‖θ_b‖ among θ_b ≠ 0, where it is smooth; with a budget, for its
 * optimality conditions together with Σ ‖θ_b‖ = budget, the price being unknown as well. Null when it cannot be solved.
 */
export function newtonStep(
  blocks: readonly SmoothBlock[],
  target: Float64Array,
  price: number,
  budget?: number,
): NewtonStep | null {
  const { slopes, units, hessian } = derivatives(blocks, target, price)
  const L = defaultBackend().cholesky(hessian)
  if (!L) return null
  const step = solved(
    L,
    slopes.map((value) => -value),
  )
  let priceStep = 0
  if (budget !== undefined) {
    const along = solved(L, units)
    const excess = blocks.reduce((total, { theta }) => total + norm2(theta), -budget)
    priceStep = (dot(units, step) + excess) / dot(units, along)
    for (let p = 0; p < step.length; p++) step[p] -= priceStep * along[p]
  }
  let at = 0
  const direction = blocks.map(({ theta }) => step.slice(at, (at += theta.length)))
  return { direction, priceStep, slope: norm2(slopes) }
}

interface Derivatives {
  readonly slopes: Float64Array
  /** θ_b/‖θ_b‖, one below the other: the slopes of Σ ‖θ_b‖. */
  readonly units: Float64Array
  /** JᵀJ plus the bends price/‖θ_b‖ (I − θ_bθ_bᵀ/‖θ_b‖²), and the ridge. */
  readonly hessian: Matrix
}

function derivatives(blocks: readonly SmoothBlock[], target: Float64Array, price: number): Derivatives {
  const order = blocks.reduce((total, { theta }) => total + theta.length, 0)
  const all = sideBySide(blocks, target.length, order)
  const units = new Float64Array(order)
  const hessian = defaultBackend().gram(all)
  let at = 0
  for (const { theta } of blocks) {
    const size = norm2(theta)
    theta.forEach((value, p) => (units[at + p] = value / size))
    for (let p = at; p < at + theta.length; p++) {
      for (let q = at; q < at + theta.length; q++) {
        hessian.data[p * order + q] += (price / size) * ((p === q ? 1 : 0) - units[p] * units[q])
      }
    }
    at += theta.length
  }
  let trace = 0
  for (let p = 0; p < order; p++) trace += hessian.data[p * (order + 1)]
  for (let p = 0; p < order; p++) hessian.data[p * (order + 1)] += ridge * trace
  const pulls = multiplyTransposedVector(all, restOf(blocks, target))
  return { slopes: pulls.map((pull, p) => price * units[p] - pull), units, hessian }
}

/** target − Σ ±J_bθ_b. */
export function restOf(blocks: readonly SmoothBlock[], target: Float64Array): Float64Array {
  const rest = target.slice()
  for (const { J, sign, theta } of blocks) {
    multiplyVector(J, theta).forEach((value, i) => (rest[i] -= sign * value))
  }
  return rest
}

function sideBySide(blocks: readonly SmoothBlock[], rows: number, order: number): Matrix {
  const out = matrix(rows, order)
  let at = 0
  for (const { J, sign } of blocks) {
    for (let i = 0; i < rows; i++) {
      for (let q = 0; q < J.cols; q++) out.data[i * order + at + q] = sign * J.data[i * J.cols + q]
    }
    at += J.cols
  }
  return out
}

function solved(L: Matrix, right: Float64Array): Float64Array {
  const out = new Float64Array(right.length)
  choleskySolveInto(L.data, right.length, right, out)
  return out
}
