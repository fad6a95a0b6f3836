import { constraintsOf, correction, displacement } from './dual/constraints.ts'
import { type Matrix, matrix } from './linalg/matrix.ts'
import { frobeniusUpper } from './linalg/norms.ts'
import type { Problem } from './problem.ts'

/**
 * How far a stored dual Z is from one that satisfies the equalities of an unpenalised part exactly.
 *
 * ZᵀW = 0 never holds in floats. What is certified is a Z′ that does, which nobody computes: it exists, and
 * |Z′ − Z| ≤ radius entry by entry.
 */
export interface Remainder {
  /** ‖Z′ − Z‖_F; Infinity where no such Z′ was shown to exist. 0 without an unpenalised part. */
  readonly norm: number
  /** Undefined where Z′ is Z, or is not known. */
  readonly radius: Matrix | undefined
}

const exact: Remainder = { norm: 0, radius: undefined }
const unknown: Remainder = { norm: Number.POSITIVE_INFINITY, radius: undefined }

/** Corrections at most: each goes nine tenths of the way to the edge of the domain, or all the way. */
const maxCorrections = 40
const stayInside = 0.9

/**
 * What is tried in turn where Z cannot be corrected as it is: entries below this share of the largest are set to 0, an
 * admissible value, since they hinder what the others have to do; and all are drawn towards 0, off the edge they lie on.
 */
const concessions: readonly { readonly snap: number; readonly retreat: number }[] = [
  { snap: 0, retreat: 0 },
  { snap: 0, retreat: 2 ** -34 },
  { snap: 1e-14, retreat: 2 ** -34 },
  { snap: 1e-12, retreat: 2 ** -34 },
  { snap: 1e-10, retreat: 2 ** -30 },
  { snap: 1e-8, retreat: 2 ** -26 },
  { snap: 1e-6, retreat: 2 ** -18 },
  { snap: 1e-4, retreat: 2 ** -10 },
]

/**
 * A dual point near Z that can be certified: inside the domain of ℓ*(−·), and with ZᵀW as near to 0 as floats allow where
 * F has an unpenalised part W B.
 *
 * The correction is along the columns of W, each entry weighted by the square of its distance to the edge of the domain
 * (affine scaling: Dikin 1967): entries that are on the edge stay there. Z itself where nothing has to be done.
 */
export function feasibleDual(problem: Problem, Z: Matrix): Matrix {
  const { loss, Y, free } = problem
  const inside = loss.project(Z, Y)
  if (free === null) return inside
  let last = inside
  for (const { snap, retreat } of concessions) {
    last = corrected(problem, retreat === 0 ? inside : loss.project(conceded(inside, snap, retreat), Y))
    if (certifiable(problem, last)) return last
  }
  return last
}

/** Bounds the distance from Z to a point of the domain that satisfies Z′ᵀW = 0 exactly: see `displacement`. */
export function remainderOf(problem: Problem, Z: Matrix): Remainder {
  if (problem.free === null) return exact
  const radius = displacement(constraintsOf(problem, problem.free, Z), Z)
  return radius === undefined ? unknown : { norm: frobeniusUpper(radius), radius }
}

function certifiable(problem: Problem, Z: Matrix): boolean {
  const { radius } = remainderOf(problem, Z)
  if (radius === undefined) return false
  // With room to spare: the loss checks it again, entry by entry, with its own rounding.
  const value = problem.loss.dualValue(Z, problem.Y, 1, scaledUp(radius))
  return Number.isFinite(value)
}

function scaledUp(radius: Matrix): Matrix {
  return matrix(
    radius.rows,
    radius.cols,
    radius.data.map((reach) => 2 * reach),
  )
}

function conceded(Z: Matrix, snap: number, retreat: number): Matrix {
  const largest = Z.data.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0)
  return matrix(
    Z.rows,
    Z.cols,
    Z.data.map((entry) => (Math.abs(entry) <= snap * largest ? 0 : entry * (1 - retreat))),
  )
}

function corrected(problem: Problem, start: Matrix): Matrix {
  const { loss, Y, free } = problem
  let current = start
  let settled = 0
  for (let round = 0; round < maxCorrections && settled < 2; round++) {
    const constraints = constraintsOf(problem, free!, current)
    const move = correction(constraints, current)
    if (move === undefined) return current
    let share = 1
    move.data.forEach((step, k) => {
      const room = constraints.room.data[k]
      if (Math.abs(step) * share > stayInside * room) share = (stayInside * room) / Math.abs(step)
    })
    settled = share === 1 ? settled + 1 : 0
    const next = current.data.map((entry, k) => entry + share * move.data[k])
    current = loss.project(matrix(current.rows, current.cols, next), Y)
  }
  return current
}
