import { choleskyInto } from '../linalg/cholesky.ts'
import { dot, matrix, multiplyTransposedVector, multiplyVector } from '../linalg/matrix.ts'
import type { ConeBlock } from './program.ts'
import {
  type ConeScaling,
  coneScaling,
  hyperbolic,
  jordanProduct,
  jordanQuotient,
  longestStep,
  scale,
  unscale,
} from './second-order-cone.ts'

/** One block (τ, w) of the program with its slacks, multipliers and scaling; an intermediate of the iteration, in place. */
export interface BlockState {
  readonly block: ConeBlock
  /** (τ, w), which is its own slack in the cone ‖w‖ ≤ τ. */
  readonly x: Float64Array
  /** Multiplier of that cone. */
  readonly z: Float64Array
  /** Slacks L w of the walls, and their multipliers. */
  readonly slack: Float64Array
  readonly multiplier: Float64Array
  scaling: ConeScaling
}

/** A step in the slacks and multipliers of a block. */
export interface BlockStep {
  readonly dx: Float64Array
  readonly dz: Float64Array
  readonly dSlack: Float64Array
  readonly dMultiplier: Float64Array
}

/** What complementarity asks for: W⁻¹ds + W dz = −cone in the cone, likewise for the walls. */
export interface Target {
  readonly cone: Float64Array
  readonly walls: Float64Array
}

/** A point well inside: ‖w‖ is `size`, τ twice that, the multipliers such that every product is about `size` · `force`. */
export function startBlock(block: ConeBlock, size: number, force: number): BlockState {
  const k = block.A.cols
  const x = new Float64Array(k + 1)
  x[0] = size > 0 ? 2 * size : 1
  block.interior?.forEach((value, q) => (x[q + 1] = size * value))
  const z = new Float64Array(k + 1)
  z[0] = force
  const slack = block.walls ? multiplyVector(block.walls, x.subarray(1)) : new Float64Array(0)
  const multiplier = slack.map((value) => Math.min((x[0] * force) / value, force))
  return { block, x, z, slack, multiplier, scaling: coneScaling(x, z) }
}

/** sᵀz of the block. */
export function complementarity({ x, z, slack, multiplier }: BlockState): number {
  return dot(x, z) + dot(slack, multiplier)
}

/**
 * The Cholesky factor of B = W⁻² + [0; Lᵀ diag(multiplier/slack) L], W⁻² = η⁻² (2 (Jw̄)(Jw̄)ᵀ − J), of order k + 1.
 *
 * Near the boundary the eigenvalues of W⁻² are as far apart as w̄₀⁴. So its Schur complement after τ is not subtracted but
 * written down, η⁻² (I − 2 w̄₁w̄₁ᵀ/(1 + 2‖w̄₁‖²)), which loses half of those digits only. Null where even that is too much.
 */
export function factorBlock(state: BlockState): Float64Array | null {
  const { eta, axis } = state.scaling
  const [order, k] = [axis.length, axis.length - 1]
  const tail = axis.subarray(1)
  const pivot = 1 + 2 * dot(tail, tail)
  const C = matrix(k, k)
  for (let p = 0; p < k; p++) {
    for (let q = 0; q < k; q++) C.data[p * k + q] = ((p === q ? 1 : 0) - (2 * tail[p] * tail[q]) / pivot) / (eta * eta)
  }
  addWallsInto(state, C.data)
  const inner = new Float64Array(k * k)
  if (!choleskyInto(C, inner)) return null
  const out = new Float64Array(order * order)
  out[0] = Math.sqrt(pivot) / eta
  for (let p = 0; p < k; p++) {
    out[(p + 1) * order] = (-2 * axis[0] * tail[p]) / (eta * Math.sqrt(pivot))
    out.set(inner.subarray(p * k, (p + 1) * k), (p + 1) * order + 1)
  }
  return out
}

function addWallsInto({ block: { walls }, slack, multiplier }: BlockState, out: Float64Array): void {
  if (!walls) return
  const k = walls.cols
  for (let i = 0; i < walls.rows; i++) {
    const weight = multiplier[i] / slack[i]
    for (let p = 0; p < k; p++) {
      const factor = weight * walls.data[i * k + p]
      for (let q = 0; q < k; q++) out[p * k + q] += factor * walls.data[i * k + q]
    }
  }
}

