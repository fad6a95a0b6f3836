import { choleskyInto, choleskySolveInto } from '../linalg/cholesky.ts'
import { type Matrix, matrix, multiply, row } from '../linalg/matrix.ts'
import { frobeniusUpper, norm2 } from '../linalg/norms.ts'
import { powerOfTwoNear } from '../linalg/scale.ts'
import { compensatedDot } from '../linalg/sum.ts'
import type { Problem } from '../problem.ts'

/**
 * The equalities Σ_i W_ij Z_ik = 0 of an unpenalised part, at some Z, and the moves that may be used to satisfy them.
 *
 * A move changes one entry (i, k); where rows of Z sum to 0, it takes the same from the row's counterpart. Written out, the
 * equalities are A z = 0 with one column of A per move; D holds the squared room of each move, relative to the largest.
 */
export interface Constraints {
  /** n × q, columns divided by powers of two: the equalities say the same. */
  readonly W: Matrix
  /** n × c: how far entries may move, all at once. For a counterpart: against all others of its row. */
  readonly room: Matrix
  /** n × c; 0 for what must not move. */
  readonly D: Matrix
  /** Column of each row that moves against the others; undefined where entries are independent. */
  readonly counterpart: Int32Array | undefined
  /**
   * Which equality (j, k), j·c + k, is the how-manieth; −1 for those that hold whatever the moves: all entries they touch
   * are exactly 0, or they are the sum of others.
   */
  readonly index: Int32Array
  readonly order: number
}

export function constraintsOf({ loss, Y }: Pick<Problem, 'loss' | 'Y'>, free: Matrix, Z: Matrix): Constraints {
  const W = normalised(free)
  const slack = loss.slack(Z, Y)
  const D = matrix(Y.rows, Y.cols, squaredShares(slack.data))
  const counterpart = loss.counterpart?.(Y)
  const index = new Int32Array(W.cols * Y.cols).fill(-1)
  const implied = counterpart ? impliedColumns(Z, counterpart) : undefined
  let order = 0
  for (let j = 0; j < W.cols; j++) {
    for (let k = 0; k < Y.cols; k++) {
      if (!implied?.has(k) && touches(W, Z, D, j, k, counterpart)) index[j * Y.cols + k] = order++
    }
  }
  return { W, room: counterpart ? withCounterparts(slack, counterpart) : slack, D, counterpart, index, order }
}

/** Any entry of column k that is not 0 or may move, where W is not 0. */
function touches(W: Matrix, Z: Matrix, D: Matrix, j: number, k: number, counterpart: Int32Array | undefined): boolean {
  const c = Z.cols
  for (let i = 0; i < Z.rows; i++) {
    if (W.data[i * W.cols + j] === 0) continue
    if (Z.data[i * c + k] !== 0 || D.data[i * c + k] > 0) return true
    if (counterpart?.[i] === k && row(D, i).some((share) => share > 0)) return true
  }
  return false
}

/**
 * Where rows sum to 0, columns that are tied to each other by rows with entries in both sum to 0 together: the equality of
 * one of them follows from those of the others.
 */
function impliedColumns(Z: Matrix, counterpart: Int32Array): ReadonlySet<number> {
  const group = Array.from({ length: Z.cols }, (_, k) => k)
  for (let i = 0; i < Z.rows; i++) {
    for (let k = 0; k < Z.cols; k++) {
      const [from, to] = [group[k], group[counterpart[i]]]
      if (Z.data[i * Z.cols + k] !== 0 && from !== to) group.forEach((g, q) => (group[q] = g === from ? to : g))
    }
  }
  return new Set(group.map((g) => group.indexOf(g)))
}

function withCounterparts(slack: Matrix, counterpart: Int32Array): Matrix {
  const out = matrix(slack.rows, slack.cols, slack.data.slice())
  for (let i = 0; i < out.rows; i++) out.data[i * out.cols + counterpart[i]] = Number.POSITIVE_INFINITY
  return out
}

/** (slack/largest)²; ones where nothing is bounded. */
function squaredShares(slack: Float64Array): Float64Array {
  let top = 0
  for (const room of slack) if (room > top && room < Number.POSITIVE_INFINITY) top = room
  return slack.map((room) => (room < Number.POSITIVE_INFINITY ? (top > 0 ? (room / top) ** 2 : 0) : 1))
}

/** The entries of A's column for the move of entry (i, k): `visit(equality, coefficient)`. */
function eachEntry(
  { W, index, counterpart }: Constraints,
  c: number,
  i: number,
  k: number,
  visit: (at: number, value: number) => void,
): void {
  for (let j = 0; j < W.cols; j++) {
    const value = W.data[i * W.cols + j]
    const own = index[j * c + k]
    if (own >= 0) visit(own, value)
    const other = counterpart ? index[j * c + counterpart[i]] : -1
    if (other >= 0) visit(other, -value)
  }
}

