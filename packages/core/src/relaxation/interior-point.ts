import { defaultBackend } from '../linalg/backend/registry.ts'
import { choleskyInto, choleskySolveInto } from '../linalg/cholesky.ts'
import { dot, type Matrix, matrix, multiply, row, scaled, subtract } from '../linalg/matrix.ts'
import { createPacer } from '../pacer.ts'
import type { ConicOptions, ConicProgram, DoublyNonnegativeSolver } from '../relaxation.ts'
import { type BarrierStep, barrierStep } from './barrier-step.ts'
import { dualObjective, dualSlack, weightedTerms } from './dual-slack.ts'

/** The barrier weight goes down by this factor once Newton's method is close to the central path. */
const reduction = 0.1

/** Close: here Newton's method converges quadratically, and the full step stays inside. */
const close = 0.3

/** What the barrier may weigh at the start, relative to what it weighs where it matters: the boundary is far away. */
const patience = 200

/** Of the way to the boundary N = 0. */
const backOff = 0.95

/** Halvings after which a step is given up: the merit has reached its rounding. */
const halvings = 30

/**
 * A dual barrier method: Newton's method on tᵀy − ½ Σ q_k y_k² + μ (Σ log det W_b + Σ log N), for μ going down.
 *
 * Every iterate is strictly feasible for the dual up to rounding, hence worth a bound; near the central path
 * U_b = μ (G − G ΔW G), G = W⁻¹, satisfies the primal equations, so that the gap is known. N is eliminated block by
 * block: the cost of a step is that of the pairs of each block to the third power, plus that of the constraints.
 * (Renegar, "A mathematical view of interior-point methods in convex optimization", 2001, sections 2.4 and 3.2.)
 */
export const interiorPoint: DoublyNonnegativeSolver = {
  name: 'interior-point',
  async *iterates(program, { tolerance = 1e-9, pacer = createPacer() }: ConicOptions = {}) {
    const degree = degreeOf(program)
    let mu = program.magnitude / degree
    let point = initialPoint(program)
    let primal: readonly Matrix[] | null = null
    let primalValue = Number.POSITIVE_INFINITY
    for (let steps = 0; point && steps < patience && !pacer.expired(); steps++) {
      const turn = pacer.breathe()
      if (turn) await turn
      const step = barrierStep(program, point.y, point.multipliers, point.inverses, mu)
      if (!step) return
      const centred = step.decrement < close
      if (centred) {
        primal = primalPoint(program, point, step, mu)
        primalValue = primalObjective(program, point, step, primal)
      }
      const next = centred ? moved(program, point, step, 1) : improved(program, point, step, mu)
      if (!next) return
      point = next
      const dualValue = dualObjective(program, point.y)
      if (centred) yield { y: point.y, multipliers: point.multipliers, dualValue, primal, primalValue }
      if (centred) {
        if (primalValue - dualValue <= tolerance * Math.abs(dualValue) + roundingShare * program.magnitude) return
        mu *= reduction
      }
    }
  },
}

/** Gaps below this share of the magnitude are rounding. */
const roundingShare = 1e-14

interface Point {
  readonly y: Float64Array
  readonly multipliers: readonly Float64Array[]
  /** W_b⁻¹. */
  readonly inverses: readonly Matrix[]
  readonly barrier: number
}

function degreeOf({ blocks }: ConicProgram): number {
  return blocks.reduce((total, { cost, nonnegative }) => total + cost.rows + nonnegative.length, 0)
}

/** The point at these variables; null where some W_b is not positive definite. */
function pointAt(program: ConicProgram, y: Float64Array, multipliers: readonly Float64Array[]): Point | null {
  const inverses: Matrix[] = []
  let barrier = 0
  for (let b = 0; b < program.blocks.length; b++) {
    if (!multipliers[b].every((value) => value > 0)) return null
    const W = dualSlack(program.blocks[b], y, multipliers[b])
    const inverse = inverted(W)
    if (!inverse) return null
    inverses.push(inverse.G)
    barrier += inverse.logDeterminant
    for (const value of multipliers[b]) barrier += Math.log(value)
  }
  return { y, multipliers, inverses, barrier }
}

