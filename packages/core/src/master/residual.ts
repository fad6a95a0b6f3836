import { defaultBackend } from '../linalg/backend/registry.ts'
import { dot, type Matrix, matrix, multiplyVector } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'

/** (Xu)₊. */
export function atomOf(X: Matrix, u: Float64Array): Float64Array {
  const out = multiplyVector(X, u)
  for (let i = 0; i < out.length; i++) if (!(out[i] > 0)) out[i] = 0
  return out
}

/** Vectors of R^r as the columns of an r × K matrix. */
export function sideBySide(vectors: readonly Float64Array[], r: number): Matrix {
  const out = matrix(r, vectors.length)
  vectors.forEach((u, j) => u.forEach((value, q) => (out.data[q * vectors.length + j] = value)))
  return out
}

/** The atoms of these directions side by side, n × K. */
export function atomsOf(X: Matrix, directions: readonly Float64Array[]): Matrix {
  const out = defaultBackend().gemm(X, sideBySide(directions, X.cols))
  for (let k = 0; k < out.data.length; k++) if (!(out.data[k] > 0)) out.data[k] = 0
  return out
}

/** Y − Σ_j (Xu_j)₊v_jᵀ: the dual candidate of these columns. */
export function residual({ X, Y }: MasterProblem, columns: readonly Column[]): Matrix {
  const V = matrix(columns.length, Y.cols)
  columns.forEach(({ v }, j) => V.data.set(v, j * Y.cols))
  const atoms = atomsOf(
    X,
    columns.map(({ u }) => u),
  )
  const fit = defaultBackend().gemm(atoms, V)
  for (let k = 0; k < fit.data.length; k++) fit.data[k] = Y.data[k] - fit.data[k]
  return fit
}

/** Σ_j (Xu_j)₊v_jᵀ + W B. */
export function fitted({ X, Y, free }: MasterProblem, columns: readonly Column[], coefficients: Matrix): Matrix {
  const V = matrix(columns.length, Y.cols)
  columns.forEach(({ v }, j) => V.data.set(v, j * Y.cols))
  const atoms = atomsOf(
    X,
    columns.map(({ u }) => u),
  )
  const fit = defaultBackend().gemm(atoms, V)
  if (free) addInto(defaultBackend().gemm(free, coefficients), fit)
  return fit
}

function addInto(source: Matrix, target: Matrix): void {
  for (let k = 0; k < target.data.length; k++) target.data[k] += source.data[k]
}

/** β Σ ‖u_j‖‖v_j‖. */
export function costOf({ beta }: MasterProblem, columns: readonly Column[]): number {
  let cost = 0
  for (const { u, v } of columns) cost += norm2(u) * norm2(v)
  return beta * cost
}

/** out += factor · a vᵀ. */
export function addOuterInto(factor: number, a: Float64Array, v: Float64Array, out: Matrix): void {
  const c = v.length
  for (let i = 0; i < a.length; i++) {
    const left = factor * a[i]
    if (left !== 0) for (let k = 0; k < c; k++) out.data[i * c + k] += left * v[k]
  }
}

/** ½‖residual‖² + β Σ ‖u_j‖‖v_j‖, in plain floating point: good for comparing steps, not for certificates. */
export function masterObjective(problem: MasterProblem, columns: readonly Column[], rest: Matrix): number {
  return 0.5 * dot(rest.data, rest.data) + costOf(problem, columns)
}