/** A D Aᵀ, and Σ D ‖a‖² over the moves. */
function weightedGram(constraints: Constraints): { gram: Matrix; mass: number } {
  const { D, order } = constraints
  const gram = matrix(order, order)
  const at: number[] = []
  const values: number[] = []
  let mass = 0
  D.data.forEach((share, entry) => {
    if (!(share > 0)) return
    at.length = values.length = 0
    eachEntry(constraints, D.cols, Math.floor(entry / D.cols), entry % D.cols, (equality, value) => {
      at.push(equality)
      values.push(value)
      mass += share * value * value
    })
    for (let a = 0; a < at.length; a++) {
      const left = share * values[a]
      for (let b = 0; b < at.length; b++) gram.data[at[a] * order + at[b]] += left * values[b]
    }
  })
  return { gram, mass }
}

/** A z: the equalities as they are, each as a compensated product. */
function residuals({ W, index, order }: Constraints, Z: Matrix): Float64Array {
  const out = new Float64Array(order)
  index.forEach((equality, at) => {
    if (equality < 0) return
    out[equality] = compensatedDot(columnOf(W, Math.floor(at / Z.cols)), columnOf(Z, at % Z.cols))
  })
  return out
}

/** −D Aᵀ(A D Aᵀ)⁻¹ A z, n × c; undefined where that matrix is singular. */
export function correction(constraints: Constraints, Z: Matrix): Matrix | undefined {
  const { D, counterpart, order } = constraints
  const factor = new Float64Array(order * order)
  if (!choleskyInto(weightedGram(constraints).gram, factor)) return undefined
  const y = residuals(constraints, Z)
  choleskySolveInto(factor, order, y, y)
  const out = matrix(Z.rows, Z.cols)
  D.data.forEach((share, entry) => {
    if (!(share > 0)) return
    const i = Math.floor(entry / Z.cols)
    let pull = 0
    eachEntry(constraints, Z.cols, i, entry % Z.cols, (equality, value) => (pull += value * y[equality]))
    out.data[entry] -= share * pull
    if (counterpart) out.data[i * Z.cols + counterpart[i]] += share * pull
  })
  return out
}

/**
 * Entries of an n × c matrix that bound |Z′ − Z| for Z′ = Z − D Aᵀ(A D Aᵀ)⁻¹ A z, which satisfies the equalities exactly;
 * undefined where A D Aᵀ cannot be shown to be invertible.
 *
 * ‖(A D Aᵀ)⁻¹‖ ≤ ‖C‖/(1 − ‖I − C A D Aᵀ‖) for any approximate inverse C, and a move is at most D ‖a‖‖(A D Aᵀ)⁻¹‖‖A z‖; every
 * product is raised by its rounding.
 */
export function displacement(constraints: Constraints, Z: Matrix): Matrix | undefined {
  const { D, W, counterpart } = constraints
  const length = inverseUpper(constraints) * residualUpper(constraints, Z)
  if (!(length < Number.POSITIVE_INFINITY)) return undefined
  const radius = matrix(Z.rows, Z.cols)
  for (let i = 0; i < Z.rows; i++) {
    const size = norm2(row(W, i)) * (counterpart ? Math.SQRT2 : 1) * length * (1 + 16 * Number.EPSILON)
    let all = 0
    for (let k = 0; k < Z.cols; k++) {
      radius.data[i * Z.cols + k] = D.data[i * Z.cols + k] * size
      all += radius.data[i * Z.cols + k]
    }
    if (counterpart) radius.data[i * Z.cols + counterpart[i]] = all * (1 + Z.cols * Number.EPSILON)
  }
  return radius
}

function inverseUpper(constraints: Constraints): number {
  const { order, W, D } = constraints
  if (order === 0) return 0
  const { gram, mass } = weightedGram(constraints)
  const factor = new Float64Array(order * order)
  if (!choleskyInto(gram, factor)) return Number.POSITIVE_INFINITY
  const C = matrix(order, order)
  for (let j = 0; j < order; j++) {
    const unit = new Float64Array(order)
    unit[j] = 1
    choleskySolveInto(factor, order, unit, row(C, j)) // symmetric up to rounding, and any C will do
  }
  const defect = multiply(C, gram)
  for (let j = 0; j < order; j++) defect.data[j * order + j] -= 1
  const size = frobeniusUpper(C)
  const terms = W.rows * D.cols + order + 8
  const distance = frobeniusUpper(defect) + terms * Number.EPSILON * size * (mass + frobeniusUpper(gram))
  return distance < 0.5 ? (size / (1 - distance)) * (1 + 8 * Number.EPSILON) : Number.POSITIVE_INFINITY
}

/** Products of numbers beyond this are added without compensation. */
const compensated = 2 ** 500

/** An upper bound on ‖A z‖₂: each product raised by its error (Ogita, Rump, Oishi 2005, proposition 5.5). */
function residualUpper(constraints: Constraints, Z: Matrix): number {
  const n = Z.rows
  if (!(frobeniusUpper(Z) < compensated)) return Number.POSITIVE_INFINITY
  let square = 0
  for (const product of residuals(constraints, Z)) {
    const second = 4 * (n * Number.EPSILON) ** 2 * frobeniusUpper(constraints.W) * frobeniusUpper(Z)
    square += (Math.abs(product) * (1 + 4 * Number.EPSILON) + second + 8 * n * n * Number.MIN_VALUE) ** 2
  }
  return Math.sqrt(square) * (1 + 8 * Number.EPSILON) + Number.MIN_VALUE
}

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