/** Gᵀ applied to a pair of a cone vector and wall values. */
export function adjoint({ block: { walls } }: BlockState, cone: Float64Array, onWalls: Float64Array): Float64Array {
  const out = cone.slice()
  if (walls) multiplyTransposedVector(walls, onWalls).forEach((value, q) => (out[q + 1] += value))
  return out
}

/** −Gᵀ W⁻¹ target, the block's share of the right-hand side. */
export function pull(state: BlockState, { cone, walls }: Target): Float64Array {
  const { slack, multiplier } = state
  const onWalls = walls.map((value, i) => value * Math.sqrt(multiplier[i] / slack[i]))
  return adjoint(state, unscale(state.scaling, cone), onWalls).map((value) => -value)
}

/** The step that belongs to dx: ds = G dx and dz = −W⁻¹(target + W⁻¹ ds). */
export function complete(state: BlockState, dx: Float64Array, { cone, walls }: Target): BlockStep {
  const { scaling, slack, multiplier, block } = state
  const scaled = unscale(scaling, dx)
  const dz = unscale(
    scaling,
    scaled.map((value, q) => -value - cone[q]),
  )
  const dSlack = block.walls ? multiplyVector(block.walls, dx.subarray(1)) : new Float64Array(0)
  const dMultiplier = dSlack.map((value, i) => {
    const ratio = Math.sqrt(multiplier[i] / slack[i])
    return -ratio * (walls[i] + ratio * value)
  })
  return { dx, dz, dSlack, dMultiplier }
}

/** λ: the target of the affine step, which aims at complementarity zero. */
export function affineTarget({ scaling, slack, multiplier }: BlockState): Target {
  return { cone: scaling.lambda, walls: slack.map((value, i) => Math.sqrt(value * multiplier[i])) }
}

/** Mehrotra's: λ \ (λ∘λ + (W⁻¹ds)∘(W dz) − σμ e). */
export function correctedTarget(state: BlockState, step: BlockStep, aim: number): Target {
  const { scaling, slack, multiplier } = state
  const { lambda } = scaling
  const second = jordanProduct(unscale(scaling, step.dx), scale(scaling, step.dz))
  const wanted = jordanProduct(lambda, lambda).map((value, q) => value + second[q] - (q === 0 ? aim : 0))
  const walls = slack.map((value, i) => {
    const size = Math.sqrt(value * multiplier[i])
    return (size * size + step.dSlack[i] * step.dMultiplier[i] - aim) / size
  })
  return { cone: jordanQuotient(lambda, wanted), walls }
}

/** The longest step that keeps slacks and multipliers nonnegative. */
export function longest(state: BlockState, step: BlockStep): number {
  const { lambda } = state.scaling
  let most = Math.min(
    longestStep(lambda, unscale(state.scaling, step.dx)),
    longestStep(lambda, scale(state.scaling, step.dz)),
  )
  for (let i = 0; i < state.slack.length; i++) {
    if (step.dSlack[i] < 0) most = Math.min(most, -state.slack[i] / step.dSlack[i])
    if (step.dMultiplier[i] < 0) most = Math.min(most, -state.multiplier[i] / step.dMultiplier[i])
  }
  return most
}

/** Takes the step; false when rounding has left the block outside its cones. */
export function advance(state: BlockState, step: BlockStep, length: number): boolean {
  const { block, x, z, slack, multiplier } = state
  for (let q = 0; q < x.length; q++) {
    x[q] += length * step.dx[q]
    z[q] += length * step.dz[q]
  }
  // From w itself, so that slacks never drift away from it.
  if (block.walls) slack.set(multiplyVector(block.walls, x.subarray(1)))
  for (let i = 0; i < multiplier.length; i++) multiplier[i] += length * step.dMultiplier[i]
  const inside = hyperbolic(x) > 0 && hyperbolic(z) > 0 && x[0] > 0 && z[0] > 0
  if (!inside || !slack.every((value) => value > 0) || !multiplier.every((value) => value > 0)) return false
  state.scaling = coneScaling(x, z)
  return true
}
