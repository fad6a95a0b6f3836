import { choleskyInto, choleskySolveInto } from './linalg/cholesky.ts'
import { type Matrix, matrix, multiply, row, scaled } from './linalg/matrix.ts'
import { frobeniusUpper, norm2 } from './linalg/norms.ts'
import { powerOfTwoNear } from './linalg/scale.ts'
import { compensatedDot } from './linalg/sum.ts'
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
  /** Undefined where Z′ is Z. */
  readonly radius: Matrix | undefined
}

const exact: Remainder = { norm: 0, radius: undefined }
const unknown: Remainder = { norm: Number.POSITIVE_INFINITY, radius: undefined }

/** Corrections of one column of Z at most: each goes nine tenths of the way to the edge of the domain, or all the way. */
const maxCorrections = 40
const stayInside = 0.9

/** Shares by which Z is drawn towards 0, an admissible point, where it lies on the edge and cannot be corrected there. */
const retreats = [0, 2 ** -34, 2 ** -26, 2 ** -18, 2 ** -10]

/**
 * A dual point near Z that can be certified: inside the domain of ℓ*(−·), and with ZᵀW as near to 0 as floats allow where
 * there is an unpenalised part F ∋ W B.
 *
 * The correction is −D W y with WᵀDW y = WᵀZ, D the squares of the distances to the edge of the domain (affine scaling:
 * Dikin 1967): entries that are on the edge stay there. Z itself where nothing has to be done.
 */
export function feasibleDual(problem: Problem, Z: Matrix): Matrix {
  const inside = problem.loss.project(Z, problem.Y)
  if (problem.free === null) return inside
  let last = inside
  for (const retreat of retreats) {
    last = corrected(problem, retreat === 0 ? inside : problem.loss.project(scaled(inside, 1 - retreat), problem.Y))
    if (certifiable(problem, last)) return last
  }
  return last
}

/**
 * Bounds the distance from Z to a Z′ = Z − D W y with WᵀDW y = WᵀZ, which satisfies Z′ᵀW = 0 exactly.
 *
 * ‖y‖ ≤ ‖(WᵀDW)⁻¹‖‖WᵀZ‖, and with an approximate inverse C, ‖(WᵀDW)⁻¹‖ ≤ ‖C‖/(1 − ‖I − C WᵀDW‖); every product is raised by
 * its rounding. Rows of Z that sum to 0 keep doing so, since D is the same for all entries of such a row.
 */
export function remainderOf({ loss, Y, free }: Problem, Z: Matrix): Remainder {
  if (free === null) return exact
  const W = normalised(free)
  const slack = loss.slack(Z, Y)
  const radius = matrix(Z.rows, Z.cols)
  for (let k = 0; k < Z.cols; k++) {
    const D = squaredShares(columnOf(slack, k))
    const inverse = inverseUpper(W, D)
    const length = inverse * residualUpper(W, columnOf(Z, k))
    if (!(length < Number.POSITIVE_INFINITY)) return unknown
    for (let i = 0; i < Z.rows; i++) {
      radius.data[i * Z.cols + k] = D[i] * norm2(row(W, i)) * length * (1 + 16 * Number.EPSILON)
    }
  }
  return { norm: frobeniusUpper(radius), radius }
}

function certifiable({ loss, Y, ...rest }: Problem, Z: Matrix): boolean {
  const { radius } = remainderOf({ loss, Y, ...rest }, Z)
  if (radius === undefined) return false
  const slack = loss.slack(Z, Y)
  return radius.data.every((reach, k) => reach <= slack.data[k] / 2)
}

function corrected({ loss, Y, free }: Problem, start: Matrix): Matrix {
  const W = normalised(free!)
  let current = start
  let settled = 0
  for (let round = 0; round < maxCorrections && settled < 2; round++) {
    const slack = loss.slack(current, Y)
    const next = matrix(current.rows, current.cols)
    let share = 1
    for (let k = 0; k < current.cols; k++) {
      const move = correction(W, columnOf(slack, k), columnOf(current, k))
      if (move === undefined) return current
      move.forEach((step, i) => {
        next.data[i * next.cols + k] = step
        const room = slack.data[i * next.cols + k]
        if (Math.abs(step) * share > stayInside * room) share = (stayInside * room) / Math.abs(step)
      })
    }
    settled = share === 1 ? settled + 1 : 0
    next.data.forEach((step, k) => (next.data[k] = current.data[k] + share * step))
    current = loss.project(next, Y)
  }
  return current
}

