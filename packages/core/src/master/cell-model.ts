import { dot, type Matrix, matrix, multiply, multiplyTransposed, multiplyVector, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { nullSpace } from '../linalg/qr.ts'
import type { Column, MasterProblem } from '../master.ts'

/** One neuron as the smooth function sees it: a = Gθ with G = DXN, u = Nθ. */
interface CellColumn {
  readonly column: Column
  /** r × k orthonormal basis of the face; null for the whole cell, N = I. */
  readonly basis: Matrix | null
  readonly theta: Float64Array
  readonly active: Uint8Array
  /** Where θ_j and v_j start in the vector of unknowns. */
  readonly at: number
  /** Where the columns of G start in the joint matrix. */
  readonly column0: number
}

export interface CellModel {
  /** Number of unknowns, Σ (k_j + c). */
  readonly size: number
  readonly cells: readonly CellColumn[]
  /** All G side by side, n × Σ k_j. */
  readonly joint: Matrix
  readonly rest: Matrix
  readonly gradient: Float64Array
  /** What the gradient is compared to: β times the size of the unknowns. */
  readonly scale: number
  /** The columns after a step; hyperplanes may be crossed. */
  moved(step: Float64Array): Column[]
  /** The same, each neuron stopped at the first hyperplane it meets, which then becomes tight. */
  movedWithinCells(step: Float64Array): { columns: Column[]; snapped: boolean }
}

/** f(θ, v) around these columns: its unknowns, its gradient, and how to step. `rest` is Y − F. */
export function cellModel({ X, beta }: MasterProblem, columns: readonly Column[], rest: Matrix): CellModel {
  const c = rest.cols
  let [at, column0] = [0, 0]
  const cells = columns.map((column): CellColumn => {
    const basis = column.tight.length > 0 ? faceBasis(X, column.tight) : null
    const theta = basis ? coordinates(basis, column.u) : column.u
    const cell = { column, basis, theta, active: activity(X, column), at, column0 }
    at += theta.length + c
    column0 += theta.length
    return cell
  })
  const joint = jointMatrix(X, cells, column0)
  const gradient = new Float64Array(at)
  let square = 0
  for (const cell of cells) {
    cellGradientInto(cell, joint, rest, beta, gradient)
    square += dot(cell.theta, cell.theta) + dot(cell.column.v, cell.column.v)
  }
  return {
    size: at,
    cells,
    joint,
    rest,
    gradient,
    scale: beta * Math.sqrt(square),
    moved: (step) => cells.map((cell) => movedBy(cell, step, 1, cell.column.tight)),
    movedWithinCells(step) {
      let snapped = false
      const stopped = cells.map((cell) => {
        const { fraction, hit } = firstCrossing(X, cell, step)
        if (hit < 0) return movedBy(cell, step, 1, cell.column.tight)
        snapped = true
        return onFace(X, movedBy(cell, step, fraction, [...cell.column.tight, hit]))
      })
      return { columns: stopped.filter(({ u }) => norm2(u) > 0), snapped }
    },
  }
}

/** The Hessian of f, symmetric, size × size row-major; only the lower triangle is filled. */
export function assemble({ beta }: MasterProblem, { cells, joint, rest, size }: CellModel): Float64Array {
  const c = rest.cols
  const H = new Float64Array(size * size)
  const gram = multiplyTransposed(joint, joint)
  const cross = multiplyTransposed(joint, rest) // Gᵀ(Y − F), Σk × c
  const K = joint.cols
  // a_iᵀG_l for every pair: θ_iᵀ of the Gram block.
  for (const left of cells) {
    const ka = left.theta.length
    const alongAll = new Float64Array(K)
    for (let a = 0; a < ka; a++) {
      const weight = left.theta[a]
      const from = (left.column0 + a) * K
      for (let q = 0; q < K; q++) alongAll[q] += weight * gram.data[from + q]
    }
    for (const right of cells) {
      if (right.at > left.at) break
      const kb = right.theta.length
      const outputs = dot(left.column.v, right.column.v)
      let atoms = 0
      for (let b = 0; b < kb; b++) atoms += alongAll[right.column0 + b] * right.theta[b]
      for (let a = 0; a < ka; a++) {
        const target = (left.at + a) * size + right.at
        for (let b = 0; b < kb; b++) H[target + b] = outputs * gram.data[(left.column0 + a) * K + right.column0 + b]
        // θ of the left against v of the right: (G_leftᵀ a_right) v_leftᵀ.
        let reach = 0
        for (let b = 0; b < kb; b++) reach += gram.data[(left.column0 + a) * K + right.column0 + b] * right.theta[b]
        for (let k = 0; k < c; k++) H[target + kb + k] = reach * left.column.v[k]
      }
      for (let k = 0; k < c; k++) {
        const target = (left.at + ka + k) * size + right.at
        for (let b = 0; b < kb; b++) H[target + b] = right.column.v[k] * alongAll[right.column0 + b]
        H[target + kb + k] = atoms
      }
    }
    for (let a = 0; a < ka; a++) {
      for (let k = 0; k < c; k++) {
        const pull = cross.data[(left.column0 + a) * c + k]
        H[(left.at + ka + k) * size + left.at + a] -= pull
        H[(left.at + a) * size + left.at + ka + k] -= pull
      }
    }
    for (let q = left.at; q < left.at + ka + c; q++) H[q * size + q] += beta
  }
  return H
}

function jointMatrix(X: Matrix, cells: readonly CellColumn[], width: number): Matrix {
  const joint = matrix(X.rows, width)
  for (const { basis, active, theta, column0 } of cells) {
    for (let i = 0; i < X.rows; i++) {
      if (!active[i]) continue
      const target = i * width + column0
      for (let q = 0; q < X.cols; q++) {
        const x = X.data[i * X.cols + q]
        if (!basis) joint.data[target + q] = x
        else for (let k = 0; k < theta.length; k++) joint.data[target + k] += x * basis.data[q * theta.length + k]
      }
    }
  }
  return joint
}

function cellGradientInto(cell: CellColumn, joint: Matrix, rest: Matrix, beta: number, out: Float64Array): void {
  const { theta, at, column0, active } = cell
  const { v } = cell.column
  const c = v.length
  const k = theta.length
  for (let i = 0; i < rest.rows; i++) {
    if (!active[i]) continue
    let along = 0
    for (let p = 0; p < c; p++) along += rest.data[i * c + p] * v[p]
    const from = i * joint.cols + column0
    let activation = 0
    for (let q = 0; q < k; q++) {
      out[at + q] -= along * joint.data[from + q]
      activation += joint.data[from + q] * theta[q]
    }
    for (let p = 0; p < c; p++) out[at + k + p] -= activation * rest.data[i * c + p]
  }
  for (let q = 0; q < k; q++) out[at + q] += beta * theta[q]
  for (let p = 0; p < c; p++) out[at + k + p] += beta * v[p]
}

function movedBy(cell: CellColumn, step: Float64Array, fraction: number, tight: readonly number[]): Column {
  const k = cell.theta.length
  const theta = cell.theta.map((value, q) => value + fraction * step[cell.at + q])
  const u = cell.basis ? multiply(cell.basis, matrix(k, 1, theta)).data : theta
  const v = cell.column.v.map((value, p) => value + step[cell.at + k + p])
  return { u, v, tight }
}

/** The smallest fraction of the step at which some sample changes its sign, and which sample. */
function firstCrossing(X: Matrix, cell: CellColumn, step: Float64Array): { fraction: number; hit: number } {
  const { u, tight } = cell.column
  const target = movedBy(cell, step, 1, tight).u
  const fixed = new Set(tight)
  let [fraction, hit] = [1, -1]
  const [before, after] = [multiplyVector(X, u), multiplyVector(X, target)]
  for (let i = 0; i < X.rows; i++) {
    if (!(before[i] * after[i] < 0) || fixed.has(i)) continue
    const at = before[i] / (before[i] - after[i])
    if (at < fraction) [fraction, hit] = [at, i]
  }
  return { fraction, hit }
}

/** u projected onto the face, so that its tight samples are zero to rounding. */
function onFace(X: Matrix, column: Column): Column {
  const basis = faceBasis(X, column.tight)
  return { ...column, u: multiply(basis, matrix(basis.cols, 1, coordinates(basis, column.u))).data }
}

function faceBasis(X: Matrix, tight: readonly number[]): Matrix {
  const rows = matrix(tight.length, X.cols)
  tight.forEach((i, at) => {
    rows.data.set(row(X, i), at * X.cols)
  })
  return nullSpace(rows)
}

function coordinates(basis: Matrix, u: Float64Array): Float64Array {
  return multiplyTransposed(basis, matrix(u.length, 1, u)).data
}

function activity(X: Matrix, { u, tight }: Column): Uint8Array {
  const active = Uint8Array.from(multiplyVector(X, u), (activation) => (activation > 0 ? 1 : 0))
  for (const i of tight) active[i] = 0
  return active
}