function inverted(W: Matrix): { G: Matrix; logDeterminant: number } | null {
  const n = W.rows
  const L = factor(W)
  if (!L) return null
  const G = matrix(n, n)
  let logDeterminant = 0
  for (let k = 0; k < n; k++) {
    const column = row(G, k)
    column[k] = 1
    choleskySolveInto(L, n, column, column)
    logDeterminant += 2 * Math.log(L[k * n + k])
  }
  return { G, logDeterminant }
}

function factor(W: Matrix): Float64Array | null {
  if (W.rows > 48) return defaultBackend().cholesky(W)?.data ?? null
  const L = new Float64Array(W.rows * W.rows)
  return choleskyInto(W, L) ? L : null
}

/** N as large as leaves every W_b half of what it was, or less. */
function initialPoint(program: ConicProgram): Point | null {
  const multipliers = program.blocks.map((block) => {
    const { cost, vectors, nonnegative } = block
    const ones = new Float64Array(nonnegative.length).fill(1)
    const none = new Float64Array(program.start.length)
    const inverse = inverted(dualSlack(block, program.start, new Float64Array(nonnegative.length)))
    const load = weightedTerms({ cost, vectors, nonnegative, couplings: [] }, none, ones)
    const ratio = inverse ? Math.sqrt(dot(multiply(inverse.G, load).data, multiply(inverse.G, load).data)) : 1
    return ones.fill(1 / (2 * ratio || 1))
  })
  return pointAt(program, program.start, multipliers)
}

function moved(program: ConicProgram, { y, multipliers }: Point, { dy, dN }: BarrierStep, length: number): Point | null {
  const N = multipliers.map((values, b) => values.map((value, e) => value + length * dN[b][e]))
  return pointAt(program, y.map((value, k) => value + length * dy[k]), N) // biome-ignore format: short
}

/** A shorter step that increases the barrier objective by a share of what the model promises. */
function improved(program: ConicProgram, point: Point, step: BarrierStep, mu: number): Point | null {
  const merit = ({ y, barrier }: Point): number => dualObjective(program, y) / mu + barrier
  const from = merit(point)
  let length = 1
  point.multipliers.forEach((values, b) =>
    values.forEach((value, e) => {
      if (step.dN[b][e] < 0) length = Math.min(length, (-backOff * value) / step.dN[b][e])
    }),
  )
  for (let k = 0; k < halvings; k++, length /= 2) {
    const next = moved(program, point, step, length)
    if (next && merit(next) >= from + 0.01 * length * step.decrement ** 2) return next
  }
  return null
}

/** U_b = μ (G − G ΔW G) for the full step, ΔW = −Σ dy A − Σ dN A. */
function primalPoint({ blocks }: ConicProgram, { inverses }: Point, { dy, dN }: BarrierStep, mu: number): Matrix[] {
  return blocks.map((block, b) => {
    const G = inverses[b]
    const change = multiply(multiply(G, weightedTerms(block, dy, dN[b])), G)
    return scaled(subtract(G, scaled(change, -1)), mu)
  })
}

/** Σ⟨C_b, U_b⟩ + ½ Σ q_k (y + dy)_k²: the residual of constraint k is q_k (y + dy)_k at the full step. */
function primalObjective(
  { blocks, curvatures }: ConicProgram,
  { y }: Point,
  { dy }: BarrierStep,
  primal: readonly Matrix[],
): number {
  let total = 0
  blocks.forEach(({ cost }, b) => (total += dot(cost.data, primal[b].data)))
  for (let k = 0; k < y.length; k++) total += (curvatures[k] * (y[k] + dy[k]) ** 2) / 2
  return total
}
