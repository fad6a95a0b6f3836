import { defaultBackend } from '../linalg/backend/registry.ts'
import { dot, type Matrix, matrix, multiply, multiplyTransposed, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { nullSpace } from '../linalg/qr.ts'
import type { Column, MasterProblem } from '../master.ts'
import type { Pacer } from '../pacer.ts'
import { gramInTurns } from './gram.ts'
import { sideBySide } from './residual.ts'

/**
 * One neuron as the smooth function sees it: atom Gθ with G = DXN, u = Nθ, outputs v.
 *
 * On a ray only v is free (‖θ‖ = 1), with a single output only θ (|v| = 1): the function is convex in those, with cost
 * β‖v‖ or β‖θ‖. Otherwise both are free and balanced, with cost β/2 (‖θ‖² + ‖v‖²).
 */
export interface CellColumn {
  readonly column: Column
  /** r × k orthonormal basis of the face; null for the whole cell, N = I. */
  readonly basis: Matrix | null
  readonly theta: Float64Array
  readonly v: Float64Array
  readonly active: Uint8Array
  /** Where θ and v start in the vector of unknowns; −1 when held. */
  readonly thetaAt: number
  readonly vAt: number
  /** Where the columns of G start in the joint matrix. */
  readonly jointAt: number
}

export interface CellModel {
  readonly problem: MasterProblem
  /** Number of unknowns. */
  readonly size: number
  /** Where the unpenalised coefficients start among them, row by row; `size` where there are none. */
  readonly freeAt: number
  readonly cells: readonly CellColumn[]
  /** All G side by side, n × Σ k. */
  readonly joint: Matrix
  /** Jointᵀ(Y − F), Σ k × c: how strongly the residual pulls at every θ and v. */
  readonly pulls: Matrix
  readonly gradient: Float64Array
  /** What the gradient is compared to: a gradient of the size of the penalty's own. */
  readonly scale: number
}

/** The smooth function around these columns: its unknowns and its gradient. `rest` is Y − F. */
export function cellModel(problem: MasterProblem, columns: readonly Column[], rest: Matrix): CellModel {
  const { X, beta } = problem
  const c = rest.cols
  const activations = activationsOf(X, columns)
  let [size, jointAt] = [0, 0]
  const cells = columns.map((column, j): CellColumn => {
    const basis = column.tight.length > 0 ? faceBasis(X, column.tight) : null
    const theta = basis ? coordinates(basis, column.u) : column.u
    const k = theta.length
    const [thetaFree, vFree] = [k > 1, k === 1 || c > 1]
    const cell = {
      column,
      basis,
      ...scaledPair(theta, column.v, thetaFree, vFree),
      active: activity(activations, j, column.tight),
      thetaAt: thetaFree ? size : -1,
      vAt: vFree ? size + (thetaFree ? k : 0) : -1,
      jointAt,
    }
    size += (thetaFree ? k : 0) + (vFree ? c : 0)
    jointAt += k
    return cell
  })
  const freeAt = size
  size += (problem.free?.cols ?? 0) * c
  const joint = jointMatrix(X, cells, jointAt)
  const pulls = defaultBackend().gemmTransposed(joint, rest)
  const gradient = new Float64Array(size)
  if (problem.free) gradient.set(defaultBackend().gemmTransposed(problem.free, rest).data.map((x) => -x), freeAt) // biome-ignore format: short
  let square = 0
  for (const cell of cells) {
    gradientInto(cell, pulls, beta, gradient)
    square += cell.thetaAt >= 0 && cell.vAt >= 0 ? norm2(cell.theta) ** 2 : 1
  }
  return { problem, size, freeAt, cells, joint, pulls, gradient, scale: beta * Math.sqrt(square || 1) }
}

/** θ and v scaled against each other: the held one to length one, both to equal lengths when neither is held. */
function scaledPair(
  theta: Float64Array,
  v: Float64Array,
  thetaFree: boolean,
  vFree: boolean,
): { theta: Float64Array; v: Float64Array } {
  const [a, b] = [norm2(theta), norm2(v)]
  const ratio = thetaFree && vFree ? Math.sqrt(b / a) : thetaFree ? b : 1 / a
  return { theta: theta.map((value) => value * ratio), v: v.map((value) => value / ratio) }
}

/** The Hessian of the smooth function, symmetric, size × size row-major; only the lower triangle counts. */
export async function assemble(model: CellModel, pacer: Pacer): Promise<Float64Array> {
  const { cells, joint, pulls, size } = model
  const c = pulls.cols
  const H = new Float64Array(size * size)
  const gram = (await gramInTurns(joint, pacer)).data
  const K = joint.cols
  const along = new Float64Array(K) // a_leftᵀ G of all
  for (const left of cells) {
    along.fill(0)
    for (let a = 0; a < left.theta.length; a++) {
      const from = (left.jointAt + a) * K
      for (let q = 0; q < K; q++) along[q] += left.theta[a] * gram[from + q]
    }
    for (const right of cells) {
      if (right.jointAt > left.jointAt) break
      blockInto(H, size, left, right, gram, K, along, c)
    }
  }
  curvatureInto(model, H)
  return H
}

/** What the bilinear products and the penalty add to the second derivatives, whatever the loss. */
export function curvatureInto({ cells, pulls, size, problem }: CellModel, H: Float64Array): void {
  for (const cell of cells) {
    pullInto(H, size, cell, pulls)
    penaltyInto(H, size, cell, problem.beta)
  }
}

/** Second derivatives of ½‖F − Y‖² through F twice: left's unknowns against right's. */
function blockInto(
  H: Float64Array,
  size: number,
  left: CellColumn,
  right: CellColumn,
  gram: Float64Array,
  K: number,
  along: Float64Array,
  c: number,
): void {
  const kb = right.theta.length
  if (left.thetaAt >= 0) {
    const outputs = dot(left.v, right.v)
    for (let a = 0; a < left.theta.length; a++) {
      const target = (left.thetaAt + a) * size
      const from = (left.jointAt + a) * K + right.jointAt
      if (right.thetaAt >= 0) for (let b = 0; b < kb; b++) H[target + right.thetaAt + b] = outputs * gram[from + b]
      if (right.vAt < 0) continue
      let reach = 0 // G_leftᵀ a_right
      for (let b = 0; b < kb; b++) reach += gram[from + b] * right.theta[b]
      for (let k = 0; k < c; k++) H[target + right.vAt + k] = reach * left.v[k]
    }
  }
  if (left.vAt < 0) return
  let atoms = 0
  for (let b = 0; b < kb; b++) atoms += along[right.jointAt + b] * right.theta[b]
  for (let k = 0; k < c; k++) {
    const target = (left.vAt + k) * size
    if (right.thetaAt >= 0) {
      for (let b = 0; b < kb; b++) H[target + right.thetaAt + b] = right.v[k] * along[right.jointAt + b]
    }
    if (right.vAt >= 0) H[target + right.vAt + k] = atoms
  }
}

/** −Gᵀ(Y − F), the second derivative of the bilinear θvᵀ itself. */
function pullInto(H: Float64Array, size: number, cell: CellColumn, pulls: Matrix): void {
  if (cell.thetaAt < 0 || cell.vAt < 0) return
  const c = pulls.cols
  for (let a = 0; a < cell.theta.length; a++) {
    const from = (cell.jointAt + a) * c
    for (let k = 0; k < c; k++) H[(cell.vAt + k) * size + cell.thetaAt + a] -= pulls.data[from + k]
  }
}

function penaltyInto(H: Float64Array, size: number, { theta, v, thetaAt, vAt }: CellColumn, beta: number): void {
  if (thetaAt >= 0 && vAt >= 0) {
    for (let q = thetaAt; q < vAt + v.length; q++) H[q * size + q] += beta
    return
  }
  const [x, at] = thetaAt >= 0 ? [theta, thetaAt] : [v, vAt]
  const length = norm2(x)
  for (let p = 0; p < x.length; p++) {
    for (let q = 0; q <= p; q++) {
      const curvature = (p === q ? 1 : 0) - (x[p] / length) * (x[q] / length)
      H[(at + p) * size + at + q] += (beta / length) * curvature
    }
  }
}

function gradientInto(cell: CellColumn, pulls: Matrix, beta: number, out: Float64Array): void {
  const { theta, v, thetaAt, vAt, jointAt } = cell
  const c = v.length
  for (let a = 0; a < theta.length; a++) {
    for (let k = 0, from = (jointAt + a) * c; k < c; k++, from++) {
      if (thetaAt >= 0) out[thetaAt + a] -= v[k] * pulls.data[from]
      if (vAt >= 0) out[vAt + k] -= theta[a] * pulls.data[from]
    }
  }
  const both = thetaAt >= 0 && vAt >= 0
  if (thetaAt >= 0) addPenalty(theta, thetaAt, both ? beta : beta / norm2(theta), out)
  if (vAt >= 0) addPenalty(v, vAt, both ? beta : beta / norm2(v), out)
}

function addPenalty(x: Float64Array, at: number, factor: number, out: Float64Array): void {
  for (let k = 0; k < x.length; k++) out[at + k] += factor * x[k]
}

/** X times all bases side by side, and zero where a column's sample is inactive. */
function jointMatrix(X: Matrix, cells: readonly CellColumn[], width: number): Matrix {
  const bases = matrix(X.cols, width)
  for (const { basis, jointAt } of cells) {
    for (let q = 0; q < X.cols; q++) {
      const target = q * width + jointAt
      if (basis) bases.data.set(row(basis, q), target)
      else bases.data[target + q] = 1
    }
  }
  const joint = defaultBackend().gemm(X, bases)
  for (const { active, theta, jointAt } of cells) {
    for (let i = 0, at = jointAt; i < X.rows; i++, at += width) {
      if (active[i]) continue
      for (let a = 0; a < theta.length; a++) joint.data[at + a] = 0
    }
  }
  return joint
}

/** An orthonormal basis of the directions that keep these samples on their hyperplanes. */
export function faceBasis(X: Matrix, tight: readonly number[]): Matrix {
  const rows = matrix(tight.length, X.cols)
  tight.forEach((i, at) => {
    rows.data.set(X.data.subarray(i * X.cols, (i + 1) * X.cols), at * X.cols)
  })
  return nullSpace(rows)
}

export function coordinates(basis: Matrix, u: Float64Array): Float64Array {
  return multiplyTransposed(basis, matrix(u.length, 1, u)).data
}

export function fromCoordinates(basis: Matrix | null, theta: Float64Array): Float64Array {
  return basis ? multiply(basis, matrix(theta.length, 1, theta)).data : theta
}

function activationsOf(X: Matrix, columns: readonly Column[]): Matrix {
  return defaultBackend().gemm(
    X,
    sideBySide(
      columns.map(({ u }) => u),
      X.cols,
    ),
  )
}

function activity(activations: Matrix, j: number, tight: readonly number[]): Uint8Array {
  const active = new Uint8Array(activations.rows)
  for (let i = 0, at = j; i < active.length; i++, at += activations.cols) active[i] = activations.data[at] > 0 ? 1 : 0
  for (const i of tight) active[i] = 0
  return active
}