/** −D W (WᵀDW)⁻¹ Wᵀz; undefined where that matrix is singular. */
function correction(W: Matrix, slack: Float64Array, z: Float64Array): Float64Array | undefined {
  const q = W.cols
  const D = squaredShares(slack)
  const factor = new Float64Array(q * q)
  if (!choleskyInto(weightedGram(W, D), factor)) return undefined
  const y = Float64Array.from({ length: q }, (_, j) => compensatedDot(columnOf(W, j), z))
  choleskySolveInto(factor, q, y, y)
  return D.map((share, i) => {
    let step = 0
    for (let j = 0; j < q; j++) step -= share * W.data[i * q + j] * y[j]
    return step
  })
}

/** (slack/largest)²; ones where nothing is bounded. */
function squaredShares(slack: Float64Array): Float64Array {
  let top = 0
  for (const room of slack) if (room > top && room < Number.POSITIVE_INFINITY) top = room
  return slack.map((room) => (room < Number.POSITIVE_INFINITY ? (top > 0 ? (room / top) ** 2 : 0) : 1))
}

function weightedGram(W: Matrix, D: Float64Array): Matrix {
  const q = W.cols
  const out = matrix(q, q)
  for (let i = 0; i < W.rows; i++) {
    for (let a = 0; a < q; a++) {
      const left = D[i] * W.data[i * q + a]
      for (let b = 0; b < q; b++) out.data[a * q + b] += left * W.data[i * q + b]
    }
  }
  return out
}

/** An upper bound on ‖(WᵀDW)⁻¹‖₂ for these very W and D; Infinity where it cannot be shown to be invertible. */
function inverseUpper(W: Matrix, D: Float64Array): number {
  const q = W.cols
  const gram = weightedGram(W, D)
  const factor = new Float64Array(q * q)
  if (!choleskyInto(gram, factor)) return Number.POSITIVE_INFINITY
  const C = matrix(q, q)
  for (let j = 0; j < q; j++) {
    const unit = new Float64Array(q)
    unit[j] = 1
    choleskySolveInto(factor, q, unit, row(C, j)) // symmetric up to rounding, and any C will do
  }
  const defect = multiply(C, gram)
  for (let j = 0; j < q; j++) defect.data[j * q + j] -= 1
  const size = frobeniusUpper(C)
  let mass = 0
  for (let i = 0; i < W.rows; i++) mass += D[i] * norm2(row(W, i)) ** 2
  const rounding = (W.rows + q + 8) * Number.EPSILON * size * (mass + frobeniusUpper(gram))
  const distance = frobeniusUpper(defect) + rounding
  return distance < 0.5 ? (size / (1 - distance)) * (1 + 8 * Number.EPSILON) : Number.POSITIVE_INFINITY
}

/** An upper bound on ‖Wᵀz‖₂: each entry as a compensated product, raised by its error. */
function residualUpper(W: Matrix, z: Float64Array): number {
  const n = z.length
  const size = norm2(z)
  let square = 0
  for (let j = 0; j < W.cols; j++) {
    const column = columnOf(W, j)
    const product = Math.abs(compensatedDot(column, z))
    const second = 4 * (n * Number.EPSILON) ** 2 * norm2(column) * size
    square += (product * (1 + 4 * Number.EPSILON) + second + 8 * n * n * Number.MIN_VALUE) ** 2
  }
  return Math.sqrt(square) * (1 + 8 * Number.EPSILON) + Number.MIN_VALUE
}

/** W with columns of sizes near 1, divided by powers of two: ZᵀW = 0 says the same of both. */
function normalised(W: Matrix): Matrix {
  const known = normalisedDesigns.get(W)
  if (known) return known
  const scales = Array.from({ length: W.cols }, (_, j) => powerOfTwoNear(columnOf(W, j)) || 1)
  const out = matrix(
    W.rows,
    W.cols,
    W.data.map((value, k) => value / scales[k % W.cols]),
  )
  normalisedDesigns.set(W, out)
  return out
}

const normalisedDesigns = new WeakMap<Matrix, Matrix>()

function columnOf(a: Matrix, k: number): Float64Array {
  return Float64Array.from({ length: a.rows }, (_, i) => a.data[i * a.cols + k])
}
