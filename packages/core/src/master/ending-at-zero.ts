import { dot } from '../linalg/matrix.ts'
import type { Pacer } from '../pacer.ts'
import type { CellModel } from './cell-model.ts'
import { sizePart, turnsAround } from './cell-step.ts'
import { factorInPlace, solveLowerInto, solveTransposedInto } from './factor.ts'

/** Rounds of holding further columns at most; what still passes through zero after that is dropped by the step itself. */
const maxRounds = 10

export interface EndingStep {
  readonly direction: Float64Array
  /** Number of unknowns that are held. */
  readonly held: number
}

/** An unknown of which the end is given, and the column of L⁻¹ that moves it. */
interface Held {
  readonly at: number
  readonly end: number
  readonly lever: Float64Array
}

/**
 * The minimiser of gᵀp + ½pᵀLLᵀp where p = −x for every column x that would otherwise pass through zero.
 *
 * At zero the penalty β‖x‖ has its kink, and the quadratic model is wrong beyond it; up to it, the model is exact for the
 * columns of which one factor is free. With y = −L⁻¹g and the columns B of L⁻¹ that belong to the unknowns held,
 * p = L⁻ᵀ(y + Bλ), BᵀBλ being what they lack of their ends. Columns that then pass through zero are held as well.
 */
export async function stepEndingAtZero(L: Float64Array, model: CellModel, pacer: Pacer): Promise<EndingStep> {
  const y = model.gradient.map((value) => -value)
  solveLowerInto(L, y)
  let direction: Float64Array = y.slice()
  solveTransposedInto(L, direction)
  const held: Held[] = []
  let moving = model.cells
  for (let round = 0; round < maxRounds; round++) {
    const turning = moving.filter((cell) => turnsAround(cell, direction))
    if (turning.length === 0) break
    moving = moving.filter((cell) => !turning.includes(cell))
    for (const { x, at } of turning.map(sizePart))
      x.forEach((value, k) => held.push(holding(L, y.length, at + k, -value)))
    const corrected = await meetingEnds(L, y, held, pacer)
    if (!corrected) break
    direction = corrected
  }
  return { direction, held: held.length }
}

function holding(L: Float64Array, size: number, at: number, end: number): Held {
  const lever = new Float64Array(size)
  lever[at] = 1
  solveLowerInto(L, lever, at)
  return { at, end, lever }
}

/** Undefined when the ends determine no step, or there is no time to find it. */
async function meetingEnds(
  L: Float64Array,
  y: Float64Array,
  held: readonly Held[],
  pacer: Pacer,
): Promise<Float64Array | undefined> {
  const m = held.length
  const gram = new Float64Array(m * m)
  for (let a = 0; a < m; a++) for (let b = 0; b <= a; b++) gram[a * m + b] = dot(held[a].lever, held[b].lever)
  if (!(await factorInPlace(gram, m, pacer))) return undefined
  const lambda = Float64Array.from(held, ({ end, lever }) => end - dot(lever, y))
  solveLowerInto(gram, lambda)
  solveTransposedInto(gram, lambda)
  const p = y.slice()
  held.forEach(({ lever }, a) => {
    for (let k = 0; k < p.length; k++) p[k] += lambda[a] * lever[k]
  })
  solveTransposedInto(L, p)
  for (const { at, end } of held) p[at] = end // exactly, so that the column is seen to end at zero
  return p
}
